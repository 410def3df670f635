import { analyzeStatement, type Dialect, type ParsedStatement } from '../../language/index.ts';
import type { Diagnostic } from '../../language/text/diagnostic.ts';
import { errorPlace } from '../../language/text/error-place.ts';
import type { ScriptSession } from '../script/script-session.ts';
import type { Target } from './engines/target.ts';

/**
 * What to show for a statement that an engine refuses. The analyser knows the place and what would mend it, where the
 * target says what there is; else the engine's own words stand at the part of the statement that they speak of.
 */
export function statementProblem(
  message: string,
  statement: ParsedStatement,
  { metastore }: Target,
  session: ScriptSession,
  dialect: Dialect,
): Diagnostic {
  if (metastore !== undefined) {
    const { diagnostics } = analyzeStatement(statement, metastore(), session.settings(dialect));
    const found = diagnostics.find(({ severity }) => severity === 'error');
    if (found !== undefined) return found;
  }
  const { start, end } = errorPlace(message, statement.text);
  return {
    code: 'rejected',
    severity: 'error',
    message,
    statement: statement.index,
    range: { start: statement.range.start + start, end: statement.range.start + end },
    fixes: [],
  };
}
