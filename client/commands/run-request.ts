import type * as vscode from 'vscode';
import type { Properties } from '../../engine/api/protocol.ts';
import type { StartAt } from '../results/messages.ts';
import type { Result } from '../results/result.ts';
import { type ScriptStatement, scriptStatements } from '../statements/script-statements.ts';
import { scriptTextOf } from '../statements/script-text.ts';

/** How a statement is to be run. */
export interface RunRequest {
  readonly document: vscode.TextDocument;
  readonly statement: ScriptStatement;
  /** Overrides where the script says a query begins. */
  readonly startAt?: StartAt | undefined;
  /** Runs the SELECT of CREATE … AS or INSERT … SELECT, and creates nothing. */
  readonly preview?: boolean;
  /** Whether the user was asked about it already. */
  readonly isConfirmed?: boolean | undefined;
  /** What the card is called instead of by the statement's first words. */
  readonly title?: string | undefined;
  /** The card whose place it takes. */
  readonly instead?: Result;
}

/** The request with its statement where it stands now: text above it may have come or gone since it was last run. */
export function asItStands(request: RunRequest): RunRequest {
  const { document, statement } = request;
  const same = scriptStatements(scriptTextOf(document)).filter(({ text }) => text === statement.text);
  const nearest = same.toSorted((a, b) => Math.abs(a.start - statement.start) - Math.abs(b.start - statement.start))[0];
  return nearest === undefined ? request : { ...request, statement: { ...nearest, form: statement.form } };
}

/** Where a query begins to read by the settings above it. */
export function startOf(properties: Properties): StartAt {
  const reset = properties['auto.offset.reset'] ?? properties['ksql.streams.auto.offset.reset'];
  if (properties['ksql.workbench.until.end'] === 'true') return 'end';
  return String(reset).toLowerCase() === 'earliest' ? 'beginning' : 'now';
}

/** The settings that make a query begin where it is told to. */
export function startProperties(startAt: StartAt | undefined): Record<string, string> {
  switch (startAt) {
    case undefined:
      return {};
    case 'now':
      return { 'auto.offset.reset': 'latest' };
    case 'beginning':
      return { 'auto.offset.reset': 'earliest' };
    case 'end':
      return { 'auto.offset.reset': 'earliest', 'ksql.workbench.until.end': 'true' };
    default:
      return startAt satisfies never;
  }
}
