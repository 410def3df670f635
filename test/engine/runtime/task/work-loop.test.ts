import { expect, test } from 'vitest';
import { WorkLoop } from '../../../../engine/runtime/task/work-loop.ts';

test('what wakes a loop while it works makes it begin once more, and never twice at once', async () => {
  let begun = 0;
  let atOnce = 0;
  let letGo = Promise.withResolvers<void>();
  const loop = new WorkLoop({
    mayWork: () => true,
    work: async () => {
      begun++;
      atOnce++;
      expect(atOnce).toBe(1);
      await letGo.promise;
      atOnce--;
    },
    onError: (error) => expect.fail(String(error)),
  });
  loop.wake();
  loop.wake();
  loop.wake();
  expect(begun).toBe(1);
  const first = letGo;
  letGo = Promise.withResolvers();
  first.resolve();
  await loop.whenIdle();
  expect(begun).toBe(2);
  letGo.resolve();
  await loop.whenIdle();
  expect(loop.isIdle).toBe(true);
  expect(begun).toBe(2);
});

test('work that finds nothing to do ends, though it was woken meanwhile, and other work gets its turn', async () => {
  let begun = 0;
  const loop = new WorkLoop({
    mayWork: () => true,
    work: async () => {
      if (begun++ === 0) loop.wake();
    },
    onError: (error) => expect.fail(String(error)),
  });
  loop.wake();
  await new Promise((resolve) => setImmediate(resolve));
  expect(begun).toBe(2);
});

test('what was called for before work looked anew is done with', async () => {
  let begun = 0;
  const loop = new WorkLoop({
    mayWork: () => true,
    work: async () => {
      begun++;
      if (begun === 1) loop.wake();
      loop.looksAnew();
    },
    onError: (error) => expect.fail(String(error)),
  });
  loop.wake();
  await loop.whenIdle();
  expect(begun).toBe(1);
});

test('work does not begin where it may not, and an error is told', async () => {
  let may = false;
  const errors: unknown[] = [];
  const loop = new WorkLoop({
    mayWork: () => may,
    work: () => Promise.reject(new Error('no')),
    onError: (error) => errors.push(error),
  });
  loop.wake();
  expect(loop.isIdle).toBe(true);
  may = true;
  loop.wake();
  await loop.whenIdle();
  expect(errors).toEqual([new Error('no')]);
});
