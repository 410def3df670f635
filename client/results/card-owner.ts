import * as vscode from 'vscode';
import type { ChartLooks } from './chart-looks.ts';
import type { StartAt } from './messages.ts';
import { Result, type ResultOrigin } from './result.ts';

/** Where the results of statements are shown as cards: the panel of a file, or the cells of a notebook. */
export interface CardOwner {
  readonly results: readonly Result[];
  /** Adds a card. */
  open(origin: ResultOrigin, place?: CardPlace): Result;
  /** Something about a result changed. Many calls in a row cost one message to its page. */
  changed(result: Result): void;
  /** Stops what runs behind a result, and takes its card away. */
  close(result: Result): void;
  /** What the pin of a card does, where it does more than to let the card stay. */
  pin?(result: Result): void;
  /** Runs the statement of a result again. */
  rerun(result: Result, startAt: StartAt | undefined): void;
}

/** What cards share, wherever they are. */
export interface CardServices {
  readonly looks: ChartLooks;
  /** Shows the chart of a result on the dashboard, too. */
  pinToDashboard(result: Result): void;
}

/** Where a card goes. */
export interface CardPlace {
  /** The result whose place it takes. */
  readonly instead?: Result | undefined;
  /** The result that it says more of. */
  readonly about?: Result;
}

/** What an owner cannot do by itself: start a statement again. */
export type Rerun = CardOwner['rerun'];

/** A result within the limits that the settings give. */
export function newResult(id: number, origin: ResultOrigin, before?: Result, looks?: ChartLooks): Result {
  const settings = vscode.workspace.getConfiguration('ksql.results');
  const limits = {
    maxRows: settings.get('maxRows', 100_000),
    maxBytes: settings.get('maxSizeMb', 64) * 1024 * 1024,
  };
  const result = new Result(id, origin, limits, before?.id);
  if (looks !== undefined) result.look = looks.of(origin.statement);
  return result;
}
