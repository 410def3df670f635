import { describe, expect, test } from 'vitest';
import { AggregatedTable, emptied, ownAggregate } from '../../../engine/compile/aggregated-table.ts';
import { AggregateResults } from '../../../engine/operators/aggregate-results.ts';
import { AggregateSet } from '../../../engine/operators/grouped-aggregate.ts';
import { RESTORED_AT_ONCE } from '../../../engine/operators/operator.ts';
import type { LogicalPlan } from '../../../engine/plan/logical-plan.ts';
import { aggregateLayout } from '../../../engine/state/aggregate-layout.ts';
import { AggregateTable } from '../../../engine/state/aggregate-table.ts';
import { MemoryStore } from '../../../engine/state/memory-store.ts';
import type { Expression } from '../../../language/binding/expression.ts';
import { FUNCTIONS } from '../../../language/functions/catalogue.ts';
import type { ScalarFunction } from '../../../language/functions/function.ts';
import { BIGINT, STRING } from '../../../language/types/sql-type.ts';

const COUNT = {
  stateType: BIGINT,
  init: () => 0,
  add: (count: number) => count + 1,
  merge: (a: number, b: number) => a + b,
  result: (count: number) => count,
};

/** What an operator has in its table: windows of a second, as they are given. */
function part(...entries: readonly (readonly [key: string, startMs: number, count: number])[]): AggregateResults {
  const table = new AggregateTable('t', { layout: aggregateLayout([BIGINT], true) });
  const aggregates = new AggregateSet([{ aggregator: COUNT, args: [] }]);
  const results = new AggregateResults({ table, aggregates, windowMs: 1000, withBefore: false });
  for (const [key, startMs, count] of entries)
    table.add({ key: [key], text: key }, table.findKey(key), startMs, [count], startMs + 1);
  return results;
}

/** A table that has just the counts. */
function tableOf(...parts: readonly AggregateResults[]): AggregatedTable {
  const count: Expression = { kind: 'column', index: 1, name: 'N', type: BIGINT, text: 'N' };
  const root = { columns: [{ name: 'N', expression: count }] };
  return new AggregatedTable({ root } as unknown as LogicalPlan, () => parts);
}

const shown = (rows: ReturnType<AggregatedTable['get']>) =>
  Array.from(rows, ({ key, row, timeMs, window }) => [key[0], row[0], timeMs, window!.startMs, window!.endMs]);

test('the rows of all partitions come in the order of their keys, those of a key by their windows', () => {
  const table = tableOf(part(['c', 0, 1], ['a', 2000, 2], ['a', 0, 3]), part(['b', 1000, 4]), part());
  expect(shown(table.scan())).toEqual([
    ['a', 3, 1, 0, 1000],
    ['a', 2, 2001, 2000, 3000],
    ['b', 4, 1001, 1000, 2000],
    ['c', 1, 1, 0, 1000],
  ]);
  expect(table.size).toBe(4);
});

test('a key is looked up in whatever partition it is, within bounds that count', () => {
  const table = tableOf(part(['a', 0, 1]), part(['b', 1000, 2], ['b', 3000, 3], ['b', 2000, 4]));
  expect(shown(table.get(['b'])).map(([, count]) => count)).toEqual([2, 4, 3]);
  expect(shown(table.get(['b'], 2000, 2000)).map(([, count]) => count)).toEqual([4]);
  expect(shown(table.get(['z']))).toEqual([]);
});

describe('a table is read from its aggregate', () => {
  const column: Expression = { kind: 'column', index: 0, name: 'K', type: STRING, text: 'K' };
  const call = (name: string): Expression => {
    const definition = FUNCTIONS.get(name) as ScalarFunction;
    const site = { argumentTypes: [STRING], returnType: STRING, lambdaResultTypes: [] };
    const args = [{ kind: 'value' as const, expression: column }];
    return { kind: 'call', definition, overload: definition.overloads[0]!, site, args, type: STRING, text: name };
  };
  const planOf = (expression: Expression, aggregate: object = {}) => {
    const input = { kind: 'aggregate', final: false, ...aggregate };
    const root = { kind: 'project', input, columns: [{ name: 'C', expression }] };
    return { root, output: { kind: 'TABLE' }, persistent: true } as unknown as LogicalPlan;
  };

  test.each<[string, boolean, LogicalPlan]>([
    ['where columns are passed on', true, planOf(column)],
    ['also as values', true, planOf(call('AS_VALUE'))],
    ['not where a function may fail, or give something else the next time', false, planOf(call('UCASE'))],
    ['not where results are final, and their windows gone', false, planOf(column, { final: true })],
    ['not where windows are sessions', false, planOf(column, { window: { type: 'SESSION' } })],
    ['not where the table is filtered', false, planOf(column, { kind: 'filter' })],
  ])('%s', (_title, isOwn, plan) => {
    expect(ownAggregate(plan) !== undefined).toBe(isOwn);
  });
});

test('a store is emptied a little at a time', () => {
  const store = new MemoryStore('Materialized');
  for (let i = 0; i < 3 * RESTORED_AT_ONCE; i++) store.put(String(i), i);
  const left: number[] = [];
  for (const _ of emptied(store)) left.push(store.size);
  expect(left).toEqual([2 * RESTORED_AT_ONCE, RESTORED_AT_ONCE, 0]);
});
