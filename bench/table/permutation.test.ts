import { describe, expect, test } from 'vitest';
import { logRatio, mayDiffer, permutationTest, ratioInterval } from './permutation.ts';

describe('what tells two files of figures apart', () => {
  test('runs that lie apart altogether give what the number of runs allows, and nothing below', () => {
    const [slow, fast] = [
      [100, 101, 102, 103, 104],
      [110, 111, 112, 113, 114],
    ];
    expect(permutationTest(slow, fast, false)).toBeCloseTo(2 / 252);
    expect(permutationTest(slow, fast, true)).toBeCloseTo(2 / 32);
    expect(mayDiffer(slow, fast, false)).toBeCloseTo(2 / 252);
    expect(mayDiffer(slow, fast, true)).toBeCloseTo(2 / 32);
    expect(Math.exp(logRatio(slow, fast, false))).toBeCloseTo(1.098, 3);
  });

  test('pairs show what a load that rises and falls hides', () => {
    const before = [100, 50, 200, 80, 150, 120, 60, 90];
    const after = before.map((value, i) => value * (1.05 + (i % 3) / 100));
    expect(permutationTest(before, after, false)).toBeGreaterThan(0.5);
    expect(permutationTest(before, after, true)).toBeCloseTo(2 / 256);
    const [low, high] = ratioInterval(before, after, true);
    expect(low).toBeGreaterThan(1.04);
    expect(high).toBeLessThan(1.08);
  });

  test('the same runs are no difference', () => {
    expect(permutationTest([1, 2, 3], [1, 2, 3], false)).toBe(1);
    expect(permutationTest([1, 2, 3], [1, 2, 3], true)).toBe(1);
  });

  test.each([[false], [true]])(
    'runs of one kind look different no more often than chance says (pairs: %s)',
    (paired) => {
      let state = 7;
      const draw = () => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
        return 100 * (1 + (state >>> 8) / 2 ** 24);
      };
      const runs = () => Array.from({ length: 7 }, draw);
      let alarms = 0;
      for (let i = 0; i < 400; i++) if (permutationTest(runs(), runs(), paired) <= 0.05) alarms++;
      expect(alarms / 400).toBeLessThan(0.08);
      expect(alarms).toBeGreaterThan(0);
    },
  );
});
