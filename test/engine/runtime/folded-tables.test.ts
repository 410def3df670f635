import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { RecordBatchBuilder } from '../../../engine/broker/record-batch.ts';
import type { Engine } from '../../../engine/index.ts';
import { openEngine } from '../../../engine/open-engine.ts';
import { topicRecords } from '../../support/topic-records.ts';

const SOURCES = `
  CREATE STREAM s (k STRING KEY, v INT) WITH (KAFKA_TOPIC = 's', VALUE_FORMAT = 'JSON', PARTITIONS = 2);
  CREATE TABLE t (k STRING PRIMARY KEY, v INT) WITH (KAFKA_TOPIC = 't', VALUE_FORMAT = 'JSON', PARTITIONS = 2);`;
const TABLES = `
  CREATE TABLE counted AS SELECT k, COUNT(*) AS n, SUM(v) AS total FROM s GROUP BY k;
  CREATE TABLE often AS SELECT k, COUNT(*) AS n FROM s GROUP BY k HAVING COUNT(*) < 3;
  CREATE TABLE windowed AS SELECT k, COUNT(*) AS n FROM s WINDOW HOPPING (SIZE 6 SECONDS, ADVANCE BY 3 SECONDS) GROUP BY k;
  CREATE TABLE sessions AS SELECT k, COUNT(*) AS n FROM s WINDOW SESSION (3 SECONDS) GROUP BY k;
  CREATE TABLE joined AS SELECT t.k, t.v, c.n FROM t LEFT JOIN counted c ON t.k = c.k;
  CREATE TABLE by_value AS SELECT v, COUNT(*) AS n FROM t GROUP BY v;
  CREATE TABLE big AS SELECT * FROM t WHERE v > 1;`;
const SINKS = ['COUNTED', 'OFTEN', 'WINDOWED', 'SESSIONS', 'JOINED', 'BY_VALUE', 'BIG'];

let engine: Engine | undefined;
afterEach(() => engine?.close());

async function open(cacheBytes: number): Promise<Engine> {
  const properties = { 'auto.offset.reset': 'earliest', 'cache.max.bytes.buffering': String(cacheBytes) };
  engine = await openEngine({ properties });
  await engine.execute(SOURCES);
  return engine;
}

/** Waits until every query has processed what there is, and written what it makes of it. */
async function settle({ queries }: Engine): Promise<void> {
  for (let quiet = 0; quiet < 2; ) {
    await Promise.all(queries.all().map(({ run }) => run.learnEnds()));
    const ends = (task: (typeof tasks)[number]) =>
      task.positions.map(({ topic, partition, endOffset }) => ({ topic, partition, offset: endOffset }));
    const tasks = queries.all().map(({ run }) => run);
    await Promise.all(tasks.map((task) => task.whenReached(ends(task), 10_000)));
    const busy = tasks.some((task) => task.positions.some(({ offset, endOffset }) => offset < endOffset));
    quiet = busy ? 0 : quiet + 1;
    await sleep(1);
  }
}

/** What is left of a topic when only the newest record of each key counts. */
async function tableOf(from: Engine, topic: string): Promise<Record<string, string>> {
  const rows = new Map<string, string>();
  for (const { key, value } of await topicRecords(from.broker, topic)) {
    if (value === null) rows.delete(key!);
    else rows.set(key!, value);
  }
  return Object.fromEntries([...rows].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const row: fc.Arbitrary<InsertedRow> = fc.record({
  source: fc.constantFrom('s', 's', 't'),
  key: fc.integer({ min: 0, max: 3 }),
  value: fc.option(fc.integer({ min: 0, max: 3 })),
  timeMs: fc.integer({ min: 0, max: 20_000 }),
});

interface InsertedRow {
  readonly source: 's' | 't';
  readonly key: number;
  readonly value: number | null;
  readonly timeMs: number;
}

const insertOf = ({ source, key, value, timeMs }: InsertedRow) =>
  `INSERT INTO ${source} (ROWTIME, k, v) VALUES (${timeMs}, 'k${key}', ${value ?? 'NULL'});`;

test('folded or not, tables end the same', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 5, maxLength: 40 }), async (rows) => {
      const tables = async (cacheBytes: number) => {
        const running = await open(cacheBytes);
        // Some of the rows are there before the queries, some come one by one.
        await running.execute(rows.slice(0, -3).map(insertOf).join('\n'));
        await running.execute(TABLES);
        await settle(running);
        for (const last of rows.slice(-3)) await running.execute(insertOf(last));
        await settle(running);
        const found = Object.fromEntries(
          await Promise.all(SINKS.map(async (sink) => [sink, await tableOf(running, sink)] as const)),
        );
        await running.close();
        return found;
      };
      expect(await tables(10_000_000)).toEqual(await tables(0));
    }),
    { numRuns: 25 },
  );
});

const backlog: readonly InsertedRow[] = Array.from({ length: 300 }, (_, i) => ({
  source: 's',
  key: i % 3,
  value: i,
  timeMs: i,
}));

test('while records wait, the changes of a key give one result; with nothing waiting each gives its own', async () => {
  const running = await open(10_000_000);
  await running.execute(backlog.map(insertOf).join('\n'));
  await running.execute('CREATE TABLE counted AS SELECT k, COUNT(*) AS n FROM s GROUP BY k;');
  await settle(running);
  const caughtUp = await topicRecords(running.broker, 'COUNTED');
  expect(caughtUp.length).toBeGreaterThanOrEqual(3);
  expect(caughtUp.length).toBeLessThan(backlog.length / 4);
  for (const each of backlog.slice(0, 9)) {
    await running.execute(insertOf(each));
    await settle(running);
  }
  expect((await topicRecords(running.broker, 'COUNTED')).slice(caughtUp.length)).toHaveLength(9);
});

test('who waits for the results of all that waits does not keep them from being folded', async () => {
  const running = await open(10_000_000);
  const rows = 100_000;
  const batches = Array.from({ length: 10 }, () => {
    const builder = new RecordBatchBuilder();
    for (let i = 0; i < rows / 10; i++) builder.append(Buffer.from(`k${i % 3}`), Buffer.from('{"V":1}'), 1000 + i);
    return builder.build();
  });
  await running.broker.append('s', 0, batches);
  // What is held goes out every quarter of a second, with each commit, and at the end.
  let releases = 3;
  const quarters = setInterval(() => releases++, 250);
  await running.execute('CREATE TABLE counted AS SELECT k, COUNT(*) AS n FROM s GROUP BY k;');
  const [query] = running.queries.persistent();
  await query!.run.whenReached([{ topic: 's', partition: 0, offset: rows }], 60_000);
  clearInterval(quarters);
  const counted = await topicRecords(running.broker, 'COUNTED');
  expect(
    counted
      .slice(-3)
      .map(({ value }) => JSON.parse(value!).N as number)
      .sort(),
  ).toEqual([33_330, 33_330, 33_340]);
  expect(counted.length / 3).toBeLessThanOrEqual(releases);
});

test('with the cache switched off every change goes out', async () => {
  const running = await open(0);
  await running.execute(backlog.map(insertOf).join('\n'));
  await running.execute('CREATE TABLE counted AS SELECT k, COUNT(*) AS n FROM s GROUP BY k;');
  await settle(running);
  expect(await topicRecords(running.broker, 'COUNTED')).toHaveLength(backlog.length);
});

test('a query that is paused has passed on what it had processed', async () => {
  const running = await open(10_000_000);
  await running.execute('CREATE TABLE counted AS SELECT k, COUNT(*) AS n FROM s GROUP BY k;');
  await running.execute(backlog.map(insertOf).join('\n'));
  await running.execute('PAUSE ALL;');
  await sleep(20);
  const [query] = running.queries.persistent();
  const processed = query!.run.positions.reduce((sum, { offset }) => sum + offset, 0);
  const counts = Object.values(await tableOf(running, 'COUNTED')).map((value) => JSON.parse(value).N as number);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(processed);
});
