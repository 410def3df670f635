import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Engine } from '../../../engine/index.ts';
import { openEngine } from '../../../engine/open-engine.ts';
import { type RestServer, startServer } from '../../../engine/rest/server.ts';

let engine: Engine;
let server: RestServer;

beforeEach(async () => {
  engine = await openEngine({});
  server = await startServer(engine, { host: '127.0.0.1', port: 0 });
});

afterEach(async () => {
  await server.close();
  await engine.close();
});

const FROM_START = { 'auto.offset.reset': 'earliest' };

const post = (path: string, body: object, accept: string, signal?: AbortSignal) =>
  fetch(server.url + path, { method: 'POST', headers: { accept }, body: JSON.stringify(body), signal: signal ?? null });

async function printed(topic: string, limit: number): Promise<string> {
  const answer = await post('/query', { ksql: `PRINT ${topic} FROM BEGINNING LIMIT ${limit};` }, 'application/json');
  return (await answer.text()).replaceAll(/rowtime: [^,]*/g, 'rowtime: …');
}

describe('PRINT over HTTP', () => {
  test('an empty line tells that nothing has come, then come the records', async () => {
    await engine.execute("CREATE STREAM s (v STRING) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='KAFKA', PARTITIONS=1);");
    const stop = new AbortController();
    const answer = await post('/query', { ksql: 'PRINT s;' }, 'application/json', stop.signal);
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toBe('\n');
    await engine.execute("INSERT INTO s VALUES ('later');");
    let text = '';
    while (!text.includes('value: later')) text += (await reader.read()).value;
    expect(text.trimStart()).toMatch(
      /^Key format: .*\nValue format: KAFKA_STRING\nrowtime: .*value: later, partition: 0\n$/,
    );
    stop.abort();
  });

  test('bytes that no format has are ASCII and hexadecimal', async () => {
    await engine.execute("CREATE STREAM b (v BYTES) WITH (KAFKA_TOPIC='b', VALUE_FORMAT='KAFKA', PARTITIONS=1);");
    await engine.execute("INSERT INTO b VALUES (TO_BYTES('ff415c227f7e0a202527', 'hex'));");
    await engine.execute("INSERT INTO b VALUES (TO_BYTES('0000000063010203', 'hex'));");
    const UNKNOWN =
      'does not match any supported format. It may be a STRING with encoding other than UTF8, or some other format.';
    expect(await printed('b', 2)).toBe(
      `Key format: ¯\\_(ツ)_/¯ - no data processed\nValue format:  ${UNKNOWN}\n` +
        'rowtime: …, key: <null>, value: \\xFFA\\x5C"\\x7F~\\x0A %\', partition: 0\n' +
        'rowtime: …, key: <null>, value: \\x00\\x00\\x00\\x00c\\x01\\x02\\x03, partition: 0\n',
    );
  });

  test('an empty text has no format', async () => {
    await engine.execute("CREATE STREAM e (v STRING) WITH (KAFKA_TOPIC='e', VALUE_FORMAT='KAFKA', PARTITIONS=1);");
    await engine.execute("INSERT INTO e VALUES ('');");
    expect(await printed('e', 1)).toMatch(/Value format: {2}does not match .*\n.*value: , partition: 0\n$/);
  });
});

describe('dates, times and decimals of rows', () => {
  const ROW =
    '[1,{"T":1,"D":1.5,"DT":18263,"TS":1577934245006,"B":"YWI=","DB":1.0E10},"10:20",[1.50,2.00],{"a":"10:20:30"}]';

  beforeEach(() =>
    engine.execute(
      `CREATE STREAM d (id INT KEY, st STRUCT<t TIME, d DECIMAL(6, 3), dt DATE, ts TIMESTAMP, b BYTES, db DOUBLE>, t TIME, a ARRAY<DECIMAL(4, 2)>, m MAP<STRING, TIME>)
         WITH (KAFKA_TOPIC='d', VALUE_FORMAT='JSON', PARTITIONS=1);
       INSERT INTO d VALUES (1, STRUCT(t := '00:00:00.001', d := 1.5, dt := '2020-01-02', ts := '2020-01-02T03:04:05.006', b := 'YWI=', db := 1e10), '10:20', ARRAY[1.5, 2], MAP('a' := '10:20:30'));`,
    ),
  );

  test.each([
    ['application/vnd.ksql.v1+json', `{"row":{"columns":${ROW}}},\n`],
    ['application/json', `,${ROW}]`],
    ['application/vnd.ksqlapi.delimited.v1', `\n${ROW}\n`],
  ])('as %s: those within a STRUCT are numbers, all others text', async (accept, expected) => {
    const body = { sql: 'SELECT * FROM d EMIT CHANGES LIMIT 1;', properties: FROM_START };
    expect(await (await post('/query-stream', body, accept)).text()).toContain(expected);
  });
});
