import { type AstNode, AstUtils } from 'langium';
import { rangeOf } from '../../language/index.ts';
import type { Meaning } from '../../language/query/statement-context.ts';
import type { TextRange } from '../../language/text/text-range.ts';
import { type Script, statementAt } from './script-store.ts';

export interface FoundMeaning {
  readonly meaning: Meaning;
  readonly node: AstNode;
  /** In offsets of the document. */
  readonly range: TextRange;
}

/** The innermost syntax node around an offset whose meaning is known. */
export function meaningAt(script: Script, offset: number): FoundMeaning | undefined {
  const statement = statementAt(script, offset);
  const root = statement?.node ?? statement?.partial;
  if (statement === undefined || root === undefined) return undefined;
  let best: FoundMeaning | undefined;
  for (const node of AstUtils.streamAst(root)) {
    const meaning = script.analysis.meanings.get(node);
    if (meaning === undefined || node.$cstNode === undefined) continue;
    const range = rangeOf(node, statement);
    if (offset < range.start || offset > range.end) continue;
    if (best === undefined || range.end - range.start <= best.range.end - best.range.start)
      best = { meaning, node, range };
  }
  return best;
}
