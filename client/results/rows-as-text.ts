import { csvField } from '../../engine/api/csv-field.ts';
import { identifierText } from '../../language/text/identifier-text.ts';
import type { ColumnInfo } from './messages.ts';
import { type BufferedRow, type Cell, cellText, jsonText } from './row-buffer.ts';

/** Rows as tab-separated text, the way spreadsheets take it; under the names of their columns where those are given. */
export function toTabSeparated(rows: readonly Pick<BufferedRow, 'cells'>[], columns?: readonly ColumnInfo[]): string {
  const lines = columns === undefined ? rows : [{ cells: columns.map(({ name }) => name) }, ...rows];
  return lines.map(({ cells }) => cells.map((cell) => cellText(cell).replace(/[\t\r\n]+/g, ' ')).join('\t')).join('\n');
}

/** Rows as CSV (RFC 4180) under a header line; NULL is an empty field, the empty text is quoted. */
export function toCsv(columns: readonly ColumnInfo[], rows: readonly BufferedRow[]): string {
  const field = (cell: Cell) => (cell === null || cell === undefined ? '' : csvField(cellText(cell)));
  const lines = [columns.map((column) => field(column.name)), ...rows.map((row) => row.cells.map(field))];
  return `${lines.map((line) => line.join(',')).join('\r\n')}\r\n`;
}

/** Rows as JSON lines; a removed row of a table carries `"removed": true`. */
export function toJsonLines(columns: readonly ColumnInfo[], rows: readonly BufferedRow[]): string {
  return rows.map((row) => `${jsonText(toObject(columns, row))}\n`).join('');
}

function toObject(columns: readonly ColumnInfo[], row: BufferedRow): Record<string, unknown> {
  const object: Record<string, unknown> = Object.fromEntries(
    columns.map((column, i) => [column.name, row.cells[i] ?? null]),
  );
  return row.removed ? { ...object, removed: true } : object;
}

/**
 * INSERT statements that would write the rows into a source; nested values have to be given by hand, so they are left
 * out.
 * @param source its name as statements write it
 */
export function toInserts(source: string, columns: readonly ColumnInfo[], rows: readonly BufferedRow[]): string {
  return rows
    .map((row) => {
      const given = columns.flatMap((column, i) => {
        const literal = toLiteral(row.cells[i], column);
        return literal === undefined ? [] : [{ name: column.name, literal }];
      });
      const names = given.map(({ name }) => identifierText(name)).join(', ');
      return `INSERT INTO ${source} (${names}) VALUES (${given.map(({ literal }) => literal).join(', ')});\n`;
    })
    .join('');
}

function toLiteral(cell: Cell, column: ColumnInfo): string | undefined {
  if (cell === null || cell === undefined) return 'NULL';
  if (typeof cell === 'boolean' || column.numeric) return String(cell);
  if (typeof cell === 'object') return undefined;
  return `'${cellText(cell).replaceAll("'", "''")}'`;
}
