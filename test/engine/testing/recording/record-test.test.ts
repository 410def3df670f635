import { describe, expect, test } from 'vitest';
import { readFixture } from '../../../../engine/fixtures/replay-fixture.ts';
import { openEngine } from '../../../../engine/open-engine.ts';
import { recordTest } from '../../../../engine/testing/recording/record-test.ts';
import { runSqlTests } from '../../../../engine/testing/sql-tests.ts';
import { captureTopics } from '../../../../engine/topics/capture-topics.ts';
import { testScript } from '../../../../engine/topics/test-script.ts';

const ORDERS = `CREATE STREAM orders (id INT KEY, item STRING, units INT)
  WITH (KAFKA_TOPIC = 'orders', KEY_FORMAT = 'JSON', VALUE_FORMAT = 'JSON', PARTITIONS = 2);\n`;
const order = (id: number, item: string, units: number, timestamp: number) =>
  `{"topic":"orders","partition":0,"offset":${id},"timestamp":${timestamp},"key":${id},"value":{"ITEM":"${item}","UNITS":${units}}}`;
const FIXTURE = readFixture(
  [
    '{"topic":"orders","partitions":2}',
    order(1, 'apple', 3, 1000),
    order(2, "it's", 1, 2000),
    order(3, 'apple', 4, 70_000),
  ].join('\n'),
);

const record = (script: string, fixture = FIXTURE) =>
  recordTest(script, fixture, { name: 'recorded', file: 'orders.ksql' });

/** The test passes as it was recorded, and fails once an expectation is another. */
async function holds(text: string): Promise<void> {
  const verdicts = async (of: string) => Promise.all(runSqlTests('orders.test.ksql', of).map(({ run }) => run()));
  expect(await verdicts(text)).toEqual([expect.objectContaining({ verdict: 'passed' })]);
  const changed = text.replace(/(ASSERT[^;]*), (\w+)\);(?![\s\S]*ASSERT)/, '$1, 4711);');
  if (changed !== text) expect(await verdicts(changed)).toEqual([expect.objectContaining({ verdict: 'failed' })]);
}

describe('a test is recorded', () => {
  test('of a SELECT over a stream, which becomes a stream of its own', async () => {
    const text = await record(`${ORDERS}SELECT id, item, units * 2 AS doubled FROM orders EMIT CHANGES LIMIT 2;`);
    expect(text).toBe(`--@test: recorded
${ORDERS.trim()}
CREATE STREAM RESULT AS SELECT id, item, units * 2 AS doubled FROM orders EMIT CHANGES;

INSERT INTO ORDERS (ID, ITEM, UNITS, ROWTIME) VALUES (1, 'apple', 3, 1000);
INSERT INTO ORDERS (ID, ITEM, UNITS, ROWTIME) VALUES (2, 'it''s', 1, 2000);
INSERT INTO ORDERS (ID, ITEM, UNITS, ROWTIME) VALUES (3, 'apple', 4, 70000);

ASSERT VALUES RESULT (ID, ITEM, DOUBLED) VALUES (1, 'apple', 6);
ASSERT VALUES RESULT (ID, ITEM, DOUBLED) VALUES (2, 'it''s', 2);
ASSERT VALUES RESULT (ID, ITEM, DOUBLED) VALUES (3, 'apple', 8);
`);
    await holds(text);
  });

  test('of an aggregate with windows, as each record changes it', async () => {
    const text = await record(
      `${ORDERS}SELECT item, SUM(units) AS units FROM orders WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY item EMIT CHANGES;`,
    );
    expect(text).toContain('CREATE TABLE RESULT AS SELECT item, SUM(units) AS units');
    expect(text).toContain(
      "ASSERT VALUES RESULT (ITEM, UNITS, WINDOWSTART, WINDOWEND) VALUES ('apple', 4, 60000, 120000);",
    );
    await holds(text);
  });

  test('of what a script makes: queries keep their names, rows that are taken back are asserted, INSERTs are left out', async () => {
    const text = await record(`SET 'auto.offset.reset' = 'earliest';
${ORDERS}CREATE TABLE totals AS SELECT item, SUM(units) AS units FROM orders GROUP BY item HAVING SUM(units) < 5 EMIT CHANGES;
CREATE STREAM copies (id INT KEY, item STRING) WITH (KAFKA_TOPIC = 'copies', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
INSERT INTO copies SELECT id, item FROM orders WHERE units = 1 EMIT CHANGES;
INSERT INTO orders (id, item, units) VALUES (9, 'pear', 1);
SHOW STREAMS;`);
    expect(text).toContain("ASSERT NULL VALUES TOTALS (ITEM) KEY ('apple');");
    expect(text).toContain("ASSERT VALUES COPIES (ID, ITEM) VALUES (2, 'it''s');");
    expect(text).not.toMatch(/pear|SHOW/);
    await holds(text);
  });

  test('what an INSERT cannot write is left out, and said', async () => {
    const fixture = readFixture(
      '{"topic":"orders","offset":7,"key":1,"value":null}\n{"topic":"orders","offset":8,"key":1,"valueText":"{"}',
    );
    const text = await record(`${ORDERS}SELECT * FROM orders EMIT CHANGES;`, fixture);
    expect(text).toContain('-- Left out, as INSERT writes no tombstone: offset 7 of orders.');
    expect(text).toContain('-- Left out, as it cannot be read: offset 8 of orders.');
  });

  test('columns that only the registry knows are written out', async () => {
    const schema = JSON.stringify({ type: 'record', name: 'V', fields: [{ name: 'N', type: 'int' }] });
    const fixture = readFixture(
      [
        JSON.stringify({ schema: 12, subject: 'avro-value', type: 'AVRO', text: schema }),
        '{"topic":"avro","timestamp":5,"keyText":"a","valueBase64":"AAAAAAwK"}',
      ].join('\n'),
    );
    const script =
      "CREATE STREAM avro (k STRING KEY) WITH (KAFKA_TOPIC = 'avro', VALUE_FORMAT = 'AVRO', PARTITIONS = 1);\nSELECT k, n FROM avro EMIT CHANGES;";
    const text = await record(script, fixture);
    expect(text).toContain("ASSERT VALUES RESULT (K, N) VALUES ('a', 5);");
    await holds(text);
  });

  test('of a query on a running engine, with all that it reads, from what its topics hold', async () => {
    const engine = await openEngine({});
    await engine.execute(`${ORDERS}
      CREATE STREAM big AS SELECT * FROM orders WHERE units > 1;
      CREATE TABLE sold AS SELECT item, SUM(units) AS units FROM big WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY item;
      INSERT INTO orders (rowtime, id, item, units) VALUES (1000, 1, 'apple', 3);
      INSERT INTO orders (rowtime, id, item, units) VALUES (2000, 2, 'pear', 1);
      INSERT INTO orders (rowtime, id, item, units) VALUES (3000, 3, 'apple', 4);`);
    const { script, topics } = testScript('SELECT item, units FROM sold EMIT CHANGES;', engine.metastore);
    const lines: string[] = [];
    for await (const some of captureTopics({ broker: engine.broker, registry: engine.registry }, { topics, first: 50 }))
      lines.push(...some);
    await engine.close();
    const text = await record(script, readFixture(lines.join('\n')));
    expect(text).toContain("ASSERT VALUES SOLD (ITEM, UNITS, WINDOWSTART, WINDOWEND) VALUES ('apple', 7, 0, 3600000);");
    await holds(text);
    const after = await record(`${script}\nSELECT id, units FROM big EMIT CHANGES;`, readFixture(lines.join('\n')));
    expect(after.match(/ASSERT VALUES \w+/g)).toEqual(['ASSERT VALUES RESULT', 'ASSERT VALUES RESULT']);
    await holds(after);
  });

  test('a script that is wrong is refused with its reason', async () => {
    await expect(record(`${ORDERS}SELECT itm FROM orders EMIT CHANGES;`)).rejects.toThrow(/ITM/);
  });
});
