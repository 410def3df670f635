import type { ChartChoice, ChartData, ChartRequest } from '../charts/chart-types.ts';
import type { Display } from './display.ts';

/**
 * What the results panel and its web page tell each other: plain data only. The panel owns the rows; the page asks for
 * the ones it shows.
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
  /** The result whose place it took: it is open if that was. */
  readonly replaces?: number | undefined;
  /** The first words of the statement. */
  readonly title: string;
  readonly statement: string;
  readonly form: 'rows' | 'message';
  readonly state: ResultState;
  /** Of form `message`, and of state `failed`: what happened. */
  readonly message?: string | undefined;
  /** What a button beside the message says. */
  readonly offer?: string | undefined;
  readonly columns: readonly ColumnInfo[];
  /** Absent where it makes no difference, such as SHOW or a pull query. */
  readonly startAt?: StartAt | undefined;
  /** Whether the newest row per key can be shown apart from the changes. */
  readonly isTable: boolean;
  /** Whether its rows can be drawn, because a query gives them. */
  readonly isDrawable: boolean;
  /** Whether the statement's result was last looked at as a chart. */
  readonly isChartShown: boolean;
  readonly rows: number;
  readonly kept: number;
  readonly keptBytes: number;
  readonly maxRows: number;
  readonly maxBytes: number;
  readonly rowsPerSecond: number;
  /** Rows of each of the last 60 seconds, oldest first. */
  readonly history: readonly number[];
  readonly elapsedMs: number;
  /** How long after its beginning the first row came, in milliseconds. */
  readonly firstRowMs?: number | undefined;
  /** Event time of the oldest row kept. */
  readonly oldestMs?: number | undefined;
  readonly late?: number | undefined;
  readonly unreadable?: number | undefined;
  readonly pinned: boolean;
  /** Where the rows come from, for the card's tooltip. */
  readonly engine: string;
}

/** A row as shown: one text a column (null is NULL), cut to a length that can be shown. */
export interface ShownRow {
  /** Counts all rows of the result from 0. */
  readonly sequence: number;
  /** What stays with the row in its view: among changes its sequence number, in a table the number of its key. */
  readonly id: number;
  readonly cells: readonly (string | null)[];
  readonly removed: boolean;
  /** Columns that differ from the row of the same key before. */
  readonly changed?: readonly number[];
  /** Where rows are compared, the side that the row is of; absent for one that both have. */
  readonly side?: ComparedSide;
}

export type ComparedSide = 'expected' | 'actual';

/** What of a result is shown, and in which order. */
export interface ShownView {
  readonly view: ResultView;
  readonly filter: string;
  readonly sort?: { readonly column: number; readonly descending: boolean };
}

/** A row, and where it stood when it was last seen; -1 where that is not known, because the view is another one. */
export interface RowPlace {
  readonly id: number;
  readonly place: number;
}

/** The rows from one to another, in the order of the view; either may be the earlier. */
export interface Selection {
  readonly anchor: RowPlace;
  readonly focus: RowPlace;
}

export interface PageRequest extends ShownView {
  readonly result: number;
  /** The place of the first row wanted; absent for the newest ones. */
  readonly start?: number;
  readonly count: number;
  /** A row in sight that must not move: where it stands elsewhere now, the page starts so much earlier or later. */
  readonly anchor?: RowPlace;
  readonly selection?: Selection;
  /** Whether the answer may wait until something has changed. */
  readonly wait: boolean;
}

export interface Page {
  readonly request: PageRequest;
  /** The place of the first row that this view still has; before it, rows have left. */
  readonly first: number;
  /** The place after the last row. */
  readonly end: number;
  /** The place of the first of `rows`. */
  readonly start: number;
  readonly rows: readonly ShownRow[];
  /** How many places the anchor of the request has moved on. */
  readonly moved: number;
  /** Where the selected rows stand now; absent where they are not in this view. */
  readonly selection?: Selection;
  /** What is wrong with the filter. */
  readonly filterError?: string;
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

/** What the menu of a cell or a column does in the page itself. */
export type GridAction =
  | { readonly kind: 'filter'; readonly text: string }
  | { readonly kind: 'hide'; readonly column: number }
  | { readonly kind: 'sort'; readonly column: number; readonly descending: boolean }
  | { readonly kind: 'unsort' };

export type ToPage =
  /** A translation of the texts of a page that is not made by us, before all else; none where they are as written. */
  | {
      readonly kind: 'texts';
      readonly bundle?: Readonly<Record<string, string>> | undefined;
      readonly display: Display;
    }
  /** How rows are shown: first, and when a setting has changed. */
  | { readonly kind: 'display'; readonly display: Display }
  | { readonly kind: 'results'; readonly results: readonly ResultSummary[] }
  | { readonly kind: 'update'; readonly result: ResultSummary; readonly page?: Page }
  | { readonly kind: 'page'; readonly page: Page }
  | { readonly kind: 'chart'; readonly request: ChartRequest; readonly chart?: ChartData }
  | { readonly kind: 'detail'; readonly detail: RowDetail }
  | { readonly kind: 'gone'; readonly result: number }
  | { readonly kind: 'grid'; readonly result: number; readonly action: GridAction };

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
  | 'lateRecords'
  | 'dashboard'
  | 'makeTest'
  | 'offer';

/** `text` is tab-separated and gives the cells alone, `table` puts the names of the columns above them. */
export type CopyForm = 'text' | 'table' | 'csv' | 'json' | 'insert';

/** The selected rows of a view; with `column` only that cell of them. */
export interface CopyRequest {
  readonly result: number;
  readonly shown: ShownView;
  readonly selection: Selection;
  readonly form: CopyForm;
  readonly column?: number;
}

/** What VS Code hands to the commands of the grid's own menu: where the pointer was. */
export interface GridContext {
  readonly panel: string;
  readonly result: number;
  readonly column: number;
  /** Of a cell; absent for the head of a column. */
  readonly sequence?: number;
  readonly shown: ShownView;
  readonly selection?: Selection;
}

export type FromPage =
  /**
   * A page wants to know of all its results, that of a notebook of its texts, the output of a cell of the result that
   * it is for.
   */
  | { readonly kind: 'ready' }
  | { readonly kind: 'show'; readonly result: number }
  | { readonly kind: 'page'; readonly request: PageRequest }
  | { readonly kind: 'chart'; readonly request: ChartRequest }
  /** Something of a chart was chosen, or, with nothing in it, all that was chosen is taken back. */
  | { readonly kind: 'chartChoice'; readonly result: number; readonly choice: ChartChoice }
  | { readonly kind: 'chartShown'; readonly result: number; readonly isShown: boolean }
  | { readonly kind: 'copy'; readonly request: CopyRequest }
  | { readonly kind: 'detail'; readonly result: number; readonly sequence: number }
  | { readonly kind: 'action'; readonly result: number; readonly action: CardAction }
  | { readonly kind: 'export'; readonly result: number; readonly form: 'csv' | 'json'; readonly shown: ShownView }
  | { readonly kind: 'startAt'; readonly result: number; readonly startAt: StartAt };
