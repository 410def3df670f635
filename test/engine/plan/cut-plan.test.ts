import { describe, expect, it } from 'vitest';
import { cutPlan, repartitionCounts, type SubTopology } from '../../../engine/plan/cut-plan.ts';
import { schemaToString } from '../../../language/types/schema.ts';
import { planOf } from './plan-fixture.ts';

const WITHIN = 'WITHIN 1 HOUR GRACE PERIOD 1 MINUTE';

const SOURCES = `
CREATE STREAM s (id INT KEY, a INT, b STRING) WITH (KAFKA_TOPIC='s', PARTITIONS=2, VALUE_FORMAT='JSON');
CREATE STREAM r (id INT KEY, a INT, b STRING) WITH (KAFKA_TOPIC='r', PARTITIONS=2, VALUE_FORMAT='DELIMITED');
CREATE STREAM j (id INT KEY, a INT, b STRING) WITH (KAFKA_TOPIC='j', PARTITIONS=2, FORMAT='JSON');
CREATE TABLE t (id INT PRIMARY KEY, a INT, b STRING) WITH (KAFKA_TOPIC='t', PARTITIONS=2, VALUE_FORMAT='JSON');
CREATE TABLE u (id INT PRIMARY KEY, a INT, b STRING) WITH (KAFKA_TOPIC='u', PARTITIONS=2, FORMAT='JSON');
`;

const cut = (query: string) => cutPlan(planOf(SOURCES + query), 'app');

/** What each part reads and writes, by the names that its topics have. */
const ways = (parts: readonly SubTopology[]) =>
  parts.map(
    ({ plan, writes }) => `${plan.sources.map(({ source }) => source.topic).join(' ')} > ${writes?.name ?? 'sink'}`,
  );

/** The columns of the topic that a part writes, and their formats. */
const columns = ({ writes }: SubTopology) => {
  const { schema, keyFormat, valueFormat } = writes!.source;
  return `${keyFormat.name} ${valueFormat.name} ${schemaToString(schema)}`;
};

describe('cutPlan', () => {
  it('leaves a plan whole that spreads no rows anew, with a task for each partition', () => {
    const plan = planOf('SELECT item, qty + 1 AS more FROM orders WHERE qty > 0 EMIT CHANGES;');
    const [part, ...others] = cutPlan(plan, 'app');
    expect(others).toEqual([]);
    expect(part).toMatchObject({ index: 0, reads: [], isWhole: false });
    expect(part!.writes).toBeUndefined();
    expect(part!.plan).toEqual({ ...plan, repartitions: [] });
  });

  it('has one task do a foreign-key join, and cuts off what stands behind its topic', () => {
    const parts = cut('CREATE TABLE o AS SELECT u.b, SUM(t.a) AS n FROM t JOIN u ON t.a = u.id GROUP BY u.b;');
    expect(ways(parts)).toEqual(['t u > Aggregate-GroupBy-repartition', 'app-Aggregate-GroupBy-repartition > sink']);
    expect(parts.map(({ isWhole }) => isWhole)).toEqual([true, false]);
    expect(parts[0]!.writes?.carriesOldRows).toBe(true);
  });

  it('gives the topic of GROUP BY the columns that ksqlDB prepares, in its order', () => {
    const query = `CREATE TABLE o WITH (KEY_FORMAT='JSON') AS
      SELECT b, a + 1 AS k, COUNT(*) AS n, SUM(a + 1) AS x, TOPK(a + 1, 2) AS y FROM s WHERE id > 0 GROUP BY b, a + 1;`;
    const [before, behind] = cut(query);
    expect(columns(before!)).toBe(
      'JSON JSON `B` STRING KEY, `KSQL_COL_0` INTEGER KEY, `B` STRING, `A` INTEGER, `ROWTIME` BIGINT, `ID` INTEGER, ' +
        '`KSQL_INTERNAL_COL_4` INTEGER, `KSQL_INTERNAL_COL_5` INTEGER',
    );
    expect(before!.writes?.source.topic).toBe('app-Aggregate-GroupBy-repartition');
    expect(before!.writes?.carriesOldRows).toBe(false);
    expect(behind!.reads).toEqual([before!.writes]);
    expect(behind!.plan.sources[0]!.needed).toEqual([false, false, true, false, true, false, true, true]);
  });

  it('sends the rows of a table through a topic also where their key stays', () => {
    const parts = cut('CREATE TABLE o AS SELECT id, COUNT(*) AS n FROM t GROUP BY id;');
    expect(ways(parts)).toEqual(['t > Aggregate-GroupBy-repartition', 'app-Aggregate-GroupBy-repartition > sink']);
    expect(parts[0]!.writes?.carriesOldRows).toBe(true);
  });

  it('numbers the parts of a stream-table join from the table', () => {
    const parts = cut('CREATE STREAM o AS SELECT s.a, s.id, t.b FROM s JOIN t ON s.a = t.id;');
    expect(ways(parts)).toEqual(['t app-Join-repartition > sink', 's > Join-repartition']);
    expect(columns(parts[1]!)).toBe(
      'KAFKA JSON `S_A` INTEGER KEY, `S_A` INTEGER, `S_B` STRING, `S_ROWTIME` BIGINT, `S_ROWPARTITION` INTEGER, ' +
        '`S_ROWOFFSET` BIGINT, `S_ID` INTEGER',
    );
  });

  it('gives a side its key as a column where it is none, and each side its own format of values', () => {
    const parts = cut(`CREATE STREAM o AS SELECT s.a, r.b FROM s JOIN r ${WITHIN} ON s.a = r.a + 1 EMIT CHANGES;`);
    expect(ways(parts)).toEqual([
      's > Join-left-repartition',
      'r > Join-right-repartition',
      'app-Join-left-repartition app-Join-right-repartition > sink',
    ]);
    expect(columns(parts[1]!)).toBe(
      'KAFKA DELIMITED `R_KSQL_COL_0` INTEGER KEY, `R_A` INTEGER, `R_B` STRING, `R_ROWTIME` BIGINT, ' +
        '`R_ROWPARTITION` INTEGER, `R_ROWOFFSET` BIGINT, `R_ID` INTEGER, `R_KSQL_COL_0` INTEGER',
    );
  });

  it('cuts joins of joins, and what is grouped behind them', () => {
    const parts = cut(
      `CREATE TABLE o AS SELECT s.b, COUNT(*) AS n FROM s JOIN r ${WITHIN} ON s.a = r.a JOIN j ${WITHIN} ON r.id = j.id
         GROUP BY s.b;`,
    );
    expect(ways(parts)).toEqual([
      's > L_Join-left-repartition',
      'r > L_Join-right-repartition',
      'app-L_Join-left-repartition app-L_Join-right-repartition > Join-left-repartition',
      'j app-Join-left-repartition > Aggregate-GroupBy-repartition',
      'app-Aggregate-GroupBy-repartition > sink',
    ]);
    expect(columns(parts[2]!)).toMatch(/^JSON JSON `R_ID` INTEGER KEY, `S_A` INTEGER, .*`R_ID` INTEGER$/);
    expect(columns(parts[3]!)).toBe('JSON JSON `S_B` STRING KEY, `S_B` STRING, `S_ROWTIME` BIGINT');
  });

  it('numbers the parts of a stream that is joined with two tables from the last table', () => {
    const parts = cut(
      'CREATE STREAM o AS SELECT u.id, s.id, t.b FROM s JOIN t ON s.a = t.id JOIN u ON s.id = u.id EMIT CHANGES;',
    );
    expect(ways(parts)).toEqual([
      'u app-Join-repartition > sink',
      't app-L_Join-repartition > Join-repartition',
      's > L_Join-repartition',
    ]);
  });

  it.each([
    ['SELECT b, COUNT(*) AS n FROM s GROUP BY b', { s: 4 }, { 'Aggregate-GroupBy-repartition': 4 }],
    ['SELECT s.a, t.b FROM s JOIN t ON s.a = t.id', { s: 4, t: 2 }, { 'Join-repartition': 2 }],
    [
      `SELECT s.a, r.b FROM s JOIN r ${WITHIN} ON s.a = r.a`,
      { s: 4, r: 2 },
      { 'Join-left-repartition': 4, 'Join-right-repartition': 4 },
    ],
    [
      `SELECT s.b, COUNT(*) AS n FROM s JOIN r ${WITHIN} ON s.a = r.a JOIN j ${WITHIN} ON r.id = j.id GROUP BY s.b`,
      { s: 4, r: 2, j: 3 },
      {
        'L_Join-left-repartition': 4,
        'L_Join-right-repartition': 4,
        'Join-left-repartition': 3,
        'Aggregate-GroupBy-repartition': 3,
      },
    ],
  ] as const)('says how many partitions the topics of %s have', (query, given, wanted) => {
    const kind = query.includes('GROUP BY') ? 'TABLE' : 'STREAM';
    const counts = repartitionCounts(cut(`CREATE ${kind} o AS ${query} EMIT CHANGES;`), (topic) => {
      return (given as Record<string, number>)[topic]!;
    });
    const named = Object.entries(wanted).map(([name, count]) => [`app-${name}`, count]);
    expect(Object.fromEntries(counts)).toEqual(Object.fromEntries(named));
  });

  it('takes a table whose keys have another format through a topic, and keeps it behind that', () => {
    const parts = cut('CREATE TABLE o AS SELECT t.id, u.b FROM t JOIN u ON t.id = u.id;');
    expect(ways(parts)).toEqual([
      't app-RightSourceKeyed-SelectKey-repartition > sink',
      'u > RightSourceKeyed-SelectKey-repartition',
    ]);
    expect(columns(parts[1]!)).toBe(
      'KAFKA JSON `ID` INTEGER KEY, `A` INTEGER, `B` STRING, `ROWTIME` BIGINT, `ROWPARTITION` INTEGER, ' +
        '`ROWOFFSET` BIGINT, `ID` INTEGER',
    );
    expect(parts[0]!.plan.sources.map(({ store }) => store)).toEqual([
      'KafkaTopic_Left-Reduce',
      'RightSourceKeyed-Materialize',
    ]);
    expect(parts[1]!.plan.sources.map(({ store }) => store)).toEqual([undefined]);
  });

  it('takes the table, not the stream, through a topic where only the formats of their keys differ', () => {
    const parts = cut('CREATE STREAM o AS SELECT s.id, s.b, u.b FROM s LEFT JOIN u ON s.id = u.id;');
    expect(ways(parts)).toEqual([
      'u > RightSourceKeyed-SelectKey-repartition',
      's app-RightSourceKeyed-SelectKey-repartition > sink',
    ]);
    expect(columns(parts[0]!)).toMatch(/^KAFKA JSON `ID` INTEGER KEY, /);
  });

  it.each([
    [`JOIN j ${WITHIN} ON s.a = j.a`, ['KAFKA JSON', 'KAFKA JSON']],
    [`JOIN j ${WITHIN} ON s.a = j.id`, ['JSON JSON']],
    [`JOIN j ${WITHIN} ON s.a = j.a JOIN u ON s.a = u.id`, ['JSON JSON', 'JSON JSON']],
    [`JOIN j ${WITHIN} ON s.a = j.a JOIN t ON s.a = t.id`, ['KAFKA JSON', 'KAFKA JSON']],
    [`JOIN j ${WITHIN} ON s.a = j.a JOIN r ${WITHIN} ON s.a = r.a`, ['KAFKA DELIMITED', 'KAFKA JSON', 'KAFKA JSON']],
    [`JOIN j ${WITHIN} ON s.a = j.id JOIN t ON s.a = t.id`, ['JSON JSON', 'JSON JSON']],
  ])('writes all keys of s %s as the side that keeps them has them', (joins, formats) => {
    const parts = cut(`CREATE STREAM o AS SELECT s.a, s.b, j.b FROM s ${joins} EMIT CHANGES;`);
    const written = parts.filter(({ writes }) => writes).map((part) => columns(part).split(' ', 2).join(' '));
    expect(written.sort()).toEqual(formats);
  });
});
