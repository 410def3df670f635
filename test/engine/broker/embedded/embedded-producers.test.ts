import { expect, test } from 'vitest';
import { MemoryBroker } from '../../../../engine/broker/embedded/memory-broker.ts';
import { RecordBatchBuilder } from '../../../../engine/broker/record-batch.ts';

const GROUP = { group: 'group', generation: -1, memberId: '' };

function batchOf(value: string) {
  const builder = new RecordBatchBuilder();
  builder.append(null, Buffer.from(value), 0);
  return builder.build();
}

async function setUp() {
  const broker = new MemoryBroker();
  await broker.createTopic({ name: 't', partitions: 1, replicas: 1 });
  const read = async () => {
    const { batches } = await broker.read({ topic: 't', partition: 0, offset: 0 }, 1 << 20);
    const values: string[] = [];
    for (const batch of batches) {
      const cursor = batch.records();
      while (cursor.next()) values.push(`${Buffer.from(cursor.value!)}`);
    }
    return values;
  };
  return { broker, read };
}

test('what is committed is read with its offsets, what is aborted is not, and the producer goes on', async () => {
  const { broker, read } = await setUp();
  const producer = await broker.openTransactions('mine');
  for (const [value, isCommit] of [
    ['a', true],
    ['b', false],
    ['c', true],
  ] as const) {
    await producer.begin();
    await producer.produce('t', 0, [batchOf(value)]);
    await producer.sendOffsets(GROUP, [{ topic: 't', partition: 0, offset: value.charCodeAt(0) }]);
    await (isCommit ? producer.commit() : producer.abort());
  }
  expect(await read()).toEqual(['a', 'c']);
  expect((await broker.committed('group', 't')).get(0)?.offset).toBe('c'.charCodeAt(0));
});

test('who takes a transactional id over ends what the one before had open, and that one can do no more', async () => {
  const { broker, read } = await setUp();
  const before = await broker.openTransactions('mine');
  await before.begin();
  await before.produce('t', 0, [batchOf('lost')]);
  const after = await broker.openTransactions('mine');
  await expect(before.produce('t', 0, [batchOf('zombie')])).rejects.toMatchObject({ consequence: 'fenced' });
  await after.begin();
  await after.produce('t', 0, [batchOf('kept')]);
  await after.commit();
  expect(await read()).toEqual(['kept']);
});

test('no two producers have one id', async () => {
  const { broker } = await setUp();
  const ids = [broker.takeProducerId(), broker.takeProducerId(), broker.takeProducerId()];
  expect(new Set(ids).size).toBe(3);
});
