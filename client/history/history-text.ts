import * as vscode from 'vscode';
import { count } from '../../engine/api/row-count.ts';
import type { ResultState } from '../results/messages.ts';
import { rowCount } from '../results/row-count.ts';
import type { HistoryEntry } from './history-entry.ts';

/** Cells are cut to this many characters: a head is looked at, not read. */
const CELL_CHARACTERS = 60;

const STATES: Readonly<Record<ResultState, string>> = {
  starting: vscode.l10n.t('starting'),
  running: vscode.l10n.t('running'),
  paused: vscode.l10n.t('paused'),
  ended: vscode.l10n.t('at the end'),
  stopped: vscode.l10n.t('stopped'),
  failed: vscode.l10n.t('failed'),
  done: vscode.l10n.t('done'),
};

/** A duration as people read it: `0.31 s`, `42 s`. */
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 0)} s`;

/** A point in time, as the user's language writes it. */
export const timeText = (ms: number): string => new Date(ms).toLocaleString(vscode.env.language);

/** What came of a statement, and how long that took. */
export function outcome({ state, durationMs, firstRowMs, rows, columns }: HistoryEntry): readonly string[] {
  return [
    STATES[state],
    seconds(durationMs),
    ...(columns.length === 0 ? [] : [rowCount(rows)]),
    ...(firstRowMs === undefined ? [] : [vscode.l10n.t('first row after {0}', seconds(firstRowMs))]),
  ];
}

/** A statement, when and where it ran, and the first rows that it gave, as text. */
export function historyText(entry: HistoryEntry): string {
  const facts = [vscode.l10n.t('{0} on {1}', timeText(entry.beganAtMs), entry.connection), outcome(entry).join(' · ')];
  return `${entry.statement}\n\n${facts.join('\n')}\n\n${headText(entry)}\n`;
}

/** What can be compared with another run: nothing that differs by the time of the run alone. */
export const comparedText = (entry: HistoryEntry, other: HistoryEntry): string =>
  `${entry.statement}\n\n${headText(entry, other)}\n`;

/** The first rows as a grid. With `other` its columns are as wide as those of that one, too. */
function headText(entry: HistoryEntry, other?: HistoryEntry): string {
  const { columns, head, message, rows } = entry;
  if (columns.length === 0) return message ?? '';
  const lines = linesOf(entry);
  const all = other === undefined ? lines : [...lines, ...linesOf(other)];
  const widths = columns.map((_, i) => Math.max(...all.map((line) => line[i]?.length ?? 0)));
  const padded = lines.map((line) => line.map((cell, i) => cell.padEnd(widths[i]!)));
  const grid = padded.map((line) => line.join('  ').trimEnd());
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  const isCut = rows > head.length && head.length > 0;
  const more = isCut ? [vscode.l10n.t('… the first {0} of {1}', count(head.length), rowCount(rows))] : [];
  return [grid[0]!, rule, ...grid.slice(1), ...more, ...(message === undefined ? [] : ['', message])].join('\n');
}

const linesOf = ({ columns, head }: HistoryEntry): readonly (readonly string[])[] => [
  columns,
  ...head.map((row) => columns.map((_, i) => shown(row[i] ?? null))),
];

function shown(cell: string | null): string {
  const text = (cell ?? 'NULL').replace(/\s+/g, ' ');
  return text.length > CELL_CHARACTERS ? `${text.slice(0, CELL_CHARACTERS - 1)}…` : text;
}
