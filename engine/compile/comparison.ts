import { comparisonFor, equalsFor, valueEquality } from '../../language/types/compare.ts';
import type { SqlType, SqlValue } from '../../language/types/sql-type.ts';

/**
 * What IN takes for equal: as `=` does, except that DOUBLEs are told apart by Java's equals (NaN is in a list, 0.0 is
 * not -0.0).
 */
export function membership(operand: SqlType, item: SqlType): (operand: SqlValue, item: SqlValue) => boolean {
  if (isComposite(operand)) return deepEquality(operand, item);
  return operand.kind === 'DOUBLE' && item.kind === 'DOUBLE' ? equalsFor(item) : comparisonFor('=', operand, item);
}

const NATIVE_KINDS: ReadonlySet<SqlType['kind']> = new Set([
  'INTEGER',
  'BIGINT',
  'DOUBLE',
  'STRING',
  'DATE',
  'TIME',
  'TIMESTAMP',
]);

/** The JavaScript operator that compares values of both types as KSQL does, where there is one. */
export function inlineOperator(operator: string, left: SqlType, right: SqlType): string | undefined {
  if (!NATIVE_KINDS.has(left.kind) || left.kind !== right.kind) return undefined;
  switch (operator) {
    case '=':
      return '===';
    case '<>':
      // With NaN on a side `<>` is false in KSQL and true in JavaScript.
      return left.kind === 'DOUBLE' ? undefined : '!==';
    case '<':
    case '<=':
    case '>':
    case '>=':
      return operator;
    default:
      return undefined;
  }
}

/** Whether values of both types are equal just when a Set takes them for the same. */
export const isScalarOf = (operand: SqlType, item: SqlType) =>
  operand.kind === item.kind &&
  operand.kind !== 'DOUBLE' &&
  (NATIVE_KINDS.has(operand.kind) || operand.kind === 'BOOLEAN');

const isComposite = ({ kind }: SqlType) => kind === 'ARRAY' || kind === 'MAP' || kind === 'STRUCT';

function deepEquality(left: SqlType, right: SqlType): (a: SqlValue, b: SqlValue) => boolean {
  const equal = valueEquality(left, right);
  return (a, b) => a !== null && b !== null && equal(a, b);
}
