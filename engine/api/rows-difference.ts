/** A row as the JSON of its cells, one a column; null where nothing is said of the column. */
export type CellTexts = readonly (string | null)[];

/** The rows that the assertions of a test expect of a source, and those that came; plain data, as reports hold it. */
export interface RowsDifference {
  readonly source: string;
  readonly columns: readonly { readonly name: string; readonly type: string; readonly isKey: boolean }[];
  readonly expected: readonly CellTexts[];
  readonly actual: readonly CellTexts[];
  /** Whether there are rows before or after these. */
  readonly isPart: boolean;
}
