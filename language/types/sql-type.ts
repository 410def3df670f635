/**
 * The SQL types of KSQL. A value never carries its own type: static types are always known, so the representation
 * below is all that a value is.
 *
 * | Type | Value |
 * |---|---|
 * | BOOLEAN | boolean |
 * | INTEGER | number, 32 bits, wrapping |
 * | BIGINT | number while it is a safe integer, else bigint (never one that would fit a number), wrapping at 64 bits |
 * | DECIMAL | the unscaled value as a bigint; the scale is the type's |
 * | DOUBLE | number |
 * | STRING | string (UTF-16, as in Java) |
 * | BYTES | Uint8Array |
 * | DATE | number of days since the epoch |
 * | TIME | number of milliseconds of the day |
 * | TIMESTAMP | number of milliseconds since the epoch |
 * | ARRAY | Array |
 * | MAP | Map, in insertion order |
 * | STRUCT | Array of the field values by field index |
 *
 * NULL is `null` for every type.
 */
export type SqlType =
  | { readonly kind: 'BOOLEAN' }
  | { readonly kind: 'INTEGER' }
  | { readonly kind: 'BIGINT' }
  | { readonly kind: 'DECIMAL'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'DOUBLE' }
  | { readonly kind: 'STRING' }
  | { readonly kind: 'BYTES' }
  | { readonly kind: 'DATE' }
  | { readonly kind: 'TIME' }
  | { readonly kind: 'TIMESTAMP' }
  | ArrayType
  | MapType
  | StructType;

export type SqlTypeKind = SqlType['kind'];
export interface ArrayType {
  readonly kind: 'ARRAY';
  readonly element: SqlType;
}
export interface MapType {
  readonly kind: 'MAP';
  readonly key: SqlType;
  readonly value: SqlType;
}
export interface StructType {
  readonly kind: 'STRUCT';
  readonly fields: readonly StructField[];
}
export interface StructField {
  readonly name: string;
  readonly type: SqlType;
}
export type DecimalType = Extract<SqlType, { kind: 'DECIMAL' }>;

/** A value of some SQL type, in the representation that {@link SqlType} describes. */
export type SqlValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly SqlValue[]
  | ReadonlyMap<SqlValue, SqlValue>;

export const BOOLEAN: SqlType = { kind: 'BOOLEAN' };
export const INTEGER: SqlType = { kind: 'INTEGER' };
export const BIGINT: SqlType = { kind: 'BIGINT' };
export const DOUBLE: SqlType = { kind: 'DOUBLE' };
export const STRING: SqlType = { kind: 'STRING' };
export const BYTES: SqlType = { kind: 'BYTES' };
export const DATE: SqlType = { kind: 'DATE' };
export const TIME: SqlType = { kind: 'TIME' };
export const TIMESTAMP: SqlType = { kind: 'TIMESTAMP' };
export const decimal = (precision: number, scale: number): DecimalType => ({ kind: 'DECIMAL', precision, scale });
export const array = (element: SqlType): ArrayType => ({ kind: 'ARRAY', element });
export const map = (key: SqlType, value: SqlType): MapType => ({ kind: 'MAP', key, value });
export const struct = (fields: readonly StructField[]): StructType => ({ kind: 'STRUCT', fields });

/** Whether two types are the same, struct field names and order included. */
export function sameType(a: SqlType, b: SqlType): boolean {
  if (a === b) return true;
  switch (a.kind) {
    case 'DECIMAL':
      return b.kind === 'DECIMAL' && a.precision === b.precision && a.scale === b.scale;
    case 'ARRAY':
      return b.kind === 'ARRAY' && sameType(a.element, b.element);
    case 'MAP':
      return b.kind === 'MAP' && sameType(a.key, b.key) && sameType(a.value, b.value);
    case 'STRUCT':
      return (
        b.kind === 'STRUCT' &&
        a.fields.length === b.fields.length &&
        a.fields.every((field, i) => field.name === b.fields[i]!.name && sameType(field.type, b.fields[i]!.type))
      );
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
    case 'DOUBLE':
    case 'STRING':
    case 'BYTES':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return a.kind === b.kind;
    default:
      return a satisfies never;
  }
}

/** Whether a type, or one of the values that are inside of it, is such a one. Keys of maps are not looked into. */
export function someType(type: SqlType, isSuch: (part: SqlType) => boolean): boolean {
  if (isSuch(type)) return true;
  if (type.kind === 'ARRAY') return someType(type.element, isSuch);
  if (type.kind === 'MAP') return someType(type.value, isSuch);
  return type.kind === 'STRUCT' && type.fields.some((field) => someType(field.type, isSuch));
}

/** Quotes an identifier the way ksqlDB prints names inside schemas: always in back-quotes. */
export function backQuoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** The type as ksqlDB prints it: `DECIMAL(4, 2)`, ``STRUCT<`A` INTEGER>``, `MAP<STRING, BIGINT>`. */
export function typeToString(type: SqlType): string {
  switch (type.kind) {
    case 'DECIMAL':
      return `DECIMAL(${type.precision}, ${type.scale})`;
    case 'ARRAY':
      return `ARRAY<${typeToString(type.element)}>`;
    case 'MAP':
      return `MAP<${typeToString(type.key)}, ${typeToString(type.value)}>`;
    case 'STRUCT':
      // The empty struct has a blank between its brackets, as in ksqlDB.
      if (type.fields.length === 0) return 'STRUCT< >';
      return `STRUCT<${type.fields.map((f) => `${backQuoted(f.name)} ${typeToString(f.type)}`).join(', ')}>`;
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
    case 'DOUBLE':
    case 'STRING':
    case 'BYTES':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return type.kind;
    default:
      return type satisfies never;
  }
}

/** Whether the type is one of the numeric ones: INTEGER, BIGINT, DECIMAL, DOUBLE. */
export function isNumeric(type: SqlType): boolean {
  return type.kind === 'INTEGER' || type.kind === 'BIGINT' || type.kind === 'DECIMAL' || type.kind === 'DOUBLE';
}
