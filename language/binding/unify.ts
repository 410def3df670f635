import { AnalysisError } from '../text/analysis-error.ts';
import { coercerFor, parseExactBoolean } from '../types/coerce.ts';
import { invalidDecimal, parseDecimal, precisionOf } from '../types/decimal.ts';
import { EvaluationError } from '../types/evaluation-error.ts';
import { implicitlyCastable, widerNumber } from '../types/implicit-cast.ts';
import { MAX_INT, MAX_LONG, MIN_INT, MIN_LONG, trimJava } from '../types/integer.ts';
import {
  array,
  BIGINT,
  decimal,
  INTEGER,
  isNumeric,
  map,
  type SqlType,
  type SqlTypeKind,
  type StructField,
  sameType,
  struct,
  typeToString,
} from '../types/sql-type.ts';
import type { Expression } from './expression.ts';
import { implicitCast } from './implicit-casts.ts';
import { isUntypedNull, typedNull } from './literals.ts';

/** The expressions of a list, brought to one type. */
export interface Unified {
  readonly type: SqlType;
  readonly expressions: readonly Expression[];
}

/**
 * Finds the type that the elements of an ARRAY or MAP constructor or of an IN list share, and converts them to it. From
 * left to right: numbers widen, string literals beside numbers and booleans are read as such, other literals beside a
 * STRING become text, structs get the fields of all, collections are unified inside. Undefined when every element is
 * the NULL literal.
 *
 * @throws AnalysisError `operator does not exist: INTEGER = STRING ('x')`, or `invalid input syntax for type INTEGER:
 * "x".`
 */
export function unify(expressions: readonly Expression[]): Unified | undefined {
  let type: SqlType | undefined;
  for (const expression of expressions) {
    if (isUntypedNull(expression)) continue;
    if (!type) {
      type = expression.type;
      continue;
    }
    const common = commonType(type, expression);
    if (!common) throw noOperator(type, expression);
    type = common;
  }
  const result = type;
  return result && { type: result, expressions: expressions.map((expression) => convert(expression, result)) };
}

function noOperator(target: SqlType, expression: Expression): AnalysisError {
  const message =
    `operator does not exist: ${typeToString(target)} = ${typeToString(expression.type)} (${expression.text})\n` +
    'Hint: You might need to add explicit type casts.';
  return new AnalysisError('types-not-unifiable', message, { range: expression.range });
}

/** The type of both; undefined when there is none. The expression counts where it is a literal or a constructor. */
function commonType(target: SqlType, expression: Expression): SqlType | undefined {
  if (isNullKeyword(expression) || sameType(target, expression.type)) return target;
  const source = expression.type;
  if (isNumeric(target) && isNumeric(source)) return widerNumber(target, source);
  if (expression.kind === 'literal' && expression.value !== null) {
    if (target.kind === 'STRING') return isNumeric(source) || source.kind === 'BOOLEAN' ? target : undefined;
    if (source.kind === 'STRING') return typeWithText(target, expression);
  }
  if (target.kind !== source.kind) return undefined;
  if (expression.kind === 'array' && target.kind === 'ARRAY') return folded(target.element, expression.elements, array);
  if (expression.kind === 'map' && target.kind === 'MAP') {
    const key = folded(
      target.key,
      expression.entries.map((entry) => entry.key),
    );
    const value = folded(
      target.value,
      expression.entries.map((entry) => entry.value),
    );
    return key && value && map(key, value);
  }
  return commonStructure(target, source, expression);
}

/** NULL as written; inside an inner constructor it has got the type of its neighbours, which does not count. */
const isNullKeyword = (expression: Expression): boolean =>
  expression.kind === 'literal' && expression.value === null && expression.text === 'null';

/** The common type of a type and of all expressions, each in turn. */
function folded(
  seed: SqlType,
  expressions: readonly Expression[],
  wrap: (type: SqlType) => SqlType = (type) => type,
): SqlType | undefined {
  let type: SqlType | undefined = seed;
  for (const expression of expressions) type = type && commonType(type, withoutCast(expression));
  return type && wrap(type);
}

/** Elements of an inner constructor have been unified already; what counts is how they were written. */
const withoutCast = (expression: Expression): Expression =>
  expression.kind === 'cast' && expression.implicit ? expression.operand : expression;

function commonStructure(target: SqlType, source: SqlType, expression: Expression): SqlType | undefined {
  if (target.kind === 'ARRAY' && source.kind === 'ARRAY') {
    const element = commonType(target.element, opaque(source.element));
    return element && array(element);
  }
  if (target.kind === 'MAP' && source.kind === 'MAP') {
    const key = commonType(target.key, opaque(source.key));
    const value = commonType(target.value, opaque(source.value));
    return key && value && map(key, value);
  }
  if (target.kind !== 'STRUCT' || source.kind !== 'STRUCT') return undefined;
  const fields: StructField[] = [...target.fields];
  for (const [i, field] of source.fields.entries()) {
    const index = fields.findIndex((candidate) => candidate.name === field.name);
    if (index < 0) {
      fields.push(field);
      continue;
    }
    const part = expression.kind === 'struct' ? withoutCast(expression.fields[i]!) : opaque(field.type);
    const type = commonType(fields[index]!.type, part);
    if (!type) return undefined;
    fields[index] = { name: field.name, type };
  }
  return struct(fields);
}

/** An expression of which nothing but the type is known. */
const opaque = (type: SqlType): Expression => ({ kind: 'lambda-parameter', name: '', type, text: '' });

/** What a type becomes beside a string literal that is to be read as one of its values. */
function typeWithText(target: SqlType, literal: Extract<Expression, { kind: 'literal' }>): SqlType | undefined {
  const text = literal.value as string;
  if (isNumeric(target)) {
    const type = typeOfNumber(text);
    if (!type) throw invalidSyntax(target.kind, literal);
    return widerNumber(target, type);
  }
  if (target.kind === 'BOOLEAN') {
    try {
      parseExactBoolean(text);
    } catch (error) {
      if (error instanceof EvaluationError) throw invalidSyntax(target.kind, literal);
      throw error;
    }
    return target;
  }
  return implicitlyCastable(literal.type, target) ? target : undefined;
}

function typeOfNumber(text: string): SqlType | undefined {
  const trimmed = trimJava(text);
  try {
    const { unscaled, scale } = parseDecimal(trimmed);
    if (/^[+-]?\d+$/.test(trimmed)) {
      if (unscaled >= MIN_INT && unscaled <= MAX_INT) return INTEGER;
      if (unscaled >= MIN_LONG && unscaled <= MAX_LONG) return BIGINT;
    }
    const precision = Math.max(precisionOf(unscaled) - Math.min(0, scale), scale + 1);
    return invalidDecimal(precision, Math.max(0, scale)) ? undefined : decimal(precision, Math.max(0, scale));
  } catch (error) {
    if (error instanceof EvaluationError) return undefined;
    throw error;
  }
}

function invalidSyntax(kind: SqlTypeKind, literal: Extract<Expression, { kind: 'literal' }>): AnalysisError {
  return new AnalysisError('invalid-input-syntax', `invalid input syntax for type ${kind}: "${literal.value}".`, {
    range: literal.range,
  });
}

/** Brings an expression to the common type: literals at once, constructors inside, anything else with a cast. */
function convert(expression: Expression, type: SqlType): Expression {
  if (isNullKeyword(expression)) return typedNull(expression, type);
  if (sameType(expression.type, type)) return expression;
  if (expression.kind === 'literal' && expression.value !== null) return convertLiteral(expression, type);
  if (expression.kind === 'array' && type.kind === 'ARRAY') {
    return { ...expression, type, elements: expression.elements.map((e) => convert(withoutCast(e), type.element)) };
  }
  if (expression.kind === 'map' && type.kind === 'MAP') {
    const entries = expression.entries.map(({ key, value }) => ({
      key: convert(withoutCast(key), type.key),
      value: convert(withoutCast(value), type.value),
    }));
    return { ...expression, type, entries };
  }
  if (expression.kind === 'struct' && type.kind === 'STRUCT' && expression.type.kind === 'STRUCT') {
    const { fields: sources } = expression.type;
    const fields = type.fields.map((field): Expression => {
      const index = sources.findIndex((candidate) => candidate.name === field.name);
      if (index >= 0) return convert(withoutCast(expression.fields[index]!), field.type);
      return { kind: 'literal', value: null, type: field.type, text: 'null' };
    });
    return { ...expression, type, fields };
  }
  return implicitCast(expression, type);
}

function convertLiteral(literal: Extract<Expression, { kind: 'literal' }>, type: SqlType): Expression {
  const coerce = coercerFor(literal.type, type, 'LAX');
  if (!coerce) return implicitCast(literal, type);
  try {
    return { ...literal, type, value: coerce(literal.value) };
  } catch (error) {
    if (error instanceof EvaluationError) throw invalidSyntax(type.kind, literal);
    throw error;
  }
}
