import type { ColumnInfo } from '../results/messages.ts';
/** A column as the grid shows it. The two bounds of a window are one column. */
export interface DisplayColumn {
  readonly kind: 'text' | 'number' | 'time' | 'timestamp' | 'window';
  readonly name: string;
  readonly type: string;
  readonly isKey: boolean;
  /** Its place among the columns of the result; of a window that of its start. */
  readonly index: number;
  /** Of a window: the place of its end. */
  readonly endIndex?: number;
}
/** The columns of a result as the grid shows them. */
export declare function displayColumns(columns: readonly ColumnInfo[]): readonly DisplayColumn[];
/** What a cell shows; null is NULL. */
export declare function displayText(column: DisplayColumn, cells: readonly (string | null)[]): string | null;
/** What a cell holds, where it shows something else or may be cut. */
export declare function rawText(column: DisplayColumn, cells: readonly (string | null)[]): string;
/** The width that a column wants before there are rows, in characters. */
export declare function firstWidth({ kind, name, type }: DisplayColumn): number;
