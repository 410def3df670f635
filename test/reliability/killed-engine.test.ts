import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';
import { openEngine } from '../../engine/open-engine.ts';
import { recordsOf } from '../engine/broker/broker-contract.ts';

const children: ChildProcess[] = [];
const folders: string[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/**
 * Inserts rows and creates streams in a process of its own, which writes a line for everything that was acknowledged.
 */
const WORKER = `
  import { openEngine } from ${JSON.stringify(path.join(import.meta.dirname, '../../engine/open-engine.ts'))};
  const [, stateDir, round, guarantee, store] = process.argv;
  const properties = { 'auto.offset.reset': 'earliest', 'commit.interval.ms': '20', 'processing.guarantee': guarantee, 'ksql.workbench.state.store': store };
  const engine = await openEngine({ stateDir, properties });
  if (round === '0') {
    await engine.execute("CREATE STREAM a (id INT) WITH (KAFKA_TOPIC='a', VALUE_FORMAT='JSON', PARTITIONS=1);");
    await engine.execute('CREATE STREAM b AS SELECT id FROM a;');
    await engine.execute("CREATE TABLE counts AS SELECT 'r' + CAST(id / 1000000 AS STRING) AS round, COUNT(*) AS n FROM a GROUP BY 'r' + CAST(id / 1000000 AS STRING);");
  }
  const inserter = await engine.openInserter('a', {});
  for (let n = 0; ; n++) {
    const ids = Array.from({ length: 20 }, (_, i) => Number(round) * 1_000_000 + n * 20 + i);
    await Promise.all(ids.map((id) => inserter.insert({ id }).then(() => process.stdout.write('row ' + id + '\\n'))));
    if (n % 10 === 0) {
      await engine.execute('CREATE STREAM s' + round + '_' + n + " (id INT) WITH (KAFKA_TOPIC='a', VALUE_FORMAT='JSON');");
      process.stdout.write('stream S' + round + '_' + n + '\\n');
    }
  }`;

test.each([
  ['at_least_once', 'memory'],
  ['at_least_once', 'disk'],
  ['exactly_once_v2', 'memory'],
  ['exactly_once_v2', 'disk'],
])(
  'what was acknowledged is there after kill -9, once; results are there %s (state: %s)',
  { timeout: 120_000 },
  async (guarantee, store) => {
    const stateDir = mkdtempSync(path.join(tmpdir(), 'ksql-killed-'));
    folders.push(stateDir);
    const rows: number[] = [];
    const streams: string[] = [];
    for (let round = 0; round < 2; round++) {
      const args = ['--input-type=module', '-e', WORKER, stateDir, String(round), guarantee, store];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      children.push(child);
      const enough = rows.length + 400 + round * 137;
      for await (const line of createInterface({ input: child.stdout! })) {
        const [kind, what] = line.split(' ') as [string, string];
        if (kind === 'row') rows.push(Number(what));
        else streams.push(what);
        if (rows.length === enough) child.kill('SIGKILL');
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    const properties = {
      'auto.offset.reset': 'earliest',
      'processing.guarantee': guarantee,
      'ksql.workbench.state.store': store,
    };
    const engine = await openEngine({ stateDir, properties });
    const recordsIn = async (topic: string) => {
      const { batches } = await engine.broker.read({ topic, partition: 0, offset: 0 }, 1 << 30);
      return recordsOf({ topic, partition: 0, batches });
    };
    const idsIn = async (topic: string): Promise<number[]> =>
      (await recordsIn(topic)).map(({ value }) => Object.values(JSON.parse(value!) as Record<string, number>)[0]!);
    const kept = await idsIn('a');
    expect(new Set(kept).size).toBe(kept.length);
    expect(rows.filter((id) => !kept.includes(id))).toEqual([]);
    expect(streams.filter((name) => !engine.metastore.sources.has(name))).toEqual([]);
    await expect.poll(async () => new Set(await idsIn('B')).size, { timeout: 20_000 }).toBe(kept.length);
    if (guarantee === 'exactly_once_v2') expect(await idsIn('B')).toHaveLength(kept.length);
    const counts = async () =>
      (await recordsIn('COUNTS')).map(({ key, value }) => [key, JSON.parse(value!).N as number]);
    const expected = Object.entries(Object.groupBy(kept, (id) => String(Math.floor(id / 1_000_000))));
    await expect
      .poll(async () => new Map((await counts()) as [string, number][]), { timeout: 20_000 })
      .toEqual(new Map(expected.map(([round, ids]) => [`r${round}`, ids!.length])));
    await engine.close();
  },
);
