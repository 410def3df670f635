import type { AnswerRow } from '../../engine/api/answer-rows.ts';
import type { LateRecord, RowRecord } from '../../engine/api/protocol.ts';
import type { ChartData, ChartLook, ChartRequest } from '../charts/chart-types.ts';
import type {
  ColumnInfo,
  ComparedSide,
  Page,
  PageRequest,
  RecordContent,
  ResultState,
  ResultSummary,
  Selection,
  ShownRow,
  ShownView,
  StartAt,
} from './messages.ts';
import { ResultChart } from './result-chart.ts';
import { type BufferedRow, type BufferLimits, type Cell, cellText, contentOf, RowBuffer } from './row-buffer.ts';
import { FilterError, parseFilter } from './row-filter.ts';
import { type RowView, rowsOf, rowView } from './row-view.ts';

/** Cells are cut to this many characters for display; the row beside the grid shows them whole. */
const SHOWN_CHARACTERS = 400;
const HISTORY_SECONDS = 60;
/** A second may be a little shorter where timers are late. */
const LEAST_TICK_MS = 800;
/** How many of the first rows a run history can show. */
export const HEAD_ROWS = 100;

/** What a statement is run with: the settings and variables that hold where it stands. */
export interface RunSettings {
  readonly properties: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
}

export interface ResultOrigin {
  /** Instead of the first words of the statement. */
  readonly title?: string | undefined;
  readonly statement: string;
  readonly engine: string;
  readonly startAt?: StartAt | undefined;
  /** Absent where nothing but its own run can give it again. */
  readonly settings?: RunSettings | undefined;
}

/** What runs behind a result and can be told to hold or to end. */
export interface RunningQuery {
  pause(): void;
  resume(): void;
  stop(): void;
}

/** What can be done about what a result says, as a button of its card. */
export interface Offer {
  readonly label: string;
  act(): void;
}

/** Of a row that is compared with another: its side, and its cells that the other has not. */
export interface ComparedRow {
  readonly side: ComparedSide;
  readonly changed: readonly number[];
}

/** One card of the results panel: a statement, what came of it, and the rows kept of it. */
export class Result {
  readonly id: number;
  readonly origin: ResultOrigin;
  readonly buffer: RowBuffer;
  state: ResultState = 'starting';
  message: string | undefined;
  pinned = false;
  query: RunningQuery | undefined;
  /** How its chart looks, and whether it is looked at as one. */
  look: ChartLook = { isShown: false, choice: {} };
  /** Whether it ended because its server did. */
  lost = false;
  offer: Offer | undefined;
  /** Gets the rows anew, where no statement does. */
  readAgain: (() => void) | undefined;
  /** Reads which records were too late, where the server tells. */
  readLateRecords: (() => Promise<readonly LateRecord[]>) | undefined;
  /** Reads what a record holds, where the server lets one look. */
  readRecord: ((place: RowRecord) => Promise<RecordContent | undefined>) | undefined;
  /** Where rows are compared: what to mark of those that differ, by sequence number. */
  compared: ReadonlyMap<number, ComparedRow> = new Map();
  late: number | undefined;
  unreadable: number | undefined;
  readonly #replaces: number | undefined;
  #columns: readonly ColumnInfo[] = [];
  #isTable = false;
  #chart: ResultChart | undefined;
  #form: 'rows' | 'message' = 'message';
  readonly #startedMs = performance.now();
  /** When it began, by the clock of the machine. */
  readonly beganAtMs = Date.now();
  /** How long after its beginning the first row came, in milliseconds. */
  firstRowMs: number | undefined;
  readonly #ended = Promise.withResolvers<void>();
  /** Resolves when no more is to come. */
  readonly whenEnded: Promise<void> = this.#ended.promise;
  /** What shows it. */
  readonly #holders = new Set<object>();
  readonly #head: (readonly (string | null)[])[] = [];
  #endedMs: number | undefined;
  #history: number[] = [];
  #countAtTick = 0;
  #tickedMs = Number.NEGATIVE_INFINITY;
  /** Rows from this one on came within the last second or two; only their changes are tinted in the table. */
  #freshFrom = 0;
  /** The view that the last page was cut from, so that scrolling it, or a few new rows, cost next to nothing. */
  #view: { readonly key: string; readonly view: RowView } | undefined;

  /** @param replaces the result whose place it takes */
  constructor(id: number, origin: ResultOrigin, limits: BufferLimits, replaces?: number) {
    this.id = id;
    this.#replaces = replaces;
    this.origin = origin;
    this.buffer = new RowBuffer(limits);
  }

  get columns(): readonly ColumnInfo[] {
    return this.#columns;
  }

  get isOpen(): boolean {
    return this.state === 'starting' || this.state === 'running' || this.state === 'paused';
  }

  begin(columns: readonly ColumnInfo[], isTable: boolean): void {
    this.#columns = columns;
    this.#isTable = isTable;
    this.#form = 'rows';
    this.state = 'running';
    this.buffer.describe(columns, isTable);
  }

  add(row: AnswerRow): void {
    this.firstRowMs ??= this.elapsedMs;
    if (this.#head.length < HEAD_ROWS) this.#head.push(shownCells(contentOf(row.json).values));
    this.buffer.add(row);
  }

  /** The first rows that came, as they are shown, whether they are still kept or not. */
  get head(): readonly (readonly (string | null)[])[] {
    return this.#head;
  }

  /** Something shows it from now on. */
  hold(holder: object): void {
    this.#holders.add(holder);
  }

  /** Something shows it no more. What runs behind it ends once nothing does. */
  release(holder: object): void {
    this.#holders.delete(holder);
    if (this.#holders.size > 0) return;
    this.query?.stop();
    this.end('stopped');
  }

  /** Its statement is run again: what runs behind it ends, unless more than its card shows it. */
  giveWay(): void {
    if (this.#holders.size < 2) this.query?.stop();
  }

  end(state: ResultState, message?: string): void {
    if (!this.isOpen) return;
    this.state = state;
    if (message !== undefined) this.message = message;
    this.#endedMs = performance.now();
    this.#ended.resolve();
  }

  /** Called once a second by all that show it: closes the rate of that second. */
  tick(): void {
    const nowMs = performance.now();
    if (this.#form !== 'rows' || nowMs - this.#tickedMs < LEAST_TICK_MS) return;
    this.#tickedMs = nowMs;
    this.#freshFrom = this.#countAtTick;
    this.#history.push(this.buffer.total - this.#countAtTick);
    this.#countAtTick = this.buffer.total;
    if (this.#history.length > HISTORY_SECONDS) this.#history.shift();
  }

  clear(): void {
    this.buffer.clear();
  }

  get elapsedMs(): number {
    return (this.#endedMs ?? performance.now()) - this.#startedMs;
  }

  summary(): ResultSummary {
    const { buffer, origin } = this;
    const oldestMs = eventTime(buffer.change(buffer.first), this.#columns);
    return {
      id: this.id,
      title: origin.title ?? shortTitle(origin.statement),
      statement: origin.statement,
      form: this.#form,
      state: this.state,
      columns: this.#columns,
      isTable: this.#isTable && buffer.hasTable,
      isDrawable: this.query !== undefined,
      isChartShown: this.look.isShown,
      rows: buffer.total,
      kept: buffer.kept,
      keptBytes: buffer.bytes,
      maxRows: buffer.limits.maxRows,
      maxBytes: buffer.limits.maxBytes,
      rowsPerSecond: this.isOpen ? (this.#history.at(-1) ?? 0) : 0,
      history: this.#history,
      elapsedMs: this.elapsedMs,
      firstRowMs: this.firstRowMs,
      pinned: this.pinned,
      engine: origin.engine,
      message: this.message,
      replaces: this.#replaces,
      offer: this.offer?.label,
      startAt: origin.startAt,
      oldestMs,
      late: this.late,
      unreadable: this.unreadable,
    };
  }

  /** The rows of one page of a view. */
  page(request: PageRequest): Page {
    let view: RowView;
    try {
      view = this.#viewOf(request);
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      return { request, first: 0, end: 0, start: 0, moved: 0, rows: [], filterError: error.message };
    }
    const { first, end } = view;
    const { anchor, count } = request;
    const moved = anchor === undefined ? 0 : (view.placeOf(anchor) ?? anchor.place) - anchor.place;
    // Where a view is shorter than it was, its end is shown instead of nothing.
    const wanted = Math.min(request.start === undefined ? end : request.start + moved, end - count);
    const start = Math.max(first, wanted);
    const tintFrom = this.#tintFrom(request);
    const rows: ShownRow[] = [];
    for (let place = start; place < wanted + count; place++) rows.push(this.#show(view.at(place)!, tintFrom));
    const selection = request.selection && placed(request.selection, view);
    return { request, first, end, start, moved, rows, ...(selection && { selection }) };
  }

  /** The selected rows of a view that are still kept, and how many were selected. */
  selected(shown: ShownView, selection: Selection): { readonly rows: readonly BufferedRow[]; readonly count: number } {
    const view = this.#viewOf(shown);
    const { anchor, focus } = placed(selection, view) ?? selection;
    const [from, to] = [Math.min(anchor.place, focus.place), Math.max(anchor.place, focus.place)];
    const rows: BufferedRow[] = [];
    for (let place = Math.max(from, view.first); place <= Math.min(to, view.end - 1); place++)
      rows.push(view.at(place)!);
    return { rows, count: to - from + 1 };
  }

  /** Another chart of the rows, for who chooses of it what the card does not. */
  makeChart(): ResultChart {
    return new ResultChart(this.buffer, this.#columns, this.#isTable && this.buffer.hasTable);
  }

  /** What is kept as a picture; undefined where the filter is wrong. */
  chart(request: ChartRequest): ChartData | undefined {
    this.#chart ??= this.makeChart();
    try {
      return this.#chart.draw(request, this.look.choice);
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      return undefined;
    }
  }

  /** Among changes, what differs is always tinted; in the table only while it is news. */
  #tintFrom(request: PageRequest): number {
    if (request.view === 'changes') return 0;
    return this.isOpen ? this.#freshFrom : Number.POSITIVE_INFINITY;
  }

  #show({ sequence, id, cells, removed, changed }: BufferedRow, tintFrom: number): ShownRow {
    const isTinted = changed !== undefined && sequence >= tintFrom;
    const marks = this.compared.get(sequence) ?? (isTinted ? { changed } : {});
    return { sequence, id, cells: shownCells(cells), removed, ...marks };
  }

  /** All rows of a view, filtered and sorted as asked. @throws FilterError */
  rowsOf(shown: ShownView): readonly BufferedRow[] {
    const view = rowView(this.buffer, shown, parseFilter(shown.filter, this.#columns));
    view.update();
    return rowsOf(view);
  }

  #viewOf({ view, filter, sort }: ShownView): RowView {
    const key = JSON.stringify([view, filter, sort]);
    if (this.#view?.key !== key)
      this.#view = {
        key,
        view: rowView(this.buffer, { view, filter, ...(sort && { sort }) }, parseFilter(filter, this.#columns)),
      };
    this.#view.view.update();
    return this.#view.view;
  }
}

/** Where selected rows stand now. A row that is gone leaves its end of the selection where it was. */
function placed({ anchor, focus }: Selection, view: RowView): Selection | undefined {
  const places = [anchor, focus].map((row) => view.placeOf(row) ?? row.place) as [number, number];
  if (places.includes(-1)) return undefined;
  return { anchor: { id: anchor.id, place: places[0] }, focus: { id: focus.id, place: places[1] } };
}

/** A statement on one line; of a CREATE only what it creates, because that is what tells cards apart. */
export function shortTitle(statement: string): string {
  const line = statement
    .replace(/--[^\n]*/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/\s*;$/, '');
  const created =
    /^(CREATE )(?:OR REPLACE )?((?:SOURCE |SINK )?(?:STREAM|TABLE|CONNECTOR|TYPE) )(?:IF NOT EXISTS )?(`[^`]+`|"[^"]+"|[\w@]+)/i.exec(
      line,
    );
  return created === null ? line : `${created[1]}${created[2]}${created[3]}`;
}

function eventTime(row: BufferedRow | undefined, columns: readonly ColumnInfo[]): number | undefined {
  const column = columns.findIndex(({ name }) => name === 'ROWTIME');
  const value = row?.cells[column];
  return typeof value === 'number' ? value : undefined;
}

const shownCells = (cells: readonly Cell[]): readonly (string | null)[] =>
  cells.map((cell) => {
    if (cell === null || cell === undefined) return null;
    const text = cellText(cell);
    return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
  });
