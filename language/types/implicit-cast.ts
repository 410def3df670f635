import { asDecimalType, invalidDecimal, widenDecimals } from './decimal.ts';
import type { SqlType, SqlTypeKind } from './sql-type.ts';
import { sameType } from './sql-type.ts';

const NUMBERS: readonly SqlTypeKind[] = ['INTEGER', 'BIGINT', 'DECIMAL', 'DOUBLE'];
const FROM_STRING: readonly SqlTypeKind[] = ['TIME', 'DATE', 'TIMESTAMP', 'BYTES'];

/**
 * Whether ksqlDB widens one base type to another without a CAST: INTEGER, BIGINT, DECIMAL, DOUBLE in this order, and
 * STRING to DATE, TIME, TIMESTAMP and BYTES. Looks at the kind alone.
 */
export function widensTo(from: SqlTypeKind, to: SqlTypeKind): boolean {
  if (from === to) return true;
  const index = NUMBERS.indexOf(from);
  if (index >= 0) return NUMBERS.indexOf(to) > index;
  return from === 'STRING' && FROM_STRING.includes(to);
}

/** {@link widensTo} for whole types: a DECIMAL must not lose scale or whole digits, collections must be the same. */
export function implicitlyCastable(from: SqlType, to: SqlType): boolean {
  if (sameType(from, to)) return true;
  if (from.kind === 'DECIMAL' && to.kind === 'DECIMAL') {
    return to.scale >= from.scale && to.precision - to.scale >= from.precision - from.scale;
  }
  return from.kind !== to.kind && widensTo(from.kind, to.kind);
}

/**
 * The type that both of two numbers fit into: DOUBLE beside a DOUBLE, the wider DECIMAL beside a DECIMAL, else the
 * wider integer. Undefined when one of the two is not a number.
 */
export function widerNumber(a: SqlType, b: SqlType): SqlType | undefined {
  if (!NUMBERS.includes(a.kind) || !NUMBERS.includes(b.kind)) return undefined;
  if (a.kind === 'DOUBLE') return a;
  if (b.kind === 'DOUBLE') return b;
  if (a.kind === 'DECIMAL' || b.kind === 'DECIMAL') {
    const wider = widenDecimals(asDecimalType(a)!, asDecimalType(b)!);
    return invalidDecimal(wider.precision, wider.scale) === undefined ? wider : undefined;
  }
  return a.kind === 'BIGINT' ? a : b;
}
