/**
 * What the results panel and its web page tell each other: plain data only. The panel owns the rows; the page asks for the
 * ones it shows.
 */

/** A column as the page shows it. */
export interface ColumnInfo {
  readonly name: string;
  readonly type: string;
  readonly isKey: boolean;
  readonly numeric: boolean;
}

export type ResultState = 'starting' | 'running' | 'paused' | 'ended' | 'stopped' | 'failed' | 'done';
export type StartAt = 'now' | 'beginning' | 'end';
export type ResultView = 'table' | 'changes';

/** Everything about a result but its rows. */
export interface ResultSummary {
  readonly id: number;
  /** The first words of the statement. */
  readonly title: string;
  readonly statement: string;
  readonly form: 'rows' | 'message';
  readonly state: ResultState;
  /** Of form `message`, and of state `failed`: what happened. */
  readonly message?: string;
  readonly columns: readonly ColumnInfo[];
  /** Absent where it makes no difference, such as SHOW or a pull query. */
  readonly startAt?: StartAt;
  /** Whether the newest row per key can be shown apart from the changes. */
  readonly isTable: boolean;
  /** Whether there is a column of numbers to draw. */
  readonly isDrawable: boolean;
  readonly rows: number;
  readonly kept: number;
  readonly keptBytes: number;
  readonly maxRows: number;
  readonly maxBytes: number;
  readonly rowsPerSecond: number;
  /** Rows of each of the last 60 seconds, oldest first. */
  readonly history: readonly number[];
  readonly elapsedMs: number;
  /** Event time of the oldest row kept. */
  readonly oldestMs?: number;
  readonly late?: number;
  readonly unreadable?: number;
  readonly pinned: boolean;
  /** Where the rows come from, for the card's tooltip. */
  readonly engine: string;
}

/** A row as shown: one text a column (null is NULL), cut to a length that can be shown. */
export interface ShownRow {
  /** Counts all rows of the result from 0; stays with the row. */
  readonly sequence: number;
  readonly cells: readonly (string | null)[];
  readonly removed: boolean;
  /** Columns that differ from the row of the same key before. */
  readonly changed?: readonly number[];
}

/** What of a result is shown, and in which order. */
export interface ShownView {
  readonly view: ResultView;
  readonly filter: string;
  readonly sort?: { readonly column: number; readonly descending: boolean };
}

export interface PageRequest extends ShownView {
  readonly result: number;
  /** Index of the first row wanted; -1 asks for the newest ones. */
  readonly start: number;
  readonly count: number;
}

export interface Page {
  readonly request: PageRequest;
  readonly start: number;
  /** How many rows there are in this view with this filter. */
  readonly total: number;
  readonly rows: readonly ShownRow[];
  /** What is wrong with the filter. */
  readonly filterError?: string;
}

/** Asks for what is shown as a picture: a table as bars, a stream as a line. */
export interface ChartRequest {
  readonly result: number;
  readonly filter: string;
  /** The column to draw; the first that can be drawn where it is absent. */
  readonly column?: number;
}

export interface ChartData {
  readonly request: ChartRequest;
  /** Columns that can be drawn, by their index. */
  readonly choices: readonly { readonly index: number; readonly name: string }[];
  /** The column that is drawn. */
  readonly column: number;
  /** Of a table: a value for each key, the highest first. `text` is the value as it was written. */
  readonly bars?: readonly { readonly label: string; readonly value: number; readonly text: string }[];
  /** Keys that have no bar, because there are too many. */
  readonly omitted?: number;
  /** Of a stream: values over event time in milliseconds, or over the number of their row. */
  readonly line?: {
    readonly isTime: boolean;
    readonly points: readonly { readonly at: number; readonly value: number }[];
  };
}

/** One row with its values uncut, for the tree beside the grid. */
export interface RowDetail {
  readonly result: number;
  readonly sequence: number;
  readonly fields: readonly { readonly name: string; readonly type: string; readonly value: unknown }[];
  readonly record?: RecordDetail;
}

/** The record whose processing gave a row: of an aggregate the last that went into it. */
export interface RecordDetail {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** The event time of the row, in milliseconds. */
  readonly timestampMs: number;
  /** What the record holds; absent where it could not be read, or is no longer there. */
  readonly content?: RecordContent;
}

export interface RecordContent {
  readonly key: string | null;
  readonly window?: { readonly startMs: number; readonly endMs: number };
  readonly value: string | null;
  readonly headers: readonly { readonly key: string; readonly value: string | null }[];
}

export type ToPage =
  | { readonly kind: 'results'; readonly results: readonly ResultSummary[] }
  | { readonly kind: 'summary'; readonly result: ResultSummary }
  | { readonly kind: 'page'; readonly page: Page }
  | { readonly kind: 'chart'; readonly chart: ChartData }
  | { readonly kind: 'detail'; readonly detail: RowDetail };

export type CardAction =
  | 'pause'
  | 'resume'
  | 'stop'
  | 'runAgain'
  | 'clear'
  | 'pin'
  | 'unpin'
  | 'close'
  | 'processingLog'
  | 'lateRecords';

export type FromPage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'page'; readonly request: PageRequest }
  | { readonly kind: 'chart'; readonly request: ChartRequest }
  | { readonly kind: 'detail'; readonly result: number; readonly sequence: number }
  | { readonly kind: 'action'; readonly result: number; readonly action: CardAction }
  | { readonly kind: 'export'; readonly result: number; readonly form: 'csv' | 'json'; readonly shown: ShownView }
  | { readonly kind: 'startAt'; readonly result: number; readonly startAt: StartAt }
  | {
      readonly kind: 'copy';
      readonly result: number;
      readonly sequences: readonly number[];
      readonly form: 'text' | 'json' | 'insert';
      readonly column?: number;
    };
