import type { ColumnInfo } from '../results/messages.ts';
import { element } from './dom.ts';
import { localTime } from './text.ts';

/** Columns that hold milliseconds since the epoch by their very name. */
const TIMES = new Set(['ROWTIME', 'WINDOWSTART', 'WINDOWEND']);

/** Shows one cell in an element that is used again for other cells. */
export function fillCell(cell: HTMLElement, text: string | null, column: ColumnInfo, changed: boolean): void {
  cell.className = `cell${column.numeric && !TIMES.has(column.name) ? ' number' : ''}${changed ? ' changed' : ''}`;
  cell.removeAttribute('title');
  if (text === null) {
    cell.replaceChildren(element('span', { class: 'null' }, 'null'));
    return;
  }
  if (TIMES.has(column.name) && /^-?\d+$/.test(text)) {
    cell.textContent = localTime(Number(text));
    cell.title = text;
    return;
  }
  if (column.type === 'TIMESTAMP') {
    cell.textContent = text.replace('T', ' ');
    cell.title = text;
    return;
  }
  cell.textContent = text;
  if (text.length > 24) cell.title = text;
}

/** The width that a column wants at first, in characters. */
export function firstWidth(column: ColumnInfo): number {
  if (TIMES.has(column.name) || column.type === 'TIMESTAMP') return 24;
  if (column.type === 'BOOLEAN') return Math.max(8, column.name.length + 3);
  if (column.numeric) return Math.max(10, column.name.length + 3);
  if (/^(STRUCT|ARRAY|MAP)/.test(column.type)) return 36;
  return Math.min(32, Math.max(16, column.name.length + 3));
}
