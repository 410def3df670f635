import type { ReadRecord } from '../../support/topic-records.ts';

/** A record of the stream that queries read. */
export interface InputRecord {
  readonly key: string;
  readonly id: number;
  /** Another key than the record's own. */
  readonly group: string;
  readonly timeMs: number;
}

/** How often a record counts. */
export type Guarantee = 'exactly_once_v2' | 'at_least_once';

/** The table of a query, as pull queries see it. */
export interface LookedUpTable {
  readonly sql: string;
  /** Whether it is exact with either guarantee. */
  readonly isAlwaysExact: boolean;
  /** As JSON, in any order. */
  rows(input: readonly InputRecord[]): readonly string[];
}

/** A query, and what its output must be. */
export interface Workload {
  readonly name: string;
  readonly statements: readonly string[];
  /** Into how many parts it is cut. */
  readonly parts: number;
  /** The part that has state, if one has. */
  readonly statefulPart: number | undefined;
  /** Absent where the query makes none. */
  readonly table?: LookedUpTable;
  /** What is wrong with the committed records of its sink; undefined where all is as it must be. */
  problem(output: readonly ReadRecord[], input: readonly InputRecord[], guarantee: Guarantee): string | undefined;
}

export const EVENTS = 'events';
export const USERS = 'users';
export const SINK = 'OUT';
const WINDOW_MS = 5000;
const WINDOW = `WINDOW TUMBLING (SIZE ${WINDOW_MS} MILLISECONDS)`;
const SOURCE = `CREATE STREAM events (k STRING KEY, id INT, g STRING) WITH (KAFKA_TOPIC='${EVENTS}', VALUE_FORMAT='JSON');`;

/** A query without an aggregate: a row for each record. */
function rowByRow(
  name: string,
  statements: readonly string[],
  isWanted: (record: InputRecord) => boolean,
  valueIn: (record: InputRecord) => object,
  statefulPart?: number,
): Workload {
  return {
    name,
    statements: [SOURCE, ...statements],
    parts: 1,
    statefulPart,
    problem(output, input, guarantee) {
      const expected = new Map(input.filter(isWanted).map((record) => [record.id, record]));
      const seen = new Map<number, number>();
      const lastOfKey = new Map<string, number>();
      for (const { key, value } of output) {
        const { ID } = JSON.parse(value!) as { readonly ID: number };
        const record = expected.get(ID);
        if (record === undefined || record.key !== key) return `Nothing leads to the row ${key} ${value}.`;
        if (value !== JSON.stringify(valueIn(record))) return `The row ${key} ${value} is wrong.`;
        const times = (seen.get(ID) ?? 0) + 1;
        seen.set(ID, times);
        if (guarantee === 'at_least_once') continue;
        if (times > 1) return `The row ${key} ${value} is there ${times} times.`;
        if (ID < (lastOfKey.get(key) ?? -1)) return `The row ${key} ${value} comes after a later one.`;
        lastOfKey.set(key, ID);
      }
      const missing = [...expected.keys()].filter((id) => !seen.has(id));
      return missing.length === 0 ? undefined : `The rows of ids ${missing} are missing.`;
    },
  };
}

interface Counted {
  readonly N: number;
  readonly TOTAL: number;
}

function counts(input: readonly InputRecord[], keyOf: (record: InputRecord) => string): Map<string, Counted> {
  const found = new Map<string, Counted>();
  for (const record of input) {
    const key = keyOf(record);
    const { N, TOTAL } = found.get(key) ?? { N: 0, TOTAL: 0 };
    found.set(key, { N: N + 1, TOTAL: TOTAL + record.id });
  }
  return found;
}

/** A query that counts, by the records' own key or by another column, all of them or by windows. */
function counting(name: string, by: 'k' | 'g', isWindowed: boolean): Workload {
  const parts = by === 'k' ? 1 : 2;
  const columnOf = ({ key, group }: InputRecord) => (by === 'k' ? key : group);
  const startOf = ({ timeMs }: InputRecord) => timeMs - (timeMs % WINDOW_MS);
  const keyOf = (record: InputRecord) => columnOf(record) + (isWindowed ? windowBytes(startOf(record)) : '');
  const shownKeyOf = (record: InputRecord) => [columnOf(record), ...(isWindowed ? [startOf(record)] : [])];
  return {
    name,
    statements: [
      SOURCE,
      `CREATE TABLE out AS SELECT ${by}, COUNT(*) AS n, SUM(id) AS total FROM events ${isWindowed ? WINDOW : ''} GROUP BY ${by};`,
    ],
    parts,
    statefulPart: parts - 1,
    table: {
      sql: `SELECT ${by}, ${isWindowed ? 'windowstart, ' : ''}n, total FROM out;`,
      isAlwaysExact: parts === 1,
      rows: (input) =>
        [...counts(input, (record) => JSON.stringify(shownKeyOf(record)))].map(([key, { N, TOTAL }]) =>
          JSON.stringify([...JSON.parse(key), N, TOTAL]),
        ),
    },
    problem(output, input, guarantee) {
      const expected = counts(input, keyOf);
      // What goes from one part to the next at least once may be there twice.
      const isExact = guarantee === 'exactly_once_v2' || parts === 1;
      const found = new Map<string, Counted>();
      for (const { key, value } of output) {
        const row = JSON.parse(value!) as Counted;
        const before = found.get(key!);
        // What an engine writes at least once that was given up may come after what its successor has written.
        if (guarantee === 'exactly_once_v2' || row.N >= (before?.N ?? 0)) found.set(key!, row);
        const most = expected.get(key!)?.N ?? 0;
        if (isExact && row.N > most) return `${key} was counted ${row.N} times, there are ${most}.`;
        if (guarantee === 'exactly_once_v2' && before !== undefined && row.N <= before.N)
          return `The count of ${key} went from ${before.N} to ${row.N}.`;
      }
      for (const [key, { N, TOTAL }] of expected) {
        const row = found.get(key);
        const isRight = isExact ? row?.N === N && row.TOTAL === TOTAL : (row?.N ?? 0) >= N;
        if (!isRight) return `The row of ${key} is ${JSON.stringify(row)}, not ${JSON.stringify({ N, TOTAL })}.`;
      }
      return undefined;
    },
  };
}

/** What stands behind the key of a window, a character for each byte. */
function windowBytes(startMs: number): string {
  const start = Buffer.alloc(8);
  start.writeBigInt64BE(BigInt(startMs));
  return start.toString('latin1');
}

export const nameOf = (key: string): string => `name of ${key}`;

/** The queries that are simulated. */
export const WORKLOADS: readonly Workload[] = [
  rowByRow(
    'filter',
    ['CREATE STREAM out AS SELECT k, id, g FROM events WHERE id % 4 <> 1;'],
    ({ id }) => id % 4 !== 1,
    ({ id, group }) => ({ ID: id, G: group }),
  ),
  rowByRow(
    'join',
    [
      `CREATE TABLE users (k STRING PRIMARY KEY, name STRING) WITH (KAFKA_TOPIC='${USERS}', VALUE_FORMAT='JSON');`,
      'CREATE STREAM out AS SELECT e.k AS k, e.id AS id, u.name AS name FROM events e LEFT JOIN users u ON e.k = u.k;',
    ],
    () => true,
    ({ id, key }) => ({ ID: id, NAME: nameOf(key) }),
    0,
  ),
  counting('count', 'k', false),
  counting('regrouped', 'g', false),
  counting('windowed', 'k', true),
  counting('regrouped-windowed', 'g', true),
];
