import { decimalToString, parseDecimal, rescaleHalfUp } from '../../language/types/decimal.ts';
import { EvaluationError } from '../../language/types/evaluation-error.ts';
import { toLong } from '../../language/types/integer.ts';
import type { SqlType, SqlValue } from '../../language/types/sql-type.ts';

/** A value on its way to a user's function and back: plain JSON, whose shape follows from the type. */
export type WireValue = null | boolean | number | string | readonly WireValue[];

/** BIGINT beyond the safe integers goes as text, NaN and the infinities too, DECIMAL always; BYTES as numbers, MAP as pairs. */
export function toWire(value: SqlValue, type: SqlType): WireValue {
  if (value === null) return null;
  switch (type.kind) {
    case 'BIGINT':
      return typeof value === 'bigint' ? value.toString() : (value as number);
    case 'DOUBLE':
      return Number.isFinite(value) ? (value as number) : String(value);
    case 'DECIMAL':
      return decimalToString(value as bigint, type.scale);
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
    default:
      return value as WireValue;
  }
}

/** @throws EvaluationError when a DECIMAL does not fit its type */
export function fromWire(value: WireValue, type: SqlType): SqlValue {
  if (value === null) return null;
  switch (type.kind) {
    case 'INTEGER':
    case 'DATE':
    case 'TIME':
      return (value as number) | 0;
    case 'BIGINT':
      return toLong(BigInt(value as number | string));
    case 'DOUBLE':
      return Number(value);
    case 'DECIMAL': {
      const { unscaled, scale } = parseDecimal(String(value));
      const rescaled = rescaleHalfUp(unscaled, scale, type.scale);
      if (rescaled.toString().replace('-', '').length > type.precision)
        throw new EvaluationError(`${value} does not fit DECIMAL(${type.precision}, ${type.scale}).`);
      return rescaled;
    }
    case 'BYTES':
      return Uint8Array.from(value as readonly number[]);
    case 'ARRAY':
      return (value as readonly WireValue[]).map((element) => fromWire(element, type.element));
    case 'MAP':
      return new Map(
        (value as readonly (readonly [WireValue, WireValue])[]).map(([key, each]) => [
          fromWire(key, type.key),
          fromWire(each, type.value),
        ]),
      );
    case 'STRUCT':
      return type.fields.map((field, i) => fromWire((value as readonly WireValue[])[i] ?? null, field.type));
    default:
      return value as SqlValue;
  }
}
