import type { Expression } from '../../language/binding/expression.ts';
import type { OutputColumn } from '../../language/query/analyzed.ts';
import type { Slot } from '../../language/types/schema.ts';
import type { JoinNode, PlanNode } from './logical-plan.ts';
import { columnNames, keyFormatOf, leftmostSource, neededOf, sideName, sideNames, slotColumn } from './plan-columns.ts';
import { type Passage, passageThrough, type RepartitionedRow } from './repartition-topic.ts';

export type JoinSide = 'left' | 'right';

/** What a side of a join is behind its topic, where its rows come with what they are joined by as their key. */
export interface JoinPassage extends Passage {
  /** The key, over the row of the source. */
  readonly key: Expression;
}

/** The sides of a join that go through a topic, in the order in which ksqlDB makes the topics. */
export function repartitionedSides({ relation }: Pick<JoinNode, 'relation'>): readonly JoinSide[] {
  const { repartitionLeft, repartitionRight } = relation;
  return [...(repartitionLeft ? (['left'] as const) : []), ...(repartitionRight ? (['right'] as const) : [])];
}

/** The step that gives a side its key: `L_RightSourceKeyed`. */
const keyingStep = ({ context }: Pick<JoinNode, 'context'>, side: JoinSide): string =>
  `${context.slice(0, -'Join'.length)}${side === 'left' ? 'Left' : 'Right'}SourceKeyed`;

/** The name of a side's topic, without the application id. The stream of a table's join needs no side in it. */
export function joinTopicName(node: Pick<JoinNode, 'context' | 'relation'>, side: JoinSide): string {
  const { join } = node.relation;
  if (join === 'table-table' || (join === 'stream-table' && side === 'right'))
    return `${keyingStep(node, side)}-SelectKey-repartition`;
  return join === 'stream-table' ? `${node.context}-repartition` : `${node.context}-${side}-repartition`;
}

/**
 * The topic of a side of a join. Its values have all columns of the side, and its key where that is no column of it.
 * The row behind it is the side's row, with the key at its end. A table goes through a topic for another format of its
 * keys alone; it is kept behind it, and its columns get the names that they have in the join later.
 */
export function joinTopic(node: JoinNode, side: JoinSide, applicationId: string): JoinPassage {
  const { relation, context } = node;
  const isTable = node[side].output === 'TABLE';
  const input = isTable ? withoutStore(node[side]) : node[side];
  const key = side === 'left' ? relation.leftKey : relation.rightKey;
  const names = isTable ? columnNames(input) : sideNames(input);
  const columns: OutputColumn[] = [];
  const valueSlots: (number | undefined)[] = [];
  const copies: RepartitionedRow['copies'][number][] = [];
  for (const [to, slot] of input.layout.entries()) {
    const name = names[to]!;
    const from = names.indexOf(name);
    if (from < to) {
      copies.push({ from, to });
      continue;
    }
    columns.push({ name, type: slot.type, expression: slotColumn(to, slot) });
    valueSlots.push(to);
  }
  const keyName = key.kind === 'column' ? names[key.index]! : sideName(input, 'KSQL_COL_0');
  if (key.kind !== 'column') {
    columns.push({ name: keyName, type: key.type, keyIndex: 0, expression: key });
    valueSlots.push(undefined);
  }
  const keySlot: Slot = { name: keyName, type: key.type, role: 'key' };
  const end = input.layout.length;
  const passage = passageThrough({
    name: joinTopicName(node, side),
    applicationId,
    step: `${context}/${side === 'left' ? 'Left' : 'Right'}`,
    formats: { keyFormat: keyFormatOf(node), valueFormat: leftmostSource(input).valueFormat },
    keyNames: [keyName],
    repartition: { context: keyingStep(node, side), input, keys: [key], columns, isGrouping: false },
    layout: [...input.layout, keySlot],
    needed: [...neededOf(input), true],
    carriesOldRows: false,
    row: { valueSlots, keySlot: end, copies },
  });
  const source = isTable ? { ...passage.source, store: `${keyingStep(node, side)}-Materialize` } : passage.source;
  return { ...passage, source, key: slotColumn(end, keySlot) };
}

/** A table that is kept behind its topic need not be kept before it. */
function withoutStore(side: PlanNode): PlanNode {
  if (side.kind !== 'source') return side;
  const { store: _, ...source } = side;
  return source;
}
