import type { CallArgument, Expression } from '../binding/expression.ts';
import { columnsOf } from '../binding/expression-tree.ts';
import type { AnalyzedQuery, Relation } from './analyzed.ts';

/** A column of a source, system columns such as ROWTIME included. */
export interface SourceColumn {
  readonly source: string;
  readonly column: string;
}

/** Where a column of a result comes from. */
export interface ColumnLineage {
  readonly column: string;
  /** Each source column once, in the order in which the expression names them. */
  readonly from: readonly SourceColumn[];
}

/**
 * The source columns that each column of the result of a query is computed from. Conditions and join criteria do not
 * count.
 */
export function columnLineage(query: AnalyzedQuery): readonly ColumnLineage[] {
  return query.output.columns.map(({ name, expression }) => ({
    column: name,
    from: distinct(slotsOf(expression).flatMap((slot) => originOf(slot, query))),
  }));
}

const slotsOf = (expression: Expression): readonly number[] => columnsOf(expression).map(({ index }) => index);

/** Where a slot of the row before the projection comes from. */
function originOf(slot: number, query: AnalyzedQuery): readonly SourceColumn[] {
  const { grouping } = query;
  if (grouping === undefined) return originBeforeGrouping(slot, query);
  const key = grouping.keys[slot];
  const call = grouping.aggregates[slot - grouping.keys.length];
  const expressions = key ? [key] : (call?.args ?? []);
  return expressions.flatMap(slotsOf).flatMap((inner) => originBeforeGrouping(inner, query));
}

function originBeforeGrouping(slot: number, { relation, tableFunctions }: AnalyzedQuery): readonly SourceColumn[] {
  const call = tableFunctions[slot - relation.layout.length];
  if (call === undefined) return originInRelation(slot, relation);
  return call.args.flatMap(argumentSlots).flatMap((inner) => originInRelation(inner, relation));
}

function argumentSlots(argument: CallArgument): readonly number[] {
  switch (argument.kind) {
    case 'value':
      return slotsOf(argument.expression);
    case 'lambda':
      return slotsOf(argument.body);
    case 'unit':
      return [];
    default:
      return argument satisfies never;
  }
}

function originInRelation(slot: number, relation: Relation): readonly SourceColumn[] {
  if (relation.kind === 'source') {
    const found = relation.layout[slot];
    return found ? [{ source: relation.source.name, column: found.name }] : [];
  }
  const { left, right, leftKey, rightKey } = relation;
  const boundary = left.layout.length;
  if (slot < boundary) return originInRelation(slot, left);
  if (slot < boundary + right.layout.length) return originInRelation(slot - boundary, right);
  // The key of a join holds what both sides of its criteria are equal to.
  const fromLeft = slotsOf(leftKey).flatMap((inner) => originInRelation(inner, left));
  return relation.join === 'foreign-key'
    ? originInRelation(keySlotOfLeft(slot, relation), left)
    : [...fromLeft, ...slotsOf(rightKey).flatMap((inner) => originInRelation(inner, right))];
}

/** A foreign-key join is keyed as its left table is. */
function keySlotOfLeft(slot: number, { left, keySlot }: Extract<Relation, { kind: 'join' }>): number {
  const keys = left.layout.flatMap(({ role }, index) => (role === 'key' ? [index] : []));
  return keys[slot - keySlot] ?? -1;
}

function distinct(columns: readonly SourceColumn[]): readonly SourceColumn[] {
  return columns.filter(
    ({ source, column }, i) => columns.findIndex((other) => other.source === source && other.column === column) === i,
  );
}
