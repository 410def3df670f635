import type { ColumnInfo } from './messages.ts';
import { type BufferedRow, type Cell, cellText, numberIn } from './row-buffer.ts';

export type RowPredicate = (row: BufferedRow) => boolean;

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

/**
 * What the search box means: plain text looks in every column, `column: text` in one, `column > 5` compares. Parts are put
 * together with `and`. Case makes no difference.
 *
 * @returns undefined where there is nothing to search for.
 * @throws FilterError when a comparison names no column of the result.
 */
export function parseFilter(text: string, columns: readonly ColumnInfo[]): RowPredicate | undefined {
  const parts = text
    .split(/\s+and\s+/i)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length === 0) return undefined;
  const predicates = parts.map((part) => parsePart(part, columns));
  return (row) => predicates.every((predicate) => predicate(row));
}

function parsePart(part: string, columns: readonly ColumnInfo[]): RowPredicate {
  const comparison = /^([\w.`"-]+)\s*(<=|>=|!=|<>|=|<|>)\s*(.+)$/.exec(part);
  if (comparison !== null) {
    const column = findColumn(comparison[1]!, columns);
    if (column < 0) throw new FilterError(`There is no column ${comparison[1]} here.`);
    return compareWith(column, comparison[2] === '<>' ? '!=' : comparison[2]!, unquoted(comparison[3]!));
  }
  const scoped = /^([\w.`"-]+)\s*:\s*(.*)$/.exec(part);
  const column = scoped === null ? -1 : findColumn(scoped[1]!, columns);
  if (scoped !== null && column >= 0) return contains(unquoted(scoped[2]!), (row) => [row.cells[column]]);
  return contains(part, (row) => row.cells);
}

const unquoted = (text: string) => text.replace(/^'(.*)'$/, '$1');

function findColumn(name: string, columns: readonly ColumnInfo[]): number {
  const plain = name.replace(/[`"]/g, '').toUpperCase();
  return columns.findIndex((column) => column.name.toUpperCase() === plain);
}

function contains(text: string, cellsOf: (row: BufferedRow) => readonly Cell[]): RowPredicate {
  const wanted = text.toLowerCase();
  return (row) => cellsOf(row).some((cell) => cellText(cell).toLowerCase().includes(wanted));
}

function compareWith(column: number, operator: string, text: string): RowPredicate {
  const holds = COMPARISONS[operator]!;
  const wanted: Cell = /^-?\d+$/.test(text)
    ? BigInt(text)
    : text !== '' && Number.isFinite(Number(text))
      ? Number(text)
      : text;
  return (row) => {
    const cell = row.cells[column];
    if (cell === null || cell === undefined) return /^null$/i.test(text) && operator === '=';
    return holds(compareCells(cell, wanted));
  };
}

/** Orders two cells: numbers by value, everything else by text; NULL first. */
export function compareCells(a: Cell, b: Cell): number {
  const [leftMissing, rightMissing] = [a === null || a === undefined, b === null || b === undefined];
  if (leftMissing || rightMissing) return Number(rightMissing) - Number(leftMissing);
  const [left, right] = [numeric(a), numeric(b)];
  if (left !== undefined && right !== undefined) return left < right ? -1 : left > right ? 1 : 0;
  const [leftText, rightText] = [cellText(a).toLowerCase(), cellText(b).toLowerCase()];
  return leftText < rightText ? -1 : leftText > rightText ? 1 : 0;
}

function numeric(cell: Cell): number | bigint | undefined {
  const number = numberIn(cell);
  if (number !== undefined) return number;
  return typeof cell === 'string' && cell.trim() !== '' && Number.isFinite(Number(cell)) ? Number(cell) : undefined;
}
