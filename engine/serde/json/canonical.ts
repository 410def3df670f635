import type { SqlType } from '../../../language/types/sql-type.ts';
import type { JsonTokens } from './tokens.ts';

/**
 * How it is told of a token that its value would be written as just these bytes. `never` stands for types whose values
 * are made and written.
 */
export const FORM = { never: 0, always: 1, text: 2, integer: 3, long: 4, double: 5 } as const;

/** Integers of so many digits no type has to cut; there is no negative zero. */
export const MOST_BYTES = { integer: 9, long: 15 } as const;

export function formOf(type: SqlType): number {
  switch (type.kind) {
    case 'BOOLEAN':
      return FORM.always;
    case 'STRING':
      return FORM.text;
    case 'INTEGER':
    case 'DATE':
      return FORM.integer;
    case 'BIGINT':
    case 'TIMESTAMP':
      return FORM.long;
    case 'DOUBLE':
      return FORM.double;
    case 'DECIMAL':
    case 'TIME':
    case 'BYTES':
    case 'ARRAY':
    case 'MAP':
    case 'STRUCT':
      return FORM.never;
    default:
      return type satisfies never;
  }
}

/** Whether a column's token, which is not null, stands as its value would be written. May say no where it does. */
export function isCanonical(tokens: JsonTokens, column: number, form: number): boolean {
  const { source } = tokens;
  const start = tokens.starts[column]!;
  const length = tokens.ends[column]! - start;
  switch (form) {
    case FORM.always:
      return true;
    case FORM.text:
      return tokens.isUnescaped(column);
    case FORM.integer:
      return length <= MOST_BYTES.integer && !isMinusZero(source, start);
    case FORM.long:
      return length <= MOST_BYTES.long && !isMinusZero(source, start);
    case FORM.double:
      return isCanonicalDouble(source, start, start + length);
    default:
      return false;
  }
}

const isMinusZero = (bytes: Uint8Array, start: number): boolean => bytes[start] === 0x2d && bytes[start + 1] === 0x30;

/**
 * Whether a number is written as Java writes the double that it is: from 0.001 to below 10,000,000, with so few digits
 * that a double tells them all apart, at least one behind the point, and no zero at the end but a lone one.
 */
function isCanonicalDouble(bytes: Uint8Array, start: number, end: number): boolean {
  if (isMinusZero(bytes, start)) return false;
  const digits = bytes[start] === 0x2d ? start + 1 : start;
  let point = digits;
  while (point < end && bytes[point] !== 0x2e) {
    if (bytes[point]! > 0x39) return false;
    point++;
  }
  const decimals = end - point - 1;
  if (point - digits > 7 || decimals < 1 || end - digits > 16) return false;
  if (decimals > 1 && bytes[end - 1] === 0x30) return false;
  for (let at = point + 1; at < end; at++) if (bytes[at]! > 0x39) return false;
  if (bytes[digits] !== 0x30) return true;
  for (let at = point + 1; at < end && at <= point + 3; at++) if (bytes[at] !== 0x30) return true;
  return decimals === 1;
}
