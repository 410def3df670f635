import type { Expression } from '../../language/binding/expression.ts';
import type { DataSource, FormatInfo } from '../../language/metastore/metastore.ts';
import { joinedColumnName } from '../../language/query/column-names.ts';
import type { Slot } from '../../language/types/schema.ts';
import type { JoinNode, PlanNode } from './logical-plan.ts';

/**
 * The names that ksqlDB has for the slots of a step's layout, where it makes columns of all of them: those of a joined
 * source begin with its alias. A key of a join that is named after a column of a side has its name too.
 */
export function columnNames(node: PlanNode): readonly string[] {
  if (node.kind === 'join') return joinNames(node);
  if (node.kind === 'source' || node.kind === 'aggregate') return node.layout.map(({ name }) => name);
  return [...columnNames(node.input), ...node.layout.slice(node.input.layout.length).map(({ name }) => name)];
}

function joinNames({ relation, left, right, layout }: JoinNode): readonly string[] {
  const leftNames = sideNames(left);
  const keys =
    relation.join === 'foreign-key'
      ? leftNames.filter((_, i) => left.layout[i]!.role === 'key')
      : layout.slice(relation.keySlot).map(({ name }) => name);
  return [...leftNames, ...sideNames(right), ...keys];
}

/** The names as a join of the step has them. */
export const sideNames = (side: PlanNode): readonly string[] => columnNames(side).map((name) => sideName(side, name));

/** The name that a column of a side has in a join. */
export const sideName = (side: PlanNode, name: string): string =>
  side.kind === 'source' ? joinedColumnName(side.alias, name) : name;

/** Which slots of a step's layout the steps behind it may read. */
export function neededOf(node: PlanNode): readonly boolean[] {
  if (node.kind === 'source') return node.needed;
  if (node.kind !== 'join') return node.layout.map(() => true);
  const sides = [...neededOf(node.left), ...neededOf(node.right)];
  return node.layout.map((_, i) => sides[i] ?? true);
}

/** The source whose formats a step's rows have. */
export function leftmostSource(node: PlanNode): DataSource {
  for (let step = node; ; step = step.kind === 'join' ? step.left : step.input)
    if (step.kind === 'source') return step.source;
}

/** The format of the keys that a step gives. */
export function keyFormatOf(node: PlanNode): FormatInfo {
  if (node.kind === 'source') return node.source.keyFormat;
  if (node.kind !== 'join') return keyFormatOf(node.input);
  return node.relation.keyFormat ?? leftmostSource(node).keyFormat;
}

/** A reference to a slot of a layout. */
export const slotColumn = (index: number, { name, type }: Pick<Slot, 'name' | 'type'>): SlotColumn => ({
  kind: 'column',
  index,
  name,
  type,
  text: name,
});

export type SlotColumn = Extract<Expression, { kind: 'column' }>;
