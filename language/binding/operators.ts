import type * as ast from '../generated/ast.ts';
import { propertyRange } from '../parser/property-range.ts';
import { AnalysisError, type LocatedNode, rangeOf } from '../text/analysis-error.ts';
import { comparable, orderable } from '../types/compare.ts';
import { asDecimalType, decimalResultType, invalidDecimal } from '../types/decimal.ts';
import { EvaluationError } from '../types/evaluation-error.ts';
import { quoted } from '../types/sql-literal.ts';
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  decimal,
  INTEGER,
  isNumeric,
  type SqlType,
  type SqlTypeKind,
  STRING,
  typeToString,
} from '../types/sql-type.ts';
import { parseTimestamp } from '../types/temporal-text.ts';
import type { Binder } from './binder.ts';
import { bindCall } from './calls.ts';
import type { ArithmeticOperator, ComparisonOperator, Expression } from './expression.ts';
import { implicitCast } from './implicit-casts.ts';
import { isUntypedNull, numberLiteral, requireTyped, storedForm, typedNull } from './literals.ts';
import { unify } from './unify.ts';

/** `+` and `-` before a number. A minus sign before digits belongs to the literal: -2147483648 is an INTEGER. */
export function bindUnary(node: ast.UnaryExpression, binder: Binder): Expression {
  if (node.operator === '-' && node.operand.$type === 'NumberLiteral') {
    return numberLiteral(`-${node.operand.value}`, node);
  }
  const operand = binder.bind(node.operand);
  if (isUntypedNull(operand) || !isNumeric(operand.type)) {
    const name = node.operator === '-' ? 'Negation' : 'Unary plus';
    const message = `${name} on type ${typeName(operand)} is not supported: ${node.operator}${operand.text}`;
    throw new AnalysisError('unary-operand', message, { node });
  }
  if (node.operator === '+') {
    const text = `+${operand.text}`;
    // A column with a plus sign is no column any more: it has no name of its own and stands for no key.
    return operand.kind === 'column' ? { kind: 'cast', operand, type: operand.type, text } : { ...operand, text };
  }
  const separator = operand.text.startsWith('-') ? ' ' : '';
  return { kind: 'negate', operand, type: operand.type, text: `-${separator}${operand.text}` };
}

/** `a + b - c` or `a || b`, from left to right. */
export function bindBinary(node: ast.BinaryExpression, binder: Binder): Expression {
  return foldChain(
    node,
    (operand) => binder.bind(operand),
    (left, right, i, part) => {
      const operator = node.operators[i]!;
      if (operator === '||') return bindCall({ ...part, $type: 'Concatenation', left, right }, binder);
      return bindArithmetic(operator, left, right, part);
    },
  );
}

/**
 * Folds a chain of operators from the left.
 *
 * @param combine is given the operands, the index of the operator between them, and the place of what is combined
 */
function foldChain(
  { operands, $cstNode }: ast.BinaryExpression | ast.LogicalExpression,
  bind: (operand: ast.Expression) => Expression,
  combine: (left: Expression, right: Expression, operator: number, part: LocatedNode) => Expression,
): Expression {
  const offset = $cstNode?.offset;
  return operands.slice(1).reduce<Expression>((left, operand, i) => {
    const right = bind(operand);
    const end = operand.$cstNode?.end;
    const part = offset === undefined || end === undefined ? {} : { $cstNode: { offset, end } };
    const combined = combine(left, right, i, part);
    const range = rangeOf(part);
    return range ? { ...combined, range } : combined;
  }, bind(operands[0]!));
}

/** `+ - * / %`; `+` of two strings joins them. */
function bindArithmetic(
  operator: ArithmeticOperator,
  left: Expression,
  right: Expression,
  node: LocatedNode,
): Expression {
  const text = `(${left.text} ${operator} ${right.text})`;
  const fault = (reason: string) =>
    new AnalysisError('arithmetic-types', `Error processing expression: ${text}. ${reason}`, { node });
  if (isUntypedNull(left) || isUntypedNull(right)) {
    const name = (side: Expression) => (isUntypedNull(side) ? 'null' : typeToString(side.type));
    throw fault(`Arithmetic on types ${name(left)} and ${name(right)} are not supported.`);
  }
  if (left.type.kind === 'STRING' && right.type.kind === 'STRING' && operator === '+') {
    return { kind: 'string-plus', left, right, type: STRING, text };
  }
  if (!isNumeric(left.type) || !isNumeric(right.type)) {
    throw fault(`Unsupported arithmetic types. ${left.type.kind} ${right.type.kind}`);
  }
  const type = arithmeticType(operator, left.type, right.type);
  if (type.kind === 'DECIMAL') {
    const problem = invalidDecimal(type.precision, type.scale);
    if (problem) throw fault(problem);
  }
  return implicitCast(arithmetic(operator, storedForm(left), storedForm(right), text), type);
}

function arithmetic(operator: ArithmeticOperator, left: Expression, right: Expression, text: string): Expression {
  const type = arithmeticType(operator, left.type, right.type);
  return { kind: 'arithmetic', operator, left: widen(left, type), right: widen(right, type), type, text };
}

function arithmeticType(operator: ArithmeticOperator, left: SqlType, right: SqlType): SqlType {
  if (left.kind === 'DOUBLE' || right.kind === 'DOUBLE') return DOUBLE;
  if (left.kind === 'DECIMAL' || right.kind === 'DECIMAL') {
    return decimalResultType(operator, asDecimalType(left)!, asDecimalType(right)!);
  }
  return left.kind === 'BIGINT' || right.kind === 'BIGINT' ? BIGINT : INTEGER;
}

/**
 * Operands of DECIMAL arithmetic keep their own scale; an integer among them becomes the DECIMAL that holds every one.
 */
const widen = (operand: Expression, type: SqlType): Expression =>
  implicitCast(operand, type.kind === 'DECIMAL' ? asDecimalType(operand.type)! : type);

const OPERATOR_NAMES: Readonly<Record<ComparisonOperator, string>> = {
  '=': 'EQUAL',
  '<>': 'NOT_EQUAL',
  '<': 'LESS_THAN',
  '<=': 'LESS_THAN_OR_EQUAL',
  '>': 'GREATER_THAN',
  '>=': 'GREATER_THAN_OR_EQUAL',
  'IS DISTINCT FROM': 'IS_DISTINCT_FROM',
  'IS NOT DISTINCT FROM': 'IS_NOT_DISTINCT_FROM',
};

export function bindComparison(node: ast.Comparison, binder: Binder): Expression {
  const operator: ComparisonOperator = node.operator === '!=' ? '<>' : node.operator;
  const [left, right] = withTimestampLiterals(node.left, node.right, binder);
  return comparison(operator, left, right, node);
}

export function bindIsDistinct(node: ast.IsDistinct, binder: Binder): Expression {
  const operator: ComparisonOperator = node.negated ? 'IS NOT DISTINCT FROM' : 'IS DISTINCT FROM';
  return comparison(operator, binder.bind(node.left), binder.bind(node.right), node);
}

function comparison(operator: ComparisonOperator, left: Expression, right: Expression, node: LocatedNode): Expression {
  checkComparison(operator, left, right, node);
  return { kind: 'comparison', operator, left, right, type: BOOLEAN, text: `(${left.text} ${operator} ${right.text})` };
}

/**
 * ksqlDB does not check the types of IS NOT DISTINCT FROM (only of the form without NOT). What it then makes of them
 * takes any object on the left and compares it with Java's equals, unless the right side has a comparison of its own.
 */
const ANY_OBJECT: ReadonlySet<SqlTypeKind> = new Set(['STRING', 'BYTES', 'ARRAY', 'MAP', 'STRUCT']);
const OWN_COMPARISON: ReadonlySet<SqlTypeKind> = new Set(['DECIMAL', 'DATE', 'TIME', 'TIMESTAMP']);

/** @throws AnalysisError unless values of the two types can be compared with the operator. */
function checkComparison(operator: ComparisonOperator, left: Expression, right: Expression, node: LocatedNode): void {
  if (isUntypedNull(left) || isUntypedNull(right)) {
    const name = (side: Expression) => (isUntypedNull(side) ? 'NULL' : side.type.kind);
    const message =
      `Comparison with NULL not supported: ${name(left)} ${operator} ${name(right)}\n` +
      "Use 'IS NULL' or 'IS NOT NULL' instead.";
    throw new AnalysisError('comparison-with-null', message, { node, fixes: isNullFixes(operator, left, right, node) });
  }
  const equality = operator === '=' || operator === '<>' || operator.startsWith('IS');
  if (equality ? comparable(left.type, right.type) : orderable(left.type, right.type)) return;
  if (operator === 'IS NOT DISTINCT FROM' && ANY_OBJECT.has(left.type.kind) && !OWN_COMPARISON.has(right.type.kind))
    return;
  const side = ({ text, type }: Expression) => `${text} (${typeToString(type)})`;
  const message = `Cannot compare ${side(left)} to ${side(right)} with ${OPERATOR_NAMES[operator]}.`;
  throw new AnalysisError('comparison-types', message, { node });
}

function isNullFixes(operator: ComparisonOperator, left: Expression, right: Expression, node: LocatedNode) {
  const cst = node.$cstNode;
  const negated = operator === '<>' || operator === 'IS DISTINCT FROM';
  if (!cst || !(negated || operator === '=' || operator === 'IS NOT DISTINCT FROM')) return [];
  const predicate = negated ? 'IS NOT NULL' : 'IS NULL';
  const operand = isUntypedNull(left) ? right : left;
  const edits = [{ range: { start: cst.offset, end: cst.end }, text: `${operand.text} ${predicate}` }];
  return [{ title: `Use ${predicate}`, edits }];
}

const TIMESTAMP_COLUMNS: ReadonlySet<string> = new Set(['ROWTIME', 'WINDOWSTART', 'WINDOWEND']);

const isTimestampColumn = (expression: Expression): boolean =>
  expression.kind === 'column' && expression.type.kind === 'BIGINT' && TIMESTAMP_COLUMNS.has(expression.name);

/** Binds both sides of a comparison; text beside ROWTIME and the like becomes a time, where the context has it so. */
function withTimestampLiterals(left: ast.Expression, right: ast.Expression, binder: Binder): [Expression, Expression] {
  const a = binder.bind(left);
  const b = binder.bind(right);
  if (!binder.context.timestampLiterals) return [a, b];
  return [isTimestampColumn(b) ? timestampLiteral(a) : a, isTimestampColumn(a) ? timestampLiteral(b) : b];
}

/** @throws AnalysisError `Failed to parse timestamp 'x': …` */
function timestampLiteral(expression: Expression): Expression {
  if (expression.kind !== 'literal' || typeof expression.value !== 'string') return expression;
  try {
    const value = parseTimestamp(expression.value);
    return { ...expression, type: BIGINT, value, text: String(value) };
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    throw new AnalysisError('invalid-timestamp', error.message, { range: expression.range });
  }
}

export function bindBetween(node: ast.Between, binder: Binder): Expression {
  const operand = binder.bind(node.operand);
  const bound = (side: ast.Expression): Expression => {
    const expression = binder.bind(side);
    return binder.context.timestampLiterals && isTimestampColumn(operand) ? timestampLiteral(expression) : expression;
  };
  const low = betweenBound('>=', operand, bound(node.low), node);
  const high = betweenBound('<=', operand, bound(node.high), node);
  const text = negatable(`(${operand.text} BETWEEN ${low.text} AND ${high.text})`, node.negated);
  return { kind: 'between', operand, low, high, negated: node.negated, type: BOOLEAN, text };
}

/**
 * A bound of BETWEEN, whose types ksqlDB does not check as it does those of comparisons: beside a STRING it takes any
 * type, and then gives NULL; beside a DECIMAL it reads text as a number.
 */
function betweenBound(operator: '>=' | '<=', operand: Expression, bound: Expression, node: LocatedNode): Expression {
  const isTyped = !isUntypedNull(operand) && !isUntypedNull(bound);
  if (isTyped && operand.type.kind === 'STRING') return bound;
  if (isTyped && operand.type.kind === 'DECIMAL' && bound.type.kind === 'STRING')
    return implicitCast(bound, TEXT_NUMBER);
  checkComparison(operator, operand, bound, node);
  return bound;
}

const TEXT_NUMBER = decimal(38, 18);

/** ksqlDB prints NOT BETWEEN, NOT IN and NOT LIKE as the negation of the whole predicate. */
const negatable = (text: string, negated: boolean): string => (negated ? `(NOT ${text})` : text);

export function bindInList(node: ast.InList, binder: Binder): Expression {
  const operand = binder.bind(node.operand);
  const list = node.list.map((element) => binder.bind(element));
  const text = negatable(`(${operand.text} IN (${list.map((element) => element.text).join(', ')}))`, node.negated);
  const values = list.filter((element) => !isUntypedNull(element));
  if (values.length === 0 || isUntypedNull(operand)) {
    const message = `IN needs a value and a list with at least one element that is not NULL: ${text}`;
    throw new AnalysisError('in-list-null', message, { node });
  }
  const [value, ...elements] = unify([
    operand,
    ...values.filter((element) => !isTextBesideTime(operand, element)),
  ])!.expressions;
  return { kind: 'in', operand: value!, list: elements, negated: node.negated, type: BOOLEAN, text };
}

/**
 * Text that IN compares with a time or with bytes as the Java objects that they are, and so finds it never equal.
 * ksqlDB's code takes the text of a DATE for a subtraction, and has no code for that of a TIME or TIMESTAMP.
 */
function isTextBesideTime({ type }: Expression, element: Expression): boolean {
  if (element.type.kind !== 'STRING') return false;
  if (element.kind !== 'literal') return TIMES.has(type.kind) || type.kind === 'BYTES';
  if (type.kind !== 'TIME' && type.kind !== 'TIMESTAMP') return type.kind === 'DATE';
  const message = `IN cannot compare a ${type.kind} with text. Write CAST(${element.text} AS ${type.kind}).`;
  throw new AnalysisError('in-list-time', message, { range: element.range });
}

const TIMES: ReadonlySet<SqlTypeKind> = new Set(['DATE', 'TIME', 'TIMESTAMP']);

/** @throws AnalysisError for an ESCAPE of another length than one character */
export function checkEscape(node: ast.Like): void {
  if (node.escape === undefined || node.escape.length === 1) return;
  const message = `Expected single character escape but got: ${node.escape}`;
  throw new AnalysisError('like-escape', message, { range: propertyRange(node, 'escape') });
}

export function bindLike(node: ast.Like, binder: Binder): Expression {
  const operand = textOperand(binder.bind(node.operand), node.operand);
  const pattern = textOperand(binder.bind(node.pattern), node.pattern);
  checkEscape(node);
  const escapeCharacter = node.escape;
  const suffix = escapeCharacter === undefined ? '' : ` ESCAPE ${quoted(escapeCharacter)}`;
  const text = negatable(`(${operand.text} LIKE ${pattern.text}${suffix})`, node.negated);
  return {
    kind: 'like',
    operand,
    pattern,
    escape: escapeCharacter,
    negated: node.negated,
    type: BOOLEAN,
    text,
  };
}

function textOperand(expression: Expression, node: ast.Expression): Expression {
  if (isUntypedNull(expression)) return typedNull(expression, STRING);
  if (expression.type.kind === 'STRING') return expression;
  const message = `LIKE needs STRINGs, but ${expression.text} is ${typeToString(expression.type)}.`;
  throw new AnalysisError('like-operand', message, { node });
}

/** `a AND b AND c`; all operators of a chain are the same. */
export function bindLogical(node: ast.LogicalExpression, binder: Binder): Expression {
  const operator = node.operators[0]!;
  const kind = operator === 'AND' ? 'and' : 'or';
  const bind = (operand: ast.Expression) => booleanOperand(operand, binder, operator);
  return foldChain(node, bind, (left, right) => {
    return { kind, left, right, type: BOOLEAN, text: `(${left.text} ${operator} ${right.text})` };
  });
}

export function bindNot(node: ast.NotExpression, binder: Binder): Expression {
  const operand = booleanOperand(node.operand, binder, 'NOT');
  return { kind: 'not', operand, type: BOOLEAN, text: `(NOT ${operand.text})` };
}

function booleanOperand(node: ast.Expression, binder: Binder, operator: string): Expression {
  const operand = requireTyped(binder.bind(node));
  if (operand.type.kind === 'BOOLEAN') return operand;
  const message = `${operator} needs BOOLEANs, but ${operand.text} is ${typeToString(operand.type)}.`;
  throw new AnalysisError('logical-operand', message, { node });
}

const typeName = (expression: Expression): string =>
  isUntypedNull(expression) ? 'NULL' : typeToString(expression.type);
