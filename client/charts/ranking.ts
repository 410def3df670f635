import type { ChartRange, Measure, Ranking } from './chart-types.ts';
import { Measured } from './measures.ts';
import type { Points } from './points.ts';

/** Series by one value each. */
export interface Ranked {
  /** Numbers of the series, the highest first; of equals the one that came first. */
  readonly order: readonly number[];
  valueFor(series: number): number;
}

/** Orders the series of a chart by what is made of all their values. */
export function ranking(points: Points, measure: Measure, range?: ChartRange): Ranked {
  const measured = new Measured(measure, points.names.length);
  for (let i = points.start; i < points.end; i++) {
    const at = points.at(i);
    const value = points.value(i);
    if (Number.isNaN(value) || (range !== undefined && !(at >= range.from && at <= range.to))) continue;
    measured.add(points.series(i), value, Number.isNaN(at) ? i : at);
  }
  const valueFor = (series: number) => measured.value(series) ?? Number.NaN;
  const order = points.names.flatMap((_, series) => (measured.value(series) === null ? [] : [series]));
  return { order: order.sort((a, b) => valueFor(b) - valueFor(a)), valueFor };
}

/** What bars and gauges draw. */
export function topOf(points: Points, measure: Measure, top: number): Ranking {
  const { order, valueFor } = ranking(points, measure);
  const entries = order.slice(0, top).map((series) => ({ name: points.names[series]!, value: valueFor(series) }));
  return { kind: 'ranking', entries, omitted: Math.max(0, order.length - top) };
}
