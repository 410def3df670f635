import { expect, test } from 'vitest';
import { disorderOf, spanOf, timeOf } from '../../../client/topics/written-answers.ts';

test('times are milliseconds, or dates', () => {
  expect(timeOf(' 1700000000000 ')).toBe(1_700_000_000_000);
  expect(timeOf('2026-11-30T12:00:00Z')).toBe(Date.parse('2026-11-30T12:00:00Z'));
  expect(timeOf('2026-11-30 12:00:00')).toBe(new Date(2026, 10, 30, 12).getTime());
  for (const text of ['', 'noon', '-5']) expect(timeOf(text)).toBeUndefined();
});

test('a span has one end or two', () => {
  expect(spanOf('1000..2000')).toEqual({ fromMs: 1000, toMs: 2000 });
  expect(spanOf('1000 ..')).toEqual({ fromMs: 1000, toMs: undefined });
  expect(spanOf('..2000')).toEqual({ fromMs: undefined, toMs: 2000 });
  for (const text of ['..', '1000', '1..2..3', 'a..2000']) expect(spanOf(text)).toBeUndefined();
});

test('a disorder is written as the options of the command line', () => {
  expect(disorderOf('seed=7 jitter=1.5  late=0.1 late-by=60 duplicates=0.2')).toEqual({
    seed: 7,
    jitterMs: 1500,
    lateShare: 0.1,
    lateMs: 60_000,
    duplicateShare: 0.2,
  });
  expect(disorderOf('')).toEqual({ seed: 1, jitterMs: 0, lateShare: 0, lateMs: 0, duplicateShare: 0 });
  for (const text of ['jitter', 'jitter=a', 'speed=1', 'late=2']) expect(disorderOf(text)).toBeUndefined();
});
