import fc from 'fast-check';
import type { SerdeColumn, SerdeContext } from '../../../engine/serde/encoding/serde.ts';
import type { FormatName } from '../../../language/metastore/metastore.ts';
import {
  array,
  BIGINT,
  BOOLEAN,
  BYTES,
  DATE,
  DOUBLE,
  decimal,
  INTEGER,
  map,
  type SqlType,
  type SqlValue,
  STRING,
  struct,
  TIME,
  TIMESTAMP,
} from '../../../language/types/sql-type.ts';

export const contextOf = (name: FormatName, columns: readonly SerdeColumn[]): SerdeContext => ({
  topic: 't',
  isKey: false,
  format: { name },
  columns,
});

export const columnsOf = (types: Readonly<Record<string, SqlType>>): SerdeColumn[] =>
  Object.entries(types).map(([name, type], slot) => ({ name, type, slot }));

export const SCALARS: readonly SqlType[] = [
  BOOLEAN,
  INTEGER,
  BIGINT,
  DOUBLE,
  decimal(9, 4),
  decimal(30, 10),
  STRING,
  BYTES,
  DATE,
  TIME,
  TIMESTAMP,
];

const name = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,8}$/);

/** Types up to two levels deep. */
export function anyType(depth = 2): fc.Arbitrary<SqlType> {
  const scalar = fc.constantFrom(...SCALARS);
  if (depth === 0) return scalar;
  const inner = anyType(depth - 1);
  return fc.oneof(
    { weight: 4, arbitrary: scalar },
    { weight: 1, arbitrary: inner.map(array) },
    { weight: 1, arbitrary: inner.map((type) => map(STRING, type)) },
    {
      weight: 1,
      arbitrary: fc
        .uniqueArray(fc.record({ name, type: inner }), { selector: (f) => f.name, minLength: 1, maxLength: 3 })
        .map(struct),
    },
  );
}

const canonical = (value: bigint): SqlValue => (Number.isSafeInteger(Number(value)) ? Number(value) : value);
const text = fc.string({ unit: 'binary' });

export interface ValueOptions {
  /** How often NULL stands for a value, in percent. */
  readonly nulls?: number;
}

/** Values of a type. */
export function anyValue(type: SqlType, options: ValueOptions = {}): fc.Arbitrary<SqlValue> {
  const nulls = options.nulls ?? 15;
  const value = presentValue(type, options);
  return nulls === 0
    ? value
    : fc.oneof({ weight: nulls, arbitrary: fc.constant(null) }, { weight: 100 - nulls, arbitrary: value });
}

function presentValue(type: SqlType, options: ValueOptions): fc.Arbitrary<SqlValue> {
  switch (type.kind) {
    case 'BOOLEAN':
      return fc.boolean();
    case 'INTEGER':
      return fc.integer();
    case 'BIGINT':
      return fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map(canonical);
    case 'DOUBLE':
      // A JSON number reads as zero either way; negative zero is its own test.
      return fc.double().map((number) => number + 0);
    case 'DECIMAL':
      return fc.bigInt(-(10n ** BigInt(type.precision)) + 1n, 10n ** BigInt(type.precision) - 1n);
    case 'STRING':
      return text;
    case 'BYTES':
      return fc.uint8Array({ maxLength: 12 }).map((bytes) => new Uint8Array(bytes));
    case 'DATE':
      return fc.integer({ min: -2_147_483_647, max: 2_147_483_647 });
    case 'TIME':
      return fc.integer({ min: 0, max: 86_399_999 });
    case 'TIMESTAMP':
      return fc.maxSafeInteger();
    case 'ARRAY':
      return fc.array(anyValue(type.element, options), { maxLength: 4 });
    case 'MAP':
      return fc
        .uniqueArray(fc.tuple(text, anyValue(type.value, options)), { selector: ([key]) => key, maxLength: 4 })
        .map((entries) => new Map(entries));
    case 'STRUCT':
      return fc.tuple(...type.fields.map((field) => anyValue(field.type, options)));
    default:
      return type satisfies never;
  }
}

/** Columns of any types, and a row for them. */
export function schemaAndRow(
  type: fc.Arbitrary<SqlType> = anyType(),
  options: ValueOptions = {},
): fc.Arbitrary<{ columns: SerdeColumn[]; row: SqlValue[] }> {
  return fc
    .uniqueArray(fc.record({ name, type }), { selector: (column) => column.name, minLength: 2, maxLength: 6 })
    .chain((columns) =>
      fc.record({
        columns: fc.constant(columns.map((column, slot) => ({ ...column, slot }))),
        row: fc.tuple(...columns.map((column) => anyValue(column.type, options))).map((row) => [...row]),
      }),
    );
}
