import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { httpClient } from '../../engine/api/http-client.ts';
import type { Engine } from '../../engine/index.ts';
import { openEngine } from '../../engine/open-engine.ts';
import { LIMITS } from '../../engine/rest/http/limits.ts';
import { parseTerminateRequest } from '../../engine/rest/http/request-body.ts';
import { startKsql, Workplace } from '../support/ksql-command.ts';

const SIZE = 100_000;
const LETTERS = `${'a'.repeat(SIZE)}!`;
const BLANKS = `${' '.repeat(SIZE)}x`;
const DEEP = '['.repeat(SIZE) + ']'.repeat(SIZE);

/** What is linear in the text, however it is written: the answer comes. */
const LINEAR: Readonly<Record<string, unknown>> = {
  "REGEXP_EXTRACT('(a+)+$', letters)": null,
  "REGEXP_EXTRACT('(a|a)*$', letters)": '',
  "REGEXP_EXTRACT('(a|aa)+$', letters)": null,
  "REGEXP_EXTRACT('(.*)*x', letters)": null,
  "REGEXP_EXTRACT('^(([a-z])+.)+[A-Z]([a-z])+$', letters)": null,
  "REGEXP_EXTRACT('(?:(?:a*)*)*b', letters)": null,
  "REGEXP_EXTRACT('a*a*a*a*b', letters)": null,
  "REGEXP_EXTRACT('\\s+$', blanks)": null,
  "LEN(REGEXP_REPLACE(letters, '(a+)+b', 'x'))": SIZE + 1,
  "LEN(REGEXP_REPLACE(blanks, '\\s+$', ''))": SIZE + 1,
  "ARRAY_LENGTH(REGEXP_EXTRACT_ALL('(?:a+)+b|!', letters))": 1,
  "ARRAY_LENGTH(REGEXP_SPLIT_TO_ARRAY(letters, '(a|a)+b|!'))": 2,
  "letters LIKE '%a%a%a%a%a%a%a%a%b'": false,
  "letters LIKE '%a_a%a_a%a_a%b'": false,
};

/** What goes back too often, or has no answer: NULL, and a line in the processing log. */
const GIVEN_UP: readonly [expression: string, message: RegExp][] = [
  ["REGEXP_EXTRACT('(?=(a+)+b)', letters)", /takes too many steps/],
  ["REGEXP_EXTRACT('(a+)+\\1b', letters)", /takes too many steps/],
  ["REGEXP_EXTRACT('((a*)*)*\\2b', letters)", /takes too many steps/],
  ["REGEXP_EXTRACT('(?:a{1,1000}){1,1000}b', letters)", /takes too many steps/],
  ["REGEXP_REPLACE(letters, '(a+)+\\1b', '')", /takes too many steps/],
  ["REGEXP_SPLIT_TO_ARRAY(letters, '(a+)+\\1b')", /takes too many steps/],
  ["REGEXP_EXTRACT_ALL('(a+)+\\1b', letters)", /takes too many steps/],
  ["CAST(REPLACE(letters, 'a', '1') AS DOUBLE)", /For input string|not.*DOUBLE/i],
  ["CAST('0x' || letters AS DOUBLE)", /For input string|not.*DOUBLE/i],
  ["EXTRACTJSONFIELD(deep, '$..a')", /Invalid JSON path/],
  ["EXTRACTJSONFIELD(deep, '$[0][0]')", /Invalid JSON/],
  ['JSON_ARRAY_LENGTH(deep)', /Invalid JSON/],
  ['JSON_KEYS(deep)', /Invalid JSON/],
  ['JSON_RECORDS(deep)', /Invalid JSON/],
  ['JSON_ITEMS(deep)', /Invalid JSON/],
  ["JSON_CONCAT(deep, '[]')", /Invalid JSON/],
];

const EARLIEST = { 'auto.offset.reset': 'earliest' };

async function rowsOf(engine: Engine, query: string): Promise<readonly unknown[][]> {
  const answer = await engine.ask(query);
  if (answer.kind === 'print') throw new TypeError('A SELECT gives rows');
  const rows: unknown[][] = [];
  for (let batch = await answer.next(); batch !== undefined; batch = await answer.next())
    for (const { values } of batch) rows.push([...values]);
  return rows;
}

describe('a hostile record among others', () => {
  let engine: Engine;

  beforeAll(async () => {
    engine = await openEngine({ properties: EARLIEST });
    await engine.execute(`
      CREATE STREAM texts (id INT, letters STRING, blanks STRING, deep STRING)
        WITH (KAFKA_TOPIC='texts', VALUE_FORMAT='JSON', PARTITIONS=1);
      INSERT INTO texts VALUES (1, 'aab', ' ', '[[1]]');
      INSERT INTO texts VALUES (2, '${LETTERS}', '${BLANKS}', '${DEEP}');
      INSERT INTO texts VALUES (3, 'aab', ' ', '[[1]]');`);
  });
  afterAll(() => engine.close());

  test.each(Object.entries(LINEAR))('%s is answered', { timeout: 60_000 }, async (expression, wanted) => {
    const logged = engine.processingLog.entries.length;
    const rows = await rowsOf(engine, `SELECT id, ${expression} AS value FROM texts EMIT CHANGES LIMIT 3;`);
    expect(rows.map(([id]) => id)).toEqual([1, 2, 3]);
    expect(rows[1]![1]).toBe(wanted);
    expect(engine.processingLog.entries.length).toBe(logged);
  });

  test.each(GIVEN_UP)('%s is given up, and the query goes on', { timeout: 60_000 }, async (expression, message) => {
    const logged = engine.processingLog.entries.length;
    const rows = await rowsOf(engine, `SELECT id, ${expression} AS value FROM texts EMIT CHANGES LIMIT 3;`);
    expect(rows.map(([id]) => id)).toEqual([1, 2, 3]);
    expect(rows[1]![1]).toBeNull();
    const problems = engine.processingLog.entries.slice(logged).map(({ message }) => JSON.stringify(message));
    expect(problems.some((problem) => message.test(problem))).toBe(true);
  });

  test('a document of too many levels is a bad record, whether its field is read or not', async () => {
    await engine.execute(`
      CREATE STREAM raw (v STRING) WITH (KAFKA_TOPIC='documents', VALUE_FORMAT='KAFKA', PARTITIONS=1);
      INSERT INTO raw VALUES ('{"id": 1, "details": [1]}');
      INSERT INTO raw VALUES ('{"id": 2, "details": ${DEEP}}');
      INSERT INTO raw VALUES ('{"id": 3, "details": "text"}');
      CREATE STREAM passed_over (id INT) WITH (KAFKA_TOPIC='documents', VALUE_FORMAT='JSON');
      CREATE STREAM read (id INT, details STRING) WITH (KAFKA_TOPIC='documents', VALUE_FORMAT='JSON');`);
    expect(await rowsOf(engine, 'SELECT id FROM passed_over EMIT CHANGES LIMIT 2;')).toEqual([[1], [3]]);
    expect(await rowsOf(engine, 'SELECT id, details FROM read EMIT CHANGES LIMIT 2;')).toEqual([
      [1, '[1]'],
      [3, 'text'],
    ]);
    const problems = engine.processingLog.entries.flatMap(({ message }) => message.deserializationError ?? []);
    expect(problems).toMatchObject([
      { target: 'value', topic: 'documents' },
      { target: 'value', topic: 'documents' },
    ]);
  });
});

test('a process whose records are all hostile answers, and ends when told to', { timeout: 60_000 }, async () => {
  const place = new Workplace();
  const child = startKsql(['serve', '--listen', '127.0.0.1:0', '--token', 'sesame'], place.folder);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const printed = new Promise<string>((resolve) => {
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      const found = /^listening on (http:\/\/\S+)$/m.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  const client = httpClient({ url: await printed, credentials: { kind: 'bearer', token: 'sesame' } });
  await client.execute(`
    SET 'auto.offset.reset' = 'earliest';
    CREATE STREAM texts (t STRING) WITH (KAFKA_TOPIC='texts', VALUE_FORMAT='JSON', PARTITIONS=1);
    ${`INSERT INTO texts VALUES ('${'a'.repeat(2_000)}!');\n`.repeat(300)}
    CREATE STREAM found AS SELECT REGEXP_EXTRACT('((a*)*)*\\2b', t) AS f FROM texts;`);
  expect(await client.info()).toBeDefined();
  client.close();
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  place.remove();
});

test('topics to delete are named by patterns of Java, whose steps are counted before anything is deleted', async () => {
  const engine = await openEngine({});
  const topic = 'a'.repeat(200);
  await engine.execute(`
    CREATE STREAM one (v INT) WITH (KAFKA_TOPIC='${topic}', VALUE_FORMAT='JSON', PARTITIONS=1);
    CREATE STREAM two (v INT) WITH (KAFKA_TOPIC='b1', VALUE_FORMAT='JSON', PARTITIONS=1);`);
  const topics = async () =>
    (await Promise.all([topic, 'b1'].map((name) => engine.broker.describeTopic(name)))).map(Boolean);
  const terminate = (...deleteTopicList: string[]) =>
    engine.terminateCluster(parseTerminateRequest(JSON.stringify({ deleteTopicList }), LIMITS));
  expect(() => terminate('(')).toThrow(/Invalid pattern: \(: Unclosed group/);
  await expect(terminate('b1', '((a*)*)*\\2b')).rejects.toThrow(/too many steps/);
  expect(await topics()).toEqual([true, true]);
  await terminate('a|b\\p{Digit}', '(a|a)+b');
  expect(await topics()).toEqual([true, false]);
  await engine.close();
});
