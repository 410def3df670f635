import type { Dialect } from '../../language/index.ts';
import { answerKey } from '../../language/script/answer-key.ts';
import type { ScriptSession } from '../script/script-session.ts';
import type { Target } from './engines/target.ts';

/** The key columns of a SELECT's answer, where the target says what there is and the answer is a table. */
export function answerKeyOf(
  sql: string,
  { metastore }: Target,
  session: ScriptSession,
  dialect: Dialect,
): readonly number[] | undefined {
  const key = metastore && answerKey(sql, metastore(), session.settings(dialect));
  return key?.kind === 'table' ? key.columns : undefined;
}
