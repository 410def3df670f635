import { asDecimalType, decimalComparator, parseDecimal, powerOfTen, type ScaledNumber } from './decimal.ts';
import { EvaluationError } from './evaluation-error.ts';
import { doubleToString } from './java-double.ts';
import { type SqlType, type SqlValue, sameType } from './sql-type.ts';
import { parseDate, parseTime, parseTimestamp } from './temporal-text.ts';
import { DAY_MS } from './time-units.ts';

/**
 * Comparison of values, chosen once for a pair of static types. Functions here take values that are not NULL unless
 * they say otherwise. Those that compare a STRING with a DATE, TIME or TIMESTAMP parse the text and throw
 * EvaluationError when they cannot; those that compare a NaN or infinite DOUBLE with a DECIMAL throw one too.
 */
export type Comparator = (left: any, right: any) => number;

/** As the operators of KSQL: `IS DISTINCT FROM` is `<>` with NULL as an ordinary value. */
export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=' | 'IS DISTINCT FROM' | 'IS NOT DISTINCT FROM';

/** Whether the values of two types have a `<` and a `>`; those that have not may still be equal. */
export function orderable(left: SqlType, right: SqlType): boolean {
  return pairOf(left, right) !== undefined && !EQUALITY_ONLY.has(left.kind);
}

const EQUALITY_ONLY: ReadonlySet<SqlType['kind']> = new Set(['BOOLEAN', 'ARRAY', 'MAP', 'STRUCT']);

/** Whether ksqlDB compares values of the two types with `=` at all. */
export const comparable = (left: SqlType, right: SqlType): boolean => pairOf(left, right) !== undefined;

type Pair = 'native' | 'double' | 'decimal' | 'decimal-double' | 'bytes' | 'equality' | 'date' | 'time' | 'timestamp';

const isWhole = (type: SqlType) => type.kind === 'INTEGER' || type.kind === 'BIGINT';
const isNumber = (type: SqlType) => isWhole(type) || type.kind === 'DOUBLE' || type.kind === 'DECIMAL';

/** The way in which two types compare; undefined when they do not. */
function pairOf(left: SqlType, right: SqlType): Pair | undefined {
  if (isNumber(left) && isNumber(right)) {
    const doubles = left.kind === 'DOUBLE' || right.kind === 'DOUBLE';
    const decimals = left.kind === 'DECIMAL' || right.kind === 'DECIMAL';
    if (decimals) return doubles ? 'decimal-double' : 'decimal';
    // A BIGINT may be a bigint, which is converted as Java converts a long beside a double; an INTEGER needs no
    // conversion.
    return doubles && (left.kind === 'BIGINT' || right.kind === 'BIGINT') ? 'double' : 'native';
  }
  const has = (kind: SqlType['kind']) => left.kind === kind || right.kind === kind;
  if (left.kind === right.kind) {
    if (EQUALITY_ONLY.has(left.kind)) return 'equality';
    return left.kind === 'BYTES' ? 'bytes' : 'native';
  }
  if (has('TIMESTAMP') && (has('STRING') || has('DATE'))) return 'timestamp';
  if (has('STRING') && has('DATE')) return 'date';
  if (has('STRING') && has('TIME')) return 'time';
  return undefined;
}

/**
 * The order of the values of two types as a negative number, zero or a positive number. NaN is not ordered: use
 * {@link comparisonFor} for the operators of KSQL. Within `sort` use {@link sortComparatorFor}.
 */
export function comparatorFor(left: SqlType, right: SqlType): Comparator {
  const pair = pairOf(left, right);
  switch (pair) {
    case 'double':
      return (a, b) => Number(a) - Number(b);
    case 'native':
      // JavaScript compares numbers and bigints by value, and strings by UTF-16 code unit, as Java does.
      return (a, b) => (a < b ? -1 : a > b ? 1 : 0);
    case 'decimal':
      return mixedDecimalComparator(left, right);
    case 'decimal-double':
      return decimalDoubleComparator(left, right);
    case 'bytes':
      return compareBytes;
    case 'date':
      return normalized(left, right, (text) => parseDate(text));
    case 'time':
      return normalized(left, right, (text) => parseTime(text));
    case 'timestamp':
      return normalized(left, right, (text) => parseTimestamp(text), DAY_MS);
    case 'equality': {
      const equal = valueEquality(left, right);
      return (a, b) => (equal(a, b) ? 0 : 1);
    }
    case undefined:
      throw new TypeError(`No comparison of ${left.kind} with ${right.kind}`);
    default:
      return pair satisfies never;
  }
}

/** The order of the values of one type as Java's Comparable has it: NaN is the greatest DOUBLE, -0.0 is before 0.0. */
export function sortComparatorFor(type: SqlType): Comparator {
  if (type.kind === 'BOOLEAN') return (a: boolean, b: boolean) => Number(a) - Number(b);
  if (type.kind !== 'DOUBLE') return comparatorFor(type, type);
  return (a: number, b: number) => {
    if (a < b) return -1;
    if (a > b) return 1;
    if (a === b && a !== 0) return 0;
    const rank = (x: number) => (Number.isNaN(x) ? 2 : Object.is(x, -0) ? 0 : 1);
    return rank(a) - rank(b);
  };
}

/**
 * The comparison as the operators of KSQL make it, NULL included: a NULL side gives false, except that the DISTINCT
 * forms take NULL for a value. With a NaN every one of `=`, `<>`, `<` … is false. Values of types that do not compare
 * are distinct.
 */
export function comparisonFor(
  operator: Comparison,
  left: SqlType,
  right: SqlType,
): (left: SqlValue, right: SqlValue) => boolean {
  const test = nonNullComparison(operator, left, right);
  switch (operator) {
    case 'IS DISTINCT FROM':
      return (a, b) => (a === null || b === null ? a !== b : test(a, b));
    case 'IS NOT DISTINCT FROM': {
      return (a, b) => (a === null || b === null ? a === b : !test(a, b));
    }
    default:
      return (a, b) => a !== null && b !== null && test(a, b);
  }
}

/**
 * What ksqlDB accepts, and then cannot evaluate: IS NOT DISTINCT FROM beside BYTES, and BETWEEN of a STRING and other
 * types.
 */
function refuseTypes(left: SqlType, right: SqlType): () => never {
  return () => {
    throw new EvaluationError(`Cannot compare a value of ${left.kind} with one of ${right.kind}`);
  };
}

/** {@link comparisonFor} for values known not to be NULL; `IS NOT DISTINCT FROM` gives the test for distinctness. */
function nonNullComparison(operator: Comparison, left: SqlType, right: SqlType): (left: any, right: any) => boolean {
  const pair = pairOf(left, right);
  if (pair === undefined && (left.kind === 'BYTES' || !operator.startsWith('IS'))) return refuseTypes(left, right);
  if (pair === undefined) return () => true;
  if (pair === 'native') return nativeComparison(operator);
  if (pair === 'double') {
    const test = nativeComparison(operator);
    return (a, b) => test(Number(a), Number(b));
  }
  const compare = comparatorFor(left, right);
  switch (operator) {
    case '=':
      return (a, b) => compare(a, b) === 0;
    case '<>':
    case 'IS DISTINCT FROM':
    case 'IS NOT DISTINCT FROM':
      return (a, b) => compare(a, b) !== 0;
    case '<':
      return (a, b) => compare(a, b) < 0;
    case '<=':
      return (a, b) => compare(a, b) <= 0;
    case '>':
      return (a, b) => compare(a, b) > 0;
    case '>=':
      return (a, b) => compare(a, b) >= 0;
    default:
      return operator satisfies never;
  }
}

function nativeComparison(operator: Comparison): (left: any, right: any) => boolean {
  switch (operator) {
    case '=':
      // A canonical BIGINT is a number or a bigint by its size, so equal values have the same representation.
      return (a, b) => a === b;
    case '<>':
    case 'IS DISTINCT FROM':
    case 'IS NOT DISTINCT FROM':
      return (a, b) => a < b || a > b;
    case '<':
      return (a, b) => a < b;
    case '<=':
      return (a, b) => a <= b;
    case '>':
      return (a, b) => a > b;
    case '>=':
      return (a, b) => a >= b;
    default:
      return operator satisfies never;
  }
}

/** Bytes in the order of Java's ByteBuffer.compareTo: byte by byte, as signed numbers. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a[i] !== b[i]) return ((a[i]! << 24) >> 24) - ((b[i]! << 24) >> 24);
  }
  return a.length - b.length;
}

/** Brings both sides to one number line: text by `parse`, dates (where the other side is finer) by `dateFactor`. */
function normalized(left: SqlType, right: SqlType, parse: (text: string) => number, dateFactor = 1): Comparator {
  const toNumber = (type: SqlType): ((value: any) => number) => {
    if (type.kind === 'STRING') return parse;
    return type.kind === 'DATE' ? (value) => value * dateFactor : (value) => value;
  };
  const l = toNumber(left);
  const r = toNumber(right);
  return (a, b) => l(a) - r(b);
}

function mixedDecimalComparator(left: SqlType, right: SqlType): Comparator {
  const compare = decimalComparator(asDecimalType(left)!, asDecimalType(right)!);
  if (left.kind === 'DECIMAL' && right.kind === 'DECIMAL') return compare;
  return (a, b) => compare(BigInt(a), BigInt(b));
}

/** ksqlDB takes a DOUBLE beside a DECIMAL by its shortest decimal text (BigDecimal.valueOf). */
function decimalDoubleComparator(left: SqlType, right: SqlType): Comparator {
  const scaled = (type: SqlType): ((value: any) => ScaledNumber) => {
    if (type.kind !== 'DECIMAL') return (value) => parseDecimal(doubleToString(value));
    const { scale } = type;
    return (value) => ({ unscaled: value, scale });
  };
  const l = scaled(left);
  const r = scaled(right);
  return (a, b) => compareScaled(l(a), r(b));
}

function compareScaled(a: ScaledNumber, b: ScaledNumber): number {
  const scale = Math.max(a.scale, b.scale);
  const left = a.unscaled * powerOfTen(scale - a.scale);
  const right = b.unscaled * powerOfTen(scale - b.scale);
  return left < right ? -1 : left > right ? 1 : 0;
}

/**
 * Equality of two values of one type, NULLs equal to each other: Java's Objects.equals (NaN equals NaN, 0.0 is not
 * -0.0).
 */
export const equalsFor = (type: SqlType): ((left: any, right: any) => boolean) => valueEquality(type, type);

/** {@link equalsFor} two types; values of different classes, such as an INTEGER and a BIGINT, are never equal. */
export function valueEquality(left: SqlType, right: SqlType): (left: any, right: any) => boolean {
  if (left.kind !== right.kind) return (a, b) => a === null && b === null;
  switch (left.kind) {
    case 'DOUBLE':
      return Object.is;
    case 'DECIMAL':
      // BigDecimal.equals tells 1.0 from 1.00.
      return sameScale(left, right) ? (a, b) => a === b : (a, b) => a === null && b === null;
    case 'BYTES':
      return (a, b) => a === b || (a !== null && b !== null && compareBytes(a, b) === 0);
    case 'ARRAY':
      return arrayEquality(valueEquality(left.element, (right as typeof left).element));
    case 'MAP':
      return mapEquality(
        left.key,
        valueEquality(left.key, (right as typeof left).key),
        valueEquality(left.value, (right as typeof left).value),
      );
    case 'STRUCT':
      if (!sameType(left, right)) return (a, b) => a === null && b === null;
      return structEquality(left.fields.map((field) => equalsFor(field.type)));
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
    case 'STRING':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return (a, b) => a === b;
    default:
      return left satisfies never;
  }
}

const sameScale = (a: SqlType, b: SqlType) => a.kind === 'DECIMAL' && b.kind === 'DECIMAL' && a.scale === b.scale;

function arrayEquality(equal: (left: any, right: any) => boolean): (left: any, right: any) => boolean {
  return (a, b) => {
    if (a === b) return true;
    if (a === null || b === null || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!equal(a[i], b[i])) return false;
    return true;
  };
}

function structEquality(equals: readonly ((left: any, right: any) => boolean)[]): (left: any, right: any) => boolean {
  return (a, b) => {
    if (a === b) return true;
    return a !== null && b !== null && equals.every((equal, i) => equal(a[i], b[i]));
  };
}

function mapEquality(
  keyType: SqlType,
  equalKeys: (left: any, right: any) => boolean,
  equalValues: (left: any, right: any) => boolean,
): (left: any, right: any) => boolean {
  const plainKeys =
    keyType.kind !== 'BYTES' && keyType.kind !== 'ARRAY' && keyType.kind !== 'MAP' && keyType.kind !== 'STRUCT';
  return (a: ReadonlyMap<SqlValue, SqlValue> | null, b: ReadonlyMap<SqlValue, SqlValue> | null) => {
    if (a === b) return true;
    if (a === null || b === null || a.size !== b.size) return false;
    for (const [key, value] of a) {
      const other = plainKeys && b.has(key) ? key : [...b.keys()].find((candidate) => equalKeys(key, candidate));
      if (other === undefined || !equalValues(value, b.get(other) ?? null)) return false;
    }
    return true;
  };
}
