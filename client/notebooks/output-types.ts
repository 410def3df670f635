/** What outputs of cells hold: read by the renderer, which has neither vscode nor Node. */
export const RENDERER = 'ksql-result';
export const RESULT_TYPE = 'application/vnd.ksql.result+json';
export const SNAPSHOT_TYPE = 'application/vnd.ksql.snapshot+json';

/** A result that the extension has, by its number. */
export interface ResultOutput {
  /** Which notebook it is of, for the menus of its grid. */
  readonly notebook: string;
  readonly result: number;
}

/** A pinned snapshot. */
export interface SnapshotOutput {
  readonly lines: readonly string[];
  /** Lines of it that a new run did not give, and those that it gave instead; absent: it was not compared. */
  readonly difference?: readonly string[];
}
