import { afterEach, beforeEach, expect, test } from 'vitest';
import { partitionOf } from '../../../engine/broker/murmur2.ts';
import type { Engine } from '../../../engine/index.ts';
import { openEngine } from '../../../engine/open-engine.ts';

const PARTITIONS = 4;
const DAY_MS = 86_400_000;

let engine: Engine;
beforeEach(async () => {
  engine = await openEngine({ properties: {} });
});
afterEach(() => engine.close());

/** A key that stands in a partition. */
function keyIn(partition: number): string {
  for (let i = 0; ; i++) if (partitionOf(Buffer.from(`k${i}`), PARTITIONS) === partition) return `k${i}`;
}

async function createStream(name: string): Promise<void> {
  await engine.execute(
    `CREATE STREAM ${name} (k STRING KEY, v STRING) WITH (KAFKA_TOPIC='${name}', VALUE_FORMAT='JSON', PARTITIONS=${PARTITIONS});`,
  );
}

async function insert(name: string, rows: readonly (readonly [timeMs: number, key: string, value: string])[]) {
  const inserts = rows.map(
    ([timeMs, k, v]) => `INSERT INTO ${name} (rowtime, k, v) VALUES (${timeMs}, '${k}', '${v}');`,
  );
  await engine.execute(inserts.join('\n'));
}

/** What a query gives of all that the topics hold. */
async function rowsOf(sql: string): Promise<readonly (readonly unknown[])[]> {
  const properties = { 'auto.offset.reset': 'earliest', 'ksql.workbench.until.end': 'true' };
  const answer = await engine.ask(sql, { properties: { ...properties, 'cache.max.bytes.buffering': '0' } });
  if (answer.kind === 'print') throw new TypeError('Not a query');
  const found: (readonly unknown[])[] = [];
  for (let rows = await answer.next(); rows !== undefined; rows = await answer.next())
    found.push(...rows.map(({ values }) => values));
  return found;
}

test.each(['k', 'v'])('a month that is read again gives the same counts, grouped by %s', async (column) => {
  await createStream('hourly');
  const hours = Array.from({ length: 24 * 30 }, (_, hour) => [hour * 3_600_000, `k${hour % 7}`, 'all'] as const);
  await insert('hourly', hours);
  const rows = await rowsOf(
    `SELECT ${column}, WINDOWSTART, COUNT(*) FROM hourly WINDOW TUMBLING (SIZE 1 DAY, GRACE PERIOD 0 SECONDS) GROUP BY ${column} EMIT CHANGES;`,
  );
  const last = new Map(rows.map(([key, start, count]) => [`${key} ${start}`, count as number]));
  expect(rows).toHaveLength(hours.length);
  expect([...last.values()].reduce((sum, count) => sum + count)).toBe(hours.length);
});

test('time goes on in each partition by itself', async () => {
  const [ahead, behind] = [keyIn(0), keyIn(1)];
  await createStream('clicks');
  await insert('clicks', [
    [10 * DAY_MS, ahead, ''],
    [1000, behind, ''],
    [2000, ahead, 'late'],
    [500, behind, ''],
  ]);
  // Read as they came, whatever their times: the two partitions have nothing to do with each other.
  const live = await engine.ask(
    'SELECT k, COUNT(*) FROM clicks WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 0 SECONDS) GROUP BY k EMIT CHANGES;',
    { properties: { 'auto.offset.reset': 'latest' } },
  );
  if (live.kind === 'print') throw new TypeError('Not a query');
  const seen: string[] = [];
  for (const [timeMs, key] of [
    [10 * DAY_MS, ahead],
    [1000, behind],
    [2000, ahead],
    [500, behind],
  ] as const) {
    await insert('clicks', [[timeMs, key, '']]);
    if (timeMs === 2000) continue;
    for (const { values } of (await live.next())!) seen.push(`${values[0]} ${values[1]}`);
  }
  await live.close();
  expect(seen).toEqual([`${ahead} 1`, `${behind} 1`, `${behind} 2`]);
});

test('rows of a join wait for the time of their own partition', async () => {
  const [ahead, behind] = [keyIn(0), keyIn(1)];
  await createStream('orders');
  await createStream('payments');
  await insert('orders', [
    [1000, behind, 'order'],
    [10 * DAY_MS, ahead, 'order'],
  ]);
  await insert('payments', [
    [2000, behind, 'payment'],
    [10 * DAY_MS, ahead, 'payment'],
  ]);
  const rows = await rowsOf(
    `SELECT o.k, o.v, p.v FROM orders o LEFT JOIN payments p WITHIN 1 HOUR GRACE PERIOD 1 SECOND ON o.k = p.k EMIT CHANGES;`,
  );
  expect(rows.toSorted()).toEqual([behind, ahead].toSorted().map((key) => [key, 'order', 'payment']));
});

test('partitions that do not fit into the memory for them are read in the order of time all the same', async () => {
  await createStream('large');
  const topic = { topic: 'large', padding: 'x'.repeat(2000) };
  const keys = [keyIn(0), keyIn(1)];
  // The first partition's records are far apart, the second's near each other and all before the first's last.
  const rows = Array.from({ length: 6000 }, (_, i) => {
    const [timeMs, key] = i % 2 === 0 ? [i * 1000, keys[0]!] : [i * 10, keys[1]!];
    return [timeMs, key, topic.padding] as const;
  });
  await insert('large', rows);
  const counted = await rowsOf(
    "SELECT 'all', WINDOWSTART, COUNT(*) FROM large WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 0 SECONDS) GROUP BY 'all' EMIT CHANGES;",
  );
  expect(counted).toHaveLength(rows.length);
});
