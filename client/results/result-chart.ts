import {
  type ChartSource,
  chartOptions,
  chartSettings,
  columnOf,
  isTime,
  isWindowed,
  keyColumns,
} from '../charts/chart-settings.ts';
import {
  type ChartChoice,
  type ChartData,
  type ChartPicture,
  type ChartRequest,
  type ChartSettings,
  isOverAxis,
} from '../charts/chart-types.ts';
import { overAxis } from '../charts/over-axis.ts';
import { type Point, Points } from '../charts/points.ts';
import { topOf } from '../charts/ranking.ts';
import type { ColumnInfo } from './messages.ts';
import { type BufferedRow, type Cell, cellText, numberIn, type RowBuffer } from './row-buffer.ts';
import { parseFilter, type RowFilter } from './row-filter.ts';

/** How many of the first rows are looked at for how many keys there are. */
const SAMPLED_ROWS = 300;

/** From the year 2000 to 2100, in milliseconds since the epoch. */
const [FIRST_TIME_MS, LAST_TIME_MS] = [946_684_800_000, 4_102_444_800_000];

/** What is looked at in the first rows. */
type Sample = Pick<ChartSource, 'keys' | 'hasRecordTimes' | 'times'>;

/** What a chart of some settings reads of a row. */
interface Reading {
  readonly key: string;
  readonly filter: RowFilter | undefined;
  /** Whether only the newest row of each key counts. */
  readonly isLatest: boolean;
  readonly isTime: boolean;
  pointOf(row: BufferedRow): Point | undefined;
}

/**
 * The rows of a result as a chart. Each row is read once, when it is new; what is drawn is then made of its numbers
 * alone, so that a chart over a full buffer can be drawn anew twice a second.
 */
export class ResultChart {
  readonly #buffer: RowBuffer;
  readonly #source: Omit<ChartSource, keyof Sample> & { readonly columns: readonly ColumnInfo[] };
  /** Looked at once: a chart does not become another one because more keys come. */
  #sample: Sample | undefined;
  #reading: Reading | undefined;
  #points = new Points();
  /** Rows from this one on have not been read. */
  #next = 0;
  /** How often the rows had been let go when they were last read. */
  #clears = 0;

  constructor(buffer: RowBuffer, columns: readonly ColumnInfo[], isTable: boolean) {
    this.#buffer = buffer;
    this.#source = { columns, isTable };
  }

  /** What there is to draw. @throws FilterError */
  draw(request: ChartRequest, choice: ChartChoice): ChartData {
    const source = { ...this.#source, ...this.#sampled() };
    const settings = chartSettings(source, choice);
    const reading = this.#readingOf(source, settings, request.filter);
    this.#read(reading);
    return { request, settings, options: chartOptions(source), picture: this.#picture(settings, request, reading) };
  }

  #picture(settings: ChartSettings, { range }: ChartRequest, { isTime }: Reading): ChartPicture {
    return isOverAxis(settings.kind)
      ? overAxis(this.#points, { settings, range, isTime })
      : topOf(this.#points, settings.measure, settings.top);
  }

  #sampled(): Sample {
    if (this.#sample !== undefined) return this.#sample;
    const { columns } = this.#source;
    const { first, kept } = this.#buffer;
    const rows = Array.from({ length: Math.min(kept, SAMPLED_ROWS) }, (_, i) => this.#buffer.change(first + i)!);
    const key = keyColumns(columns);
    const sample = {
      keys: new Set(rows.map((row) => textOf(row, key))).size,
      hasRecordTimes: rows.some(({ record }) => record !== undefined),
      times: columns.flatMap(({ type }, i) =>
        type === 'BIGINT' && rows.every(({ cells }) => isTimeMs(cells[i])) ? [i] : [],
      ),
    };
    if (kept === 0) return { ...sample, times: [] };
    this.#sample = sample;
    return sample;
  }

  #readingOf(source: ChartSource, settings: ChartSettings, filter: string): Reading {
    const { columns, isTable } = this.#source;
    const { kind, x, y, series } = settings;
    const isLatest = isTable && (!isOverAxis(kind) || isWindowed(columns));
    const key = JSON.stringify([x, y, series, isLatest, filter]);
    if (this.#reading?.key === key) return this.#reading;
    const atOf = placeReader(columns, x);
    const valueIn = y === 'rows' ? () => 1 : numberReader(columnOf(columns, y));
    const named = series === 'key' ? keyColumns(columns) : series === 'none' ? [] : [columnOf(columns, series)];
    this.#points = new Points();
    this.#next = this.#buffer.first;
    this.#reading = {
      key,
      filter: parseFilter(filter, columns),
      isLatest,
      isTime: x === 'record' || isTime(source, columnOf(columns, x)),
      pointOf: (row) => {
        const value = valueIn(row);
        if (value === undefined) return undefined;
        return { at: atOf(row), series: textOf(row, named), value };
      },
    };
    if (isLatest) this.#readTable(this.#reading);
    return this.#reading;
  }

  #read(reading: Reading): void {
    const buffer = this.#buffer;
    // What came and went unseen may have been the only row of its key.
    if (reading.isLatest && (this.#next < buffer.first || this.#clears !== buffer.clears)) this.#readTable(reading);
    this.#clears = buffer.clears;
    for (let sequence = Math.max(this.#next, buffer.first); sequence < buffer.total; sequence++) {
      const row = buffer.change(sequence, reading.isLatest ? [] : reading.filter?.hints);
      if (row === undefined) continue;
      const isIn = !row.removed && reading.filter?.matches(row) !== false;
      const point = isIn ? reading.pointOf(row) : undefined;
      if (reading.isLatest) this.#points.put(this.#keyOf(row), point);
      else if (point !== undefined) this.#points.push(sequence, point);
    }
    this.#next = buffer.total;
    if (!reading.isLatest) this.#points.dropBefore(buffer.first);
  }

  #readTable(reading: Reading): void {
    this.#points = new Points();
    for (const row of this.#buffer.table())
      if (reading.filter?.matches(row) !== false) this.#points.put(this.#keyOf(row), reading.pointOf(row));
    this.#next = this.#buffer.total;
  }

  #keyOf(row: BufferedRow): string {
    return textOf(
      row,
      this.#source.columns.flatMap(({ isKey }, i) => (isKey ? [i] : [])),
    );
  }
}

const textOf = ({ cells }: BufferedRow, columns: readonly number[]): string =>
  columns.map((column) => (cells[column] === null ? 'NULL' : cellText(cells[column]))).join(' · ');

/** A number that has a place in a picture. */
function numberOf(cell: Cell): number | undefined {
  const value = Number(numberIn(cell) ?? Number.NaN);
  return Number.isFinite(value) ? value : undefined;
}

const isTimeMs = (cell: Cell): boolean => {
  const value = numberOf(cell) ?? 0;
  return value > FIRST_TIME_MS && value < LAST_TIME_MS;
};

const numberReader = (column: number) => (row: BufferedRow) => numberOf(row.cells[column]);

/** Where a row is from left to right; NaN where it does not say. */
function placeReader(columns: readonly ColumnInfo[], x: ChartSettings['x']): (row: BufferedRow) => number {
  if (x === 'order') return ({ sequence }) => sequence + 1;
  if (x === 'record') return ({ record }) => record?.timestampMs ?? Number.NaN;
  const column = columnOf(columns, x);
  // A TIMESTAMP comes without its zone, which is UTC; the times of PRINT come with one.
  const zone = columns[column]!.type === 'TIMESTAMP' ? 'Z' : '';
  return ({ cells }) => {
    const cell = cells[column];
    return typeof cell === 'string' ? Date.parse(cell + zone) : (numberOf(cell) ?? Number.NaN);
  };
}
