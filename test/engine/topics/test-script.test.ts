import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../../engine/index.ts';
import { openEngine } from '../../../engine/open-engine.ts';
import { testScript } from '../../../engine/topics/test-script.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine({});
  await engine.execute(`
    CREATE STREAM orders (id INT KEY, item STRING) WITH (KAFKA_TOPIC='orders', VALUE_FORMAT='JSON', PARTITIONS=1);
    CREATE TABLE items (item STRING PRIMARY KEY, price INT) WITH (KAFKA_TOPIC='items', VALUE_FORMAT='JSON', PARTITIONS=1);
    CREATE STREAM big AS SELECT * FROM orders WHERE id > 3;
    CREATE TABLE counts AS SELECT item, COUNT(*) AS n FROM big GROUP BY item;`);
});
afterAll(() => engine.close());

const heads = (script: string) =>
  script.split(';').flatMap((each) => /(CREATE|SELECT) \S+ \S+/.exec(each)?.[0].replaceAll('`', '') ?? []);

test('a script makes all that a query reads, each before what reads it, down to what is written from outside', () => {
  const { script, topics } = testScript('SELECT * FROM counts EMIT CHANGES;', engine.metastore);
  expect(heads(script)).toEqual(['CREATE STREAM ORDERS', 'CREATE STREAM BIG', 'CREATE TABLE COUNTS', 'SELECT * FROM']);
  expect(topics).toEqual(['orders']);
});

test('joins read both sides, and what runs already is known by its name', () => {
  const join = testScript(
    'SELECT o.id, o.item, i.price FROM orders o JOIN items i ON o.item = i.item EMIT CHANGES',
    engine.metastore,
  );
  expect(join.topics).toEqual(['orders', 'items']);
  expect(join.script.endsWith('EMIT CHANGES;')).toBe(true);
  const { script } = testScript('CREATE STREAM big AS SELECT * FROM orders WHERE id > 3;', engine.metastore);
  expect(heads(script)).toEqual(['CREATE STREAM ORDERS', 'CREATE STREAM big']);
});

test.each([
  ['SHOW STREAMS;', 'query over streams or tables'],
  ['SELECT * FROM nowhere EMIT CHANGES;', /NOWHERE/i],
  ['SELECT * FROM counts;', 'pull query'],
  ['SELECT 1; SELECT 2;', 'one statement'],
])('%s has no test: %s', (statement, message) => {
  expect(() => testScript(statement, engine.metastore)).toThrow(message);
});
