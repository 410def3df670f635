import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { MemoryBroker } from '../../engine/broker/embedded/memory-broker.ts';
import { Engine } from '../../engine/index.ts';
import { openEngine } from '../../engine/open-engine.ts';
import { FileCommandLog } from '../../engine/runtime/commands/file-command-log.ts';
import { batchOf, recordsOf } from '../engine/broker/broker-contract.ts';
import { FaultyFiles } from '../support/faulty-files.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

function newDirectory(): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'ksql-full-disk-'));
  cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

async function valuesIn(broker: MemoryBroker): Promise<(string | null)[]> {
  return recordsOf(await broker.read({ topic: 't', partition: 0, offset: 0 }, 1 << 30)).map(({ value }) => value);
}

async function openTopic(files = new FaultyFiles()) {
  const stateDir = newDirectory();
  const broker = new MemoryBroker({ stateDir, files });
  await broker.createTopic({ name: 't', partitions: 1, replicas: 1 });
  return { stateDir, files, broker };
}

const SIZE = batchOf('refused').sizeBytes;

describe('a topic on a disk that is full', () => {
  test('refuses what does not fit, wherever the write stops, and keeps all else', async () => {
    for (let room = 0; room < SIZE; room++) {
      const { stateDir, files, broker } = await openTopic();
      await broker.append('t', 0, [batchOf('before')]);
      files.roomBytes = room;
      await expect(broker.append('t', 0, [batchOf('refused')])).rejects.toMatchObject({
        code: 'storage',
        message: expect.stringMatching(/logs.1-0\.log cannot be written: the disk is full.*\(ENOSPC\)/),
      });
      expect(await valuesIn(broker)).toEqual(['before']);
      files.roomBytes = Number.POSITIVE_INFINITY;
      expect(await broker.append('t', 0, [batchOf('after')])).toBe(1);
      expect(await valuesIn(broker)).toEqual(['before', 'after']);
      // As after kill -9: nothing is closed.
      const again = new MemoryBroker({ stateDir });
      expect(await valuesIn(again)).toEqual(['before', 'after']);
      await Promise.all([broker.close(), again.close()]);
    }
  });

  test('writes in as many pieces as the system takes', async () => {
    const { stateDir, files, broker } = await openTopic();
    files.chunkBytes = 7;
    for (let n = 0; n < 5; n++) await broker.append('t', 0, [batchOf(`${n}`), batchOf(`${n}b`)]);
    await broker.close();
    const again = new MemoryBroker({ stateDir });
    expect(await valuesIn(again)).toHaveLength(10);
    await again.close();
  });

  test('takes nothing more while a torn write cannot be cut off, and goes on when it can', async () => {
    const { stateDir, files, broker } = await openTopic();
    await broker.append('t', 0, [batchOf('before')]);
    files.roomBytes = 30;
    files.fails.set('truncate', 'EIO');
    await expect(broker.append('t', 0, [batchOf('refused')])).rejects.toThrow('the disk is full');
    files.roomBytes = Number.POSITIVE_INFINITY;
    await expect(broker.append('t', 0, [batchOf('refused')])).rejects.toThrow(/is closed for writing.*\(EIO\)/);
    // A process that dies now leaves a torn end, which the next one cuts.
    files.fails.clear();
    expect(await broker.append('t', 0, [batchOf('after')])).toBe(1);
    const again = new MemoryBroker({ stateDir });
    expect(await valuesIn(again)).toEqual(['before', 'after']);
    await Promise.all([broker.close(), again.close()]);
  });

  test('gives nobody to read what the disk did not take in the end', async () => {
    const { stateDir, files, broker } = await openTopic();
    await broker.append('t', 0, [batchOf('before')]);
    const seen: (string | null)[] = [];
    const subscription = await broker.subscribe([{ topic: 't', partition: 0, offset: 0 }], (fetched) => {
      seen.push(...recordsOf(fetched).map(({ value }) => value));
    });
    files.fails.set('sync', 'EIO');
    const refused = await Promise.allSettled(['x', 'y', 'z'].map((value) => broker.append('t', 0, [batchOf(value)])));
    expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    files.fails.clear();
    expect(await broker.append('t', 0, [batchOf('after')])).toBe(1);
    await expect.poll(() => seen).toEqual(['before', 'after']);
    await subscription.close();
    const again = new MemoryBroker({ stateDir });
    expect(await valuesIn(again)).toEqual(['before', 'after']);
    await Promise.all([broker.close(), again.close()]);
  });

  test('makes no topic that a restart would not find', async () => {
    const { stateDir, files, broker } = await openTopic();
    files.roomBytes = 10;
    await expect(broker.createTopic({ name: 'u', partitions: 1, replicas: 1 })).rejects.toThrow('metadata.json');
    expect(await broker.describeTopic('u')).toBeUndefined();
    await expect(broker.deleteTopic('t')).rejects.toThrow('metadata.json');
    expect(await broker.describeTopic('t')).toBeDefined();
    files.roomBytes = Number.POSITIVE_INFINITY;
    await broker.createTopic({ name: 'u', partitions: 1, replicas: 1 });
    const again = new MemoryBroker({ stateDir });
    expect((await again.listTopics()).map(({ name }) => name)).toEqual(['t', 'u']);
    await Promise.all([broker.close(), again.close()]);
  });
});

test('results stay in their order, once each, however often the disk refuses them', { timeout: 30_000 }, async () => {
  const files = new FaultyFiles();
  const broker = new MemoryBroker({ stateDir: newDirectory(), files });
  const properties = new Map([
    ['auto.offset.reset', 'earliest'],
    ['commit.interval.ms', '5'],
    ['ksql.query.retry.backoff.initial.ms', '1'],
    ['ksql.query.retry.backoff.max.ms', '2'],
  ]);
  const engine = await Engine.open({ broker, properties });
  await engine.execute(`CREATE STREAM a (id INT) WITH (KAFKA_TOPIC='a', VALUE_FORMAT='JSON', PARTITIONS=1);`);
  const count = 60_000;
  for (let first = 0; first < count; first += 1000) {
    await broker.append('a', 0, [batchOf(...Array.from({ length: 1000 }, (_, i) => `{"ID":${first + i}}`))]);
  }
  await engine.execute('CREATE STREAM b AS SELECT id FROM a;');
  const { run } = engine.queries.all()[0]!;
  let failures = 0;
  // One write or flush in three fails, after a part was written.
  const spoil = setInterval(() => {
    files.fails.clear();
    files.roomBytes = Number.POSITIVE_INFINITY;
    if (failures++ % 3 === 1) files.roomBytes = 1000;
    if (failures % 3 === 2) files.fails.set('sync', 'EIO');
  }, 3);
  await expect.poll(() => run.positions[0]!.offset, { timeout: 20_000, interval: 20 }).toBe(count);
  clearInterval(spoil);
  files.fails.clear();
  files.roomBytes = Number.POSITIVE_INFINITY;
  const idsIn = async (): Promise<number[]> => {
    const { batches } = await broker.read({ topic: 'B', partition: 0, offset: 0 }, 1 << 30);
    return recordsOf({ topic: 'B', partition: 0, batches }).map(
      ({ value }) => (JSON.parse(value!) as { ID: number }).ID,
    );
  };
  await expect.poll(async () => (await idsIn()).length, { timeout: 10_000 }).toBe(count);
  expect(await idsIn()).toEqual(Array.from({ length: count }, (_, id) => id));
  expect(run.errors.length).toBeGreaterThan(0);
  await engine.close();
});

test('a statement that does not fit is not in the command log, and the next one is', async () => {
  const file = path.join(newDirectory(), 'commands.jsonl');
  const command = (statement: string) => ({ commandId: 'c', statement, properties: {}, timeMs: 1 });
  for (let room = 0; room < 60; room++) {
    rmSync(file, { force: true });
    const files = new FaultyFiles();
    const log = new FileCommandLog(file, { files });
    await log.append(command('CREATE STREAM a;'));
    files.roomBytes = room;
    await expect(log.append(command('CREATE STREAM refused;'))).rejects.toThrow(/commands\.jsonl cannot be written/);
    files.roomBytes = Number.POSITIVE_INFINITY;
    await log.append(command('CREATE STREAM b;'));
    log.close();
    const again = new FileCommandLog(file);
    expect(again.commands.map(({ sequence, statement }) => [sequence, statement])).toEqual([
      [0, 'CREATE STREAM a;'],
      [1, 'CREATE STREAM b;'],
    ]);
    again.close();
  }
});

/** A file system of two megabytes in memory; undefined where this user may not mount one. */
function smallDisk(): string | undefined {
  const directory = newDirectory();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', directory], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  cleanups.unshift(() => execFileSync('umount', ['-l', directory]));
  return directory;
}

describe('an engine on a small disk', { timeout: 60_000 }, () => {
  test('says which insert was refused and why, goes on when there is room, and loses and doubles nothing', async (context) => {
    const disk = smallDisk();
    if (disk === undefined) return context.skip('mounting a small file system needs root');
    const stateDir = path.join(disk, 'state');
    const ballast = path.join(disk, 'ballast');
    const properties = {
      'auto.offset.reset': 'earliest',
      'commit.interval.ms': '50',
      'ksql.query.retry.backoff.initial.ms': '50',
      'ksql.query.retry.backoff.max.ms': '200',
    };
    let engine = await openEngine({ stateDir, properties });
    await engine.execute(`CREATE STREAM a (id INT) WITH (KAFKA_TOPIC='a', VALUE_FORMAT='JSON', PARTITIONS=1);
      CREATE STREAM b AS SELECT id FROM a;`);
    const inserter = await engine.openInserter('a', {});
    const taken: number[] = [];
    const insert = (id: number) => inserter.insert({ id }).then(() => taken.push(id));
    for (let id = 0; id < 200; id++) await insert(id);
    // The rest of the disk, to the last block.
    let refusal: unknown;
    for (let size = 1 << 20, n = 0; size >= 1024; n++) {
      try {
        writeFileSync(`${ballast}${n}`, Buffer.alloc(size));
      } catch {
        rmSync(`${ballast}${n}`, { force: true });
        size /= 2;
      }
    }
    for (let id = 200; id < 1200; id++) {
      await insert(id).catch((error: unknown) => {
        refusal = error;
      });
    }
    expect(refusal).toMatchObject({ message: expect.stringMatching(/\.log cannot be written: the disk is full/) });
    expect(taken.length).toBeLessThan(1200);
    rmSync(`${ballast}0`);
    for (let id = 1200; id < 1400; id++) await insert(id);

    const idsIn = async (topic: string): Promise<number[]> => {
      const { batches } = await engine.broker.read({ topic, partition: 0, offset: 0 }, 1 << 30);
      return recordsOf({ topic, partition: 0, batches }).map(
        ({ value }) => Object.values(JSON.parse(value!) as Record<string, number>)[0]!,
      );
    };
    expect(await idsIn('a')).toEqual(taken);
    await expect.poll(async () => (await idsIn('B')).length, { timeout: 30_000 }).toBe(taken.length);
    expect(await idsIn('B')).toEqual(taken);
    await engine.close();
    engine = await openEngine({ stateDir, properties });
    expect(await idsIn('a')).toEqual(taken);
    await engine.openInserter('a', {}).then((again) => again.insert({ id: 9999 }));
    await expect.poll(() => idsIn('B'), { timeout: 30_000 }).toEqual([...taken, 9999]);
    await engine.close();
  });
});
