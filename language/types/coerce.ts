import { decodeBase64 } from './base64.ts';
import { type Cast, castFor, collectionConversion } from './cast.ts';
import {
  decimalToDouble,
  decimalToString,
  fitDecimal,
  parseDecimal,
  powerOfTen,
  precisionOf,
  type ScaledNumber,
  stringToDecimal,
} from './decimal.ts';
import { EvaluationError } from './evaluation-error.ts';
import { trimJava } from './integer.ts';
import { type DecimalType, type SqlType, type SqlValue, sameType } from './sql-type.ts';

/**
 * STRICT: what INSERT VALUES, the keys of pull queries and REST inserts convert by themselves. Numbers widen, exactly;
 * STRING becomes DATE, TIME, TIMESTAMP or BYTES; collections go element by element.
 *
 * LAX, for literals in IN lists, ARRAY and MAP constructors: also any primitive to STRING, and STRING to BOOLEAN and to
 * numbers.
 */
export type CoercionMode = 'STRICT' | 'LAX';

/**
 * The conversion of values of one type for a column of another; undefined when there is none for these types. It may
 * throw EvaluationError for a value that does not fit or parse.
 */
export function coercerFor(from: SqlType, to: SqlType, mode: CoercionMode): Cast | undefined {
  if (sameType(from, to)) return (value) => value;
  const convert = conversion(from, to, mode);
  return convert && ((value) => (value === null ? null : convert(value)));
}

function conversion(from: SqlType, to: SqlType, mode: CoercionMode): ((value: any) => SqlValue) | undefined {
  switch (from.kind) {
    case 'INTEGER':
    case 'BIGINT':
    case 'DECIMAL':
      return numberConversion(from, to) ?? laxText(from, to, mode);
    case 'STRING':
      return textConversion(to, mode);
    case 'BOOLEAN':
    case 'DOUBLE':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return laxText(from, to, mode);
    case 'BYTES':
      return undefined;
    case 'ARRAY':
    case 'MAP':
    case 'STRUCT':
      return elementConversion(from, to, mode);
    default:
      return from satisfies never;
  }
}

function numberConversion(from: SqlType, to: SqlType): ((value: any) => SqlValue) | undefined {
  if (to.kind === 'DECIMAL') {
    if (from.kind !== 'DECIMAL') return (value) => fitExactly({ unscaled: BigInt(value), scale: 0 }, to);
    const { scale } = from;
    return (value) => fitExactly({ unscaled: value, scale }, to);
  }
  if (to.kind === 'BIGINT') return from.kind === 'INTEGER' ? (value) => value : undefined;
  if (to.kind !== 'DOUBLE') return undefined;
  if (from.kind !== 'DECIMAL') return Number;
  const { scale } = from;
  return (value) => decimalToDouble(value, scale);
}

/**
 * Fits a number into a DECIMAL without rounding.
 * @throws EvaluationError `Numeric field overflow: …` or `Cannot fit decimal 'x' into DECIMAL(p, s) without rounding.`
 */
export function fitExactly(value: ScaledNumber, type: DecimalType): bigint {
  const fitted = fitDecimal(value, type);
  const lost = value.scale - type.scale;
  if (lost > 0 && fitted * powerOfTen(lost) !== value.unscaled) {
    const text = decimalToString(value.unscaled, value.scale);
    throw new EvaluationError(
      `Cannot fit decimal '${text}' into DECIMAL(${type.precision}, ${type.scale}) without rounding. ` +
        `(Requires ${precisionOf(value.unscaled)},${value.scale})`,
    );
  }
  return fitted;
}

function textConversion(to: SqlType, mode: CoercionMode): ((value: any) => SqlValue) | undefined {
  switch (to.kind) {
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return castFor({ kind: 'STRING' }, to);
    case 'BYTES':
      return (text) => decodeBase64(trimJava(text));
    case 'BOOLEAN':
      return mode === 'LAX' ? parseExactBoolean : undefined;
    case 'INTEGER':
    case 'BIGINT':
    case 'DOUBLE':
      return mode === 'LAX' ? castFor({ kind: 'STRING' }, to) : undefined;
    case 'DECIMAL':
      return mode === 'LAX' ? (text) => fitExactly(parseDecimal(trimJava(text)), to) : undefined;
    case 'STRING':
    case 'ARRAY':
    case 'MAP':
    case 'STRUCT':
      return undefined;
    default:
      return to satisfies never;
  }
}

function laxText(from: SqlType, to: SqlType, mode: CoercionMode): ((value: any) => SqlValue) | undefined {
  return mode === 'LAX' && to.kind === 'STRING' ? castFor(from, to) : undefined;
}

/** @throws EvaluationError unless the text is a prefix of true, yes, false or no, in any case. */
export function parseExactBoolean(text: string): boolean {
  const lower = trimJava(text).toLowerCase();
  if (lower !== '') {
    if ('true'.startsWith(lower) || 'yes'.startsWith(lower)) return true;
    if ('false'.startsWith(lower) || 'no'.startsWith(lower)) return false;
  }
  throw new EvaluationError(`Not a BOOLEAN: '${text}'`);
}

function elementConversion(from: SqlType, to: SqlType, mode: CoercionMode): ((value: any) => SqlValue) | undefined {
  if (from.kind !== to.kind || !elementsCoercible(from, to, mode)) return undefined;
  return collectionConversion(from, to, (source, target) => coercerFor(source, target, mode)!);
}

function elementsCoercible(from: SqlType, to: SqlType, mode: CoercionMode): boolean {
  const possible = (a: SqlType, b: SqlType) => coercerFor(a, b, mode) !== undefined;
  if (from.kind === 'ARRAY' && to.kind === 'ARRAY') return possible(from.element, to.element);
  if (from.kind === 'MAP' && to.kind === 'MAP') return possible(from.key, to.key) && possible(from.value, to.value);
  if (from.kind !== 'STRUCT' || to.kind !== 'STRUCT') return false;
  return to.fields.every((field) => {
    const source = from.fields.find((candidate) => candidate.name === field.name);
    return source === undefined || possible(source.type, field.type);
  });
}

/** A number of a JSON text whose digits matter: readers that keep them give the text itself. */
export interface JsonNumber {
  readonly text: string;
}

/**
 * Converts a JSON value that a REST client sent for a column, as `/inserts-stream` does: STRICT, and a number or a
 * string becomes a DECIMAL (HALF_UP). Keys of structs are upper-cased unless they are quoted.
 * @throws EvaluationError when the value does not fit the type.
 */
export function coerceJson(value: unknown, type: SqlType): SqlValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return jsonText(value, type);
  if (typeof value === 'boolean' && type.kind === 'BOOLEAN') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return jsonNumber(String(value), type);
  if (isJsonNumber(value)) return jsonNumber(value.text, type);
  if (Array.isArray(value) && type.kind === 'ARRAY') return value.map((element) => coerceJson(element, type.element));
  if (typeof value === 'object' && !Array.isArray(value)) return jsonObject(value, type);
  throw mismatch(value, type);
}

const isJsonNumber = (value: unknown): value is JsonNumber =>
  typeof value === 'object' && value !== null && 'text' in value && value.constructor !== Object;

function jsonText(text: string, type: SqlType): SqlValue {
  if (type.kind === 'STRING') return text;
  if (type.kind === 'DECIMAL') return stringToDecimal(text, type);
  const convert = textConversion(type, 'STRICT');
  if (!convert) throw mismatch(text, type);
  return convert(text);
}

function jsonNumber(text: string, type: SqlType): SqlValue {
  const whole = /^-?\d+$/.test(text);
  if (type.kind === 'DECIMAL') return stringToDecimal(text, type);
  if (type.kind === 'DOUBLE') return Number(text);
  if (whole && (type.kind === 'INTEGER' || type.kind === 'BIGINT')) return castFor({ kind: 'STRING' }, type)(text);
  throw mismatch(text, type);
}

function jsonObject(object: object, type: SqlType): SqlValue {
  const entries = Object.entries(object);
  if (type.kind === 'MAP') {
    return new Map(entries.map(([key, item]) => [jsonText(key, type.key), coerceJson(item, type.value)]));
  }
  if (type.kind !== 'STRUCT') throw mismatch(object, type);
  const byName = new Map(entries.map(([key, item]) => [identifierName(key), item]));
  return type.fields.map((field) => coerceJson(byName.get(field.name), field.type));
}

/** The name that an identifier stands for: verbatim in back-quotes or double quotes, else upper case. */
export function identifierName(text: string): string {
  const quote = text[0];
  if (text.length >= 2 && (quote === '`' || quote === '"') && text.endsWith(quote)) {
    return text.slice(1, -1).replaceAll(quote + quote, quote);
  }
  return text.toUpperCase();
}

const mismatch = (value: unknown, type: SqlType) =>
  new EvaluationError(
    `Can't coerce ${typeof value === 'object' ? JSON.stringify(value) : String(value)} to ${type.kind}`,
  );
