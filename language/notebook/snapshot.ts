import { identifierText } from '../text/identifier-text.ts';

/** What stands before each line of a snapshot in a script. */
export const SNAPSHOT_PREFIX = '-->';
/** At most so many rows are kept. */
const MAX_ROWS = 20;
/** Times that are not older than this are taken for those of the run, in milliseconds. */
const RECENT_MS = 24 * 60 * 60 * 1000;

/** The answer of a query: of a table the newest row of each key. */
export interface Answer {
  readonly columns: readonly { readonly name: string; readonly isKey: boolean }[];
  /** Values as JSON, to the digit. */
  readonly rows: readonly (readonly string[])[];
}

/** Columns whose times are the clock's where records were given none. */
const TIME_COLUMNS: ReadonlySet<string> = new Set(['ROWTIME', 'WINDOWSTART', 'WINDOWEND']);

/**
 * The lines of a snapshot: the names of the columns, the first rows in the order of their keys, and how many there are.
 * The order in which rows came and times of the run are no part of it, so that a run that gives the same rows gives the
 * same lines.
 */
export function takeSnapshot(answer: Answer, nowMs: number): readonly string[] {
  const isRecent = (i: number) => answer.rows.some((row) => Number(row[i]) >= nowMs - RECENT_MS);
  return linesOf(answer, (name, i) => TIME_COLUMNS.has(name) && isRecent(i), MAX_ROWS);
}

/** The snapshot of a new answer, with the columns that the pinned one has of those that may be left out. */
export function retakeSnapshot(answer: Answer, pinned: readonly string[]): readonly string[] {
  const names = new Set(pinned[0]?.split(', ').map((name) => name.replace(/ KEY$/, '')));
  return linesOf(answer, (name) => TIME_COLUMNS.has(name) && !names.has(name), Math.max(MAX_ROWS, pinned.length - 2));
}

/** The lines that only one of two snapshots has, behind `-` and `+`; none where the two are the same. */
export function snapshotDifference(pinned: readonly string[], retaken: readonly string[]): readonly string[] {
  const [before, after] = [new Set(pinned), new Set(retaken)];
  return [
    ...pinned.filter((line) => !after.has(line)).map((line) => `- ${line}`),
    ...retaken.filter((line) => !before.has(line)).map((line) => `+ ${line}`),
  ];
}

function linesOf({ columns, rows }: Answer, isLeftOut: (name: string, i: number) => boolean, maxRows: number) {
  const kept = columns.flatMap(({ name }, i) => (isLeftOut(name, i) ? [] : [i]));
  const keys = kept.filter((i) => columns[i]!.isKey);
  const sorted = rows.toSorted((a, b) => compareAt(keys, a, b) || compareAt(kept, a, b));
  const head = kept.map((i) => `${identifierText(columns[i]!.name)}${columns[i]!.isKey ? ' KEY' : ''}`).join(', ');
  const shown = sorted.slice(0, maxRows).map((row) => kept.map((i) => row[i]).join(', '));
  const count = rows.length === 1 ? '1 row' : `${rows.length} rows`;
  return [head, ...shown, rows.length > maxRows ? `the first ${maxRows} of ${count}` : count];
}

/** Numbers by their value, everything else by its text. */
function compareAt(places: readonly number[], a: readonly string[], b: readonly string[]): number {
  for (const i of places) {
    const [left, right] = [a[i]!, b[i]!];
    if (left === right) continue;
    const difference = Number(left) - Number(right);
    if (difference) return difference;
    return left < right ? -1 : 1;
  }
  return 0;
}
