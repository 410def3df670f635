import { connect } from 'node:http2';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../../engine/index.ts';
import { openEngine } from '../../../engine/open-engine.ts';
import { type RestServer, startServer } from '../../../engine/rest/server.ts';

let engine: Engine;
let server: RestServer;

beforeAll(async () => {
  engine = await openEngine({ properties: {} });
  server = await startServer(engine, { host: '127.0.0.1', port: 0 });
  await engine.execute(`CREATE STREAM s (k STRING KEY, i INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);
    CREATE TABLE t AS SELECT k, COUNT(*) AS n FROM s GROUP BY k;
    CREATE STREAM c AS SELECT k, i FROM s WHERE i > 1;`);
});

afterAll(async () => {
  await server.close();
  await engine.close();
});

const PULL = "SELECT n FROM t WHERE k = 'x';";
const DELIMITED = 'application/vnd.ksqlapi.delimited.v1';
const create = (rest: string) => ({ ksql: `CREATE ${rest}` });
const WHOLE = { '@type': 'statement_error', statementText: 'SHOW TYPES;' };
const STATEMENT = { '@type': 'statement_error', error_code: 40001 };
const REFUSED_ELSEWHERE = { error_code: 40002 };

/** Path, body, Accept, and of a live ksqlDB's answer: status, content type, part of the body. */
const ANSWERS: readonly (readonly [string, object | string, string | undefined, number, string | null, object])[] = [
  // One statement too many is told with the whole text, and as JSON only by the older endpoint.
  [
    '/query',
    { ksql: 'SHOW TYPES; SHOW TYPES;' },
    undefined,
    400,
    'application/json',
    { statementText: 'SHOW TYPES; SHOW TYPES;' },
  ],
  ['/query', { ksql: 'SHOW TYPES; SHOW TYPES;' }, DELIMITED, 400, null, { statementText: 'SHOW TYPES; SHOW TYPES;' }],
  ['/query', { ksql: '-- c' }, undefined, 400, 'application/json', { error_code: 40001, statementText: '-- c' }],
  // The text of a request is repeated as it came.
  ['/query-stream', { sql: 'SHOW TYPES; ' }, undefined, 400, null, { statementText: 'SHOW TYPES; ' }],
  // What belongs to a query endpoint is sent there before it is analysed, but not before it is prepared.
  ['/ksql', { ksql: 'SELECT nope FROM s;' }, undefined, 400, 'application/json', REFUSED_ELSEWHERE],
  [
    '/ksql',
    { ksql: 'SELECT * FROM s a JOIN s b WITHIN 1 HOUR ON a.k = b.k EMIT CHANGES;' },
    undefined,
    400,
    'application/json',
    REFUSED_ELSEWHERE,
  ],
  ['/ksql', { ksql: 'SELECT * FROM nope;' }, undefined, 400, 'application/json', { error_code: 40001 }],
  // Phases of CREATE: columns, then the plan, then what is there already.
  [
    '/ksql',
    create("TABLE x (k STRING KEY) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='NOPE');"),
    undefined,
    400,
    'application/json',
    { statementText: '`K`' },
  ],
  [
    '/ksql',
    create('TABLE t2 AS SELECT k, COUNT(*) AS n FROM s WINDOW TUMBLING (SIZE 0 SECONDS) GROUP BY k;'),
    undefined,
    400,
    'application/json',
    { statementText: expect.stringContaining("KAFKA_TOPIC='T2'") },
  ],
  [
    '/ksql',
    create('OR REPLACE STREAM c AS SELECT k FROM s;'),
    undefined,
    400,
    'application/json',
    { '@type': 'statement_error', statementText: expect.stringContaining("KAFKA_TOPIC='C'") },
  ],
  [
    '/ksql',
    create('OR REPLACE STREAM c AS SELECT a.k, a.i FROM s a JOIN t ON a.k = t.k;'),
    undefined,
    400,
    'application/json',
    { '@type': 'statement_error' },
  ],
  [
    '/ksql',
    create('OR REPLACE TABLE t AS SELECT k, COUNT(*) AS n FROM s GROUP BY k HAVING COUNT(*) > 1;'),
    undefined,
    400,
    'application/json',
    { '@type': 'generic_error', error_code: 40000 },
  ],
  [
    '/ksql',
    { ksql: 'INSERT INTO nope (a, b) VALUES (1);' },
    undefined,
    400,
    'application/json',
    { statementText: "INSERT INTO `NOPE` (`A`, `B`) VALUES ('[value]');" },
  ],
  // Bodies, as Jackson binds them.
  ['/query', '{"ksql":"SHOW\nTYPES;"}', undefined, 500, null, { error_code: 50000 }],
  ['/query', '{"ksql"x', undefined, 400, null, { error_code: 40000 }],
  ['/query-stream', ' ', undefined, 400, null, { error_code: 40000 }],
  ['/query-stream', '', undefined, 500, null, { error_code: 50000 }],
  ['/ksql', { ksql: '', sessionVariables: { a: null } }, undefined, 500, null, { error_code: 50000 }],
  ['/ksql', { ksql: '', commandSequenceNumber: true }, undefined, 400, null, { error_code: 40000 }],
  ['/query', { ksql: PULL, requestProperties: { a: 1 } }, undefined, 500, null, { error_code: 50000 }],
  ['/lag', '', undefined, 500, null, { error_code: 50000 }],
  ['/lag', 'x', undefined, 400, null, { error_code: 40000 }],
  // Settings.
  ['/ksql', { ksql: "SET 'ksql.service.id'='x';" }, undefined, 400, 'application/json', { error_code: 40001 }],
  [
    '/ksql',
    { ksql: "SET 'cache.max.bytes.buffering'='-1';" },
    undefined,
    400,
    'application/json',
    { error_code: 40001 },
  ],
  ['/ksql', { ksql: "SET 'rocksdb.config.setter'='x';" }, undefined, 400, 'application/json', { error_code: 40001 }],
  [
    '/query-stream',
    { sql: 'SELECT i FROM s EMIT CHANGES;', properties: { 'auto.offset.reset': 'x' } },
    undefined,
    500,
    null,
    { error_code: 50000 },
  ],
  ['/ksql', { ksql: 'SHOW TYPES;', requestProperties: { nope: 1 } }, undefined, 500, 'application/json', WHOLE],
  ['/ksql', { ksql: 'SHOW TYPES;', streamsProperties: { nope: 1 } }, undefined, 500, 'application/json', WHOLE],
  [
    '/ksql',
    { ksql: "SHOW TYPES; INSERT INTO s VALUES ('a', 1);", streamsProperties: { nope: 1 } },
    undefined,
    500,
    'application/json',
    { statementText: "SHOW TYPES;\nINSERT INTO `S` VALUES ('[value]', '[value]');" },
  ],
  ['/ksql', { ksql: 'SHOW NOPE;', streamsProperties: { nope: 1 } }, undefined, 500, 'application/json', {}],
  [
    '/ksql',
    { ksql: 'SHOW TYPES;', requestProperties: { 'auto.offset.reset': 'x' } },
    undefined,
    400,
    'application/json',
    { error_code: 40000 },
  ],
  [
    '/ksql',
    { ksql: 'SHOW TYPES;', streamsProperties: { 'ksql.streams.bootstrap.servers': 'x' } },
    undefined,
    400,
    'application/json',
    { error_code: 40000 },
  ],
  // The older endpoint prepares the statement first.
  ['/query', { ksql: 'SHOW NOPE;', streamsProperties: { nope: 1 } }, undefined, 400, 'application/json', STATEMENT],
  [
    '/query',
    { ksql: 'SELECT zz.a FROM s;', streamsProperties: { nope: 1 } },
    undefined,
    400,
    'application/json',
    STATEMENT,
  ],
  [
    '/query',
    { ksql: PULL, requestProperties: { 'auto.offset.reset': 'x' } },
    undefined,
    500,
    null,
    { error_code: 50000 },
  ],
  // Variables.
  [
    '/query-stream',
    { sql: 'SELECT ${x} FROM s EMIT CHANGES;', sessionVariables: { x: '1e3' } },
    undefined,
    400,
    null,
    { statementText: 'SELECT ${x} FROM s EMIT CHANGES;' },
  ],
  [
    '/query-stream',
    { sql: 'SELECT ${x} FROM s EMIT CHANGES;', sessionVariables: { x: 'NULL' } },
    undefined,
    400,
    null,
    { statementText: 'SELECT ${x} FROM s EMIT CHANGES;' },
  ],
  [
    '/query-stream',
    { sql: "SELECT '${x}' FROM s EMIT CHANGES;", sessionVariables: { x: "'a'" } },
    undefined,
    400,
    null,
    { statementText: "SELECT ''a'' FROM s EMIT CHANGES;" },
  ],
  [
    '/query',
    {
      ksql: 'SELECT ${x} FROM s EMIT CHANGES;',
      sessionVariables: { x: 'i' },
      streamsProperties: { 'ksql.variable.substitution.enable': false },
    },
    undefined,
    400,
    'application/json',
    { statementText: 'SELECT ${x} FROM s EMIT CHANGES;' },
  ],
  // Conditions of lookups.
  ['/query-stream', { sql: "SELECT n FROM t WHERE NOT k = 'x';" }, undefined, 400, null, { error_code: 40001 }],
];

describe('what is refused, with which code, text and content type, is what a live ksqlDB answered', () => {
  test.each(ANSWERS)('%s %j (Accept: %s)', async (path, body, accept, status, contentType, part) => {
    const response = await fetch(server.url + path, {
      method: 'POST',
      headers: { 'content-type': 'text/plain', accept: accept ?? '' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([status, contentType]);
    expect(await response.json()).toMatchObject(part);
  });
});

describe('what is taken all the same', () => {
  test.each([
    { sql: PULL, properties: { 'auto.offset.reset': 'x' } },
    {
      sql: "SELECT n FROM t WHERE k = '${x}';",
      sessionVariables: { x: 'a' },
      properties: { 'ksql.variable.substitution.enable': false },
    },
  ])('%j', async (body) => {
    const response = await fetch(`${server.url}/query-stream`, { method: 'POST', body: JSON.stringify(body) });
    expect(response.status).toBe(200);
    await response.text();
  });

  test('a list as the value of a setting: it is its elements', async () => {
    const settings = { properties: { 'num.stream.threads': [1], 'auto.offset.reset': ['earliest'] } };
    await expect(engine.execute('SHOW TYPES;', settings)).resolves.toHaveLength(1);
    for (const value of [['x'], [], ['earliest', 'latest']])
      await expect(engine.execute('SHOW TYPES;', { properties: { 'auto.offset.reset': value } })).rejects.toThrow(
        'Failed to coerce',
      );
  });

  test('replacing a query by one without its WHERE', async () => {
    const [entity] = await engine.execute('CREATE OR REPLACE STREAM c AS SELECT k, i FROM s;');
    expect(entity).toMatchObject({ commandStatus: { status: 'SUCCESS' } });
  });
});

/** The lines that rows sent over HTTP/2 are acknowledged with. */
async function acknowledged(body: string): Promise<string> {
  const session = connect(server.url);
  const stream = session.request({ ':method': 'POST', ':path': '/inserts-stream' });
  stream.end(body);
  const answer = await text(stream);
  session.close();
  return answer;
}

test('an empty line among rows is a row that is none', async () => {
  expect(await acknowledged('{"target":"s"}\n{"k":"a"}\n\n{"k":"b"}\n')).toMatch(
    /^\{"status":"ok","seq":0\}\n\{"@type":"InsertError","status":"error","seq":1,[^\n]*\n$/,
  );
  expect(await acknowledged('{"target":true}\n')).toContain('`TRUE`');
});
