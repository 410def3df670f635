import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { MemoryBroker, type MemoryBrokerOptions } from '../../../../engine/broker/embedded/memory-broker.ts';
import { batchOf, recordsOf } from '../broker-contract.ts';
import { producerBatch } from '../producer-batch.ts';

const newDirectory = () => mkdtempSync(path.join(tmpdir(), 'ksql-transactions-'));
const P = { producerId: 7, epoch: 0 };

async function brokerWith(options: MemoryBrokerOptions = {}): Promise<MemoryBroker> {
  const broker = new MemoryBroker(options);
  await broker.createTopic({ name: 't', partitions: 2, replicas: 1 });
  return broker;
}

const inTransaction = (sequence: number, ...values: string[]) =>
  producerBatch(values, { producerId: P.producerId, sequence, isTransactional: true });

const valuesIn = async (broker: MemoryBroker, partition = 0) =>
  recordsOf(await broker.read({ topic: 't', partition, offset: 0 }, 1 << 20)).map(({ value }) => value);

const end = (isCommit: boolean, ...partitions: number[]) => ({
  ...P,
  isCommit,
  partitions: partitions.map((partition) => ({ topic: 't', partition })),
  offsets: {},
});

describe.each([
  ['in memory', () => ({})],
  ['with a directory', () => ({ stateDir: newDirectory() })],
])('transactions %s', (_, options) => {
  test('what is in an open transaction, and all behind it, is not read until it ends', async () => {
    const broker = await brokerWith(options());
    await broker.append('t', 0, [batchOf('before')]);
    await broker.append('t', 0, [inTransaction(0, 'a', 'b')]);
    await broker.append('t', 0, [batchOf('behind')]);
    expect(await valuesIn(broker)).toEqual(['before']);
    expect((await broker.offsets('t'))[0]).toMatchObject({ latest: 1 });
    expect(broker.log('t', 0).latest).toBe(4);
    await broker.endTransaction(end(true, 0));
    expect(await valuesIn(broker)).toEqual(['before', 'a', 'b', 'behind']);
    expect((await broker.offsets('t'))[0]).toMatchObject({ latest: 5 });
    await broker.close();
  });

  test('what was aborted is passed over, and its offsets stay', async () => {
    const broker = await brokerWith(options());
    const seen: (string | null)[] = [];
    await broker.subscribe([{ topic: 't', partition: 0, offset: 0 }], (fetched) => {
      seen.push(...recordsOf(fetched).map(({ value }) => value));
    });
    await broker.append('t', 0, [inTransaction(0, 'a'), batchOf('between')]);
    await broker.endTransaction(end(false, 0));
    await broker.append('t', 0, [inTransaction(1, 'kept')]);
    await broker.endTransaction(end(true, 0));
    await expect.poll(() => seen).toEqual(['between', 'kept']);
    expect(await valuesIn(broker)).toEqual(['between', 'kept']);
    expect(broker.log('t', 0).producers.abortedBetween(0, 10)).toEqual([
      { producerId: 7, firstOffset: 0, lastOffset: 2 },
    ]);
    await broker.close();
  });

  test('offsets of groups count with the transaction', async () => {
    const broker = await brokerWith(options());
    const offsets = { g: [{ topic: 't', partition: 1, offset: 3, note: 'n' }] };
    await broker.endTransaction({ ...end(false, 0), offsets });
    expect((await broker.committed('g', 't')).size).toBe(0);
    await broker.endTransaction({ ...end(true, 0), offsets });
    expect(await broker.committed('g', 't')).toEqual(new Map([[1, { offset: 3, note: 'n' }]]));
    await broker.close();
  });
});

test('at a start what was left open is taken back, and what was being committed is committed everywhere', async () => {
  const stateDir = newDirectory();
  const before = await brokerWith({ stateDir });
  await before.append('t', 0, [inTransaction(0, 'a')]);
  await before.append('t', 1, [inTransaction(0, 'b')]);
  await before.append('t', 1, [
    producerBatch(['of another'], { producerId: 8, sequence: 0, isTransactional: true }),
    batchOf('plain'),
  ]);
  await before.close();
  // As a crash leaves it between the decision and the markers.
  const decided = { ...end(true, 0, 1), offsets: { g: [{ topic: 't', partition: 0, offset: 9 }] } };
  writeFileSync(path.join(stateDir, 'transactions.json'), JSON.stringify([decided]));

  const after = new MemoryBroker({ stateDir });
  expect(await valuesIn(after, 0)).toEqual(['a']);
  expect(await valuesIn(after, 1)).toEqual(['b', 'plain']);
  expect((await after.committed('g', 't')).get(0)?.offset).toBe(9);
  await after.commit('g', [{ topic: 't', partition: 0, offset: 20 }]);
  await after.close();

  // The file is still there; it says nothing about what has its markers.
  const again = new MemoryBroker({ stateDir });
  expect(await valuesIn(again, 1)).toEqual(['b', 'plain']);
  expect((await again.committed('g', 't')).get(0)?.offset).toBe(20);
  await again.close();
});

test('sequence numbers are remembered over a restart', async () => {
  const stateDir = newDirectory();
  const before = await brokerWith({ stateDir });
  const numbered = (sequence: number, producerEpoch = 0) =>
    producerBatch(['x', 'y'], { producerId: 5, producerEpoch, sequence });
  await before.append('t', 0, [numbered(0)]);
  await before.append('t', 0, [numbered(2)]);
  await before.close();

  const after = new MemoryBroker({ stateDir });
  const { producers } = after.log('t', 0);
  expect(producers.check(numbered(2))).toEqual({ kind: 'duplicate', firstOffset: 2 });
  expect(producers.check(numbered(4))).toEqual({ kind: 'append' });
  expect(producers.check(numbered(6))).toEqual({ kind: 'out-of-order' });
  expect(producers.check(numbered(0, 1))).toEqual({ kind: 'append' });
  expect(producers.check(numbered(4, 1))).toEqual({ kind: 'out-of-order' });
  await after.append('t', 0, [numbered(0, 1)]);
  expect(producers.check(numbered(4))).toEqual({ kind: 'old-epoch' });
  expect(after.highestProducerId).toBe(5);
  await after.close();
});

test('compaction drops what was aborted and leaves what is open', async () => {
  const stateDir = newDirectory();
  const options = { stateDir, maxTopicBytes: 20_000, sync: 'never' } as const;
  const broker = new MemoryBroker(options);
  await broker.createTopic({ name: 't', partitions: 1, replicas: 1, config: { 'cleanup.policy': 'compact' } });
  let sequence = 0;
  const append = async (value: string) => {
    await broker.append('t', 0, [inTransaction(sequence, value)]);
    sequence++;
  };
  for (let i = 0; i < 1000; i++) {
    await append(`aborted ${i}`);
    await broker.endTransaction(end(false, 0));
    if (i % 10 !== 0) continue;
    await append(`committed ${i}`);
    await broker.endTransaction(end(true, 0));
  }
  expect((await valuesIn(broker)).at(-1)).toBe('committed 990');
  expect((await valuesIn(broker)).some((value) => value!.startsWith('aborted'))).toBe(false);
  await append('open');
  for (let i = 0; i < 500; i++) await broker.append('t', 0, [batchOf(`behind ${i}`)]);
  expect((await valuesIn(broker)).at(-1)).toBe('committed 990');
  await broker.endTransaction(end(true, 0));
  expect((await valuesIn(broker)).at(-1)).toBe('behind 499');
  await broker.close();

  const again = new MemoryBroker(options);
  expect((await valuesIn(again)).at(-1)).toBe('behind 499');
  expect((await valuesIn(again)).some((value) => value!.startsWith('aborted'))).toBe(false);
  await again.close();
});

test('a time leads to the first record that is not older', async () => {
  const broker = await brokerWith();
  await broker.append('t', 0, [batchOf('a', 'b', 'c')]);
  const log = broker.log('t', 0);
  expect(log.firstSince(1001)).toEqual({ offset: 1, timeMs: 1001 });
  expect(log.firstSince(0)).toEqual({ offset: 0, timeMs: 1000 });
  expect(log.firstSince(1003)).toBeUndefined();
  await broker.close();
});

test('partitions are added and limits change, over a restart, too', async () => {
  const stateDir = newDirectory();
  const broker = await brokerWith({ stateDir });
  await broker.changeTopic('t', { partitions: 3 });
  await broker.changeTopic('t', { config: { 'retention.ms': '1000' } });
  await broker.append('t', 2, [batchOf('new')]);
  await expect(broker.changeTopic('t', { partitions: 2 })).rejects.toThrow(/has 3 partitions/);
  await broker.close();
  const after = new MemoryBroker({ stateDir });
  expect(await after.describeTopic('t')).toMatchObject({ partitions: 3, config: { 'retention.ms': '1000' } });
  expect(await valuesIn(after, 2)).toEqual(['new']);
  await after.close();
});
