import * as l10n from '@vscode/l10n';
import type { ColumnInfo } from './messages.ts';
import { type BufferedRow, type Cell, cellText, numberIn } from './row-buffer.ts';

/** What a search lets through. */
export interface RowFilter {
  matches(row: BufferedRow): boolean;
  /** Texts in lower case that stand in the JSON of every row that matches, so that the others need not be read. */
  readonly hints: readonly string[];
}

type RowPredicate = (row: BufferedRow) => boolean;

/** A search that cannot be understood. The message says why. */
export class FilterError extends Error {}

const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/** The name of a column, plain or quoted. */
const NAME = '`[^`]+`|"[^"]+"|[\\w.-]+';
const COMPARISON = new RegExp(`^(${NAME})\\s*(<=|>=|!=|<>|=|<|>)\\s*(.+)$`, 's');
const SCOPED = new RegExp(`^(${NAME})\\s*:\\s*(.*)$`, 's');
/** A part with the `and` before it; an `and` within quotes is text. */
const PARTS = /(?:[=:<>]\s*'(?:[^']|'')*'(?=\s+and\s|\s*$)|(?!\s+and\s)[\s\S])+/gi;

/**
 * What the search box means: plain text looks in every column, `column: text` in one, `column > 5` compares. Parts are
 * put together with `and`. Case makes no difference.
 *
 * @returns undefined where there is nothing to search for.
 * @throws FilterError when a comparison names no column of the result.
 */
export function parseFilter(text: string, columns: readonly ColumnInfo[]): RowFilter | undefined {
  const parts = (text.match(PARTS) ?? [])
    .map((part, i) => (i === 0 ? part : part.trim().replace(/^and\s+/i, '')).trim())
    .filter((part) => part !== '');
  if (parts.length === 0) return undefined;
  const filters = parts.map((part) => parsePart(part, columns));
  return {
    matches: (row) => filters.every(({ matches }) => matches(row)),
    hints: filters.flatMap(({ hints }) => hints),
  };
}

function parsePart(part: string, columns: readonly ColumnInfo[]): RowFilter {
  const comparison = COMPARISON.exec(part);
  if (comparison !== null) {
    const column = findColumn(comparison[1]!, columns);
    if (column < 0) throw new FilterError(l10n.t('There is no column {0} here.', comparison[1]!));
    const [, , operator = '', operand = ''] = comparison;
    const hints = operator === '=' && QUOTED.test(operand) ? hintsOf(unquoted(operand)) : [];
    return { matches: compareWith(column, operator === '<>' ? '!=' : operator, operand), hints };
  }
  const scoped = SCOPED.exec(part);
  const column = scoped === null ? -1 : findColumn(scoped[1]!, columns);
  if (scoped !== null && column >= 0) return contains(unquoted(scoped[2]!), (row) => [row.cells[column]]);
  return contains(part, (row) => row.cells);
}

/** JSON writes a text as it is where it holds neither quotes, backslashes nor control characters. */
const hintsOf = (text: string): readonly string[] =>
  /["\\\u0000-\u001f\ud800-\udfff]/.test(text) ? [] : [text.toLowerCase()];

const QUOTED = /^'(.*)'$/s;
const unquoted = (text: string) => text.replace(QUOTED, '$1').replaceAll("''", "'");

function findColumn(name: string, columns: readonly ColumnInfo[]): number {
  const plain = name.replace(/[`"]/g, '').toUpperCase();
  return columns.findIndex((column) => column.name.toUpperCase() === plain);
}

function contains(text: string, cellsOf: (row: BufferedRow) => readonly Cell[]): RowFilter {
  const wanted = text.toLowerCase();
  return {
    matches: (row) => cellsOf(row).some((cell) => cellText(cell).toLowerCase().includes(wanted)),
    hints: hintsOf(text),
  };
}

function compareWith(column: number, operator: string, text: string): RowPredicate {
  const holds = COMPARISONS[operator]!;
  const isText = QUOTED.test(text);
  const wanted: Cell = isText
    ? unquoted(text)
    : /^-?\d{16,}$/.test(text)
      ? BigInt(text)
      : text !== '' && Number.isFinite(Number(text))
        ? Number(text)
        : text;
  const isNull = ({ cells }: BufferedRow) => cells[column] === null || cells[column] === undefined;
  if (!isText && /^null$/i.test(text) && operator === '=') return isNull;
  if (!isText && /^null$/i.test(text) && operator === '!=') return (row) => !isNull(row);
  const compare = isText ? compareTexts : compareCells;
  return (row) => !isNull(row) && holds(compare(row.cells[column], wanted));
}

/** What to search for to see the rows that have the same value in a column. */
export function filterFor({ name }: ColumnInfo, cell: Cell): string {
  const column = /^[\w.-]+$/.test(name) ? name : `\`${name}\``;
  if (cell === null || cell === undefined) return `${column} = null`;
  if (numberIn(cell) !== undefined || typeof cell === 'boolean') return `${column} = ${String(cell)}`;
  return `${column} = '${cellText(cell).replaceAll("'", "''")}'`;
}

/** Orders two cells: numbers by value, everything else by text; NULL first. */
export function compareCells(a: Cell, b: Cell): number {
  const [leftMissing, rightMissing] = [a === null || a === undefined, b === null || b === undefined];
  if (leftMissing || rightMissing) return Number(rightMissing) - Number(leftMissing);
  const [left, right] = [numeric(a), numeric(b)];
  if (left !== undefined && right !== undefined) return left < right ? -1 : left > right ? 1 : 0;
  return compareTexts(a, b);
}

function compareTexts(a: Cell, b: Cell): number {
  const [left, right] = [cellText(a).toLowerCase(), cellText(b).toLowerCase()];
  return left < right ? -1 : left > right ? 1 : 0;
}

function numeric(cell: Cell): number | bigint | undefined {
  const number = numberIn(cell);
  if (number !== undefined) return number;
  return typeof cell === 'string' && cell.trim() !== '' && Number.isFinite(Number(cell)) ? Number(cell) : undefined;
}
