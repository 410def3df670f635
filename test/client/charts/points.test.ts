import { expect, test } from 'vitest';
import { Points } from '../../../client/charts/points.ts';
import { topOf } from '../../../client/charts/ranking.ts';

const all = (points: Points) =>
  Array.from({ length: points.end - points.start }, (_, i) => points.start + i)
    .filter((place) => !Number.isNaN(points.value(place)))
    .map((place) => `${points.names[points.series(place)]}@${points.at(place)}=${points.value(place)}`);

test('points of rows that are no longer kept go, and so do the names of their series', () => {
  const points = new Points();
  for (let i = 0; i < 10_000; i++) {
    points.push(i, { at: i, series: `s${i}`, value: i });
    points.dropBefore(i - 2);
  }
  expect(all(points)).toEqual(['s9997@9997=9997', 's9998@9998=9998', 's9999@9999=9999']);
  expect(points.names.length).toBeLessThan(2000);
});

test('a key has its newest point alone, in its place, until it is taken back', () => {
  const points = new Points();
  for (let i = 0; i < 5000; i++) points.put(`k${i % 50}`, { at: i, series: `k${i % 50}`, value: i });
  for (let i = 2; i < 50; i++) points.put(`k${i}`, undefined);
  expect(all(points)).toEqual(['k0@4950=4950', 'k1@4951=4951']);
  for (let i = 0; i < 3000; i++) points.put(`n${i}`, i % 2 === 0 ? { at: i, series: 'n', value: 1 } : undefined);
  points.put('k1', { at: 9, series: 'k1', value: 9 });
  expect(all(points).slice(0, 2)).toEqual(['k0@4950=4950', 'k1@9=9']);
  expect(all(points)).toHaveLength(1502);
});

test('a ranking has the highest first, and says how many it leaves out', () => {
  const points = new Points();
  for (const [series, value] of [
    ['a', 1],
    ['b', 5],
    ['c', -2],
    ['a', 3],
  ] as const)
    points.push(0, { at: 0, series, value });
  expect(topOf(points, 'sum', 2)).toEqual({
    kind: 'ranking',
    entries: [
      { name: 'b', value: 5 },
      { name: 'a', value: 4 },
    ],
    omitted: 1,
  });
});
