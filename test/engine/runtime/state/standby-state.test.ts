import { expect, test, vi } from 'vitest';
import { MemoryBroker } from '../../../../engine/broker/embedded/memory-broker.ts';
import { RecordBatchBuilder } from '../../../../engine/broker/record-batch.ts';
import { changelogTopics, ensureChangelogTopics } from '../../../../engine/runtime/state/changelog-topics.ts';
import { QueryState } from '../../../../engine/runtime/state/query-state.ts';
import { restoreState } from '../../../../engine/runtime/state/restore-state.ts';
import { StandbyState } from '../../../../engine/runtime/state/standby-state.ts';

const CHANGELOG = changelogTopics('app', ['Aggregate'], 0);
const [TOPIC] = CHANGELOG.topics;

async function setUp() {
  const broker = new MemoryBroker();
  await ensureChangelogTopics(broker, [{ name: TOPIC!, partitions: 1 }]);
  const owner = await QueryState.open({ changelog: CHANGELOG });
  const put = async (key: string, value: number) => {
    owner.open('Aggregate').put(key, value);
    for await (const { topic, partition, batch } of owner.changelogBatches())
      await broker.append(topic, partition, [batch]);
    await owner.commit(new Map());
  };
  const state = await QueryState.open({ changelog: CHANGELOG });
  return { broker, put, state };
}

test('a standby follows, can be read meanwhile, tells its lag, and is taken over at the end of the changelog', async () => {
  const { broker, put, state } = await setUp();
  await put('a', 1);
  const standby = new StandbyState(state, { broker, onError: (error) => expect.unreachable(String(error)) });
  await vi.waitFor(() => expect(state.open('Aggregate').get('a')).toBe(1));
  await put('b', 2);
  await put('a', 3);
  await vi.waitFor(() =>
    expect([...state.open('Aggregate').scan()]).toEqual([
      ['a', 3],
      ['b', 2],
    ]),
  );
  expect(await standby.lags()).toEqual([{ topic: TOPIC, partition: 0, offset: 3, endOffset: 3 }]);
  await standby.stop();
  await put('c', 4);
  expect(await standby.lags()).toEqual([{ topic: TOPIC, partition: 0, offset: 3, endOffset: 4 }]);
  expect(state.open('Aggregate').get('c')).toBeUndefined();
  await standby.stop();
  await restoreState(state, { broker });
  expect(state.open('Aggregate').get('c')).toBe(4);
  expect(state.changelogOffsets).toEqual(new Map([[TOPIC, 4]]));
  await broker.close();
});

test('a standby that cannot go on says so once', async () => {
  const { broker, put, state } = await setUp();
  await put('a', 1);
  const builder = new RecordBatchBuilder();
  builder.append(null, null, 0);
  await broker.append(TOPIC!, 0, [builder.build()]);
  const errors: unknown[] = [];
  const standby = new StandbyState(state, { broker, onError: (error) => errors.push(error) });
  await vi.waitFor(() => expect(errors).toHaveLength(1));
  expect(String(errors[0])).toContain('cannot be read at offset 1');
  await standby.stop();
  await expect(restoreState(state, { broker })).rejects.toThrow('cannot be read at offset 1');
  await broker.close();
});
