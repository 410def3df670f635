import { type AstNode, AstUtils } from 'langium';
import type { Position, SelectionRange } from 'vscode-languageserver';
import { rangeOf } from '../../language/index.ts';
import type { TextRange } from '../../language/text/text-range.ts';
import { tokenize } from '../../language/text/tokens.ts';
import { type Script, statementAt, toLspRange } from '../scripts/script-store.ts';

/** What a selection grows to, from the word at each position: expressions, clauses, the statement, the file. */
export function selectionRanges(script: Script, positions: readonly Position[]): SelectionRange[] {
  return positions.map((position) => {
    const ranges = rangesAround(script, script.document.offsetAt(position));
    const whole = toLspRange(script.document, { start: 0, end: script.parsed.text.length });
    return ranges.reduceRight<SelectionRange>(
      (parent, range) => ({ range: toLspRange(script.document, range), parent }),
      { range: whole },
    );
  });
}

/** The innermost first, each inside of the next. */
function rangesAround(script: Script, offset: number): readonly TextRange[] {
  const statement = statementAt(script, offset);
  if (statement === undefined) return [];
  const at = offset - statement.offset;
  const token = tokenize(statement.text).find(({ start, end }) => start <= at && at <= end);
  const word = token && { start: token.start + statement.offset, end: token.end + statement.offset };
  const nodes = statement.node === undefined ? [] : [...AstUtils.streamAst(statement.node)];
  const around = nodes
    .filter((node: AstNode) => node.$cstNode !== undefined)
    .map((node) => rangeOf(node, statement))
    .filter(({ start, end }) => start <= (word?.start ?? offset) && (word?.end ?? offset) <= end)
    .sort((a, b) => a.end - a.start - (b.end - b.start));
  const all = [...(word === undefined ? [] : [word]), ...around, statement.range];
  return all.filter((range, i) => i === 0 || range.start < all[i - 1]!.start || range.end > all[i - 1]!.end);
}
