import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { type ThreadsWanted, threadCount } from '../../../../engine/cli/threads/thread-count.ts';

const MB = 1024 * 1024;
const BY_ITSELF: ThreadsWanted = { property: {}, isOnKafka: true, isOfWindow: false, memoryBytes: undefined };
const counted = (wanted: Partial<ThreadsWanted>): number => threadCount({ ...BY_ITSELF, ...wanted });

test('on a Kafka there are as many threads as processors, up to num.stream.threads', () => {
  const processors = availableParallelism();
  expect(counted({})).toBe(Math.min(4, processors));
  expect(counted({ property: { 'ksql.streams.num.stream.threads': '1' } })).toBe(1);
  expect(counted({ property: { 'num.stream.threads': '1000' } })).toBe(processors);
});

test('the option counts, whatever the settings and the machine say', () => {
  expect(counted({ threads: 3, property: { 'num.stream.threads': '1' }, memoryBytes: 16 * MB })).toBe(3);
});

test('by itself each thread has memory to work with', () => {
  expect(counted({ memoryBytes: 200 * MB })).toBe(1);
});

test("a window's engine has one, unless it is told otherwise", () => {
  expect(counted({ isOfWindow: true })).toBe(1);
  expect(counted({ isOfWindow: true, property: { 'num.stream.threads': '2' } })).toBe(
    Math.min(2, availableParallelism()),
  );
});

test('the embedded broker has one thread, and an option for more is refused', () => {
  expect(counted({ isOnKafka: false, property: { 'num.stream.threads': '4' } })).toBe(1);
  expect(counted({ isOnKafka: false, threads: 1 })).toBe(1);
  expect(() => counted({ isOnKafka: false, threads: 2 })).toThrow('The embedded broker has one thread.');
});

test('a setting that is no count is refused by its name', () => {
  expect(() => counted({ property: { 'ksql.streams.num.stream.threads': 'many' } })).toThrow(
    'ksql.streams.num.stream.threads takes a whole number above zero, not many.',
  );
});
