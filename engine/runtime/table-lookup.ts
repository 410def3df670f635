import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Expression } from '../../language/binding/expression.ts';
import type { AnalyzedQuery } from '../../language/query/analyzed.ts';
import { disjunctsOf } from '../../language/query/pull-condition.ts';
import { coercerFor } from '../../language/types/coerce.ts';
import type { Slot } from '../../language/types/schema.ts';
import type { SqlValue } from '../../language/types/sql-type.ts';
import { compileExpression, compilePredicate, compileProjection } from '../compile/expression.ts';
import type { MaterializedRow, MaterializedTable } from '../compile/materialized-table.ts';
import type { Row } from '../operators/operator.ts';
import { storeKey } from '../state/key-codec.ts';
import { comparePlaces, type PlacedRow, type RowPlace } from './cluster/placed-row.ts';

/** A table, or the part of it that one task keeps. */
export interface TablePart {
  /** The first is 0, also where there is one part. */
  readonly partition: number;
  readonly table: MaterializedTable;
}

/** How rows of a table are kept. */
export interface TableRows {
  /** A text by which keys sort as a scan of ksqlDB meets them; absent where that is not known. */
  readonly keyOrder: ((key: Row) => string) | undefined;
  /** What rows become when they are read back; absent: they stay. */
  readonly stored: ((row: Row) => Row) | undefined;
}

/** So many rows are given at once; their reader says when it wants more. */
const ROWS_AT_ONCE = 1000;
/** So many rows are looked at before other work of the process gets its turn. */
const LOOKED_AT_IN_TURN = 5000;

/** A pull query over a table: which rows it wants, and what it makes of them. */
export class TableLookup {
  /** The keys that it names; undefined where it has to look at every row. */
  readonly keys: readonly Row[] | undefined;
  readonly #query: AnalyzedQuery;
  readonly #layout: readonly Slot[];
  readonly #rows: TableRows;
  readonly #isWindowed: boolean;

  constructor(query: AnalyzedQuery, rows: TableRows) {
    if (query.relation.kind !== 'source') throw new TypeError('A pull query on a table reads one source');
    this.#query = query;
    this.#layout = query.relation.layout;
    this.#isWindowed = query.relation.source.window !== undefined;
    this.#rows = rows;
    this.keys = lookupKeys(query, this.#layout);
  }

  /** Makes ready what {@link rowsOf} needs of a table. */
  async prepare({ table }: TablePart): Promise<void> {
    if (this.#isWindowed || this.keys === undefined) await table.prepare();
  }

  /**
   * The rows of the answer in pieces, as the table has them when they are asked for; undefined at the end.
   * @param parts by their partitions
   * @param partOf which of them has a key, if any
   */
  rowsOf(
    parts: readonly TablePart[],
    partOf: (key: Row) => TablePart | undefined = () => parts[0],
  ): () => Promise<readonly PlacedRow[] | undefined> {
    const rows = this.#lookUp(parts, partOf);
    return () => nextRows(rows);
  }

  /** The rows one by one; undefined for one that does not match. */
  *#lookUp(
    parts: readonly TablePart[],
    partOf: (key: Row) => TablePart | undefined,
  ): Generator<PlacedRow | undefined, void> {
    const { where, output, limit } = this.#query;
    const { keyOrder } = this.#rows;
    const ignore = () => {};
    const matches = where === undefined ? () => true : compilePredicate(where, ignore);
    const project = compileProjection(
      output.columns.map(({ expression }) => expression),
      ignore,
    );
    // LIMIT takes the first rows, and so asks which they are; without it the order is that of the places.
    const found =
      limit === undefined
        ? this.#matching(parts, partOf, matches)
        : this.#first(parts, partOf, matches, limit, keyOrder);
    for (const match of found) yield match && { values: project(match.row), tombstone: false, place: match.place };
  }

  *#matching(
    parts: readonly TablePart[],
    partOf: (key: Row) => TablePart | undefined,
    matches: (row: Row) => boolean,
  ): Generator<MatchingRow | undefined, void> {
    const { stored } = this.#rows;
    const toRow = rowBuilder(this.#layout);
    for (const { entries, place } of this.#candidates(parts, partOf))
      for (const entry of entries) {
        const row = toRow(stored === undefined ? entry : { ...entry, row: stored(entry.row) });
        yield matches(row) ? { entry, row, place } : undefined;
      }
  }

  /** The first rows by the order of their keys, without keeping many more than those. */
  *#first(
    parts: readonly TablePart[],
    partOf: (key: Row) => TablePart | undefined,
    matches: (row: Row) => boolean,
    limit: number,
    keyOrder: TableRows['keyOrder'],
  ): Generator<MatchingRow | undefined, void> {
    const kept: MatchingRow[] = [];
    const cut = () => {
      if (keyOrder !== undefined) kept.sort((a, b) => comparePlaces(a.place, b.place));
      if (kept.length > limit) kept.length = limit;
    };
    for (const match of this.#matching(parts, partOf, matches)) {
      if (match === undefined) {
        yield undefined;
        continue;
      }
      if (keyOrder === undefined && kept.length >= limit) break;
      const { entry, row, place } = match;
      kept.push(
        keyOrder === undefined
          ? match
          : { entry, row, place: { major: keyOrder(entry.key), minor: entry.window?.startMs ?? place.minor } },
      );
      if (kept.length >= 2 * limit + ROWS_AT_ONCE) cut();
      yield undefined;
    }
    cut();
    yield* kept;
  }

  /** The rows that can match: by key where every alternative of the condition names the whole key, else all. */
  *#candidates(
    parts: readonly TablePart[],
    partOf: (key: Row) => TablePart | undefined,
  ): Iterable<{ readonly entries: Iterable<MaterializedRow>; readonly place: RowPlace }> {
    if (this.keys === undefined) {
      for (const { partition, table } of parts) yield { entries: table.scan(), place: { major: partition, minor: 0 } };
      return;
    }
    for (const [i, key] of this.keys.entries()) {
      const part = partOf(key);
      if (part !== undefined) yield { entries: part.table.get(key), place: { major: i, minor: 0 } };
    }
  }
}

interface MatchingRow {
  readonly entry: MaterializedRow;
  readonly row: Row;
  readonly place: RowPlace;
}

/** The next rows of an answer; undefined at its end. */
async function nextRows(found: Iterator<PlacedRow | undefined>): Promise<readonly PlacedRow[] | undefined> {
  const rows: PlacedRow[] = [];
  for (let lookedAt = 1; rows.length < ROWS_AT_ONCE; lookedAt++) {
    const { value, done } = found.next();
    if (done) return rows.length === 0 ? undefined : rows;
    if (value !== undefined) rows.push(value);
    if (lookedAt % LOOKED_AT_IN_TURN === 0) await nextTurn();
  }
  return rows;
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
