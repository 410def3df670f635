/**
 * What the host and the pages tell each other about charts: plain data only. The host has the rows and works out what
 * there is to draw; the page draws that.
 */

/** A column of a result, as far as charts look at it. */
export interface ChartColumn {
  readonly name: string;
  /** Its SQL type; empty where the server does not tell. */
  readonly type: string;
  readonly isKey: boolean;
  readonly numeric: boolean;
}

/** A column by its name, so that a choice holds for the next run of a statement, too. */
export type ColumnName = `=${string}`;

export const CHART_KINDS = ['line', 'area', 'stacked', 'bars', 'gauges'] as const;
/** Lines, areas and stacked bars go over an axis; bars and gauges show one value for each series. */
export type ChartKind = (typeof CHART_KINDS)[number];

export const MEASURES = ['last', 'average', 'sum', 'lowest', 'highest', 'count'] as const;
/** What is made of several rows that fall on one point. */
export type Measure = (typeof MEASURES)[number];

/** What is from left to right: the event time of the row's record, the order of rows, or a column. */
export type AxisX = 'record' | 'order' | ColumnName;
/** What is drawn: how many rows, or a column. */
export type AxisY = 'rows' | ColumnName;
/** What tells series apart: nothing, the key, or a column. */
export type SeriesBy = 'none' | 'key' | ColumnName;

export interface ChartSettings {
  readonly kind: ChartKind;
  readonly x: AxisX;
  readonly y: AxisY;
  readonly measure: Measure;
  readonly series: SeriesBy;
  /** How many series are shown; the others are said to be there. */
  readonly top: number;
}

/** What a user has chosen; what is absent follows from the columns. */
export type ChartChoice = Partial<ChartSettings>;

/** How a result is looked at. */
export interface ChartLook {
  /** Whether as a chart. */
  readonly isShown: boolean;
  readonly choice: ChartChoice;
}

/** What can be chosen. */
export interface ChartOptions {
  readonly x: readonly AxisX[];
  readonly y: readonly AxisY[];
  readonly series: readonly SeriesBy[];
}

/** A part of the axis from left to right, in its own unit. */
export interface ChartRange {
  readonly from: number;
  readonly to: number;
}

export interface ChartRequest {
  readonly result: number;
  readonly filter: string;
  /** The part that is zoomed into; all of it where it is absent. */
  readonly range?: ChartRange;
}

export interface ChartData {
  readonly request: ChartRequest;
  readonly settings: ChartSettings;
  readonly options: ChartOptions;
  readonly picture: ChartPicture;
}

export interface ChartLine {
  /** Empty where nothing tells series apart. */
  readonly name: string;
  /** Beside the places of the picture; null where the series has none. */
  readonly values: readonly (number | null)[];
}

/** What is drawn over an axis. */
export interface OverAxis {
  readonly kind: 'axis';
  /** Whether places are milliseconds since the epoch; else they count or measure something. */
  readonly isTime: boolean;
  /** Ascending. */
  readonly places: readonly number[];
  /** The most important first. */
  readonly lines: readonly ChartLine[];
  /** Of a single averaged line: between which values its rows were. */
  readonly spread?: { readonly low: readonly (number | null)[]; readonly high: readonly (number | null)[] };
  /** Series that are not shown. */
  readonly omitted: number;
}

/** One value for each series. */
export interface Ranking {
  readonly kind: 'ranking';
  /** The highest first. */
  readonly entries: readonly RankingEntry[];
  /** Series that are not shown. */
  readonly omitted: number;
}

export interface RankingEntry {
  readonly name: string;
  readonly value: number;
}

export type ChartPicture = OverAxis | Ranking;

/** Whether a chart has an axis from left to right. */
export const isOverAxis = (kind: ChartKind): boolean => kind === 'line' || kind === 'area' || kind === 'stacked';
