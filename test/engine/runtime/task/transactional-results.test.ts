import { expect, test } from 'vitest';
import type { CommitPosition, TransactionalProducer } from '../../../../engine/broker/broker.ts';
import { MemoryBroker } from '../../../../engine/broker/embedded/memory-broker.ts';
import { type RecordBatch, RecordBatchBuilder } from '../../../../engine/broker/record-batch.ts';
import { TransactionError } from '../../../../engine/broker/transaction-error.ts';
import { TransactionalResults } from '../../../../engine/runtime/task/transactional-results.ts';

const GROUP = 'group';
const AT = (offset: number): CommitPosition[] => [{ topic: 'in', partition: 0, offset }];

/** What goes wrong next: at which call, how, and whether the broker had done it all the same. */
interface Fault {
  readonly at: 'produce' | 'sendOffsets' | 'commit';
  readonly consequence: TransactionError['consequence'];
  readonly isDone?: boolean;
}

/** Results on a broker whose producers fail as they are told to. */
async function setUp() {
  const broker = new MemoryBroker();
  for (const name of ['in', 'out']) await broker.createTopic({ name, partitions: 2, replicas: 1 });
  const faults: Fault[] = [];
  const strike = async <T>(at: Fault['at'], call: () => Promise<T>): Promise<T> => {
    if (faults[0]?.at !== at) return call();
    const { consequence, isDone } = faults.shift()!;
    if (isDone) await call();
    throw new TransactionError('struck', consequence);
  };
  const open = async (): Promise<TransactionalProducer> => {
    const producer = await broker.openTransactions('mine');
    return {
      transactionalId: 'mine',
      get isOpen() {
        return producer.isOpen;
      },
      begin: () => producer.begin(),
      produce: (topic, partition, batches) => strike('produce', () => producer.produce(topic, partition, batches)),
      sendOffsets: (group, positions) => strike('sendOffsets', () => producer.sendOffsets(group, positions)),
      commit: () => strike('commit', () => producer.commit()),
      abort: () => producer.abort(),
      close: () => producer.close(),
    };
  };
  const results = new TransactionalResults({ broker, group: GROUP, open });
  const read = async () => {
    const found: string[] = [];
    for (const partition of [0, 1]) {
      const { batches } = await broker.read({ topic: 'out', partition, offset: 0 }, 1 << 20);
      for (const batch of batches) {
        const cursor = batch.records();
        while (cursor.next()) found.push(`${partition}:${Buffer.from(cursor.value!)}`);
      }
    }
    return found;
  };
  const committed = async () => (await broker.committed(GROUP, 'in')).get(0)?.offset;
  return { results, faults, read, committed };
}

function batchOf(...values: readonly string[]): RecordBatch {
  const builder = new RecordBatchBuilder();
  for (const value of values) builder.append(null, Buffer.from(value), 0);
  return builder.build();
}

test('results and offsets count together, and not before', async () => {
  const { results, read, committed } = await setUp();
  await results.append('out', 0, batchOf('a', 'b'));
  await results.append('out', 1, batchOf('c'));
  expect(results.isOpen).toBe(true);
  expect(await read()).toEqual([]);
  await results.commit(AT(3));
  expect(results.isOpen).toBe(false);
  expect(await read()).toEqual(['0:a', '0:b', '1:c']);
  expect(await committed()).toBe(3);
});

test('offsets are committed also where nothing came of the records', async () => {
  const { results, committed } = await setUp();
  await results.commit(AT(7));
  expect(await committed()).toBe(7);
});

test('what was given up by somebody who ended is not there for who comes next', async () => {
  const { results, read, committed } = await setUp();
  await results.append('out', 0, batchOf('a'));
  await results.close();
  expect(await read()).toEqual([]);
  expect(await committed()).toBeUndefined();
});

test.each<Fault>([
  { at: 'sendOffsets', consequence: 'abort' },
  { at: 'commit', consequence: 'abort' },
  { at: 'commit', consequence: 'fenced' },
  // The answer was lost: it had been committed.
  { at: 'commit', consequence: 'fenced', isDone: true },
])('a transaction that fails at $at ($consequence, done: $isDone) counts once', async (fault) => {
  const { results, faults, read, committed } = await setUp();
  await results.append('out', 0, batchOf('a'));
  await results.append('out', 1, batchOf('b'));
  faults.push(fault);
  await results.commit(AT(2));
  expect(await read()).toEqual(['0:a', '1:b']);
  expect(await committed()).toBe(2);
  await results.append('out', 0, batchOf('c'));
  await results.commit(AT(3));
  expect(await read()).toEqual(['0:a', '0:c', '1:b']);
});

test.each(['abort', 'fenced'] as const)(
  'a batch that is refused (%s) may be written again, after those before it',
  async (consequence) => {
    const { results, faults, read, committed } = await setUp();
    await results.append('out', 0, batchOf('a'));
    faults.push({ at: 'produce', consequence, isDone: consequence === 'abort' });
    const again = batchOf('b');
    await expect(results.append('out', 0, again)).rejects.toThrow('struck');
    await results.append('out', 0, again);
    await results.commit(AT(2));
    expect(await read()).toEqual(['0:a', '0:b']);
    expect(await committed()).toBe(2);
  },
);

test('what can not be mended is told, and nothing counts', async () => {
  const { results, faults, read } = await setUp();
  await results.append('out', 0, batchOf('a'));
  faults.push({ at: 'commit', consequence: 'fatal' });
  await expect(results.commit(AT(1))).rejects.toThrow('struck');
  expect(results.isOpen).toBe(true);
  expect(await read()).toEqual([]);
});

test('much that was written is to be committed without waiting', async () => {
  const { results } = await setUp();
  const large = 'x'.repeat(1_000_000);
  for (let i = 0; !results.isFull; i++) {
    expect(i).toBeLessThan(20);
    await results.append('out', 0, batchOf(large));
  }
  await results.commit(AT(1));
  expect(results.isFull).toBe(false);
});
