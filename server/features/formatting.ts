import type { Range, TextEdit } from 'vscode-languageserver';
import { type FormatStyle, formatEdits } from '../../language/index.ts';
import { type Script, toLspRange } from '../scripts/script-store.ts';

/** The changes that put a script, or the statements that a range touches, into a style. */
export function formatting({ document, parsed }: Script, style: Partial<FormatStyle>, range?: Range): TextEdit[] {
  const start = range === undefined ? 0 : document.offsetAt(range.start);
  const end = range === undefined ? parsed.text.length : document.offsetAt(range.end);
  const touched = parsed.statements.filter((statement) => statement.range.start <= end && start <= statement.range.end);
  const first = Math.min(start, ...touched.map((statement) => statement.range.start));
  const last = Math.max(end, ...touched.map((statement) => statement.range.end));
  return formatEdits(parsed, style)
    .filter((edit) => range === undefined || (first <= edit.range.start && edit.range.end <= last))
    .map((edit) => ({ range: toLspRange(document, edit.range), newText: edit.text }));
}
