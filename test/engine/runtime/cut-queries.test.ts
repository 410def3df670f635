import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Change, Row } from '../../../engine/operators/operator.ts';
import { keyColumns, valueColumns } from '../../../language/types/schema.ts';
import { CutQuery, Offsets, type Outcome, planScript, recordsOf, runWhole, type TopicRecord } from './cut-pipelines.ts';
import '../../support/fixed-seed.ts';

const PARTITIONS = 3;

const SOURCES = `
CREATE STREAM s (id INT KEY, a INT, b STRING, c ARRAY<INT>) WITH (KAFKA_TOPIC='s', PARTITIONS=3, VALUE_FORMAT='JSON');
CREATE STREAM r (id INT KEY, a INT, b STRING) WITH (KAFKA_TOPIC='r', PARTITIONS=3, VALUE_FORMAT='DELIMITED');
CREATE STREAM j (id INT KEY, a INT, b STRING) WITH
  (KAFKA_TOPIC='j', PARTITIONS=3, KEY_FORMAT='JSON', VALUE_FORMAT='PROTOBUF_NOSR', VALUE_PROTOBUF_NULLABLE_REPRESENTATION='OPTIONAL');
CREATE STREAM n (a INT, b STRING) WITH (KAFKA_TOPIC='n', PARTITIONS=3, VALUE_FORMAT='JSON');
CREATE STREAM w (id INT KEY, a INT, b STRING)
  WITH (KAFKA_TOPIC='w', PARTITIONS=3, VALUE_FORMAT='JSON', WINDOW_TYPE='TUMBLING', WINDOW_SIZE='10 SECONDS');
CREATE TABLE t (id INT PRIMARY KEY, a INT, b STRING) WITH (KAFKA_TOPIC='t', PARTITIONS=3, VALUE_FORMAT='JSON');
CREATE TABLE u (id INT PRIMARY KEY, a INT, b STRING) WITH (KAFKA_TOPIC='u', PARTITIONS=3, FORMAT='JSON');
`;

/** Whether the query can be had over the sources: some formats cannot carry what some aggregates keep. */
function isLegal(query: string): boolean {
  try {
    planScript(SOURCES + query);
    return true;
  } catch {
    return false;
  }
}

/** One of the texts. */
const one = (...texts: readonly string[]) => fc.constantFrom(...texts);

const WITHIN = 'WITHIN 1 DAY GRACE PERIOD 1 DAY';

/** Aggregates whose result does not depend on the order of the rows, and that can be undone. */
const aggregates = fc
  .subarray(['COUNT(*)', 'SUM(a)', 'SUM(a + 1)', 'COUNT(b)', 'SUM(CAST(b AS INT))', 'AVG(a * 2)'], { minLength: 1 })
  .map((calls) => calls.join(', '));

/** Grouping expressions, with how they are selected. */
const groups = one('b', 'a', 'a % 3', 'CAST(b AS INT)', 'b, a', "b + 'x', a");

const streamGroups = fc
  .tuple(
    groups,
    aggregates,
    one('', 'MAX(a)', 'TOPK(a + 1, 2), LATEST_BY_OFFSET(b), COLLECT_LIST(a), MIN(ROWTIME)', 'MAX(ROWOFFSET)'),
    one('s', 'r', 'j', 'n', 'w'),
    one('', 'WHERE a > 1', 'WHERE b IS NOT NULL'),
    one(
      '',
      'WINDOW TUMBLING (SIZE 10 SECONDS)',
      'WINDOW HOPPING (SIZE 20 SECONDS, ADVANCE BY 10 SECONDS, GRACE PERIOD 5 SECONDS)',
      'WINDOW SESSION (5 SECONDS)',
    ),
    one('', 'HAVING COUNT(*) > 1'),
  )
  .map(([group, calls, more, from, where, window, having]) =>
    table(
      `SELECT ${group}, ${calls}${more && `, ${more}`} FROM ${from} ${window} ${where} GROUP BY ${group} ${having}`,
    ),
  );

const tableGroups = fc
  .tuple(groups, aggregates, one('t', 'u'), one('', 'WHERE a > 1'), one('', 'HAVING COUNT(*) > 1'), fc.boolean())
  .map(([group, calls, from, where, having, joins]) =>
    joins
      ? table(
          `SELECT t.b, SUM(t.a + u.a), COUNT(*) FROM t ${where === '' ? 'JOIN' : 'FULL OUTER JOIN'} u ON t.id = u.id GROUP BY t.b`,
        )
      : table(`SELECT ${group}, ${calls} FROM ${from} ${where} GROUP BY ${group} ${having}`),
  );

const table = (select: string) => `CREATE TABLE o WITH (KEY_FORMAT='JSON') AS ${select} EMIT CHANGES;`;
const stream = (select: string) => `CREATE STREAM o WITH (KEY_FORMAT='JSON') AS ${select} EMIT CHANGES;`;

const joins = fc.oneof(
  fc.tuple(one('JOIN', 'LEFT JOIN'), one('s.a', 's.a + 1', 'CAST(s.b AS INT)'), one('t', 'u')).map(([join, on, side]) =>
    stream(
      `SELECT ${on === 's.a' ? on : 'x.id'}, s.id, s.b, s.c, s.ROWTIME AS at, s.ROWPARTITION AS p, s.ROWOFFSET AS o, x.b
           FROM s ${join} ${side} x ON ${on} = x.id`,
    ),
  ),
  fc
    .tuple(
      one('s', 'j', 'n'),
      one('JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL OUTER JOIN'),
      one('l.a', 'l.a + 1'),
      one('r.a', 'r.id', 'r.a * 2'),
    )
    .map(([left, join, on, to]) => {
      const key = join === 'FULL OUTER JOIN' || (on !== 'l.a' && to === 'r.a * 2') ? 'ROWKEY' : on === 'l.a' ? on : to;
      return stream(
        `SELECT ${key === 'r.a * 2' ? 'ROWKEY' : key}, l.b, r.b, l.ROWOFFSET AS o, r.ROWPARTITION AS p
           FROM ${left} l ${join} r ${WITHIN} ON ${on} = ${to}`,
      );
    }),
);

const nested = fc.oneof(
  fc
    .tuple(one('r.id', 'r.a', 's.a'), one('JOIN', 'LEFT JOIN', 'RIGHT JOIN'))
    .map(([key, join]) =>
      stream(
        `SELECT ${key}, s.id, s.b, r.b, x.b, s.ROWOFFSET AS o FROM s ${join} r ${WITHIN} ON s.a = r.a JOIN j x ${WITHIN} ON ${key} = x.id`,
      ),
    ),
  one('LEFT JOIN', 'JOIN').map((join) =>
    stream(`SELECT u.id, s.id, t.b, u.b FROM s ${join} t ON s.a = t.id ${join} u ON s.id + 1 = u.id`),
  ),
  fc
    .tuple(one('FULL OUTER JOIN', 'JOIN'), one('s.b', 'r.b', 's.b, r.a'))
    .map(([join, group]) =>
      table(`SELECT ${group}, COUNT(*), SUM(s.a + r.id) FROM s ${join} r ${WITHIN} ON s.a = r.a GROUP BY ${group}`),
    ),
  one('JOIN', 'LEFT JOIN').map((join) =>
    table(`SELECT u.b, COUNT(*), SUM(t.a) FROM t ${join} u ON t.a = u.id GROUP BY u.b`),
  ),
);

const input = fc.record({
  source: one('S', 'R', 'J', 'N', 'W', 'T', 'U'),
  key: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 0, max: 4 }) }, { weight: 1, arbitrary: fc.constant(null) }),
  a: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 0, max: 4 }) }, { weight: 1, arbitrary: fc.constant(null) }),
  b: fc.constantFrom('1', '2', 'x', 'a b', null),
  stepMs: fc.integer({ min: -3000, max: 6000 }),
  isNull: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  header: fc.constantFrom(undefined, 'h'),
});

type Input = typeof input extends fc.Arbitrary<infer T> ? T : never;

/** The rows as records of their topics, in the order in which they come. */
async function recordsFor(text: string, inputs: readonly Input[]): Promise<readonly TopicRecord[]> {
  const { sources } = planScript(text);
  const offsets = new Offsets();
  const records: TopicRecord[] = [];
  let timeMs = 1_000_000;
  for (const { source: name, key, a, b, stepMs, isNull, header } of inputs) {
    const source = sources.find((each) => each.name === name)!;
    timeMs = Math.max(0, timeMs + stepMs);
    const hasKey = keyColumns(source.schema).length > 0;
    if (source.kind === 'TABLE' && key === null) continue;
    const row = valueColumns(source.schema).map(
      (column) => ({ A: a, B: b, C: a === null ? null : [a, 1] })[column.name] ?? null,
    );
    const startMs = Math.floor(timeMs / 10_000) * 10_000;
    const change: Change = {
      key: hasKey && key !== null ? [key] : null,
      before: null,
      after: isNull ? null : row,
      timeMs,
      headers: header === undefined ? [] : [{ key: header, value: Buffer.from(b ?? '') }],
      ...(source.window === undefined ? {} : { window: { startMs, endMs: startMs + 10_000 } }),
    };
    for (const record of await recordsOf(source, [change], PARTITIONS)) {
      offsets.stamp(record);
      records.push(record);
    }
  }
  return records;
}

const placeOf = ({ key, window }: Change): string => JSON.stringify([key, window]);

/**
 * What is the same for any interleaving of partitions: the newest rows of a table, all rows of a stream, which have the
 * headers of whatever record came last.
 */
function settled(kind: 'STREAM' | 'TABLE', { results }: Outcome, withHeaders = kind === 'STREAM'): readonly string[] {
  const text = ({ key, after, timeMs, window, headers }: Change) =>
    JSON.stringify([key, after, timeMs, window, withHeaders ? headers : []]);
  if (kind === 'STREAM') return results.map(text).sort();
  const newest = new Map<string, string>();
  for (const change of results) {
    if (change.after === null) newest.delete(placeOf(change));
    else newest.set(placeOf(change), text(change));
  }
  return [...newest.values()].sort();
}

/** The results of each key, in their order. */
function inOrder({ results }: Outcome): Record<string, readonly (Row | null)[]> {
  const byKey = Map.groupBy(results, placeOf);
  return Object.fromEntries([...byKey].map(([place, changes]) => [place, changes.map(({ after }) => after)]));
}

const inputs = fc.array(input, { maxLength: 40 });
const queries = fc.oneof(streamGroups, tableGroups, joins, nested).filter(isLegal);

async function runCut(text: string, records: readonly TopicRecord[], seed: number | undefined): Promise<CutQuery> {
  const query = await CutQuery.create(planScript(text).plan, PARTITIONS);
  let state = seed ?? 0;
  // A linear congruential generator: the same choices for the same seed.
  const choose = (count: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7f_ff_ff_ff;
    return (state >>> 8) % count;
  };
  for (const record of records) {
    query.add(record);
    if (seed === undefined) await query.drain();
  }
  await query.drain(choose);
  return query;
}

test('record by record, a cut query gives each key what the whole one does, and logs as much', async () => {
  await fc.assert(
    fc.asyncProperty(queries, inputs, async (query, rows) => {
      const text = SOURCES + query;
      const records = await recordsFor(text, rows);
      const { plan } = planScript(text);
      const whole = await runWhole(plan, records, PARTITIONS);
      const cut = await runCut(text, records, undefined);
      expect(settled(plan.output.kind, cut.outcome), query).toEqual(settled(plan.output.kind, whole));
      // The whole query computes what is aggregated once for each window, ksqlDB and the cut one before the topic.
      if (!query.includes('WINDOW')) expect(cut.outcome.problems.length, query).toBe(whole.problems.length);
    }),
    { numRuns: 150 },
  );
});

test('whatever task goes on first, a table ends in the same rows and a join has found the same pairs', async () => {
  const ends = fc.oneof(
    tableGroups,
    groups.chain((group) =>
      aggregates.map((calls) => table(`SELECT ${group}, ${calls}, MAX(a), MIN(ROWTIME) FROM s GROUP BY ${group}`)),
    ),
    one('s.b', 'r.b', 's.b, r.a').map((group) =>
      table(`SELECT ${group}, COUNT(*), SUM(s.a + r.id) FROM s JOIN r ${WITHIN} ON s.a = r.a GROUP BY ${group}`),
    ),
    one('r.id', 'r.a', 's.a').map((key) =>
      stream(`SELECT ${key}, s.id, r.b, x.b FROM s JOIN r ${WITHIN} ON s.a = r.a JOIN j x ${WITHIN} ON ${key} = x.id`),
    ),
  );
  await fc.assert(
    fc.asyncProperty(ends.filter(isLegal), inputs, fc.nat(), async (query, rows, seed) => {
      const text = SOURCES + query;
      const records = await recordsFor(text, rows);
      const { plan } = planScript(text);
      const whole = settled(plan.output.kind, await runWhole(plan, records, PARTITIONS), false);
      const { outcome } = await runCut(text, records, seed);
      expect(settled(plan.output.kind, outcome, false), query).toEqual(whole);
    }),
    { numRuns: 80 },
  );
});

test('a grouped stream has the same changes of each group, in the same order', async () => {
  await fc.assert(
    fc.asyncProperty(streamGroups.filter(isLegal), inputs, async (query, rows) => {
      const text = SOURCES + query;
      const records = await recordsFor(text, rows);
      const whole = await runWhole(planScript(text).plan, records, PARTITIONS);
      const cut = await runCut(text, records, undefined);
      expect(inOrder(cut.outcome), query).toEqual(inOrder(whole));
    }),
    { numRuns: 60 },
  );
});

test('what cannot be computed is logged before the topic, once, by the steps that ksqlDB names', async () => {
  const row = { source: 'S', key: 1, a: 1, b: 'x', stepMs: 0, isNull: false, header: undefined } as const;
  const loggersOf = async (query: string) => {
    const text = SOURCES + query;
    const { outcome } = await runCut(text, await recordsFor(text, [row, { ...row, b: null }]), undefined);
    return outcome.problems;
  };
  const grouped = table('SELECT b, SUM(CAST(b AS INT)) FROM s GROUP BY b');
  expect(await loggersOf(grouped)).toEqual(['processing.q.Aggregate.Prepare', 'processing.q.Aggregate.GroupBy']);
  const byNumber = table('SELECT CAST(b AS INT), COUNT(*) FROM s GROUP BY CAST(b AS INT)');
  expect(await loggersOf(byNumber)).toEqual(['processing.q.Aggregate.GroupBy', 'processing.q.Aggregate.GroupBy']);
  const joined = stream('SELECT t.id, s.b FROM s LEFT JOIN t ON CAST(s.b AS INT) = t.id');
  expect(await loggersOf(joined)).toEqual(['processing.q.LeftSourceKeyed']);
});
