import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { crc32c } from '../../engine/broker/crc32c.ts';
import { MemoryBroker } from '../../engine/broker/embedded/memory-broker.ts';
import { KafkaListener } from '../../engine/broker/listener/kafka-listener.ts';
import { ERROR } from '../../engine/broker/listener/protocol/error-codes.ts';
import * as groupMessages from '../../engine/broker/listener/protocol/membership-messages.ts';
import * as recordMessages from '../../engine/broker/listener/protocol/record-messages.ts';
import * as topicMessages from '../../engine/broker/listener/protocol/topic-messages.ts';
import { BATCH_FIELD, RecordBatch } from '../../engine/broker/record-batch.ts';
import { MemoryBudget } from '../../engine/memory/memory-budget.ts';
import { batchOf } from '../engine/broker/broker-contract.ts';
import { ProtocolClient, requestBytes } from '../engine/broker/listener/protocol-client.ts';

const { FETCH, PRODUCE } = recordMessages;
const { METADATA } = topicMessages;

let memory: MemoryBudget;
let broker: MemoryBroker;
let listener: KafkaListener;
let problems: string[];

beforeEach(async () => {
  memory = new MemoryBudget(512 * 1024 * 1024);
  broker = new MemoryBroker({ memory });
  problems = [];
  listener = await KafkaListener.open(broker, {
    host: '127.0.0.1',
    port: 0,
    memory,
    onProblem: (problem) => problems.push(problem),
  });
  await broker.createTopic({ name: 't', partitions: 1, replicas: 1 });
});
afterEach(async () => {
  await listener.close();
  await broker.close();
  expect(memory.usedBytes).toBe(0);
});

const heldForClients = () => memory.report().kinds.find(({ kind }) => kind === 'buffers')!.usedBytes;

/** That an honest client is answered, whatever others do. */
async function expectAnswers(): Promise<void> {
  const client = await ProtocolClient.open(listener.port);
  const answer = await client.send(METADATA, 4, { topics: [{ name: 't' }] });
  expect(answer.topics).toMatchObject([{ name: 't', errorCode: 0 }]);
  client.close();
}

const produce = (bytes: Uint8Array, transactionalId: string | null = null) => ({
  transactionalId,
  acks: -1,
  timeoutMs: 1000,
  topics: [{ name: 't', partitions: [{ index: 0, records: [bytes] }] }],
});

const fetchFrom = (fetchOffset: number, maxWaitMs = 0) => ({
  replicaId: -1,
  maxWaitMs,
  minBytes: 1,
  maxBytes: 1 << 26,
  isolationLevel: 0,
  topics: [{ name: 't', partitions: [{ index: 0, fetchOffset, maxBytes: 1 << 26 }] }],
});

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
}

describe('bytes that are no requests', () => {
  test.each([
    ['HTTP', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a size beyond all bounds', Buffer.from([0x7f, 0xff, 0xff, 0xff])],
    ['a size below zero', Buffer.from([0xff, 0xff, 0xff, 0xff])],
    ['a request of a kind that there is not', Buffer.from([0, 0, 0, 10, 0x03, 0xe7, 0, 0, 0, 0, 0, 1, 0xff, 0xff])],
    ['a version that there is not', Buffer.from([0, 0, 0, 10, 0, 1, 0, 99, 0, 0, 0, 1, 0xff, 0xff])],
    ['an empty request', Buffer.from([0, 0, 0, 0])],
  ])('%s ends the connection, which is said', async (_, bytes) => {
    const client = await ProtocolClient.open(listener.port);
    client.write(Buffer.from(bytes));
    await client.closed;
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^Kafka client 127\.0\.0\.1:\d+: .+ Its connection was closed\.$/);
    await expectAnswers();
  });

  test('a large size costs nothing before its bytes come', async () => {
    const clients = await Promise.all(Array.from({ length: 20 }, () => ProtocolClient.open(listener.port)));
    for (const client of clients) client.write(Buffer.from([0x01, 0x00, 0x00, 0x00, 1, 2, 3]));
    await expectAnswers();
    expect(heldForClients()).toBeLessThanOrEqual(20 * 2 * 1024 * 1024);
    for (const client of clients) client.close();
    await expect.poll(heldForClients).toBe(0);
  });

  test('a client of ApiVersions from the future is told the versions that there are', async () => {
    const client = await ProtocolClient.open(listener.port);
    const { API_VERSIONS } = topicMessages;
    client.write(requestBytes({ ...API_VERSIONS, flexibleSince: 3 }, 99, {}));
    const answer = await client.send({ ...API_VERSIONS, flexibleSince: 100 }, 0, {}).catch(() => undefined);
    expect(answer!.errorCode).toBe(ERROR.unsupportedVersion);
    expect(answer!.apis.length).toBeGreaterThan(20);
    client.close();
  });
});

test('mutations of every request, in every version, cost at most their connection', async () => {
  const random = randomFrom(7);
  const seeds = requestsOfAllKinds();
  expect(seeds.length).toBeGreaterThan(90);
  for (let round = 0; round < 1500; round++) {
    const bytes = Buffer.from(seeds[Math.floor(random() * seeds.length)]!);
    for (let n = 1 + Math.floor(random() * 4); n > 0; n--) {
      // The size and the kind stay, so that it gets as far as it can.
      const at = 8 + Math.floor(random() * (bytes.length - 8));
      bytes[at] = random() < 0.3 ? 0xff : Math.floor(random() * 256);
    }
    const client = await ProtocolClient.open(listener.port);
    client.write(bytes);
    // Something waits for more, something is answered, something is closed.
    if (round % 10 === 0) await expectAnswers();
    client.close();
  }
  await expectAnswers();
  await expect.poll(() => heldForClients() < 8 * 1024 * 1024).toBe(true);
}, 120_000);

describe('record batches', () => {
  const sent = async (bytes: Uint8Array) => {
    const client = await ProtocolClient.open(listener.port);
    const answer = await client.send(PRODUCE, 8, produce(bytes));
    client.close();
    return answer.topics[0]!.partitions[0]!;
  };
  /** A batch with another count, other attributes or another body, and a checksum that fits. */
  const changed = (change: (view: DataView) => void, body?: Uint8Array): Uint8Array => {
    const head = batchOf('a', 'b').bytes.slice();
    const bytes = body === undefined ? head : Buffer.concat([head.subarray(0, BATCH_FIELD.records), body]);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    view.setInt32(BATCH_FIELD.batchLength, bytes.length - BATCH_FIELD.leaderEpoch);
    change(view);
    view.setUint32(BATCH_FIELD.crc, crc32c(bytes, BATCH_FIELD.attributes));
    return bytes;
  };

  test('a whole one is taken', async () => {
    expect(await sent(changed(() => undefined))).toMatchObject({ errorCode: 0, baseOffset: 0 });
    expect(await sent(batchOf('c').bytes)).toMatchObject({ errorCode: 0, baseOffset: 2 });
  });

  test.each<[string, Uint8Array, number]>([
    ['nothing', new Uint8Array(), ERROR.corruptMessage],
    ['a damaged byte', batchOf('a').bytes.with(70, 1), ERROR.corruptMessage],
    ['a batch that is cut off', batchOf('a').bytes.subarray(0, -1), ERROR.invalidRecord],
    ['two batches', Buffer.concat([batchOf('a').bytes, batchOf('b').bytes]), ERROR.invalidRecord],
    ['another format', batchOf('a').bytes.with(BATCH_FIELD.magic, 1), ERROR.invalidRecord],
    ['more records than there are', changed((view) => setCount(view, 2 ** 31 - 1)), ERROR.invalidRecord],
    ['no records', changed((view) => setCount(view, 0)), ERROR.invalidRecord],
    ['offsets that jump', changed((view) => view.setInt32(BATCH_FIELD.lastOffsetDelta, 100)), ERROR.invalidRecord],
    ['a control batch', changed((view) => view.setInt16(BATCH_FIELD.attributes, 0x20)), ERROR.invalidRecord],
    ['an unknown compression', changed((view) => view.setInt16(BATCH_FIELD.attributes, 7)), ERROR.invalidRecord],
    ['gzip that is none', changed((view) => view.setInt16(BATCH_FIELD.attributes, 1)), ERROR.invalidRecord],
    ['LZ4 that is none', changed((view) => view.setInt16(BATCH_FIELD.attributes, 3)), ERROR.invalidRecord],
    [
      'a gigabyte of zeros in a few bytes',
      changed((view) => view.setInt16(BATCH_FIELD.attributes, 1), bomb()),
      ERROR.invalidRecord,
    ],
    [
      'a snappy block that says it is large',
      changed((view) => view.setInt16(BATCH_FIELD.attributes, 2), Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0])),
      ERROR.invalidRecord,
    ],
  ])('%s is refused with a reason', async (_, bytes, errorCode) => {
    const answer = await sent(bytes);
    expect(answer.errorCode).toBe(errorCode);
    expect(answer.errorMessage).toMatch(/\.$|: /);
    expect((await broker.offsets('t'))[0]!.latest).toBe(0);
  });

  test('records of any bytes are refused, or can be read', async () => {
    const random = randomFrom(11);
    for (let round = 0; round < 3000; round++) {
      const body = Buffer.from(batchOf('abc', null, 'def').bytes.subarray(BATCH_FIELD.records));
      for (let n = 1 + Math.floor(random() * 3); n > 0; n--)
        body[Math.floor(random() * body.length)] = Math.floor(random() * 256);
      const { errorCode } = await sent(changed((view) => setCount(view, 3), body));
      if (errorCode !== 0) continue;
      const { latest } = (await broker.offsets('t'))[0]!;
      const { batches } = await broker.read({ topic: 't', partition: 0, offset: latest - 3 }, 1);
      const cursor = new RecordBatch(batches[0]!.bytes).records();
      let count = 0;
      while (cursor.next()) {
        count++;
        expect(cursor.headers.length).toBeLessThan(100);
      }
      expect(count).toBe(3);
    }
  }, 60_000);

  test('a transaction that nobody has begun writes nothing', async () => {
    const client = await ProtocolClient.open(listener.port);
    const bytes = changed((view) => {
      view.setInt16(BATCH_FIELD.attributes, 0x10);
      view.setBigInt64(BATCH_FIELD.producerId, 5n);
      view.setInt16(BATCH_FIELD.producerEpoch, 0);
      view.setInt32(BATCH_FIELD.baseSequence, 0);
    });
    const answer = await client.send(PRODUCE, 8, produce(bytes, 'nobody'));
    expect(answer.topics[0]!.partitions[0]!.errorCode).toBe(ERROR.invalidProducerIdMapping);
    client.close();
  });
});

test('a client that takes no answers holds only itself back', async () => {
  const value = 'x'.repeat(900_000);
  for (let n = 0; n < 40; n++) await broker.append('t', 0, [batchOf(value)]);
  const greedy = await ProtocolClient.open(listener.port);
  const request = requestBytes(FETCH, 11, fetchFrom(0));
  greedy.pause();
  for (let n = 0; n < 200; n++) greedy.write(request);
  await expectAnswers();
  // One answer on its way, and no second one before it is taken.
  await expect.poll(heldForClients).toBeGreaterThan(20_000_000);
  expect(heldForClients()).toBeLessThan(60_000_000);
  greedy.close();
  await expect.poll(heldForClients).toBe(0);
});

test('who waits for records and goes is forgotten at once', async () => {
  const waiting = await ProtocolClient.open(listener.port);
  const answered = waiting.send(FETCH, 11, fetchFrom(0, 60_000)).catch(() => 'closed');
  await expectAnswers();
  waiting.close();
  expect(await answered).toBe('closed');
  const client = await ProtocolClient.open(listener.port);
  const fetched = client.send(FETCH, 11, fetchFrom(0, 60_000));
  await broker.append('t', 0, [batchOf('at last')]);
  expect((await fetched).topics[0]!.partitions[0]!).toMatchObject({ errorCode: 0, highWatermark: 1 });
  client.close();
});

function setCount(view: DataView, count: number): void {
  view.setInt32(BATCH_FIELD.count, count);
  view.setInt32(BATCH_FIELD.lastOffsetDelta, count - 1);
}

function bomb(): Buffer {
  return gzipSync(Buffer.alloc(300 * 1024 * 1024));
}

/** One request of each kind and version, with something in every list. */
function requestsOfAllKinds(): Buffer[] {
  const partitions = [{ index: 0, committedOffset: 5, committedMetadata: 'note' }];
  const offsets = [{ name: 't', partitions }];
  const member = { groupId: 'g', memberId: '', generationId: -1 };
  const asking = { transactionalId: 'x', producerId: 5, producerEpoch: 0 };
  const g = groupMessages;
  const r = recordMessages;
  const m = topicMessages;
  const requests: (readonly [api: Parameters<typeof requestBytes>[0] & VersionedApi, request: object])[] = [
    [r.PRODUCE, produce(batchOf('a', 'b').bytes)],
    [r.FETCH, fetchFrom(0)],
    [r.LIST_OFFSETS, { replicaId: -1, topics: [{ name: 't', partitions: [{ index: 0, timestamp: -1 }] }] }],
    [r.INIT_PRODUCER_ID, { transactionalId: 'x', transactionTimeoutMs: 1000 }],
    [r.ADD_PARTITIONS_TO_TXN, { ...asking, topics: [{ name: 't', partitions: [0] }] }],
    [r.ADD_OFFSETS_TO_TXN, { ...asking, groupId: 'g' }],
    [r.TXN_OFFSET_COMMIT, { ...asking, groupId: 'g', topics: offsets }],
    [r.END_TXN, { ...asking, isCommit: true }],
    [
      g.JOIN_GROUP,
      {
        ...member,
        sessionTimeoutMs: 10_000,
        protocolType: 'consumer',
        protocols: [{ name: 'range', metadata: Buffer.from('says') }],
      },
    ],
    [g.SYNC_GROUP, { ...member, assignments: [{ memberId: 'm', assignment: Buffer.from('has') }] }],
    [g.HEARTBEAT, member],
    [g.LEAVE_GROUP, { ...member, members: [{ memberId: 'm', groupInstanceId: null }] }],
    [g.OFFSET_COMMIT, { ...member, topics: offsets }],
    [
      g.OFFSET_FETCH,
      { groupId: 'g', topics: [{ name: 't', partitions: [0] }], groups: [{ groupId: 'g', topics: null }] },
    ],
    [g.DESCRIBE_GROUPS, { groups: ['g'] }],
    [g.LIST_GROUPS, {}],
    [g.DELETE_GROUPS, { groups: ['g'] }],
    [m.API_VERSIONS, { clientSoftwareName: 'x', clientSoftwareVersion: '1' }],
    [m.METADATA, { topics: [{ name: 't' }], allowAutoTopicCreation: false }],
    [
      m.CREATE_TOPICS,
      {
        topics: [
          {
            name: 'made',
            numPartitions: 1,
            replicationFactor: 1,
            assignments: [{ index: 0, brokerIds: [1] }],
            configs: [{ name: 'retention.ms', value: '5' }],
          },
        ],
        timeoutMs: 1000,
        validateOnly: true,
      },
    ],
    [m.DELETE_TOPICS, { topicNames: ['nothing'], timeoutMs: 1000 }],
    [m.CREATE_PARTITIONS, { topics: [{ name: 't', count: 2, assignments: null }], timeoutMs: 1, validateOnly: true }],
    [m.DESCRIBE_CONFIGS, { resources: [{ type: 2, name: 't', keys: ['retention.ms'] }], includeSynonyms: false }],
    [
      m.INCREMENTAL_ALTER_CONFIGS,
      {
        resources: [{ type: 2, name: 't', configs: [{ name: 'retention.ms', operation: 0, value: '5' }] }],
        validateOnly: true,
      },
    ],
    [m.DESCRIBE_CLUSTER, { includeClusterOperations: false }],
    [m.FIND_COORDINATOR, { key: 'g', keys: ['g'] }],
  ];
  return requests.flatMap(([api, request]) => {
    const [min = 0, max = 0] = api.versions;
    return Array.from({ length: max - min + 1 }, (_, n) => requestBytes(api, min + n, request as never));
  });
}

interface VersionedApi {
  readonly versions: readonly number[];
}
