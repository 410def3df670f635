import type { ChartData, ColumnInfo } from './messages.ts';
import { type BufferedRow, type Cell, cellText, numberIn } from './row-buffer.ts';

/** More bars cannot be told apart; the highest are shown. */
const MAX_BARS = 40;
/** A line has so many steps from left to right; each shows the lowest and the highest value that falls into it. */
const LINE_STEPS = 300;

/** Columns that say when or where, and not how much. */
const PLACES = new Set(['ROWTIME', 'WINDOWSTART', 'WINDOWEND', 'ROWPARTITION', 'ROWOFFSET']);

/** The columns that can be drawn: numbers that are no keys, times or places. */
export const drawableColumns = (columns: readonly ColumnInfo[]): readonly number[] =>
  columns.flatMap(({ name, numeric, isKey }, i) => (numeric && !isKey && !PLACES.has(name) ? [i] : []));

/** A table as bars, one for each key, the highest first. */
export function barsOf(
  rows: readonly BufferedRow[],
  columns: readonly ColumnInfo[],
  column: number,
): Pick<ChartData, 'bars' | 'omitted'> {
  const keys = columns.flatMap(({ isKey }, i) => (isKey ? [i] : []));
  const bars = rows.flatMap(({ cells }) => {
    const value = numberOf(cells[column]);
    if (value === undefined) return [];
    return [{ label: keys.map((key) => cellText(cells[key])).join(' · '), value, text: cellText(cells[column]) }];
  });
  bars.sort((a, b) => b.value - a.value);
  return { bars: bars.slice(0, MAX_BARS), omitted: Math.max(0, bars.length - MAX_BARS) };
}

/** Rows as a line over their event times, or over their order where no time is known. */
export function lineOf(
  rows: readonly BufferedRow[],
  columns: readonly ColumnInfo[],
  column: number,
): Pick<ChartData, 'line'> {
  const timeOf = timeReader(columns);
  const points = rows.flatMap((row) => {
    const value = numberOf(row.cells[column]);
    return value === undefined ? [] : [{ at: timeOf(row) ?? row.sequence, value }];
  });
  const isTime = rows[0] !== undefined && timeOf(rows[0]) !== undefined;
  if (isTime) points.sort((a, b) => a.at - b.at);
  return { line: { isTime, points: thinned(points) } };
}

interface Point {
  readonly at: number;
  readonly value: number;
}

/** As many points as a line can show, with every low and every high still among them. */
function thinned(points: readonly Point[]): readonly Point[] {
  if (points.length <= 2 * LINE_STEPS) return points;
  const kept: Point[] = [];
  for (let step = 0; step < LINE_STEPS; step++) {
    const from = Math.floor((step * points.length) / LINE_STEPS);
    const to = Math.floor(((step + 1) * points.length) / LINE_STEPS);
    let [low, high] = [from, from];
    for (let i = from + 1; i < to; i++) {
      if (points[i]!.value < points[low]!.value) low = i;
      if (points[i]!.value > points[high]!.value) high = i;
    }
    kept.push(points[Math.min(low, high)]!);
    if (low !== high) kept.push(points[Math.max(low, high)]!);
  }
  return kept;
}

/** Where the time of a row stands: in a column of its own, or with the record that it comes from. */
function timeReader(columns: readonly ColumnInfo[]): (row: BufferedRow) => number | undefined {
  const column = columns.findIndex(
    ({ name, type }) => type === 'TIMESTAMP' || name === 'ROWTIME' || name === 'WINDOWSTART',
  );
  if (column < 0) return ({ record }) => record?.timestampMs;
  const isText = columns[column]!.type === 'TIMESTAMP';
  return ({ cells }) => {
    const cell = cells[column];
    const timeMs = isText && typeof cell === 'string' ? Date.parse(`${cell}Z`) : numberOf(cell);
    return timeMs === undefined || Number.isNaN(timeMs) ? undefined : timeMs;
  };
}

/** A number that has a place in a picture. */
function numberOf(cell: Cell): number | undefined {
  const value = Number(numberIn(cell) ?? Number.NaN);
  return Number.isFinite(value) ? value : undefined;
}
