import { decimalToString, parseDecimal, rescaleHalfUp } from '../../language/types/decimal.ts';
import { EvaluationError } from '../../language/types/evaluation-error.ts';
import { toLong } from '../../language/types/integer.ts';
import type { SqlType, SqlValue } from '../../language/types/sql-type.ts';
import type { Cell } from './guest.ts';

/** A value inside an ARRAY, a MAP or a STRUCT: plain JSON, whose shape follows from the type. */
type WireValue = null | boolean | number | string | readonly WireValue[];

/** Digits beyond any number that a column can hold; turning longer texts into numbers takes time. */
const MOST_DIGITS = 200;

/** A value on its way to a user's function. What has structure, and BYTES, goes as the text of its JSON. */
export function toCell(value: SqlValue, type: SqlType): Cell {
  if (value === null) return null;
  switch (type.kind) {
    case 'BIGINT':
      return typeof value === 'bigint' ? value.toString() : (value as number);
    case 'DECIMAL':
      return decimalToString(value as bigint, type.scale);
    case 'BYTES':
    case 'ARRAY':
    case 'MAP':
    case 'STRUCT':
      return JSON.stringify(toWire(value, type));
    case 'BOOLEAN':
    case 'INTEGER':
    case 'DOUBLE':
    case 'STRING':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return value as Cell;
    default:
      return type satisfies never;
  }
}

/**
 * A value that a user's function gave. It comes from code that nobody vouches for, so that nothing is believed of it
 * but that it is a cell.
 *
 * @throws EvaluationError when it is no value of the type
 */
export function fromCell(cell: Cell, type: SqlType): SqlValue {
  if (cell === null) return null;
  switch (type.kind) {
    case 'BYTES':
    case 'ARRAY':
    case 'MAP':
    case 'STRUCT':
      return fromWire(typeof cell === 'string' ? parseJson(cell, type) : cell, type);
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
    case 'DECIMAL':
    case 'DOUBLE':
    case 'STRING':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return fromWire(cell, type);
    default:
      return type satisfies never;
  }
}

/**
 * BIGINT beyond the safe integers goes as text, NaN and the infinities too, DECIMAL always; BYTES as numbers, MAP as
 * pairs.
 */
function toWire(value: SqlValue, type: SqlType): WireValue {
  if (value === null) return null;
  switch (type.kind) {
    case 'DOUBLE':
      return Number.isFinite(value) ? (value as number) : String(value);
    case 'BYTES':
      return Array.from(value as Uint8Array);
    case 'ARRAY':
      return (value as readonly SqlValue[]).map((element) => toWire(element, type.element));
    case 'MAP':
      return Array.from(value as ReadonlyMap<SqlValue, SqlValue>, ([key, each]) => [
        toWire(key, type.key),
        toWire(each, type.value),
      ]);
    case 'STRUCT':
      return type.fields.map((field, i) => toWire((value as readonly SqlValue[])[i] ?? null, field.type));
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
    case 'DECIMAL':
    case 'STRING':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return toCell(value, type);
    default:
      return type satisfies never;
  }
}

function parseJson(text: string, type: SqlType): WireValue {
  try {
    return JSON.parse(text) as WireValue;
  } catch {
    throw wrong(text, type);
  }
}

function fromWire(value: WireValue, type: SqlType): SqlValue {
  if (value === null) return null;
  switch (type.kind) {
    case 'BOOLEAN':
      if (typeof value !== 'boolean') throw wrong(value, type);
      return value;
    case 'STRING':
      if (typeof value !== 'string') throw wrong(value, type);
      return value;
    case 'INTEGER':
    case 'DATE':
    case 'TIME':
      if (typeof value !== 'number' || (value | 0) !== value) throw wrong(value, type);
      return value | 0;
    case 'TIMESTAMP':
      if (!Number.isSafeInteger(value)) throw wrong(value, type);
      return (value as number) + 0;
    case 'BIGINT':
      return toLong(wholeNumber(value, type));
    case 'DOUBLE':
      if (typeof value === 'number') return value;
      if (value !== 'NaN' && value !== 'Infinity' && value !== '-Infinity') throw wrong(value, type);
      return Number(value);
    case 'DECIMAL':
      return decimal(value, type);
    case 'BYTES':
      return Uint8Array.from(listOf(value, type), (byte) => {
        if (typeof byte !== 'number' || (byte & 0xff) !== byte) throw wrong(byte, type);
        return byte;
      });
    case 'ARRAY':
      return listOf(value, type).map((element) => fromWire(element, type.element));
    case 'MAP':
      return new Map(
        listOf(value, type).map((entry) => {
          const [key = null, each = null] = listOf(entry, type);
          return [fromWire(key, type.key), fromWire(each, type.value)];
        }),
      );
    case 'STRUCT': {
      const fields = listOf(value, type);
      return type.fields.map((field, i) => fromWire(fields[i] ?? null, field.type));
    }
    default:
      return type satisfies never;
  }
}

function listOf(value: WireValue, type: SqlType): readonly WireValue[] {
  if (!Array.isArray(value)) throw wrong(value, type);
  return value;
}

function wholeNumber(value: WireValue, type: SqlType): bigint {
  if (Number.isSafeInteger(value)) return BigInt(value as number);
  if (typeof value !== 'string' || value.length > MOST_DIGITS || !/^-?\d+$/.test(value)) throw wrong(value, type);
  const whole = BigInt(value);
  if (BigInt.asIntN(64, whole) !== whole) throw wrong(value, type);
  return whole;
}

function decimal(value: WireValue, type: SqlType & { readonly kind: 'DECIMAL' }): bigint {
  if (typeof value !== 'string' || value.length > MOST_DIGITS || !/^[+-]?\d+(\.\d+)?$/.test(value))
    throw wrong(value, type);
  const { unscaled, scale } = parseDecimal(value);
  const rescaled = rescaleHalfUp(unscaled, scale, type.scale);
  if (rescaled.toString().replace('-', '').length > type.precision)
    throw new EvaluationError(`${value} does not fit DECIMAL(${type.precision}, ${type.scale}).`);
  return rescaled;
}

/** What is in a list is not shown: it may be nested deeper than there is stack to print it. */
function wrong(value: WireValue, type: SqlType): EvaluationError {
  const shown = Array.isArray(value) ? 'a list' : String(value).slice(0, 100);
  return new EvaluationError(`it gave ${shown} where ${type.kind} is declared.`);
}
