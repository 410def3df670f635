import * as l10n from '@vscode/l10n';
import { count } from '../../engine/api/row-count.ts';
import type { ColumnInfo } from './messages.ts';
import type { Result } from './result.ts';
import { type BufferedRow, cellText } from './row-buffer.ts';

/** At most so many rows of a result are written. */
const MAX_ROWS = 100;

/** A result as Markdown: its rows as a table, of a table the newest of each key, and what it says. */
export function resultAsMarkdown(result: Result): string {
  const { columns, message } = result;
  const said = message === undefined ? [] : [message.includes('\n') ? fenced(message, 'text') : escaped(message)];
  if (columns.length === 0) return said.join('\n\n');
  const view = result.summary().isTable ? 'table' : 'changes';
  const rows = result.rowsOf({ view, filter: '' }).filter(({ removed }) => !removed);
  const left = rows.length - MAX_ROWS;
  const more = left > 0 ? [left === 1 ? l10n.t('… and 1 more row') : l10n.t('… and {0} more rows', count(left))] : [];
  return [rowsAsMarkdown(columns, rows.slice(0, MAX_ROWS)), ...more, ...said].join('\n\n');
}

function rowsAsMarkdown(columns: readonly ColumnInfo[], rows: readonly BufferedRow[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const lines = rows.map(({ cells }) =>
    line(
      columns.map((_column, i) => (cells[i] === null || cells[i] === undefined ? 'NULL' : escaped(cellText(cells[i])))),
    ),
  );
  const rule = columns.map(({ numeric }) => (numeric ? '---:' : '---'));
  return [line(columns.map(({ name }) => escaped(name))), line(rule), ...lines].join('\n');
}

/** Text as a fenced block, whatever fences it holds itself. */
export function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

/** Text in a line, with nothing in it that means something to Markdown or HTML. */
const escaped = (text: string): string =>
  text.replace(/[\\`*_{}[\]<>()#+!|~&$-]/g, (sign) => `\\${sign}`).replace(/\s*\n\s*/g, ' ');
