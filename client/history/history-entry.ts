import type { ResultState } from '../results/messages.ts';
import type { Result } from '../results/result.ts';

/** A statement that was run, and the first of what it gave. Plain data: it is kept in a file. */
export interface HistoryEntry {
  readonly id: string;
  /** As it was run, but for secrets. */
  readonly statement: string;
  /** The document that it stood in. */
  readonly uri: string;
  readonly connection: string;
  readonly state: ResultState;
  readonly beganAtMs: number;
  readonly durationMs: number;
  /** How long after its beginning the first row came. */
  readonly firstRowMs?: number | undefined;
  readonly rows: number;
  /** What it said, or what went wrong. */
  readonly message?: string | undefined;
  readonly columns: readonly string[];
  /** The first rows; null is NULL. */
  readonly head: readonly (readonly (string | null)[])[];
}

/** Where a statement was run. */
export interface HistoryOrigin {
  readonly id: string;
  readonly uri: string;
}

/** Names of properties whose values nobody should find in a file. */
const SECRETS = /('[^']*(?:password|secret|token|credential|jaas|api\.key)[^']*'\s*=\s*)'(?:[^']|'')*'/gi;

/** A statement without passwords and their like. */
export const withoutSecrets = (statement: string): string => statement.replace(SECRETS, "$1'…'");

/** What a result has come to so far, with at most so many of its first rows. */
export function historyEntry(result: Result, { id, uri }: HistoryOrigin, rows: number): HistoryEntry {
  const { origin, state, beganAtMs, elapsedMs, firstRowMs, buffer, message, columns, head } = result;
  return {
    id,
    uri,
    statement: withoutSecrets(origin.statement),
    connection: origin.engine,
    state,
    beganAtMs,
    durationMs: elapsedMs,
    firstRowMs,
    rows: buffer.total,
    message,
    columns: columns.map(({ name }) => name),
    head: head.slice(0, rows),
  };
}
