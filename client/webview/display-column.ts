import { count } from '../../engine/api/row-count.ts';
import type { ColumnInfo } from '../results/messages.ts';
import { display } from './elements/page-display.ts';
import { shownTime, timeRange } from './elements/text.ts';

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

/** Columns that hold milliseconds since the epoch by their very name. */
const TIMES = new Set(['ROWTIME', 'WINDOWSTART', 'WINDOWEND']);

/** The columns of a result as the grid shows them. */
export function displayColumns(columns: readonly ColumnInfo[]): readonly DisplayColumn[] {
  const start = columns.findIndex(({ name }) => name === 'WINDOWSTART');
  const end = columns.findIndex(({ name }) => name === 'WINDOWEND');
  const isWindowed = start >= 0 && end >= 0;
  return columns.flatMap((column, index): DisplayColumn[] => {
    const { name, type, isKey } = column;
    if (isWindowed && index === end) return [];
    if (isWindowed && index === start)
      return [{ kind: 'window', name: 'WINDOW', type: '', isKey: isKey || columns[end]!.isKey, index, endIndex: end }];
    return [{ kind: kindOf(column), name, type, isKey, index }];
  });
}

function kindOf({ name, type, numeric }: ColumnInfo): DisplayColumn['kind'] {
  if (TIMES.has(name) && (numeric || type === '')) return 'time';
  if (type === 'TIMESTAMP') return 'timestamp';
  return numeric ? 'number' : 'text';
}

/** What a cell shows; null is NULL. */
export function displayText(column: DisplayColumn, cells: readonly (string | null)[]): string | null {
  const text = cells[column.index] ?? null;
  if (text === null) return null;
  switch (column.kind) {
    case 'text':
      return text;
    case 'number':
      return separated(text);
    case 'time':
      return INTEGER.test(text) ? shownTime(Number(text)) : text;
    case 'timestamp':
      return text.replace('T', ' ');
    case 'window': {
      const end = cells[column.endIndex!] ?? null;
      return INTEGER.test(text) && end !== null ? timeRange(Number(text), Number(end)) : text;
    }
    default:
      return column.kind satisfies never;
  }
}

/** What a cell holds, where it shows something else or may be cut. */
export function rawText(column: DisplayColumn, cells: readonly (string | null)[]): string {
  const text = cells[column.index] ?? 'null';
  if (column.kind !== 'window') return text;
  const end = cells[column.endIndex!] ?? 'null';
  return `${shownTime(Number(text))} – ${shownTime(Number(end))}\nWINDOWSTART ${text}, WINDOWEND ${end}`;
}

/** The width that a column wants before there are rows, in characters. */
export function firstWidth({ kind, name, type }: DisplayColumn): number {
  if (kind === 'time' || kind === 'timestamp' || kind === 'window') return 24;
  if (type === 'BOOLEAN') return Math.max(8, name.length + 3);
  if (kind === 'number') return Math.max(10, name.length + 3);
  if (/^(STRUCT|ARRAY|MAP)/.test(type)) return 36;
  return Math.min(32, Math.max(16, name.length + 3));
}

const INTEGER = /^-?\d+$/;
const PLAIN_NUMBER = /^(-?)(\d{4,})(\.\d+)?$/;

/** A number with separators between its thousands, and all of its digits. */
function separated(text: string): string {
  if (!display().separators) return text;
  const match = PLAIN_NUMBER.exec(text);
  if (match === null) return text;
  const [, sign, whole, fraction = ''] = match;
  return `${sign}${count(BigInt(whole!))}${fraction}`;
}
