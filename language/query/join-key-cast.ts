import type { Expression } from '../binding/expression.ts';
import { AnalysisError } from '../text/analysis-error.ts';
import type { QuickFix } from '../text/diagnostic.ts';
import type { TextRange } from '../text/text-range.ts';
import { castable } from '../types/cast.ts';
import { type SqlType, typeToString } from '../types/sql-type.ts';

/** What the sides of a join's condition are to be cast to first, the widest last. */
const WIDTHS: readonly SqlType['kind'][] = ['INTEGER', 'BIGINT', 'DECIMAL', 'DOUBLE', 'STRING'];

/** The sides of a join's condition. */
export interface JoinSides {
  readonly left: Expression;
  readonly right: Expression;
}

/**
 * The error of a join whose sides are of two types, with CASTs that make them one.
 * @param message in ksqlDB's words
 * @param fixed the side that cannot be cast, because it has to be the key of its table
 */
export function unlikeJoinKeys(message: string, sides: JoinSides, range: TextRange, fixed?: Expression): AnalysisError {
  const { left, right } = sides;
  const fixes = [castFix(left, right.type, fixed), castFix(right, left.type, fixed)].filter((fix) => fix !== undefined);
  const wider = widthOf(right.type) >= widthOf(left.type) ? fixes : fixes.toReversed();
  const type = ({ text, type }: Expression) => `${text} is ${typeToString(type)}`;
  const advice = fixes.length === 0 ? '' : ' CAST one of them.';
  return new AnalysisError('join-key-types', message, {
    range,
    fixes: wider,
    explanation: `A join compares values of one type: ${type(left)}, ${type(right)}.${advice}`,
  });
}

const widthOf = ({ kind }: SqlType): number => WIDTHS.indexOf(kind);

function castFix(side: Expression, to: SqlType, fixed: Expression | undefined): QuickFix | undefined {
  if (side === fixed || side.range === undefined || !castable(side.type, to)) return undefined;
  const { start, end } = side.range;
  const type = typeToString(to);
  return {
    title: `Cast ${side.text} to ${type}`,
    edits: [
      { range: { start, end: start }, text: 'CAST(' },
      { range: { start: end, end }, text: ` AS ${type})` },
    ],
  };
}
