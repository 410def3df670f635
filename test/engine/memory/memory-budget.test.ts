import { expect, test } from 'vitest';
import { byteText, parseBytes } from '../../../engine/memory/byte-text.ts';
import { MemoryBudget } from '../../../engine/memory/memory-budget.ts';

const MB = 2 ** 20;
const HEAP = { usedBytes: 1, liveBytes: 1, limitBytes: 1e12 };

function budgetOf(limitBytes: number, heap = () => HEAP) {
  const notices: string[] = [];
  const budget = new MemoryBudget(limitBytes, { readHeap: heap, onNotice: (notice) => notices.push(notice) });
  return { budget, notices };
}

test('it warns once at 80%, and again only after memory was given back', () => {
  const { budget, notices } = budgetOf(1000);
  const state = budget.open('state of Q', 'state');
  state.add(790);
  expect(notices).toEqual([]);
  state.add(50);
  state.add(50);
  expect(notices).toEqual([expect.stringContaining('840 B of the memory budget of 1000 B')]);
  expect(notices[0]).toContain('state of Q 840 B');
  state.add(-800);
  budget.check();
  state.add(750);
  expect(notices).toHaveLength(2);
});

test('at the limit the holder of a kind beyond its share stops, a small one beside it goes on', () => {
  const { budget } = budgetOf(1000);
  const resumed: string[] = [];
  const great = budget.open('great', 'state', { resume: () => resumed.push('great') });
  const small = budget.open('small', 'state', { resume: () => resumed.push('small') });
  small.add(50);
  great.add(949);
  expect([great.mustStop, small.mustStop]).toEqual([false, false]);
  great.add(1);
  expect([great.mustStop, small.mustStop]).toEqual([true, false]);
  budget.check();
  expect(resumed).not.toContain('great');
  great.add(-200);
  budget.check();
  expect(great.mustStop).toBe(false);
  expect(resumed).toContain('great');
});

test('who can give at once gives what it has beyond its share, and the others need not stop', () => {
  const { budget } = budgetOf(1000);
  const state = budget.open('state', 'state');
  const topics = budget.open('topics', 'topics', { release: (bytes) => topics.add(-bytes) });
  topics.add(700);
  state.add(300);
  expect(budget.usedBytes).toBeLessThanOrEqual(900);
  expect([topics.usedBytes, state.mustStop]).toEqual([600, false]);
  state.add(1000);
  // Down to their share of 350 topics give; then it is the state that has to stop.
  expect([topics.usedBytes, state.mustStop]).toEqual([350, true]);
});

test('V8 near its ceiling counts as the limit, whatever the estimates say', () => {
  let liveBytes = 10;
  const { budget, notices } = budgetOf(1000 * MB, () => ({ usedBytes: liveBytes, liveBytes, limitBytes: 5000 * MB }));
  const state = budget.open('state', 'state');
  state.add(300 * MB);
  liveBytes = 4000 * MB;
  budget.check();
  expect(state.mustStop).toBe(true);
  expect(notices[0]).toContain('The heap of the process holds 3.91 GB of at most 4.88 GB');
  liveBytes = 1000 * MB;
  budget.check();
  expect(state.mustStop).toBe(false);
});

test('a budget wider than the heap stops at the heap', () => {
  const { budget } = budgetOf(1e12, () => ({ ...HEAP, limitBytes: 1000 * 2 ** 20 }));
  const state = budget.open('state', 'state');
  const small = budget.open('small', 'state');
  small.add(5 * 2 ** 20);
  state.add(600 * 2 ** 20);
  expect(state.mustStop).toBe(false);
  state.add(20 * 2 ** 20);
  expect([state.mustStop, small.mustStop]).toEqual([true, false]);
});

test('an account that is closed gives everything back, once', () => {
  const { budget } = budgetOf(1000);
  const account = budget.open('results', 'results');
  account.add(500);
  account.close();
  account.add(100);
  account.close();
  expect(budget.usedBytes).toBe(0);
});

test('sizes are read as people write them', () => {
  expect(['64MB', '2 gb', '1.5GiB', '100', '3k'].map(parseBytes)).toEqual([
    64 << 20,
    2 * 1024 ** 3,
    1.5 * 1024 ** 3,
    100,
    3072,
  ]);
  expect(['', 'MB', '-1MB', '10 apples'].map(parseBytes)).toEqual([undefined, undefined, undefined, undefined]);
  expect([0, 1023, 1536, 64 << 20].map(byteText)).toEqual(['0 B', '1023 B', '1.5 KB', '64 MB']);
});
