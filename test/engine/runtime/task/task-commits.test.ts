import { describe, expect, test } from 'vitest';
import { MemoryBroker } from '../../../../engine/broker/embedded/memory-broker.ts';
import { RateMeter } from '../../../../engine/runtime/monitoring/rate-meter.ts';
import { QueryProperties } from '../../../../engine/runtime/session/session-properties.ts';
import { QueryState } from '../../../../engine/runtime/state/query-state.ts';
import { PartitionBuffer } from '../../../../engine/runtime/task/partition-buffer.ts';
import { TaskCommits } from '../../../../engine/runtime/task/task-commits.ts';

const GROUP = 'group';

async function setUp({ rebuiltAt = 0, isFlushed = true, isHeld = true } = {}) {
  const broker = new MemoryBroker();
  await broker.createTopic({ name: 't', partitions: 1, replicas: 1 });
  const state = await QueryState.open();
  const buffer = new PartitionBuffer('t', { partition: 0, offset: 3, endOffset: 9, rebuiltAt, origin: 2 }, false);
  const notices: string[] = [];
  const surroundings = { isFlushed, isHeld };
  const output = {
    rowsOut: new RateMeter(),
    isSilent: false,
    isFull: false,
    isComplete: false,
    get isFlushed() {
      return surroundings.isFlushed;
    },
    emit() {},
    flush: () => undefined,
    settle: () => undefined,
    flushAhead: () => undefined,
    caughtUp() {},
    complete() {},
    end() {},
    fail() {},
  };
  const commits = new TaskCommits([buffer], {
    broker,
    consumerGroup: GROUP,
    hold: {
      get isHeld() {
        return surroundings.isHeld;
      },
      whenHeld: async () => {},
    },
    state,
    output,
    properties: new QueryProperties(new Map(), new Map()),
    isIdle: () => true,
    flush: () => {},
    onError: (error) => expect.fail(String(error)),
    onNotice: ({ text }) => notices.push(text),
  });
  return { broker, state, commits, notices, surroundings };
}

describe('a commit', () => {
  test('keeps state and offsets as one', async () => {
    const { broker, state, commits } = await setUp();
    expect(commits.committedOffset({ topic: 't', partition: 0 })).toBeUndefined();
    expect(await commits.commit()).toBe(true);
    expect(state.positions.get('t-0')).toBe(3);
    expect((await broker.committed(GROUP, 't')).get(0)?.offset).toBe(3);
    expect(commits.committedOffset({ topic: 't', partition: 0 })).toBe(3);
  });

  test('waits for results that are not in the sink, for state that is rebuilt, and for the right to the service', async () => {
    for (const missing of [{ isFlushed: false }, { rebuiltAt: 5 }, { isHeld: false }]) {
      const { broker, state, commits } = await setUp(missing);
      expect(await commits.commit()).toBe(false);
      expect(state.positions.size).toBe(0);
      expect((await broker.committed(GROUP, 't')).size).toBe(0);
    }
  });

  test('moves no offset where the state could not be written, and says why once', async () => {
    const { broker, state, commits, notices } = await setUp();
    const commit = state.commit.bind(state);
    state.commit = () => Promise.reject(new Error('the disk is full'));
    expect(await commits.commit()).toBe(false);
    expect(await commits.commit()).toBe(false);
    expect(commits.problem).toBe('the disk is full');
    expect(notices).toHaveLength(1);
    expect((await broker.committed(GROUP, 't')).size).toBe(0);
    state.commit = commit;
    expect(await commits.commit()).toBe(true);
    expect(commits.problem).toBeUndefined();
    await commits.stop();
  });
});
