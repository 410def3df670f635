import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { MemoryBroker } from '../../../../engine/broker/embedded/memory-broker.ts';
import { RecordBatchBuilder } from '../../../../engine/broker/record-batch.ts';
import { MemoryBudget } from '../../../../engine/memory/memory-budget.ts';
import { batchOf, brokerContract, recordsOf } from '../broker-contract.ts';

const newDirectory = () => mkdtempSync(path.join(tmpdir(), 'ksql-broker-'));

brokerContract('MemoryBroker in memory', async () => new MemoryBroker());
brokerContract('MemoryBroker with a directory', async () => new MemoryBroker({ stateDir: newDirectory() }));

test('a restart finds topics, records, offsets and groups again, and drops a tail that was cut off', async () => {
  const stateDir = newDirectory();
  const before = new MemoryBroker({ stateDir });
  await before.createTopic({ name: 't', partitions: 2, replicas: 1, config: { 'cleanup.policy': 'compact' } });
  await before.append('t', 1, [batchOf('a', 'b')]);
  await before.commit('g', [{ topic: 't', partition: 1, offset: 1 }]);
  await before.close();
  const log = readdirSync(path.join(stateDir, 'logs')).find((name) => name.endsWith('-1.log'))!;
  appendFileSync(path.join(stateDir, 'logs', log), batchOf('lost').bytes.subarray(0, 70));

  const after = new MemoryBroker({ stateDir });
  expect(after.clusterId).toBe(before.clusterId);
  expect(await after.describeTopic('t')).toMatchObject({ partitions: 2, config: { 'cleanup.policy': 'compact' } });
  expect(await after.append('t', 1, [batchOf('c')])).toBe(2);
  const records = recordsOf(await after.read({ topic: 't', partition: 1, offset: 0 }, 1 << 20));
  expect(records.map((record) => record.value)).toEqual(['a', 'b', 'c']);
  expect([...(await after.committed('g', 't'))]).toMatchObject([[1, { offset: 1 }]]);
  await after.close();
});

test('a partition keeps to its ceiling by dropping the oldest batches', async () => {
  const broker = new MemoryBroker({ maxTopicBytes: 10_000 });
  await broker.createTopic({ name: 't', partitions: 1, replicas: 1 });
  for (let i = 0; i < 2000; i++) await broker.append('t', 0, [batchOf(`value ${i}`)]);
  const [offsets] = await broker.offsets('t');
  expect(offsets!.latest).toBe(2000);
  expect(offsets!.earliest).toBeGreaterThan(500);
  const kept = await broker.read({ topic: 't', partition: 0, offset: 0 }, 1 << 20);
  expect(kept.batches.reduce((sum, batch) => sum + batch.sizeBytes, 0)).toBeLessThanOrEqual(10_000);
  expect(recordsOf(kept).at(-1)!.value).toBe('value 1999');
});

test('a compacted topic keeps the newest record of each key, with its offset, over a restart', async () => {
  const stateDir = newDirectory();
  const options = { stateDir, maxTopicBytes: 50_000, sync: 'never' } as const;
  const broker = new MemoryBroker(options);
  await broker.createTopic({ name: 't', partitions: 1, replicas: 1, config: { 'cleanup.policy': 'compact' } });
  const expected = new Map<string, string | null>();
  const seen = new Map<string, string | null>();
  const subscription = await broker.subscribe([{ topic: 't', partition: 0, offset: 0 }], (fetched) => {
    for (const { key, value } of recordsOf(fetched)) seen.set(key!, value);
  });
  for (let i = 0; i < 3000; i++) {
    // Batches of keys k0, k1, k2 and now and then one of many; k2 is deleted in the end.
    const values =
      i === 5 ? Array.from({ length: 50 }, (_, n) => `once ${n}`) : [`a${i}`, `b${i}`, i > 2500 ? null : `c${i}`];
    for (const [n, value] of values.entries()) expected.set(`k${n}`, value);
    await broker.append('t', 0, [batchOf(...values)]);
    if (i % 500 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await expect.poll(() => seen).toEqual(expected);
  await subscription.close();
  await broker.close();

  const reopened = new MemoryBroker(options);
  const records = recordsOf(await reopened.read({ topic: 't', partition: 0, offset: 0 }, 1 << 30));
  expect(new Map(records.map(({ key, value }) => [key, value]))).toEqual(expected);
  expect(records.length).toBeLessThan(1500);
  expect(records.map(({ offset }) => offset)).toEqual(records.map(({ offset }) => offset).toSorted((a, b) => a - b));
  expect((await reopened.offsets('t'))[0]!.latest).toBe(2999 * 3 + 50);
  // An offset in a gap leads to what comes behind it.
  const behind = recordsOf(await reopened.read({ topic: 't', partition: 0, offset: 100 }, 1), 100);
  expect(behind[0]!.offset).toBeGreaterThanOrEqual(100);
  await reopened.close();
});

test('records keep their offsets, times, keys and headers, however small the batches that they came in', async () => {
  const broker = new MemoryBroker();
  await broker.createTopic({ name: 't', partitions: 1, replicas: 1 });
  const expected: unknown[] = [];
  const seen: unknown[] = [];
  const subscription = await broker.subscribe([{ topic: 't', partition: 0, offset: 0 }], (fetched) => {
    seen.push(...recordsOf(fetched, seen.length));
  });
  for (let n = 0; n < 3000; n++) {
    const batch = batchOf(
      ...(n % 7 === 0 ? [`a${n}`, null, `c${n}`] : n % 500 === 1 ? ['x'.repeat(70_000)] : [`s${n}`]),
    );
    const offset = await broker.append('t', 0, [batch]);
    expected.push(...recordsOf({ topic: 't', partition: 0, batches: [batch] }));
    expect(offset).toBe(batch.baseOffset);
    if (n % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const all = recordsOf(await broker.read({ topic: 't', partition: 0, offset: 0 }, 1 << 30));
  expect(all).toEqual(expected);
  await expect.poll(() => seen.length).toBe(expected.length);
  expect(seen).toEqual(expected);
  for (const offset of [1, 700, 1503, 2999, expected.length - 1]) {
    const found = recordsOf(await broker.read({ topic: 't', partition: 0, offset }, 1), offset);
    expect(found[0]).toEqual(expected[offset]);
  }
  await subscription.close();
  await broker.close();
});

test('a row in memory costs about its bytes', async () => {
  const memory = new MemoryBudget(1 << 30);
  const broker = new MemoryBroker({ memory });
  await broker.createTopic({ name: 't', partitions: 1, replicas: 1 });
  const before = process.memoryUsage().arrayBuffers;
  for (let n = 0; n < 50_000; n++) {
    const builder = new RecordBatchBuilder();
    builder.append(null, new Uint8Array(23), n);
    await broker.append('t', 0, [builder.build()]);
  }
  // 23 bytes, and what a record says of itself. Each batch alone would hold 512 bytes and more.
  expect(memory.usedBytes / 50_000).toBeLessThan(40);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000 * 600);
  memory.close();
  await broker.close();
});

test('a topic of more partitions than a process may have files is written, read and found again', async () => {
  const options = { stateDir: newDirectory(), sync: 'never', maxOpenFiles: 16 } as const;
  const broker = new MemoryBroker(options);
  await broker.createTopic({ name: 't', partitions: 1000, replicas: 1 });
  const descriptors = () => (process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0);
  const before = descriptors();
  for (let round = 0; round < 2; round++)
    for (let partition = 0; partition < 1000; partition++)
      await broker.append('t', partition, [batchOf(`${round} ${partition}`)]);
  expect(descriptors() - before).toBeLessThanOrEqual(16);
  await broker.close();
  expect(descriptors()).toBeLessThanOrEqual(before);
  const again = new MemoryBroker(options);
  for (const partition of [0, 500, 999]) {
    const records = recordsOf(await again.read({ topic: 't', partition, offset: 0 }, 1 << 20));
    expect(records.map(({ value }) => value)).toEqual([`0 ${partition}`, `1 ${partition}`]);
  }
  await again.close();
});

test.each([
  ['in memory', undefined],
  ['with a directory', newDirectory],
])('retention.bytes and retention.ms drop the oldest records, which is counted and said (%s)', async (_, directory) => {
  const said: string[] = [];
  const options = {
    stateDir: directory?.(),
    sync: 'never' as const,
    onProblem: (problem: string) => said.push(problem),
  };
  let broker = new MemoryBroker(options);
  const config = { 'retention.bytes': '100000', 'retention.ms': '60000' };
  await broker.createTopic({ name: 't', partitions: 1, replicas: 1, config });
  await broker.createTopic({ name: 'all', partitions: 1, replicas: 1, config: { 'retention.bytes': '-1' } });
  const large = 'x'.repeat(1000);
  const slow = Promise.withResolvers<void>();
  const skipped: (number | undefined)[] = [];
  const subscription = await broker.subscribe([{ topic: 't', partition: 0, offset: 0 }], (fetched) => {
    skipped.push(fetched.skippedFrom);
    return slow.promise;
  });
  await broker.append('t', 0, [batchOf(large)]);
  await expect.poll(() => skipped).toEqual([undefined]);
  for (let n = 0; n < 500; n++) {
    await broker.append('t', 0, [batchOf(`${n}${large}`)]);
    await broker.append('all', 0, [batchOf(large)]);
  }
  const [bounds] = await broker.offsets('t');
  expect(bounds!.latest).toBe(501);
  expect(bounds!.earliest).toBeGreaterThan(390);
  expect(bounds!.earliest).toBeLessThan(440);
  expect((await broker.offsets('all'))[0]!.earliest).toBe(0);
  expect(broker.notices('t')).toEqual([expect.stringContaining(`'t' dropped its oldest ${bounds!.earliest} records`)]);
  expect(broker.notices('all')).toEqual([]);
  expect(said).toHaveLength(1);
  // Who had not read them is moved to the first that is left, and told so.
  slow.resolve();
  await expect.poll(() => skipped[1]).toBe(1);
  await subscription.close();
  // The records are of the first seconds of 1970.
  broker.dropExpired(2000);
  expect((await broker.offsets('t'))[0]!.earliest).toBe(bounds!.earliest);
  broker.dropExpired(70_000);
  expect((await broker.offsets('t'))[0]).toMatchObject({ earliest: 501, latest: 501 });
  if (directory !== undefined) {
    await broker.close();
    broker = new MemoryBroker(options);
    expect((await broker.offsets('t'))[0]).toMatchObject({ earliest: 501, latest: 501 });
    expect((await broker.offsets('all'))[0]).toMatchObject({ earliest: 0, latest: 500 });
  }
  expect(await broker.append('t', 0, [batchOf('new')])).toBe(501);
  await broker.close();
});

test('with a directory a topic may be larger than the memory that it has', async () => {
  const memory = new MemoryBudget(2 * 1024 * 1024);
  const broker = new MemoryBroker({ stateDir: newDirectory(), sync: 'never', memory });
  await broker.createTopic({ name: 't', partitions: 1, replicas: 1 });
  for (let n = 0; n < 400; n++) await broker.append('t', 0, [batchOf(`${n} ${'x'.repeat(20_000)}`)]);
  expect(memory.usedBytes).toBeLessThan(2 * 1024 * 1024);
  let next = 0;
  while (next < 400) {
    const records = recordsOf(await broker.read({ topic: 't', partition: 0, offset: next }, 100_000), next);
    for (const { value } of records) expect(value!.startsWith(`${next++} x`)).toBe(true);
    expect(memory.usedBytes).toBeLessThan(2 * 1024 * 1024);
  }
  memory.close();
  await broker.close();
});

test('a topic never finds the records of another that was deleted, whenever the process ended', async () => {
  const stateDir = newDirectory();
  const broker = new MemoryBroker({ stateDir });
  await broker.createTopic({ name: 'kept', partitions: 1, replicas: 1 });
  await broker.createTopic({ name: 'gone', partitions: 1, replicas: 1 });
  await broker.append('gone', 0, [batchOf('old')]);
  const log = path.join(stateDir, 'logs', '2-0.log');
  const bytes = readFileSync(log);
  await broker.deleteTopic('gone');
  await broker.close();
  // As if the process had ended between the two.
  writeFileSync(log, bytes);
  for (const lostMetadata of [false, true]) {
    if (lostMetadata) {
      writeFileSync(log, bytes);
      rmSync(path.join(stateDir, 'metadata.json'));
    }
    const again = new MemoryBroker({ stateDir });
    await again.createTopic({ name: 'new', partitions: 1, replicas: 1 });
    expect((await again.offsets('new'))[0]).toMatchObject({ earliest: 0, latest: 0 });
    await again.deleteTopic('new');
    await again.close();
  }
});
