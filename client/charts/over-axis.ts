import type { ChartLine, ChartRange, ChartSettings, OverAxis } from './chart-types.ts';
import { Measured } from './measures.ts';
import type { Points } from './points.ts';
import { ranking } from './ranking.ts';

/** More points than this from left to right cannot be told apart; bars need more room. */
const STEPS = { line: 400, stacked: 60 } as const;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Steps of time that people count in, in milliseconds. */
const TIME_STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((step) => step * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((step) => step * MINUTE),
  ...[1, 2, 3, 6, 12].map((step) => step * HOUR),
  ...[1, 2, 7, 28, 91, 364].map((step) => step * DAY),
];

/** What lines, areas and stacked bars draw, in at most so many steps as can be told apart. */
export interface AxisRequest {
  readonly settings: ChartSettings;
  readonly range?: ChartRange | undefined;
  /** Whether places are milliseconds since the epoch. */
  readonly isTime: boolean;
}

/** The points of a chart as lines over its axis: the highest series, each with one value for each step. */
export function overAxis(points: Points, { settings, range, isTime }: AxisRequest): OverAxis {
  const { places, placeOf, isExact } = steps(points, settings, isTime, range);
  const { shown, omitted } = highest(points, settings, range);
  const numbers = new Int32Array(points.names.length).fill(-1);
  shown.forEach((series, i) => {
    numbers[series] = i;
  });
  const width = places.length;
  const measured = new Measured(settings.measure, shown.length * width);
  const isSpread = !isExact && settings.measure === 'average' && shown.length === 1;
  const [low, high] = [new Measured('lowest', isSpread ? width : 0), new Measured('highest', isSpread ? width : 0)];
  for (let i = points.start; i < points.end; i++) {
    const at = points.at(i);
    const value = points.value(i);
    const line = numbers[points.series(i)]!;
    const step = line < 0 || Number.isNaN(value) ? undefined : placeOf(at);
    if (step === undefined) continue;
    measured.add(line * width + step, value, at);
    if (!isSpread) continue;
    low.add(step, value, at);
    high.add(step, value, at);
  }
  const lines = shown.map((series, line): ChartLine => {
    const values = places.map((_, step) => measured.value(line * width + step));
    return { name: points.names[series]!, values };
  });
  const spread = isSpread && { low: places.map((_, i) => low.value(i)), high: places.map((_, i) => high.value(i)) };
  return { kind: 'axis', isTime, places, lines, omitted, ...(spread && { spread }) };
}

/** The series that are shown, by their numbers, and how many are not. */
function highest(points: Points, settings: ChartSettings, range: ChartRange | undefined) {
  // What adds up says how important a series is; the average of two rows may be high.
  const measure = settings.measure === 'count' ? 'count' : 'sum';
  const { order } = ranking(points, measure, range);
  return { shown: order.slice(0, settings.top), omitted: Math.max(0, order.length - settings.top) };
}

interface Steps {
  /** Where the steps begin, ascending. */
  readonly places: readonly number[];
  /** The step of a place; undefined outside of the range. */
  readonly placeOf: (at: number) => number | undefined;
  /** Whether each step is one place, not a part of the axis. */
  readonly isExact: boolean;
}

/** The places that there are, where they can be told apart; else parts of the axis that are equally wide. */
function steps(points: Points, { kind }: ChartSettings, isTime: boolean, range: ChartRange | undefined): Steps {
  const most = kind === 'stacked' ? STEPS.stacked : STEPS.line;
  const found = new Set<number>();
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const isIn = (at: number) => range === undefined || (at >= range.from && at <= range.to);
  for (let i = points.start; i < points.end; i++) {
    const at = points.at(i);
    if (Number.isNaN(at) || Number.isNaN(points.value(i)) || !isIn(at)) continue;
    if (at < from) from = at;
    if (at > to) to = at;
    if (found.size <= most) found.add(at);
  }
  if (found.size === 0) return { places: [], placeOf: () => undefined, isExact: true };
  if (found.size <= most) {
    const places = [...found].sort((a, b) => a - b);
    const numbers = new Map(places.map((place, i) => [place, i]));
    return { places, placeOf: (at) => numbers.get(at), isExact: true };
  }
  const width = stepWidth((to - from) / most, isTime);
  const first = Math.floor(from / width);
  const count = Math.floor(to / width) - first + 1;
  const places = Array.from({ length: count }, (_, i) => (first + i) * width);
  return { places, placeOf: (at) => (isIn(at) ? Math.floor(at / width) - first : undefined), isExact: false };
}

/** The narrowest step that people count in and that is as wide as it has to be. */
export function stepWidth(least: number, isTime: boolean): number {
  const time = isTime ? TIME_STEPS.find((step) => step >= least) : undefined;
  if (time !== undefined) return time;
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= least) ?? 10 * power;
}
