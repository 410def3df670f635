import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';
import { openEngine } from '../../engine/open-engine.ts';
import { recordsOf } from '../engine/broker/broker-contract.ts';

const stateDir = mkdtempSync(path.join(tmpdir(), 'ksql-killed-'));
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(stateDir, { recursive: true, force: true });
});

/**
 * Inserts rows and creates streams in a process of its own, which writes a line for everything that was acknowledged.
 */
const WORKER = `
  import { openEngine } from ${JSON.stringify(path.join(import.meta.dirname, '../../engine/open-engine.ts'))};
  const [, stateDir, round] = process.argv;
  const engine = await openEngine({ stateDir, properties: { 'auto.offset.reset': 'earliest', 'commit.interval.ms': '20' } });
  if (round === '0') {
    await engine.execute("CREATE STREAM a (id INT) WITH (KAFKA_TOPIC='a', VALUE_FORMAT='JSON', PARTITIONS=1);");
    await engine.execute('CREATE STREAM b AS SELECT id FROM a;');
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

test('what was acknowledged is there after kill -9, once', { timeout: 60_000 }, async () => {
  const rows: number[] = [];
  const streams: string[] = [];
  for (let round = 0; round < 2; round++) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', WORKER, stateDir, String(round)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
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
  const engine = await openEngine({ stateDir, properties: { 'auto.offset.reset': 'earliest' } });
  const idsIn = async (topic: string): Promise<number[]> => {
    const { batches } = await engine.broker.read({ topic, partition: 0, offset: 0 }, 1 << 30);
    return recordsOf({ topic, partition: 0, batches }).map(
      ({ value }) => Object.values(JSON.parse(value!) as Record<string, number>)[0]!,
    );
  };
  const kept = await idsIn('a');
  expect(new Set(kept).size).toBe(kept.length);
  expect(rows.filter((id) => !kept.includes(id))).toEqual([]);
  expect(streams.filter((name) => !engine.metastore.sources.has(name))).toEqual([]);
  // Results are written at least once.
  await expect.poll(async () => new Set(await idsIn('B')).size, { timeout: 20_000 }).toBe(kept.length);
  await engine.close();
});
