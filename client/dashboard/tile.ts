import * as vscode from 'vscode';
import type { ChartChoice, ChartData, ChartRange } from '../charts/chart-types.ts';
import { messageOf } from '../connections/message-of.ts';
import { newResult } from '../results/card-owner.ts';
import type { StartAt } from '../results/messages.ts';
import type { Result, RunSettings } from '../results/result.ts';
import type { ResultChart } from '../results/result-chart.ts';
import type { TileState, TileSummary } from './dashboard-messages.ts';

/** A pinned chart as it is kept in the workspace: all that it takes to run its query again. */
export interface PinnedChart {
  readonly id: string;
  readonly title: string;
  readonly statement: string;
  /** The name of the connection that it runs on. */
  readonly connection: string;
  readonly startAt?: StartAt | undefined;
  readonly settings: RunSettings;
  readonly choice: ChartChoice;
}

/** What a tile needs of the others. */
export interface TileSurroundings {
  /** Runs a query into a result until it ends. @throws Error that says why not */
  run(chart: PinnedChart, result: Result): Promise<void>;
  /** What there is to say of a connection before its query was started. */
  stateOf(connection: string): string;
  changed(tile: Tile): void;
}

/** A chart on the dashboard, with the result that it is of: that of a card, or one of its own. */
export class Tile {
  readonly #around: TileSurroundings;
  #chart: PinnedChart;
  #result: Result | undefined;
  /** What is read of the rows of the result, for what is chosen here. */
  #drawing: ResultChart | undefined;

  constructor(chart: PinnedChart, around: TileSurroundings, result?: Result) {
    this.#chart = chart;
    this.#around = around;
    this.#result = result;
    result?.hold(this);
  }

  get chart(): PinnedChart {
    return this.#chart;
  }

  get id(): string {
    return this.#chart.id;
  }

  get isOpen(): boolean {
    return this.#result?.isOpen ?? false;
  }

  /** Whether it is of this result. */
  shows(result: Result): boolean {
    return this.#result === result;
  }

  rename(title: string): void {
    this.#chart = { ...this.#chart, title };
    this.#around.changed(this);
  }

  choose(choice: ChartChoice): void {
    const isReset = Object.keys(choice).length === 0;
    this.#chart = { ...this.#chart, choice: isReset ? {} : { ...this.#chart.choice, ...choice } };
    this.#around.changed(this);
  }

  /** Runs its query anew. */
  async start(): Promise<void> {
    this.release();
    const { statement, connection, startAt, settings } = this.#chart;
    const origin = { statement, engine: connection, startAt, settings };
    const result = newResult(0, origin);
    this.#result = result;
    result.hold(this);
    this.#around.changed(this);
    try {
      await this.#around.run(this.#chart, result);
    } catch (error) {
      result.end('failed', messageOf(error));
    }
    this.#around.changed(this);
  }

  stop(): void {
    this.#result?.query?.stop();
    this.#result?.end('stopped');
    this.#around.changed(this);
  }

  /** Lets go of its result, which ends unless a card shows it. */
  release(): void {
    this.#result?.release(this);
    this.#result = undefined;
    this.#drawing = undefined;
  }

  tick(): void {
    if (this.isOpen) this.#result?.tick();
  }

  /** What there is to draw. */
  draw(range: ChartRange | undefined): ChartData | undefined {
    if (this.#result === undefined || this.#result.columns.length === 0) return undefined;
    this.#drawing ??= this.#result.makeChart();
    return this.#drawing.draw({ result: 0, filter: '', ...(range && { range }) }, this.#chart.choice);
  }

  summary(): TileSummary {
    const { id, title, statement, connection } = this.#chart;
    const shared = { id, title, statement, connection };
    const result = this.#result;
    if (result === undefined) {
      const message = this.#around.stateOf(connection);
      return { ...shared, state: 'idle', message, rows: 0, rowsPerSecond: 0 };
    }
    const { rows, rowsPerSecond, form, message } = result.summary();
    const state = stateOf(result);
    return {
      ...shared,
      state,
      rows,
      rowsPerSecond,
      message: state === 'stopped' && rows === 0 ? vscode.l10n.t('The query was stopped.') : message,
      version: form === 'rows' ? result.buffer.version : undefined,
    };
  }
}

function stateOf({ state }: Result): TileState {
  switch (state) {
    case 'paused':
    case 'running':
      return 'running';
    case 'ended':
    case 'done':
      return 'done';
    case 'starting':
    case 'stopped':
    case 'failed':
      return state;
    default:
      return state satisfies never;
  }
}
