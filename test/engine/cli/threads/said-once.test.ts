import { expect, test } from 'vitest';
import { saidOnce } from '../../../../engine/cli/threads/said-once.ts';

test('what threads say alike is said once, and again when it happens later', () => {
  const said: string[] = [];
  let now = 0;
  const say = saidOnce(
    (text) => said.push(text),
    () => now,
  );
  for (const text of ['one', 'one', 'two']) say(text);
  now = 20_000;
  say('one');
  expect(said).toEqual(['one', 'two', 'one']);
});
