import { decodeBase64 } from './base64.ts';
import {
  decimalToDecimal,
  decimalToDouble,
  decimalToInt,
  decimalToLong,
  doubleToDecimal,
  longToDecimal,
  stringToDecimal,
} from './decimal.ts';
import { doubleToInt, doubleToLong, longToInt, parseInteger, parseLong, trimJava } from './integer.ts';
import { parseFiniteDouble } from './java-double.ts';
import {
  type DecimalType,
  type SqlType,
  type SqlTypeKind,
  type SqlValue,
  type StructType,
  sameType,
} from './sql-type.ts';
import { parseDate, parseTime, parseTimestamp } from './temporal-text.ts';
import { DAY_MS } from './time-units.ts';
import { textPrinterFor } from './value-to-string.ts';

/** Converts a value; NULL stays NULL. */
export type Cast = (value: SqlValue) => SqlValue;

const ALLOWED: Readonly<Record<SqlTypeKind, readonly SqlTypeKind[]>> = {
  BOOLEAN: ['BOOLEAN', 'STRING'],
  INTEGER: ['INTEGER', 'BIGINT', 'DECIMAL', 'DOUBLE', 'STRING'],
  BIGINT: ['INTEGER', 'BIGINT', 'DECIMAL', 'DOUBLE', 'STRING'],
  DECIMAL: ['INTEGER', 'BIGINT', 'DECIMAL', 'DOUBLE', 'STRING'],
  DOUBLE: ['INTEGER', 'BIGINT', 'DECIMAL', 'DOUBLE', 'STRING'],
  STRING: ['BOOLEAN', 'INTEGER', 'BIGINT', 'DECIMAL', 'DOUBLE', 'STRING', 'BYTES', 'DATE', 'TIME', 'TIMESTAMP'],
  BYTES: ['BYTES'],
  DATE: ['STRING', 'DATE', 'TIMESTAMP'],
  TIME: ['STRING', 'TIME'],
  TIMESTAMP: ['STRING', 'DATE', 'TIME', 'TIMESTAMP'],
  ARRAY: ['STRING', 'ARRAY'],
  MAP: ['STRING', 'MAP'],
  STRUCT: ['STRING', 'STRUCT'],
};

/** Whether CAST is defined from one type to another; otherwise ksqlDB says `Cast of X to Y is not supported`. */
export function castable(from: SqlType, to: SqlType): boolean {
  if (sameType(from, to)) return true;
  if (!ALLOWED[from.kind].includes(to.kind)) return false;
  switch (from.kind) {
    case 'ARRAY':
      return to.kind !== 'ARRAY' || castable(from.element, to.element);
    case 'MAP':
      return to.kind !== 'MAP' || (castable(from.key, to.key) && castable(from.value, to.value));
    case 'STRUCT':
      return to.kind !== 'STRUCT' || from.fields.every((field) => fieldCastable(field.type, fieldType(to, field.name)));
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
    case 'DECIMAL':
    case 'DOUBLE':
    case 'STRING':
    case 'BYTES':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return true;
    default:
      return from satisfies never;
  }
}

const fieldType = (type: StructType, name: string) => type.fields.find((field) => field.name === name)?.type;
const fieldCastable = (from: SqlType, to: SqlType | undefined) => to === undefined || castable(from, to);

/**
 * The function that CAST applies, for a pair that is {@link castable}. It may throw EvaluationError: text that does not
 * parse, `Numeric field overflow: …`, a DOUBLE that is no number cast to DECIMAL. An error in an element fails the
 * whole collection.
 */
export function castFor(from: SqlType, to: SqlType): Cast {
  if (sameType(from, to)) return (value) => value;
  const convert = conversion(from, to);
  return (value) => (value === null ? null : convert(value));
}

/** The conversion of values that are not NULL. */
function conversion(from: SqlType, to: SqlType): (value: any) => SqlValue {
  switch (to.kind) {
    case 'STRING':
      return textPrinterFor(from);
    case 'INTEGER':
      return toInteger(from);
    case 'BIGINT':
      return toBigint(from);
    case 'DOUBLE':
      return toDouble(from);
    case 'DECIMAL':
      return toDecimal(from, to);
    case 'BOOLEAN':
      return parseBoolean;
    case 'BYTES':
      return decodeBase64;
    case 'DATE':
      return from.kind === 'STRING' ? (text) => parseDate(trimJava(text)) : (ms) => Math.floor(ms / DAY_MS);
    case 'TIME':
      return from.kind === 'STRING'
        ? (text) => parseTime(trimJava(text))
        : (ms) => ms - Math.floor(ms / DAY_MS) * DAY_MS;
    case 'TIMESTAMP':
      return from.kind === 'STRING' ? (text) => parseTimestamp(trimJava(text)) : (days) => days * DAY_MS;
    case 'ARRAY':
    case 'MAP':
    case 'STRUCT':
      return collectionConversion(from, to);
    default:
      return to satisfies never;
  }
}

/** STRING to BOOLEAN: true for the prefixes of `true` and `yes` in any case, trimmed; false for anything else. */
export function parseBoolean(text: string): boolean {
  const lower = trimJava(text).toLowerCase();
  return lower !== '' && ('true'.startsWith(lower) || 'yes'.startsWith(lower));
}

function toInteger(from: SqlType): (value: any) => SqlValue {
  if (from.kind === 'DOUBLE') return doubleToInt;
  if (from.kind === 'STRING') return parseInteger;
  if (from.kind !== 'DECIMAL') return longToInt;
  const { scale } = from;
  return (value) => decimalToInt(value, scale);
}

function toBigint(from: SqlType): (value: any) => SqlValue {
  if (from.kind === 'DOUBLE') return doubleToLong;
  if (from.kind === 'STRING') return parseLong;
  if (from.kind !== 'DECIMAL') return (value) => value;
  const { scale } = from;
  return (value) => decimalToLong(value, scale);
}

function toDouble(from: SqlType): (value: any) => SqlValue {
  if (from.kind === 'STRING') return parseFiniteDouble;
  if (from.kind !== 'DECIMAL') return Number;
  const { scale } = from;
  return (value) => decimalToDouble(value, scale);
}

function toDecimal(from: SqlType, to: DecimalType): (value: any) => SqlValue {
  if (from.kind === 'DOUBLE') return (value) => doubleToDecimal(value, to);
  if (from.kind === 'STRING') return (value) => stringToDecimal(value, to);
  if (from.kind !== 'DECIMAL') return (value) => longToDecimal(value, to);
  const { scale } = from;
  return (value) => decimalToDecimal(value, scale, to);
}

/** Element by element; struct fields by exact name, NULL where the source has no such field. */
export function collectionConversion(
  from: SqlType,
  to: SqlType,
  cast: (from: SqlType, to: SqlType) => Cast = castFor,
): (value: any) => SqlValue {
  if (from.kind === 'ARRAY' && to.kind === 'ARRAY') {
    const element = cast(from.element, to.element);
    return (value: readonly SqlValue[]) => value.map(element);
  }
  if (from.kind === 'MAP' && to.kind === 'MAP') {
    const key = cast(from.key, to.key);
    const item = cast(from.value, to.value);
    return (value: ReadonlyMap<SqlValue, SqlValue>) => {
      const result = new Map<SqlValue, SqlValue>();
      for (const [k, v] of value) result.set(key(k), item(v));
      return result;
    };
  }
  if (from.kind === 'STRUCT' && to.kind === 'STRUCT') {
    const fields = to.fields.map((field) => {
      const index = from.fields.findIndex((candidate) => candidate.name === field.name);
      return { index, convert: index < 0 ? undefined : cast(from.fields[index]!.type, field.type) };
    });
    return (value: readonly SqlValue[]) =>
      fields.map(({ index, convert }) => (convert ? convert(value[index] ?? null) : null));
  }
  throw new TypeError(`No conversion of ${from.kind} to ${to.kind}`);
}
