import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Engine } from '../../../engine/index.ts';
import { openEngine } from '../../../engine/open-engine.ts';

/** One query of every operator that keeps state. */
const SCRIPT = `
  CREATE STREAM l (k STRING KEY, v INT) WITH (KAFKA_TOPIC = 'l', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
  CREATE STREAM r (k STRING KEY, v INT) WITH (KAFKA_TOPIC = 'r', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
  CREATE TABLE t (k STRING PRIMARY KEY, v INT) WITH (KAFKA_TOPIC = 't', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
  CREATE TABLE u (v INT PRIMARY KEY, w STRING) WITH (KAFKA_TOPIC = 'u', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
  CREATE TABLE counted AS SELECT k, COUNT(*) AS n, SUM(v) AS s FROM l GROUP BY k HAVING COUNT(*) > 1;
  CREATE TABLE windowed AS SELECT k, COUNT(*) AS n FROM l WINDOW TUMBLING (SIZE 5 SECONDS, GRACE PERIOD 5 SECONDS) GROUP BY k;
  CREATE TABLE closed AS SELECT k, COLLECT_LIST(v) AS vs FROM l WINDOW TUMBLING (SIZE 5 SECONDS, GRACE PERIOD 0 SECONDS) GROUP BY k EMIT FINAL;
  CREATE TABLE sessions AS SELECT k, COUNT(*) AS n FROM l WINDOW SESSION (3 SECONDS) GROUP BY k;
  CREATE STREAM joined AS SELECT l.k, l.v AS lv, r.v AS rv FROM l FULL OUTER JOIN r WITHIN 4 SECONDS GRACE PERIOD 2 SECONDS ON l.k = r.k;
  CREATE STREAM enriched AS SELECT l.k, l.v, t.v AS tv FROM l LEFT JOIN t ON l.k = t.k;
  CREATE TABLE summed AS SELECT v, COUNT(*) AS n FROM t GROUP BY v;
  CREATE TABLE looked_up AS SELECT t.k, t.v, u.w FROM t JOIN u ON t.v = u.v;`.replace(
  'SELECT l.k, l.v AS lv, r.v AS rv',
  'SELECT ROWKEY AS k, l.v AS lv, r.v AS rv',
);
const SINKS = ['COUNTED', 'WINDOWED', 'CLOSED', 'SESSIONS', 'JOINED', 'ENRICHED', 'SUMMED', 'LOOKED_UP'];

/** No process is killed here, so nothing has to wait for the disk. */
const PROPERTIES = { 'auto.offset.reset': 'earliest', 'ksql.workbench.fsync': 'never' };

interface Step {
  readonly source: 'l' | 'r' | 't' | 'u';
  readonly key: number;
  readonly value: number;
  readonly timeMs: number;
  readonly restart: boolean;
}

const insertOf = ({ source, key, value, timeMs }: Step): string =>
  source === 'u'
    ? `INSERT INTO u (v, w, ROWTIME) VALUES (${value}, 'w${key}', ${timeMs});`
    : `INSERT INTO ${source} (k, v, ROWTIME) VALUES ('k${key}', ${value}, ${timeMs});`;

/** Waits until every query has processed what there is, and written what it makes of it. */
async function settle(engine: Engine): Promise<void> {
  for (let quiet = 0; quiet < 2; ) {
    await Promise.all(engine.queries.all().map(({ run }) => run.learnEnds()));
    const busy = engine.queries
      .all()
      .some(({ run }) => run.positions.some(({ offset, endOffset }) => offset < endOffset));
    quiet = busy ? 0 : quiet + 1;
    await sleep(1);
  }
}

/**
 * All records of the sinks after the steps, as text.
 *
 * @param stores where each start keeps state, in turn
 */
async function outcome(
  steps: readonly Step[],
  restarts: boolean,
  stores: readonly string[] = ['memory'],
): Promise<Record<string, string[]>> {
  const stateDir = mkdtempSync(path.join(tmpdir(), 'ksql-anywhere-'));
  let starts = 0;
  const open = () => {
    const store = stores[starts++ % stores.length]!;
    return openEngine({ stateDir, properties: { ...PROPERTIES, 'ksql.workbench.state.store': store } });
  };
  let engine = await open();
  try {
    await engine.execute(SCRIPT);
    for (const step of steps) {
      await engine.execute(insertOf(step));
      await settle(engine);
      if (!restarts || !step.restart) continue;
      await engine.close();
      engine = await open();
    }
    const found: Record<string, string[]> = {};
    for (const topic of SINKS) found[topic] = await recordsOf(engine, topic);
    return found;
  } finally {
    await engine.close();
    rmSync(stateDir, { recursive: true, force: true });
  }
}

async function recordsOf(engine: Engine, topic: string): Promise<string[]> {
  const records: string[] = [];
  const { batches } = await engine.broker.read({ topic, partition: 0, offset: 0 }, Number.MAX_SAFE_INTEGER);
  const text = (bytes: Uint8Array | null) => (bytes === null ? 'null' : Buffer.from(bytes).toString('latin1'));
  for (const batch of batches) {
    const cursor = batch.records();
    while (cursor.next()) records.push(`${cursor.timeMs} ${text(cursor.key)} ${text(cursor.value)}`);
  }
  return records;
}

const step: fc.Arbitrary<Step> = fc.record({
  source: fc.constantFrom('l', 'l', 'l', 'r', 'r', 't', 't', 'u'),
  key: fc.integer({ min: 0, max: 2 }),
  value: fc.integer({ min: 0, max: 3 }),
  timeMs: fc.integer({ min: 0, max: 30_000 }),
  restart: fc.boolean(),
});

test.each([
  ['in memory', 30, ['memory']],
  ['on a disk', 15, ['disk']],
  ['here and there in turn', 12, ['disk', 'memory']],
])(
  'stopping and restarting between any two records changes nothing: state %s',
  { timeout: 240_000 },
  async (_title, numRuns, stores) => {
    const written = new Map(SINKS.map((sink) => [sink, 0]));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 20 }), async (steps) => {
        const straight = await outcome(steps, false);
        for (const sink of SINKS) written.set(sink, written.get(sink)! + straight[sink]!.length);
        expect(await outcome(steps, true, stores)).toEqual(straight);
      }),
      { numRuns },
    );
    // Every operator had something to do.
    expect([...written].filter(([, records]) => records === 0)).toEqual([]);
  },
);
