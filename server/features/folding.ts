import { type FoldingRange, FoldingRangeKind } from 'vscode-languageserver';
import type { Script } from '../scripts/script-store.ts';

/** Statements and runs of comment lines that span several lines. */
export function folding(script: Script): FoldingRange[] {
  const { document, parsed } = script;
  const statements = parsed.statements.map(({ range }) => ({
    startLine: document.positionAt(range.start).line,
    endLine: document.positionAt(range.end).line,
  }));
  return [...statements, ...comments(parsed.text)].filter(({ startLine, endLine }) => endLine > startLine);
}

function comments(text: string): FoldingRange[] {
  const found: FoldingRange[] = [];
  let startLine = -1;
  const lines = text.split('\n');
  lines.forEach((line, i) => {
    const isComment = /^\s*--/.test(line);
    if (isComment && startLine < 0) startLine = i;
    if (!isComment && startLine >= 0) {
      found.push({ startLine, endLine: i - 1, kind: FoldingRangeKind.Comment });
      startLine = -1;
    }
  });
  if (startLine >= 0) found.push({ startLine, endLine: lines.length - 1, kind: FoldingRangeKind.Comment });
  return found;
}
