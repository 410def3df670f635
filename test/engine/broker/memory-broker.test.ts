import { appendFileSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { MemoryBroker } from '../../../engine/broker/memory-broker.ts';
import { batchOf, brokerContract, recordsOf } from './broker-contract.ts';

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
