import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../../engine/index.ts';
import { openEngine } from '../../../engine/open-engine.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine({ properties: {} });
  await engine.execute(`
    CREATE STREAM s (id STRING KEY, a STRING, n INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);
    CREATE TABLE t AS SELECT id, COUNT(*) AS c FROM s GROUP BY id;
    CREATE TABLE numbered AS SELECT n, COUNT(*) AS c FROM s GROUP BY n;
    CREATE TABLE windowed AS SELECT id, COUNT(*) AS c FROM s WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY id;
    CREATE TABLE pairs WITH (KEY_FORMAT='JSON') AS SELECT id, a, COUNT(*) AS c FROM s GROUP BY id, a;`);
});
afterAll(() => engine.close());

/** How the condition is refused, or undefined. */
async function refusal(condition: string, scans: boolean): Promise<string | undefined> {
  try {
    const answer = await engine.ask(`SELECT * FROM ${condition};`, {
      properties: { 'ksql.query.pull.table.scan.enabled': String(scans) },
    });
    await answer.close();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const SCAN =
  'Query requires table scan to be enabled. Table scans can be enabled by setting ksql.query.pull.table.scan.enabled=true';

/** As ksqlDB 7.9.9 answers: a part of the refusal, or undefined for rows. */
describe('without scans', () => {
  test.each<[condition: string, refusal: string | undefined]>([
    ["t WHERE id = 'b' OR id = 'd'", undefined],
    ["t WHERE id IN ('a', 'b') AND c = 1", undefined],
    ["t WHERE id < 'b' AND c > 1", undefined],
    ["t WHERE 'a' < id", undefined],
    ["t WHERE id < 'b' OR id > 'd'", SCAN],
    ["t WHERE id = 'b' OR id > 'd'", SCAN],
    ["t WHERE id < 'a' AND (c = 1 OR c = 2)", SCAN],
    ['numbered WHERE n < 5', SCAN],
    ["windowed WHERE id = 'a' AND WINDOWSTART > 5", undefined],
    ["windowed WHERE id < 'a'", SCAN],
    ["windowed WHERE id < 'a' AND WINDOWSTART > 5", SCAN],
    ["pairs WHERE id = 'a' AND a = 'b'", undefined],
    ["pairs WHERE id = 'a'", 'Specified: [`ID`] Expected: [`ID` STRING KEY, `A` STRING KEY].'],
    ["pairs WHERE id = 'a' AND a < 'b'", SCAN],
    ["t WHERE id <> 'b'", "Bound on key columns '[`ID` STRING KEY]' must currently be '='."],
    ["t WHERE id > 'b' AND id < 'd'", 'cannot be combined with other comparisons such as an IN predicate.'],
    ["windowed WHERE id = 'a' AND WINDOWSTART = c", 'must be between a key column and a resolvable expression.'],
    ["t WHERE id LIKE 'b%'", "WHERE clause missing key column for disjunct: (ID LIKE 'b%')."],
    ['t', 'Missing WHERE clause.'],
  ])('%s', async (condition, expected) => {
    const refused = await refusal(condition, false);
    if (expected === undefined) expect(refused).toBeUndefined();
    else expect(refused).toContain(expected);
  });
});

describe('with scans', () => {
  test.each<[condition: string, refusal: string | undefined]>([
    ["t WHERE id < 'b' OR c > 1", undefined],
    ["t WHERE UCASE(id) = 'A'", undefined],
    ["t WHERE id NOT LIKE 'a'", undefined],
    ["t WHERE NOT (id = 'a' AND c = 1)", "Unsupported expression in WHERE clause: (NOT (ID = 'a'))."],
    ["t WHERE id NOT BETWEEN 'a' AND 'b'", "Unsupported expression in WHERE clause: (NOT (ID >= 'a'))."],
    ["t WHERE id IS NOT DISTINCT FROM 'a'", "Unsupported expression in WHERE clause: (NOT (ID IS DISTINCT FROM 'a'))."],
    ["t WHERE id = 'a' AND id LIKE 'b'", 'Logical binary expects two boolean values. Actual BOOLEAN and STRING.'],
    ['numbered WHERE n < 5.5', "'5.5' can not be converted to the type of the key column: N INTEGER KEY"],
    ['numbered WHERE n IN (5, 5.5)', "'5.5' can not be converted to the type of the key column: N INTEGER KEY"],
    ['numbered WHERE n <> 5.5', undefined],
    ['numbered WHERE n = CAST(5 AS BIGINT)', 'Expected type INTEGER for field `N` but got BIGINT'],
    ['windowed WHERE WINDOWSTART < 5 AND WINDOWSTART <= 4', 'Duplicate `WINDOWSTART` bounds on: LESS_THAN.'],
    ['windowed WHERE WINDOWSTART < 5 AND WINDOWSTART = 4', '`(WINDOWSTART = 4)` cannot be combined'],
  ])('%s', async (condition, expected) => {
    const refused = await refusal(condition, true);
    if (expected === undefined) expect(refused).toBeUndefined();
    else expect(refused).toContain(expected);
  });
});
