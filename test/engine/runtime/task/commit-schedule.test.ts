import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CommitSchedule } from '../../../../engine/runtime/task/commit-schedule.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const surroundings = { isQuiet: true, isFlushed: true };
  const commit = vi.fn(async () => {});
  const flush = vi.fn();
  const schedule = new CommitSchedule({
    intervalMs: 100,
    isQuiet: () => surroundings.isQuiet,
    isFlushed: () => surroundings.isFlushed,
    flush,
    commit,
    onError: (error) => expect.fail(String(error)),
  });
  return { surroundings, commit, flush, schedule };
}

test('something that was processed is committed once the interval is over', async () => {
  const { schedule, commit } = setUp();
  schedule.soon();
  schedule.soon();
  vi.advanceTimersByTime(99);
  expect(commit).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  await schedule.whenDone();
  expect(commit).toHaveBeenCalledOnce();
});

test('what became due while records were processed is committed by who processes them', async () => {
  const { schedule, commit, surroundings } = setUp();
  surroundings.isQuiet = false;
  schedule.soon();
  vi.advanceTimersByTime(100);
  expect(commit).not.toHaveBeenCalled();
  expect(schedule.isDue).toBe(true);
  schedule.ifDue();
  await schedule.whenDone();
  expect(commit).toHaveBeenCalledOnce();
  expect(schedule.isDue).toBe(false);
});

test('what is held back when a commit is due is written first, and the commit stays due', async () => {
  const { schedule, commit, flush, surroundings } = setUp();
  surroundings.isFlushed = false;
  schedule.soon();
  vi.advanceTimersByTime(100);
  expect(flush).toHaveBeenCalledOnce();
  schedule.ifDue();
  expect(commit).not.toHaveBeenCalled();
  surroundings.isFlushed = true;
  schedule.ifDue();
  await schedule.whenDone();
  expect(commit).toHaveBeenCalledOnce();
});

test('a stopped schedule commits no more', async () => {
  const { schedule, commit } = setUp();
  schedule.soon();
  await schedule.stop();
  vi.advanceTimersByTime(1000);
  expect(commit).not.toHaveBeenCalled();
});
