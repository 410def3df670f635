import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Expression } from '../../language/binding/expression.ts';
import type { AnalyzedQuery } from '../../language/query/analyzed.ts';
import { disjunctsOf } from '../../language/query/pull-condition.ts';
import { coercerFor } from '../../language/types/coerce.ts';
import type { Slot } from '../../language/types/schema.ts';
import type { SqlValue } from '../../language/types/sql-type.ts';
import { badStatement } from '../api/errors.ts';
import { compileExpression, compilePredicate, compileProjection } from '../compile/expression.ts';
import type { MaterializedRow, MaterializedTable } from '../compile/materialized-table.ts';
import type { Row } from '../operators/operator.ts';
import { storeKey } from '../state/key-codec.ts';
import { catchUp } from './catch-up.ts';
import type { EngineServices } from './engine-services.ts';
import type { QueryAnswer, ResultColumn } from './query-answer.ts';
import { pullQueryId } from './query-ids.ts';
import { storedForm } from './records/stored-form.ts';
import type { ResultRow } from './row-queue.ts';

/** Answers a pull query on a table from the state of the query that keeps it. */
export async function askTable(
  query: AnalyzedQuery,
  statementText: string,
  services: EngineServices,
): Promise<QueryAnswer> {
  if (query.relation.kind !== 'source') throw new TypeError('A pull query on a table reads one source');
  const { source, layout } = query.relation;
  const keeper = services.queries.materializing(source.name);
  const table = keeper?.table;
  if (keeper === undefined || table === undefined) {
    throw badStatement(
      `The \`${source.name}\` table isn't queryable. To derive a queryable table, you can do 'CREATE TABLE QUERYABLE_${source.name} AS SELECT * FROM ${source.name}'. See https://cnfl.io/queries for more info.\nAdd EMIT CHANGES if you intended to issue a push query.`,
      statementText,
    );
  }
  if (services.drive === 'automatic') await catchUp(keeper, services);
  if (source.window !== undefined || lookupKeys(query, layout) === undefined) await table.prepare();
  const rows = lookUp(query, table, layout, keeper.keyOrder, storedForm(source));
  return {
    queryId: pullQueryId(services.clock.nowMs()),
    kind: 'pull-table',
    statementText,
    columns: resultColumns(query, layout),
    next: () => nextRows(rows),
    limitReached: false,
    close: async () => {},
  };
}

/**
 * What has the name of a key column counts as a key, whatever it was computed from; a key under another name does not.
 */
function resultColumns(query: AnalyzedQuery, layout: readonly Slot[]): readonly ResultColumn[] {
  const keyRoles = new Set(['key', 'windowstart', 'windowend']);
  const keys = new Set(layout.filter(({ role }) => keyRoles.has(role)).map(({ name }) => name));
  return query.output.columns.map(({ name, type }) => ({ name, type, key: keys.has(name) }));
}

/** So many rows are given at once; their reader says when it wants more. */
const ROWS_AT_ONCE = 1000;
/** So many rows are looked at before other work of the process gets its turn. */
const LOOKED_AT_IN_TURN = 5000;

/** The next rows of an answer; undefined at its end. */
async function nextRows(found: Iterator<ResultRow | undefined>): Promise<readonly ResultRow[] | undefined> {
  const rows: ResultRow[] = [];
  for (let lookedAt = 1; rows.length < ROWS_AT_ONCE; lookedAt++) {
    const { value, done } = found.next();
    if (done) return rows.length === 0 ? undefined : rows;
    if (value !== undefined) rows.push(value);
    if (lookedAt % LOOKED_AT_IN_TURN === 0) await nextTurn();
  }
  return rows;
}

/**
 * The rows of the answer one by one, as the table has them when they are asked for; undefined for one that does not
 * match.
 */
function* lookUp(
  query: AnalyzedQuery,
  table: MaterializedTable,
  layout: readonly Slot[],
  keyOrder: ((key: Row) => string) | undefined,
  stored: ((row: Row) => Row) | undefined,
): Generator<ResultRow | undefined, void> {
  const ignore = () => {};
  const matches = query.where === undefined ? () => true : compilePredicate(query.where, ignore);
  const project = compileProjection(
    query.output.columns.map(({ expression }) => expression),
    ignore,
  );
  const toRow = rowBuilder(layout);
  const matching = function* (): Generator<MatchingRow | undefined, void> {
    for (const entry of candidates(query, table, layout)) {
      const row = toRow(stored === undefined ? entry : { ...entry, row: stored(entry.row) });
      yield matches(row) ? { entry, row } : undefined;
    }
  };
  const { limit } = query;
  // LIMIT takes the first rows, and so asks which they are; without it no order is promised.
  const found = limit === undefined ? matching() : first(matching(), limit, keyOrder);
  for (const match of found) yield match && { values: project(match.row), tombstone: false };
}

interface MatchingRow {
  readonly entry: MaterializedRow;
  readonly row: Row;
}

/** The first rows by the order of their keys, without keeping many more than those. */
function* first(
  rows: Iterable<MatchingRow | undefined>,
  limit: number,
  keyOrder: ((key: Row) => string) | undefined,
): Generator<MatchingRow | undefined, void> {
  const kept: { readonly match: MatchingRow; readonly place: string }[] = [];
  const cut = () => {
    if (keyOrder !== undefined)
      kept.sort((a, b) =>
        a.place < b.place
          ? -1
          : a.place > b.place
            ? 1
            : (a.match.entry.window?.startMs ?? 0) - (b.match.entry.window?.startMs ?? 0),
      );
    if (kept.length > limit) kept.length = limit;
  };
  for (const match of rows) {
    if (match === undefined) {
      yield undefined;
      continue;
    }
    if (keyOrder === undefined && kept.length >= limit) break;
    kept.push({ match, place: keyOrder?.(match.entry.key) ?? '' });
    if (kept.length >= 2 * limit + ROWS_AT_ONCE) cut();
    yield undefined;
  }
  cut();
  for (const { match } of kept) yield match;
}

/** The rows that can match: by key where every alternative of the condition names the whole key, else all. */
function* candidates(
  query: AnalyzedQuery,
  table: MaterializedTable,
  layout: readonly Slot[],
): Iterable<MaterializedRow> {
  const keys = lookupKeys(query, layout);
  if (keys === undefined) {
    yield* table.scan();
    return;
  }
  for (const key of keys) yield* table.get(key);
}

function lookupKeys(query: AnalyzedQuery, layout: readonly Slot[]): readonly Row[] | undefined {
  if (query.where === undefined) return undefined;
  const slots = layout.flatMap((slot, index) => (slot.role === 'key' ? [{ slot, index }] : []));
  const keys = new Map<string, Row>();
  for (const conjunction of disjunctsOf(query.where)) {
    const key: SqlValue[] = [];
    for (const { slot, index } of slots) {
      const value = conjunction.map((part) => boundValue(part, index, slot)).find((found) => found !== undefined);
      if (value === undefined) return undefined;
      key.push(value.value);
    }
    keys.set(storeKey(key), key);
  }
  return [...keys.values()];
}

/** The value that `key = value` gives a key column. */
function boundValue(part: Expression, index: number, slot: Slot): { readonly value: SqlValue } | undefined {
  if (part.kind !== 'comparison' || part.operator !== '=') return undefined;
  const [column, other] =
    part.left.kind === 'column' && part.left.index === index ? [part.left, part.right] : [part.right, part.left];
  if (column.kind !== 'column' || column.index !== index || readsColumns(other)) return undefined;
  const coerce = coercerFor(other.type, slot.type, 'STRICT');
  if (coerce === undefined) return undefined;
  try {
    const value = compileExpression(other, () => {})([]);
    return value === null ? undefined : { value: coerce(value) };
  } catch {
    return undefined;
  }
}

const readsColumns = (expression: Expression): boolean =>
  expression.kind !== 'literal' &&
  expression.kind !== 'call' &&
  expression.kind !== 'cast' &&
  expression.kind !== 'negate';

/** Puts a kept row into the layout of its source. */
function rowBuilder(layout: readonly Slot[]): (entry: MaterializedRow) => Row {
  const values = layout.flatMap((slot, index) => (slot.role === 'value' || slot.role === 'header' ? [index] : []));
  const keys = layout.flatMap((slot, index) => (slot.role === 'key' ? [index] : []));
  const at = (role: Slot['role']) => layout.findIndex((slot) => slot.role === role);
  const [rowtime, start, end] = [at('rowtime'), at('windowstart'), at('windowend')];
  return ({ key, row, timeMs, window }) => {
    const built = new Array<SqlValue>(layout.length).fill(null);
    values.forEach((slot, i) => {
      built[slot] = row[i]!;
    });
    keys.forEach((slot, i) => {
      built[slot] = key[i]!;
    });
    built[rowtime] = timeMs;
    if (window !== undefined && start >= 0) {
      built[start] = window.startMs;
      built[end] = window.endMs;
    }
    return built;
  };
}
