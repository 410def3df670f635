import { describe, expect, test } from 'vitest';
import type { ChartSettings } from '../../../client/charts/chart-types.ts';
import { overAxis, stepWidth } from '../../../client/charts/over-axis.ts';
import { Points } from '../../../client/charts/points.ts';

const settings = (more: Partial<ChartSettings> = {}): ChartSettings => ({
  kind: 'line',
  x: 'record',
  y: '=V',
  measure: 'last',
  series: 'key',
  top: 8,
  ...more,
});

function points(...all: readonly (readonly [at: number, series: string, value: number])[]): Points {
  const made = new Points();
  all.forEach(([at, series, value], i) => {
    made.push(i, { at, series, value });
  });
  return made;
}

describe('lines over an axis', () => {
  test('places that can be told apart stay as they are, each with a value for each series that has one', () => {
    const picture = overAxis(points([20, 'a', 1], [10, 'a', 2], [10, 'b', 3], [20, 'a', 4]), {
      settings: settings(),
      isTime: true,
    });
    expect(picture).toEqual({
      kind: 'axis',
      isTime: true,
      places: [10, 20],
      lines: [
        { name: 'a', values: [2, 4] },
        { name: 'b', values: [3, null] },
      ],
      omitted: 0,
    });
  });

  test('many rows fall into steps that people count in, with their average between lowest and highest', () => {
    const many = new Points();
    for (let i = 0; i < 100_000; i++) many.push(i, { at: 10 * i, series: '', value: i === 5000 ? 1_000_000 : i % 10 });
    const { places, lines, spread } = overAxis(many, { settings: settings({ measure: 'average' }), isTime: true });
    expect(places.slice(0, 3)).toEqual([0, 5000, 10_000]);
    expect(lines[0]!.values[0]).toBe(4.5);
    expect(Math.max(...(spread!.high as number[]))).toBe(1_000_000);
    expect(spread!.low[0]).toBe(0);
  });

  test('a part of the axis is looked at more closely', () => {
    const many = new Points();
    for (let i = 0; i < 100_000; i++) many.push(i, { at: 10 * i, series: '', value: i });
    const range = { from: 50_000, to: 51_000 };
    const { places, lines } = overAxis(many, { settings: settings(), range, isTime: true });
    expect(places).toHaveLength(101);
    expect(lines[0]!.values[0]).toBe(5000);
  });

  test('only the series with the most are shown, and the others counted', () => {
    const picture = overAxis(points([1, 'a', 1], [1, 'b', 5], [1, 'c', 3]), {
      settings: settings({ top: 2 }),
      isTime: true,
    });
    expect(picture.lines.map(({ name }) => name)).toEqual(['b', 'c']);
    expect(picture.omitted).toBe(1);
  });

  test.each([
    ['sum', 6],
    ['average', 2],
    ['lowest', 1],
    ['highest', 3],
    ['count', 3],
    ['last', 2],
  ] as const)('%s of several values', (measure, value) => {
    const several = points([5, 'a', 1], [5, 'a', 3], [5, 'a', 2]);
    expect(overAxis(several, { settings: settings({ measure }), isTime: true }).lines[0]!.values).toEqual([value]);
  });

  test('rows that do not say where they are have no point', () => {
    expect(overAxis(points([Number.NaN, 'a', 1]), { settings: settings(), isTime: true }).places).toEqual([]);
  });
});

test('steps of time are those of clocks, others go by tens', () => {
  expect(stepWidth(70, true)).toBe(100);
  expect(stepWidth(31_000, true)).toBe(60_000);
  expect(stepWidth(31_000, false)).toBe(50_000);
  expect(stepWidth(0.03, false)).toBeCloseTo(0.05);
});
