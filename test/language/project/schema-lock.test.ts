import { describe, expect, test } from 'vitest';
import { type MetastoreSnapshot, readSnapshot } from '../../../language/metastore/metastore-snapshot.ts';
import { jsonPlaces } from '../../../language/project/json-places.ts';
import { lockDifferences } from '../../../language/project/lock-differences.ts';
import { readLock } from '../../../language/project/read-lock.ts';
import { lockOf, lockText, snapshotOf } from '../../../language/project/schema-lock.ts';

const ORDERS: MetastoreSnapshot['sources'][number] = {
  name: 'ORDERS',
  kind: 'STREAM',
  topic: 'orders',
  keyFormat: 'KAFKA',
  valueFormat: 'DELIMITED',
  delimiter: '\t',
  partitions: 4,
  statementText: 'CREATE STREAM ORDERS …;',
  columns: [
    { name: 'ID', type: 'INTEGER', namespace: 'key' },
    { name: 'item "x"', type: 'STRING', namespace: 'value' },
    { name: 'H', type: 'BYTES', namespace: 'header', headerKey: 'h' },
  ],
};
const TOTALS: MetastoreSnapshot['sources'][number] = {
  ...ORDERS,
  name: 'A_TOTALS',
  kind: 'TABLE',
  windowType: 'TUMBLING',
  windowSizeMs: 60_000,
};
const SNAPSHOT: MetastoreSnapshot = {
  cluster: 'kafka/default_',
  sources: [ORDERS, TOTALS],
  types: { PLACE: 'STRUCT<CITY STRING>' },
  queries: [{ id: 'CTAS_7', sources: ['ORDERS'], sink: 'A_TOTALS', statementText: '' }],
  topics: [{ name: 'orders', partitions: 4, replicas: 1 }],
  functions: [
    {
      kind: 'scalar',
      name: 'RATE',
      summary: 'A rate.',
      file: 'rate.ts',
      overloads: [{ parameters: [{ name: 'x', type: 'INT' }], returns: 'DOUBLE' }],
    },
  ],
};
const LOCK = lockOf(SNAPSHOT);

test('a lock that is written and read stands for the cluster, but for its queries', () => {
  const read = readLock(lockText(LOCK));
  expect(read.problems).toEqual([]);
  const again = snapshotOf(read.lock!);
  expect(lockOf(again)).toEqual(LOCK);
  expect(readSnapshot(again)).toEqual({
    ...readSnapshot({ ...SNAPSHOT, sources: [TOTALS, ORDERS], queries: [] }),
    functions: expect.any(Map),
  });
  expect(readSnapshot(again).functions?.get('RATE')?.overloads).toHaveLength(1);
});

test('it is the same text in whatever order a server names things, with a line for each column', () => {
  const text = lockText(LOCK);
  const reversed = { ...SNAPSHOT, sources: SNAPSHOT.sources.toReversed(), topics: SNAPSHOT.topics!.toReversed() };
  expect(lockText(lockOf(reversed))).toBe(text);
  expect(text).toContain('\n        { "name": "ID", "type": "INTEGER", "namespace": "key" },\n');
  expect(text).toContain('\n    "orders": { "partitions": 4, "replicas": 1 }\n');
  expect(text.indexOf('A_TOTALS')).toBeLessThan(text.indexOf('"ORDERS"'));
});

describe('what differs is said at its place', () => {
  const text = lockText(LOCK);
  const differences = (now: MetastoreSnapshot) =>
    lockDifferences(LOCK, now).map(({ path, message }) => {
      const { start, end } = jsonPlaces(text).nearest(path) ?? { start: 0, end: 0 };
      return `${text.slice(start, end)}: ${message}`;
    });
  const withOrders = (change: Partial<typeof ORDERS>) =>
    differences({ ...SNAPSHOT, sources: [{ ...ORDERS, ...change }, TOTALS] });

  test('nothing of the same cluster, another one with the same, or what nobody has asked for', () => {
    expect(differences(SNAPSHOT)).toEqual([]);
    expect(differences({ ...SNAPSHOT, cluster: 'other/default_', queries: [] })).toEqual([]);
    expect(differences({ ...SNAPSHOT, functions: undefined, topics: undefined })).toEqual([]);
  });

  test.each([
    ['a number', { partitions: 6 }, '"partitions": The number of partitions of ORDERS is 6, and was 4.'],
    [
      'the statement',
      { statementText: 'CREATE;' },
      '"statementText": The statement that made ORDERS is another one: CREATE;',
    ],
    ['a column that is gone', { columns: ORDERS.columns.slice(0, 2) }, '"name": The cluster has no column ORDERS.H.'],
    [
      'a type',
      { columns: ORDERS.columns.map((column) => (column.name === 'ID' ? { ...column, type: 'BIGINT' } : column)) },
      '"type": The column ORDERS.ID is BIGINT KEY, and was INTEGER KEY.',
    ],
    [
      'a column more',
      { columns: [...ORDERS.columns, { name: 'N', type: 'INTEGER', namespace: 'value' as const }] },
      '"columns": The cluster has the column ORDERS.N INTEGER, which is not in the lock.',
    ],
    [
      'the order of columns',
      { columns: ORDERS.columns.toReversed() },
      '"columns": The columns of ORDERS stand in another order: H,item "x",ID.',
    ],
  ])('%s', (_title, change, message) => expect(withOrders(change)).toEqual([message]));

  test('sources, types, topics and functions that came, went or changed', () => {
    expect(
      differences({
        ...SNAPSHOT,
        sources: [TOTALS, { ...ORDERS, name: 'NEW' }],
        types: { PLACE: 'STRING' },
        topics: [{ name: 'orders', partitions: 1, replicas: 1 }],
        functions: [],
      }),
    ).toEqual([
      '"sources": The cluster has the stream NEW, which is not in the lock.',
      '"ORDERS": The cluster has no stream ORDERS.',
      '"PLACE": The type PLACE is STRING, and was STRUCT<CITY STRING>.',
      '"partitions": The topic orders has 1 partitions, and had 4.',
      '"RATE": The cluster has no function RATE.',
    ]);
  });
});

test.each([
  ['{"version": 1', /JSON.*Write it anew/s],
  ['[]', /no ksql.lock.json of version 1/],
  [lockText(LOCK).replace('"version": 1', '"version": 9'), /no ksql.lock.json of version 1/],
  [lockText(LOCK).replace('"type": "BYTES"', '"type": 3'), /^sources\.A_TOTALS\.columns\.2\.type is a text\./],
  [lockText(LOCK).replace('"functions": {', '"functions": 3, "x": {'), /^functions is an object\./],
])('a text that is no lock is refused with a reason: %.20s', (text, message) => {
  const { lock, problems } = readLock(text);
  expect(lock).toBeUndefined();
  expect(problems.map((problem) => problem.message)).toEqual([expect.stringMatching(message)]);
});
