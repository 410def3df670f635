import { connect } from 'node:http2';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MemoryBroker } from '../../../engine/broker/embedded/memory-broker.ts';
import { Engine } from '../../../engine/index.ts';
import { type RestServer, startServer } from '../../../engine/rest/server.ts';

let engine: Engine;
let server: RestServer;
beforeAll(async () => {
  engine = await Engine.open({ broker: new MemoryBroker() });
  server = await startServer(engine, { host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await server.close();
  await engine.close();
});

const LITERALS = [
  'NULL',
  'CAST(NULL AS STRING)',
  'TRUE',
  '1',
  '3000000000',
  '1.5',
  '1.0',
  '1.234',
  '12345.6',
  '99999',
  '1E0',
  '1.5E0',
  "'1'",
  "'true'",
  "'a'",
  "'10:11:12'",
  "'10:11'",
  "'2021-01-02'",
  "'2021-01'",
  "'2021-13-01'",
  "'2021-01-02T10:11:12'",
  "'2021-01-02T10:11:12+0200'",
  "'AQI='",
  "CAST('2021-01-02' AS DATE)",
  "CAST('2021-01-02T00:00:00' AS TIMESTAMP)",
  "CAST('10:11:12' AS TIME)",
  "TO_BYTES('0102','hex')",
  'ARRAY[1]',
  'ARRAY[1.5]',
  'ARRAY[1E0]',
  "ARRAY['a']",
  "MAP('a':=1)",
  "MAP('a':='b')",
  'MAP(1:=1)',
  'STRUCT(A:=1)',
  "STRUCT(A:=1, B:='x')",
  "STRUCT(A:='x')",
  'STRUCT(C:=1)',
];

const TAKEN: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  BOOLEAN: {
    TRUE: true,
  },
  INT: {
    '1': 1,
    '99999': 99999,
  },
  BIGINT: {
    '1': 1,
    '3000000000': 3000000000,
    '99999': 99999,
  },
  DOUBLE: {
    '1': 1,
    '3000000000': 3000000000,
    '1.5': 1.5,
    '1.0': 1,
    '1.234': 1.234,
    '12345.6': 12345.6,
    '99999': 99999,
    '1E0': 1,
    '1.5E0': 1.5,
  },
  'DECIMAL(4, 2)': {
    '1': 1,
    '1.5': 1.5,
    '1.0': 1,
  },
  'DECIMAL(4, 0)': {
    '1': 1,
    '1.0': 1,
  },
  STRING: {
    "'1'": '1',
    "'true'": 'true',
    "'a'": 'a',
    "'10:11:12'": '10:11:12',
    "'10:11'": '10:11',
    "'2021-01-02'": '2021-01-02',
    "'2021-01'": '2021-01',
    "'2021-13-01'": '2021-13-01',
    "'2021-01-02T10:11:12'": '2021-01-02T10:11:12',
    "'2021-01-02T10:11:12+0200'": '2021-01-02T10:11:12+0200',
    "'AQI='": 'AQI=',
  },
  DATE: {
    "'2021-01-02'": '2021-01-02',
    "'2021-01'": '2021-01-01',
    "CAST('2021-01-02' AS DATE)": '2021-01-02',
  },
  TIME: {
    "'10:11:12'": '10:11:12',
    "'10:11'": '10:11',
    "CAST('10:11:12' AS TIME)": '10:11:12',
  },
  TIMESTAMP: {
    "'2021-01-02'": '2021-01-02T00:00:00.000',
    "'2021-01'": '2021-01-01T00:00:00.000',
    "'2021-01-02T10:11:12'": '2021-01-02T10:11:12.000',
    "'2021-01-02T10:11:12+0200'": '2021-01-02T08:11:12.000',
    "CAST('2021-01-02T00:00:00' AS TIMESTAMP)": '2021-01-02T00:00:00.000',
  },
  BYTES: {
    "'true'": 'true',
    "'AQI='": 'AQI=',
    "TO_BYTES('0102','hex')": 'AQI=',
  },
  'ARRAY<BIGINT>': {
    'ARRAY[1]': [1],
  },
  'ARRAY<STRING>': {
    "ARRAY['a']": ['a'],
  },
  'MAP<STRING, BIGINT>': {
    "MAP('a':=1)": { a: 1 },
  },
  'STRUCT<A BIGINT, B STRING>': {
    'STRUCT(A:=1)': { A: 1, B: null },
    "STRUCT(A:=1, B:='x')": { A: 1, B: 'x' },
    'STRUCT(C:=1)': { A: null, B: null },
  },
};

/** Both of them, as every column takes them. */
const NULLS = ['NULL', 'CAST(NULL AS STRING)'];

async function valuesOf(source: string): Promise<unknown[]> {
  const body = JSON.stringify({ sql: `SELECT v FROM ${source};` });
  const answer = await fetch(`${server.url}/query-stream`, { method: 'POST', body });
  const [, ...rows] = (await answer.text()).trim().split('\n');
  return rows.map((row) => (JSON.parse(row) as unknown[])[0]);
}

describe.each(Object.keys(TAKEN))('a column of %s', (type) => {
  const name = `s_${Object.keys(TAKEN).indexOf(type)}`;
  const taken = TAKEN[type]!;

  test('takes what it has a place for, and NULL', async () => {
    await engine.execute(
      `CREATE STREAM ${name} (v ${type}) WITH (KAFKA_TOPIC='${name}', VALUE_FORMAT='JSON', PARTITIONS=1);`,
    );
    const literals = [...Object.keys(taken), ...NULLS];
    for (const literal of literals) await engine.execute(`INSERT INTO ${name} VALUES (${literal});`);
    expect(await valuesOf(name)).toEqual([...Object.values(taken), null, null]);
  });

  test.each(LITERALS.filter((literal) => !(literal in taken) && !NULLS.includes(literal)))(
    'refuses %s',
    async (literal) => {
      await expect(engine.execute(`INSERT INTO ${name} VALUES (${literal});`)).rejects.toThrow(
        /Failed to insert values into '\w+'\. Expected type .* for field `V` but got /,
      );
    },
  );
});

test.each([
  ['DATE', "'a'", 'STRING(a). Date format must be yyyy-mm-dd'],
  ['DATE', "'a' + 'b'", 'STRING(ab). Date format must be yyyy-mm-dd'],
  ['TIME', "'a'", 'STRING(a). Time format must be hh:mm:ss[.S]'],
  ['TIMESTAMP', "'a'", 'STRING(a). Timestamp format must be yyyy-mm-ddThh:mm:ss[.S]'],
  ['TIMESTAMP', '1', 'INTEGER(1)'],
])('what is wrong for %s with %s is said', async (type, literal, got) => {
  const name = `s_${Object.keys(TAKEN).indexOf(type)}`;
  await expect(engine.execute(`INSERT INTO ${name} VALUES (${literal});`)).rejects.toThrow(
    `Failed to insert values into '${name.toUpperCase()}'. Expected type ${type} for field \`V\` but got ${got}`,
  );
});

test('a row of a table has a key, as its compacted topic wants it', async () => {
  await engine.execute(
    "CREATE TABLE t (k INT PRIMARY KEY, v INT) WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON', PARTITIONS=1);",
  );
  for (const key of ['NULL', 'CAST(NULL AS INT)'])
    await expect(engine.execute(`INSERT INTO t VALUES (${key}, 1);`)).rejects.toThrow(
      "Failed to insert values into 'T'. Compacted topic cannot accept message without key in topic partition t-0",
    );
  await engine.execute('INSERT INTO t VALUES (1, NULL);');
  expect((await engine.broker.read({ topic: 't', partition: 0, offset: 0 }, 1000)).batches).toHaveLength(1);
});

test('a key of several columns is there even if each is NULL', async () => {
  await engine.execute(
    "CREATE TABLE pairs (k INT PRIMARY KEY, l INT PRIMARY KEY, v INT) WITH (KAFKA_TOPIC='pairs', FORMAT='JSON', PARTITIONS=1);",
  );
  await engine.execute('INSERT INTO pairs VALUES (NULL, NULL, 1);');
  const { batches } = await engine.broker.read({ topic: 'pairs', partition: 0, offset: 0 }, 1000);
  const record = batches[0]!.records();
  expect(record.next()).toBe(true);
  expect(new TextDecoder().decode(record.bytes.subarray(record.keyStart, record.keyEnd))).toBe('{"K":null,"L":null}');
});

test('a row of a stream needs no key', async () => {
  await engine.execute(
    "CREATE STREAM keyed (k INT KEY, v INT) WITH (KAFKA_TOPIC='keyed', VALUE_FORMAT='JSON', PARTITIONS=1);",
  );
  await engine.execute('INSERT INTO keyed VALUES (NULL, 1);');
  expect(await valuesOf('keyed')).toEqual([1]);
});

describe('over /inserts-stream', () => {
  const insert = async (type: string, value: string): Promise<unknown> => {
    const name = `r_${type.replaceAll(/\W/g, '')}`;
    await engine.execute(
      `CREATE STREAM IF NOT EXISTS ${name} (v ${type}) WITH (KAFKA_TOPIC='${name}', VALUE_FORMAT='JSON', PARTITIONS=1);`,
    );
    const session = connect(server.url);
    const stream = session.request({ ':method': 'POST', ':path': '/inserts-stream' });
    stream.end(`{"target":"${name}"}\n{"V":${value}}\n`);
    const { status } = JSON.parse(await text(stream)) as { status: string };
    session.close();
    return status === 'ok' ? (await valuesOf(name)).at(-1) : status;
  };

  test.each([
    ['BIGINT', '1', 1],
    ['DOUBLE', '1.0', 1],
    ['DOUBLE', '1e2', 100],
    ['DECIMAL(4, 2)', '1.0', 1],
    ['DECIMAL(4, 2)', '1.235', 1.24],
    ['DECIMAL(4, 2)', '"1.5"', 1.5],
    ['ARRAY<BIGINT>', '[1]', [1]],
  ])('%s takes %s', async (type, value, expected) => {
    expect(await insert(type, value)).toEqual(expected);
  });

  test.each([
    ['INT', '1.0'],
    ['BIGINT', '1.0'],
    ['BIGINT', '1e2'],
    ['BIGINT', '"1"'],
    ['ARRAY<BIGINT>', '[1.0]'],
    ['MAP<STRING, BIGINT>', '{"a":1.0}'],
    ['STRUCT<A BIGINT>', '{"a":1.0}'],
    // ksqlDB acknowledges such a row, which no one can read afterwards.
    ['DECIMAL(4, 2)', '12345.6'],
  ])('%s refuses %s', async (type, value) => {
    expect(await insert(type, value)).toBe('error');
  });
});
