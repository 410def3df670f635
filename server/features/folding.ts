import { type FoldingRange, FoldingRangeKind } from 'vscode-languageserver';
import { commentsIn } from '../../language/text/tokens.ts';
import type { Script } from '../scripts/script-store.ts';

/**
 * Statements, runs of comment lines, comments of several lines, and what stands between `-- region` and `-- endregion`.
 */
export function folding(script: Script): FoldingRange[] {
  const { document, parsed } = script;
  const statements = parsed.statements.map(({ range }) => ({
    startLine: document.positionAt(range.start).line,
    endLine: document.positionAt(range.end).line,
  }));
  const lines = parsed.text.split('\n');
  const found = [...statements, ...comments(lines), ...blocks(script), ...regions(lines)];
  return found.filter(({ startLine, endLine }) => endLine > startLine);
}

const REGION = /^\s*--\s*#?(?<end>end)?region\b/i;

/** Runs of lines that are comments; the marks of regions are none. */
function comments(lines: readonly string[]): FoldingRange[] {
  const found: FoldingRange[] = [];
  let startLine = -1;
  [...lines, ''].forEach((line, i) => {
    const isComment = /^\s*--/.test(line) && !REGION.test(line);
    if (isComment && startLine < 0) startLine = i;
    if (!isComment && startLine >= 0) {
      found.push({ startLine, endLine: i - 1, kind: FoldingRangeKind.Comment });
      startLine = -1;
    }
  });
  return found;
}

const blocks = ({ document, parsed }: Script): FoldingRange[] =>
  commentsIn(parsed.text)
    .filter(({ text }) => text.startsWith('/*'))
    .map(({ start, end }) => ({
      startLine: document.positionAt(start).line,
      endLine: document.positionAt(end).line,
      kind: FoldingRangeKind.Comment,
    }));

/** Regions may stand within each other; one without an end is none. */
function regions(lines: readonly string[]): FoldingRange[] {
  const found: FoldingRange[] = [];
  const open: number[] = [];
  lines.forEach((line, endLine) => {
    const mark = REGION.exec(line);
    if (mark === null) return;
    if (mark.groups?.['end'] === undefined) open.push(endLine);
    else if (open.length > 0) found.push({ startLine: open.pop()!, endLine, kind: FoldingRangeKind.Region });
  });
  return found;
}
