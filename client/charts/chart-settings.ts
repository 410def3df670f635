import {
  type AxisX,
  type AxisY,
  type ChartChoice,
  type ChartColumn,
  type ChartOptions,
  type ChartSettings,
  type ColumnName,
  isOverAxis,
  type Measure,
  type SeriesBy,
} from './chart-types.ts';

/** Columns that say when or where, and not how much. */
const PLACES = new Set(['ROWTIME', 'WINDOWSTART', 'WINDOWEND', 'ROWPARTITION', 'ROWOFFSET']);
/** Columns that hold milliseconds since the epoch by their very name. */
const TIMES = new Set(['WINDOWSTART', 'ROWTIME', 'WINDOWEND']);
/** A stream's key makes series where it has no more values than can be told apart. */
export const FEW_KEYS = 12;

const TOP_OVER_AXIS = 8;
const TOP_OF_RANKING = 20;

/** What is known of a result besides its columns. */
export interface ChartSource {
  readonly columns: readonly ChartColumn[];
  /** Whether each row is the newest of its key. */
  readonly isTable: boolean;
  /** Whether rows tell the event time of their records. */
  readonly hasRecordTimes: boolean;
  /** How many keys were seen among the rows that were looked at. */
  readonly keys: number;
  /** Numbers whose values are milliseconds since the epoch in all rows that were looked at, by their place. */
  readonly times: readonly number[];
}

/** How a column is named in settings. */
export const columnName = ({ name }: ChartColumn): ColumnName => `=${name}`;

/** The place of a column that settings name; -1 where they name none, or it is not there. */
export const columnOf = (columns: readonly ChartColumn[], named: string): number =>
  columns.findIndex((column) => columnName(column) === named);

/** The columns of a key, without the bounds of its window. */
export const keyColumns = (columns: readonly ChartColumn[]): readonly number[] =>
  columns.flatMap(({ isKey, name }, i) => (isKey && !PLACES.has(name) ? [i] : []));

/** Whether the values of a column are points in time. */
export const isTime = ({ columns, times }: Pick<ChartSource, 'columns' | 'times'>, column: number): boolean =>
  columns[column]?.type === 'TIMESTAMP' || TIMES.has(columns[column]?.name ?? '') || times.includes(column);

/** Whether the rows of a source are those of windows. */
export const isWindowed = (columns: readonly ChartColumn[]): boolean =>
  columns.some(({ name }) => name === 'WINDOWSTART');

/** What can be chosen for a chart of these columns, the best first. */
export function chartOptions(source: ChartSource): ChartOptions {
  const { columns, hasRecordTimes } = source;
  const own = columns.filter(({ name }) => !PLACES.has(name));
  const times = own.filter((column) => isTime(source, columns.indexOf(column)));
  const measured = own.filter((column) => column.numeric && !column.isKey && !times.includes(column));
  const texts = own.filter((column) => !measured.includes(column) && !times.includes(column));
  // The window comes first, then the time of the event, which all rows have, then what the statement selects.
  const of = (name: string) => columns.filter((column) => column.name === name).map(columnName);
  const event: AxisX[] = [...of('WINDOWSTART'), ...of('ROWTIME'), ...(hasRecordTimes ? (['record'] as const) : [])];
  const x: AxisX[] = [...event, ...times.map(columnName), ...of('WINDOWEND'), 'order'];
  const y: AxisY[] = [...measured.map(columnName), 'rows'];
  const hasKey = keyColumns(columns).length > 0;
  const series: SeriesBy[] = ['none', ...(hasKey ? (['key'] as const) : []), ...texts.map(columnName)];
  return { x: [...x, ...measured.map(columnName)], y, series };
}

/**
 * The settings of a chart: what was chosen, as far as the columns still allow it, and for the rest what suits them. A
 * table shows a bar for each key, a windowed one a line for each key, a stream a line over time.
 */
export function chartSettings(source: ChartSource, choice: ChartChoice): ChartSettings {
  const options = chartOptions(source);
  const { columns, isTable } = source;
  const windowed = isWindowed(columns);
  const chosen = <T>(wanted: T | undefined, among: readonly T[]) =>
    wanted !== undefined && among.includes(wanted) ? wanted : undefined;
  const isRanking = keyColumns(columns).length > 0 && !windowed && (isTable || options.x[0] === 'order');
  const kind = choice.kind ?? (isRanking ? 'bars' : 'line');
  const x = chosen(choice.x, options.x) ?? options.x[0]!;
  const y = chosen(choice.y, options.y) ?? options.y[0]!;
  const series = chosen(choice.series, options.series) ?? defaultSeries(source, kind);
  const measure = y === 'rows' ? 'count' : (choice.measure ?? defaultMeasure(source, kind, series));
  const top = choice.top ?? (isOverAxis(kind) ? TOP_OVER_AXIS : TOP_OF_RANKING);
  return { kind, x, y, measure, series, top };
}

function defaultSeries({ columns, isTable, keys }: ChartSource, kind: ChartSettings['kind']): SeriesBy {
  if (keyColumns(columns).length === 0) return 'none';
  if (isTable || isWindowed(columns)) return 'key';
  return keys <= FEW_KEYS || kind === 'bars' ? 'key' : 'none';
}

function defaultMeasure({ columns, isTable }: ChartSource, kind: ChartSettings['kind'], series: SeriesBy): Measure {
  const isOnePerPoint = (isTable || isWindowed(columns)) && (series === 'key' || keyColumns(columns).length === 0);
  if (isOnePerPoint || kind === 'gauges') return 'last';
  return kind === 'stacked' || kind === 'bars' || isTable ? 'sum' : 'average';
}
