import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../../engine/index.ts';
import { openEngine } from '../../../engine/open-engine.ts';

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine({});
  await engine.execute(
    `CREATE STREAM a (id INT KEY, v INT) WITH (KAFKA_TOPIC='a', VALUE_FORMAT='JSON', PARTITIONS=1);
     CREATE STREAM b (id INT KEY, v INT) WITH (KAFKA_TOPIC='b', VALUE_FORMAT='JSON', PARTITIONS=1);
     CREATE STREAM c (id INT KEY, v INT) WITH (KAFKA_TOPIC='c', VALUE_FORMAT='JSON', PARTITIONS=1);
     CREATE TABLE t (id INT PRIMARY KEY, v INT) WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON', PARTITIONS=1);
     CREATE STREAM sink (id INT KEY, x INT) WITH (KAFKA_TOPIC='sink', VALUE_FORMAT='JSON', PARTITIONS=1);`,
  );
});

afterAll(() => engine.close());

const NOTICE = `DEPRECATION NOTICE: Stream-stream joins statements without a GRACE PERIOD will not be accepted in a future ksqlDB version.
Please use the GRACE PERIOD clause as specified in https://docs.ksqldb.io/en/latest/developer-guide/ksqldb-reference/select-push-query/`;

async function warningsOf(statement: string): Promise<readonly string[]> {
  const [entity] = await engine.execute(statement);
  return (entity!.warnings ?? []).map(({ message }) => message);
}

describe('ksqlDB gives notice of joins of streams without a grace period', () => {
  let created = 0;
  const create = (relation: string, columns = 'a.id, b.v AS x') =>
    warningsOf(`CREATE STREAM j${++created} AS SELECT ${columns} FROM ${relation};`);

  test.each([
    ['an inner one', 'a JOIN b WITHIN 1 HOUR ON a.id = b.id'],
    ['a left one', 'a LEFT JOIN b WITHIN 1 HOUR ON a.id = b.id'],
    ['a right one', 'a RIGHT JOIN b WITHIN 1 HOUR ON a.id = b.id'],
    ['one whose window has two sides', 'a JOIN b WITHIN (1 HOUR, 2 HOURS) ON a.id = b.id'],
    ['two of them, once', 'a JOIN b WITHIN 1 HOUR ON a.id = b.id LEFT JOIN c WITHIN 1 HOUR ON a.id = c.id'],
    [
      'the first of two',
      'a JOIN b WITHIN 1 HOUR ON a.id = b.id JOIN c WITHIN 1 HOUR GRACE PERIOD 1 HOUR ON a.id = c.id',
    ],
  ])('%s', async (_what, relation) => expect(await create(relation)).toEqual([NOTICE]));

  test('a full one', async () =>
    expect(await create('a FULL OUTER JOIN b WITHIN 1 HOUR ON a.id = b.id', 'ROWKEY AS id, b.v')).toEqual([NOTICE]));

  test('beneath an aggregate', async () => {
    const table =
      'CREATE TABLE n AS SELECT a.id, COUNT(*) AS n FROM a JOIN b WITHIN 1 HOUR ON a.id = b.id GROUP BY a.id;';
    expect(await warningsOf(table)).toEqual([NOTICE]);
  });

  test('but not where there is one, of a table, or in INSERT', async () => {
    expect(await create('a LEFT JOIN b WITHIN 1 HOUR GRACE PERIOD 0 SECONDS ON a.id = b.id')).toEqual([]);
    expect(await create('a JOIN t AS b ON a.id = b.id')).toEqual([]);
    const insert = 'INSERT INTO sink SELECT a.id AS id, b.v AS x FROM a LEFT JOIN b WITHIN 1 HOUR ON a.id = b.id;';
    expect(await warningsOf(insert)).toEqual([]);
  });
});
