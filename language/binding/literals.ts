import type * as ast from '../generated/ast.ts';
import { AnalysisError, type LocatedNode, rangeOf } from '../text/analysis-error.ts';
import type { TextRange } from '../text/text-range.ts';
import { decimalToString, parseDecimal } from '../types/decimal.ts';
import { MAX_INT, MAX_LONG, MIN_INT, MIN_LONG, toLong } from '../types/integer.ts';
import { quoted } from '../types/sql-literal.ts';
import { BIGINT, BOOLEAN, DOUBLE, decimal, INTEGER, type SqlType, STRING } from '../types/sql-type.ts';
import type { Expression } from './expression.ts';

export type LiteralExpression = Extract<Expression, { kind: 'literal' }>;

/** @throws AnalysisError for a number out of range and for a variable that was never defined. */
export function bindLiteral(node: ast.Literal): Expression {
  const range = rangeOf(node);
  switch (node.$type) {
    case 'NullLiteral':
      return { kind: 'literal', value: null, type: STRING, untyped: true, text: 'null', ...ranged(range) };
    case 'BooleanLiteral': {
      const value = node.value.toUpperCase() === 'TRUE';
      return { kind: 'literal', value, type: BOOLEAN, text: String(value), ...ranged(range) };
    }
    case 'StringLiteral':
      return { kind: 'literal', value: node.value, type: STRING, text: quoted(node.value), ...ranged(range) };
    case 'NumberLiteral':
      return numberLiteral(node.value, node);
    case 'VariableReference':
      throw new AnalysisError(
        'undefined-variable',
        `The variable ${node.name} is not defined. Use DEFINE to define it.`,
        { node },
      );
    default:
      return node satisfies never;
  }
}

const ranged = (range: TextRange | undefined) => (range ? { range } : {});

/**
 * A number as written, with an optional minus sign: digits alone are an INTEGER or, if larger, a BIGINT; a point makes
 * it a DECIMAL of just its digits; an exponent makes it a DOUBLE.
 *
 * ksqlDB stores queries as text, in which the DECIMAL `3.` is printed as `3`: what was planned as a DECIMAL is then
 * computed as an integer. So `3.` is an INTEGER under an implicit cast, which arithmetic looks through ({@link
 * storedForm}).
 */
export function numberLiteral(text: string, node: LocatedNode): Expression {
  const range = ranged(rangeOf(node));
  if (/[eE]/.test(text)) {
    const value = Number(text);
    if (!Number.isFinite(value))
      throw new AnalysisError('invalid-number', `Number overflows DOUBLE: ${text}`, { node });
    return { kind: 'literal', value, type: DOUBLE, text: doubleText(value), ...range };
  }
  if (text.includes('.')) {
    const { unscaled, scale } = parseDecimal(text);
    const whole = text.replace(/^-?0*/, '').indexOf('.');
    const type = decimal(Math.max(1, whole) + scale, scale);
    if (scale === 0) {
      const stored = numberLiteral(text.slice(0, -1), node);
      return { kind: 'cast', operand: stored, implicit: true, type, text: stored.text, ...range };
    }
    return { kind: 'literal', value: unscaled, type, text: decimalToString(unscaled, scale), ...range };
  }
  const value = BigInt(text);
  if (value < MIN_LONG || value > MAX_LONG) {
    throw new AnalysisError('invalid-number', `Invalid numeric literal: ${text}`, { node });
  }
  const type: SqlType = value >= MIN_INT && value <= MAX_INT ? INTEGER : BIGINT;
  return { kind: 'literal', value: toLong(value), type, text: value.toString(), ...range };
}

/** A DOUBLE as ksqlDB's formatter prints it: always with an exponent, which tells it from a DECIMAL. */
const doubleText = (value: number): string => value.toExponential().toUpperCase().replace('+', '');

/** Whether a number as written is an INTEGER: digits without a point, and not too many of them for one. */
export function isInteger(text: string): boolean {
  if (!/^-?\s*\d+$/.test(text)) return false;
  const value = Number(text.replace(/\s/g, ''));
  return value >= MIN_INT && value <= MAX_INT;
}

/** What ksqlDB computes with, where that is not what it planned with: only {@link numberLiteral} makes it so. */
export const storedForm = (expression: Expression): Expression =>
  expression.kind === 'cast' && expression.implicit ? expression.operand : expression;

/** NULL of a known type, in the place of the untyped literal. */
export function typedNull(literal: Expression, type: SqlType): LiteralExpression {
  return { kind: 'literal', value: null, type, text: literal.text, ...ranged(literal.range) };
}

/** Whether an expression is the NULL literal, whose type is not known. */
export const isUntypedNull = (expression: Expression): boolean =>
  expression.kind === 'literal' && expression.untyped === true;

/**
 * @throws AnalysisError `Can't infer a type of null. …` for the NULL literal where its type would have to be known.
 */
export function requireTyped(expression: Expression): Expression {
  if (!isUntypedNull(expression)) return expression;
  const message =
    "Can't infer a type of null. Please explicitly cast it to a required type, e.g. CAST(null AS VARCHAR).";
  const fixes = expression.range
    ? [{ title: 'Cast NULL to VARCHAR', edits: [{ range: expression.range, text: 'CAST(NULL AS VARCHAR)' }] }]
    : [];
  throw new AnalysisError('untyped-null', message, { range: expression.range, fixes });
}
