import { beforeEach, expect, test } from 'vitest';
import { MemoryBroker } from '../../../../engine/broker/embedded/memory-broker.ts';
import { Dispatcher } from '../../../../engine/broker/listener/connection/dispatcher.ts';
import { Fetching } from '../../../../engine/broker/listener/fetching.ts';
import { GroupCoordinator } from '../../../../engine/broker/listener/groups/group-coordinator.ts';
import { Producing } from '../../../../engine/broker/listener/producing.ts';
import { ERROR } from '../../../../engine/broker/listener/protocol/error-codes.ts';
import type { Field, ReadOf, WrittenOf } from '../../../../engine/broker/listener/protocol/fields.ts';
import {
  JOIN_GROUP,
  OFFSET_FETCH,
  SYNC_GROUP,
} from '../../../../engine/broker/listener/protocol/membership-messages.ts';
import { MessageReader } from '../../../../engine/broker/listener/protocol/message-reader.ts';
import {
  ADD_OFFSETS_TO_TXN,
  ADD_PARTITIONS_TO_TXN,
  END_TXN,
  FETCH,
  INIT_PRODUCER_ID,
  LIST_OFFSETS,
  PRODUCE,
  TXN_OFFSET_COMMIT,
} from '../../../../engine/broker/listener/protocol/record-messages.ts';
import { TransactionCoordinator } from '../../../../engine/broker/listener/transactions/transaction-coordinator.ts';
import { RecordBatchBuilder } from '../../../../engine/broker/record-batch.ts';
import { batchOf, recordsOf } from '../broker-contract.ts';
import { producerBatch } from '../producer-batch.ts';
import { requestBytes } from './protocol-client.ts';
import { VirtualTimers } from './virtual-timers.ts';

const TIMEOUT_MS = 60_000;
const NO_LIMIT = { add: () => undefined, mustStop: false };

let broker: MemoryBroker;
let timers: VirtualTimers;
let dispatcher: Dispatcher;

beforeEach(async () => {
  broker = new MemoryBroker();
  await broker.createTopic({ name: 't', partitions: 2, replicas: 1 });
  timers = new VirtualTimers();
  const transactions = new TransactionCoordinator(broker, () => groups, timers, NO_LIMIT);
  const groups: GroupCoordinator = new GroupCoordinator(broker, timers, NO_LIMIT, (group, topic, partition) =>
    transactions.isPending(group, topic, partition),
  );
  dispatcher = new Dispatcher([
    ...new Producing(broker, (...batch) => transactions.writeFault(...batch)).routes,
    ...new Fetching(broker).routes,
    ...groups.routes,
    ...transactions.routes,
  ]);
});

/** The answer to a request, without a network. */
async function ask<Q extends Field<any, any>, A extends Field<any, any>>(
  api: { readonly key: number; readonly flexibleSince: number; readonly request: Q; readonly response: A },
  version: number,
  request: WrittenOf<Q>,
): Promise<ReadOf<A>> {
  const { signal } = new AbortController();
  const client = { host: '127.0.0.1', reachedHost: '127.0.0.1', reachedPort: 9092, signal };
  const pieces = await dispatcher.answer(requestBytes(api, version, request).subarray(4), client);
  const from = new MessageReader(Buffer.concat(pieces!).subarray(8));
  const isFlexible = version >= api.flexibleSince;
  if (isFlexible) from.skipTags();
  return api.response.read(from, { version, isFlexible });
}

/** A producer that does as it is told. */
class TestProducer {
  readonly transactionalId: string;
  producerId = -1;
  producerEpoch = -1;
  #sequence = 0;

  constructor(transactionalId = 'x') {
    this.transactionalId = transactionalId;
  }

  get identity() {
    const { transactionalId, producerId, producerEpoch } = this;
    return { transactionalId, producerId, producerEpoch };
  }

  async begin(own = { producerId: -1, producerEpoch: -1 }): Promise<number> {
    const { transactionalId } = this;
    const answer = await ask(INIT_PRODUCER_ID, 4, { transactionalId, transactionTimeoutMs: TIMEOUT_MS, ...own });
    if (answer.errorCode === 0) ({ producerId: this.producerId, producerEpoch: this.producerEpoch } = answer);
    this.#sequence = 0;
    return answer.errorCode;
  }

  async join(partition = 0, topic = 't', version = 3): Promise<number> {
    const topics = [{ name: topic, partitions: [partition] }];
    const answer = await ask(ADD_PARTITIONS_TO_TXN, version, { ...this.identity, topics });
    return answer.topics[0]!.partitions[0]!.errorCode;
  }

  async write(value: string, partition = 0): Promise<number> {
    const { producerId, producerEpoch } = this;
    const sequence = this.#sequence++;
    const batch = producerBatch([value], { producerId, producerEpoch, sequence, isTransactional: true });
    return (await produce(batch.bytes, partition, this.transactionalId)).errorCode;
  }

  async end(isCommit: boolean, version = 3): Promise<number> {
    return (await ask(END_TXN, version, { ...this.identity, isCommit })).errorCode;
  }

  async sendOffsets(group: string, offset: number, member = {}): Promise<number> {
    const partitions = [{ index: 0, committedOffset: offset, committedMetadata: null }];
    const request = { ...this.identity, groupId: group, ...member, topics: [{ name: 't', partitions }] };
    return (await ask(TXN_OFFSET_COMMIT, 3, request)).topics[0]!.partitions[0]!.errorCode;
  }

  async joinGroup(group: string): Promise<number> {
    return (await ask(ADD_OFFSETS_TO_TXN, 3, { ...this.identity, groupId: group })).errorCode;
  }
}

async function produce(bytes: Uint8Array, partition = 0, transactionalId: string | null = null) {
  const topics = [{ name: 't', partitions: [{ index: partition, records: [bytes] }] }];
  const answer = await ask(PRODUCE, 9, { transactionalId, acks: -1, timeoutMs: 1000, topics });
  return answer.topics[0]!.partitions[0]!;
}

async function begun(transactionalId?: string): Promise<TestProducer> {
  const producer = new TestProducer(transactionalId);
  expect(await producer.begin()).toBe(0);
  return producer;
}

const valuesIn = async (partition = 0) =>
  recordsOf(await broker.read({ topic: 't', partition, offset: 0 }, 1 << 20)).map(({ value }) => value);

test('a transaction over two partitions is committed as a whole; its end may be asked for again', async () => {
  const producer = await begun();
  expect([await producer.join(0), await producer.join(1)]).toEqual([0, 0]);
  expect([await producer.write('a', 0), await producer.write('b', 1)]).toEqual([0, ERROR.none]);
  expect([await valuesIn(0), await valuesIn(1)]).toEqual([[], []]);
  expect(await producer.end(true)).toBe(0);
  expect([await valuesIn(0), await valuesIn(1)]).toEqual([['a'], ['b']]);
  expect(await producer.end(true)).toBe(0);
  expect(await producer.end(false)).toBe(ERROR.invalidTxnState);
});

test('what takes too long is aborted, and its producer may write no more', async () => {
  const producer = await begun();
  await producer.join();
  await producer.write('too slow');
  await timers.pass(TIMEOUT_MS);
  expect(await valuesIn()).toEqual([]);
  expect(broker.log('t', 0).lastStable).toBe(2);
  expect(await producer.write('later')).toBe(ERROR.invalidProducerEpoch);
  expect(await producer.end(true)).toBe(ERROR.producerFenced);
  // Clients of before knew no name for it.
  expect(await producer.end(true, 1)).toBe(ERROR.invalidProducerEpoch);
  expect(await producer.begin()).toBe(0);
  await producer.join();
  expect(await producer.write('in time')).toBe(0);
  await timers.pass(TIMEOUT_MS - 1);
  expect(await producer.end(true)).toBe(0);
  await timers.pass(TIMEOUT_MS);
  expect(await valuesIn()).toEqual(['in time']);
});

test('who begins with the same id takes the place of the one before', async () => {
  const before = await begun();
  await before.join();
  await before.write('of before');
  const after = await begun();
  expect(after.producerId).toBe(before.producerId);
  expect(after.producerEpoch).toBe(before.producerEpoch + 1);
  expect(await before.join(1)).toBe(ERROR.producerFenced);
  expect(await before.write('again')).toBe(ERROR.invalidProducerEpoch);
  expect(await before.begin(before.identity)).toBe(ERROR.producerFenced);
  await after.join();
  await after.write('of after');
  expect(await after.end(true)).toBe(0);
  expect(await valuesIn()).toEqual(['of after']);
});

test('a producer may ask for an epoch of its own, and is told again where the answer was lost', async () => {
  const producer = await begun();
  const first = producer.identity;
  expect(await producer.begin(first)).toBe(0);
  const second = producer.identity;
  expect(second.producerEpoch).toBe(first.producerEpoch + 1);
  expect(await producer.begin(first)).toBe(0);
  expect(producer.identity).toEqual(second);
});

test('only what has joined is written, and only by who is known', async () => {
  const producer = await begun();
  expect(await producer.write('not joined')).toBe(ERROR.invalidTxnState);
  const stranger = new TestProducer('nobody');
  expect(await stranger.join()).toBe(ERROR.invalidProducerIdMapping);
  expect(await stranger.end(true)).toBe(ERROR.invalidProducerIdMapping);
  expect(await producer.end(true)).toBe(ERROR.invalidTxnState);
  expect(await producer.join(0, 'nowhere')).toBe(ERROR.unknownTopicOrPartition);
  expect(await producer.join(7)).toBe(ERROR.unknownTopicOrPartition);
  for (const transactionTimeoutMs of [0, 1_000_000]) {
    const answer = await ask(INIT_PRODUCER_ID, 4, { transactionalId: 'y', transactionTimeoutMs });
    expect(answer.errorCode).toBe(ERROR.invalidTransactionTimeout);
  }
});

test('a topic that is deleted takes no transaction with it', async () => {
  await broker.createTopic({ name: 'gone', partitions: 1, replicas: 1 });
  const producer = await begun();
  await producer.join(0, 'gone');
  await producer.join();
  await producer.write('kept');
  await broker.deleteTopic('gone');
  expect(await producer.end(true)).toBe(0);
  expect(await valuesIn()).toEqual(['kept']);
});

test('offsets of a group join, wait for the end, and are guarded by the generation of the group (KIP-447)', async () => {
  const producer = await begun();
  expect(await producer.sendOffsets('g', 5)).toBe(ERROR.invalidTxnState);
  expect(await producer.joinGroup('g')).toBe(0);
  const join = (memberId: string) =>
    ask(JOIN_GROUP, 5, {
      groupId: 'g',
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 10_000,
      memberId,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
    });
  const { memberId } = await join('');
  const { generationId } = await join(memberId);
  await ask(SYNC_GROUP, 3, { groupId: 'g', memberId, generationId, assignments: [] });
  expect(await producer.sendOffsets('g', 5, { memberId, generationId: generationId - 1 })).toBe(
    ERROR.illegalGeneration,
  );
  expect(await producer.sendOffsets('g', 5, { memberId: 'other', generationId })).toBe(ERROR.unknownMemberId);
  expect(await producer.sendOffsets('g', 5, { memberId, generationId })).toBe(0);
  const committed = async (requireStable: boolean) => {
    const topics = [{ name: 't', partitions: [0] }];
    const answer = await ask(OFFSET_FETCH, 7, { groupId: 'g', topics, requireStable });
    const { committedOffset, errorCode } = answer.topics[0]!.partitions[0]!;
    return { committedOffset, errorCode };
  };
  expect(await committed(false)).toEqual({ committedOffset: -1, errorCode: 0 });
  expect(await committed(true)).toEqual({ committedOffset: -1, errorCode: ERROR.unstableOffsetCommit });
  expect(await producer.end(true)).toBe(0);
  expect(await committed(true)).toEqual({ committedOffset: 5, errorCode: 0 });
});

test('consumers of committed records get what is stable, and the transactions to pass over; others get all', async () => {
  await produce(batchOf('plain').bytes);
  const lost = await begun('lost');
  await lost.join();
  await lost.write('lost');
  await lost.end(false);
  const open = await begun('open');
  await open.join();
  await open.write('open');
  const fetched = async (isolationLevel: number) => {
    const topics = [{ name: 't', partitions: [{ index: 0, fetchOffset: 0, maxBytes: 1 << 20 }] }];
    const answer = await ask(FETCH, 12, {
      replicaId: -1,
      maxWaitMs: 0,
      minBytes: 1,
      maxBytes: 1 << 20,
      isolationLevel,
      topics,
    });
    return answer.topics[0]!.partitions[0]!;
  };
  const offsetAt = async (isolationLevel: number, timestamp: number) => {
    const topics = [{ name: 't', partitions: [{ index: 0, timestamp }] }];
    return (await ask(LIST_OFFSETS, 7, { replicaId: -1, isolationLevel, topics })).topics[0]!.partitions[0]!;
  };
  expect(await fetched(1)).toMatchObject({
    highWatermark: 4,
    lastStableOffset: 3,
    abortedTransactions: [{ producerId: lost.producerId, firstOffset: 1 }],
  });
  const all = await fetched(0);
  expect(all).toMatchObject({ highWatermark: 4, abortedTransactions: null });
  expect(all.records!.length).toBeGreaterThan((await fetched(1)).records!.length);
  expect(await offsetAt(0, -1)).toMatchObject({ offset: 4 });
  expect(await offsetAt(1, -1)).toMatchObject({ offset: 3 });
  expect(await offsetAt(1, -2)).toMatchObject({ offset: 0 });
  expect(await offsetAt(1, 1000)).toMatchObject({ offset: 0, timestamp: 1000 });
  expect(await offsetAt(0, 8_000_000_000_000)).toMatchObject({ offset: -1, timestamp: -1 });
});

test('batches with numbers come once, in order', async () => {
  const { producerId } = await ask(INIT_PRODUCER_ID, 4, { transactionalId: null, transactionTimeoutMs: 1000 });
  const numbered = (sequence: number, producerEpoch = 0) =>
    produce(producerBatch(['x', 'y'], { producerId, producerEpoch, sequence }).bytes);
  expect(await numbered(0)).toMatchObject({ errorCode: 0, baseOffset: 0 });
  expect(await numbered(2)).toMatchObject({ errorCode: 0, baseOffset: 2 });
  expect(await numbered(0)).toMatchObject({ errorCode: 0, baseOffset: 0 });
  expect(await numbered(2)).toMatchObject({ errorCode: 0, baseOffset: 2 });
  expect(await numbered(6)).toMatchObject({ errorCode: ERROR.outOfOrderSequenceNumber });
  expect(await numbered(0, 1)).toMatchObject({ errorCode: 0, baseOffset: 4 });
  expect(await numbered(4)).toMatchObject({ errorCode: ERROR.invalidProducerEpoch });
  expect(await valuesIn()).toHaveLength(6);
});

test('a topic may want its own times, smaller batches, and keys', async () => {
  await broker.changeTopic('t', {
    config: { 'message.timestamp.type': 'LogAppendTime', 'max.message.bytes': '200' },
  });
  expect(await produce(batchOf('x'.repeat(500)).bytes)).toMatchObject({ errorCode: ERROR.messageTooLarge });
  const before = Date.now();
  const { logAppendTimeMs } = await produce(batchOf('a').bytes);
  expect(logAppendTimeMs).toBeGreaterThanOrEqual(before);
  const [record] = recordsOf(await broker.read({ topic: 't', partition: 0, offset: 0 }, 1));
  expect(record!.timeMs).toBe(logAppendTimeMs);
  const { batches } = await broker.read({ topic: 't', partition: 0, offset: 0 }, 1);
  expect(batches[0]!.isIntact).toBe(true);
  await broker.changeTopic('t', { config: { 'cleanup.policy': 'compact' } });
  const builder = new RecordBatchBuilder();
  builder.append(null, Buffer.from('no key'), 0);
  expect(await produce(builder.build().bytes)).toMatchObject({
    errorCode: ERROR.invalidRecord,
    errorMessage: 'Record 0: it has no key, and its topic is compacted.',
  });
});
