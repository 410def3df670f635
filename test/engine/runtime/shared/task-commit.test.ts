import { expect, test } from 'vitest';
import { MemoryBroker } from '../../../../engine/broker/embedded/memory-broker.ts';
import { TaskCommit } from '../../../../engine/runtime/shared/task-commit.ts';
import { changelogTopics } from '../../../../engine/runtime/state/changelog-topics.ts';
import { QueryState } from '../../../../engine/runtime/state/query-state.ts';
import { TransactionalResults } from '../../../../engine/runtime/task/transactional-results.ts';
import { topicRecords } from '../../../support/topic-records.ts';

const TOPIC = 'app-Store-changelog';
const POSITIONS = [{ topic: 's', partition: 0, offset: 5, note: '' }];

async function setUp() {
  const broker = new MemoryBroker();
  await broker.createTopic({ name: TOPIC, partitions: 1, replicas: 1 });
  const state = await QueryState.open({ changelog: changelogTopics('app', ['Store'], 0) });
  const committed: number[] = [];
  const surroundings = { isOwned: true, fails: false };
  const membership = {
    async commit(positions: typeof POSITIONS, isWanted?: () => boolean) {
      if (surroundings.fails || isWanted?.() === false) throw new Error('not now');
      committed.push(...positions.map(({ offset }) => offset));
      // What counts for the group is in the changelog by then.
      expect(await topicRecords(broker, TOPIC)).not.toEqual([]);
    },
  };
  const commit = new TaskCommit({
    broker,
    state,
    membership: membership as ConstructorParameters<typeof TaskCommit>[0]['membership'],
    transactions: () => undefined,
    holdsResults: false,
    isOwned: () => surroundings.isOwned,
  });
  return { broker, state, commit, committed, surroundings };
}

test('changes are in the changelog before the offsets count, and the commit knows where it ends there', async () => {
  const { state, commit, committed } = await setUp();
  const store = state.open('Store');
  store.put('a', [1]);
  const ends = commit.beforeState(POSITIONS);
  // What changes meanwhile belongs to the next commit.
  store.put('b', [2]);
  expect(await ends).toEqual(new Map([[TOPIC, 1]]));
  await state.commit(new Map(), await ends);
  expect(committed).toEqual([5]);
  expect(await commit.beforeState(POSITIONS)).toEqual(new Map([[TOPIC, 2]]));
});

test('what could not be committed is in the next commit', async () => {
  const { broker, state, commit, surroundings } = await setUp();
  state.open('Store').put('a', [1]);
  surroundings.fails = true;
  await expect(commit.beforeState(POSITIONS)).rejects.toThrow('not now');
  surroundings.fails = false;
  await commit.beforeState(POSITIONS);
  expect(await topicRecords(broker, TOPIC)).toHaveLength(2);
});

test('the offsets of a task that is not its own any more are not committed', async () => {
  const { state, commit, committed, surroundings } = await setUp();
  state.open('Store').put('a', [1]);
  surroundings.isOwned = false;
  await expect(commit.beforeState(POSITIONS)).rejects.toThrow('not now');
  expect(committed).toEqual([]);
});

test('in a transaction, what could not be committed is nowhere, and is in the next one once', async () => {
  const { broker, state, surroundings, committed, commit: without } = await setUp();
  const transactions = new TransactionalResults({
    broker,
    group: 'app',
    open: () => broker.openTransactions('app-task'),
    asMember: (work) => {
      if (surroundings.fails) throw new Error('not now');
      return work({ group: 'app', generation: -1, memberId: '' });
    },
  });
  const commit = new TaskCommit({
    broker,
    state,
    membership: { commit: () => without.beforeState(POSITIONS).then(() => undefined) },
    transactions: () => transactions,
    holdsResults: false,
    isOwned: () => true,
  });
  await broker.createTopic({ name: 's', partitions: 1, replicas: 1 });
  state.open('Store').put('a', [1]);
  surroundings.fails = true;
  await expect(commit.beforeState(POSITIONS)).rejects.toThrow('not now');
  expect(await topicRecords(broker, TOPIC)).toEqual([]);
  surroundings.fails = false;
  await commit.beforeState(POSITIONS);
  expect(await topicRecords(broker, TOPIC)).toHaveLength(1);
  expect((await broker.committed('app', 's')).get(0)?.offset).toBe(5);
  expect(committed).toEqual([]);
});
