import type { DataSource } from '../../../language/metastore/metastore.ts';
import { headerColumns, valueColumns } from '../../../language/types/schema.ts';
import type { SqlType, SqlValue } from '../../../language/types/sql-type.ts';
import type { Row } from '../../operators/operator.ts';

/**
 * What a value row of a table has become when ksqlDB reads it back: its state goes through the table's value format,
 * and Protobuf has no NULL for scalars, arrays and maps where fields are not `optional`.
 *
 * @returns undefined where the format keeps every value as it is
 */
export function storedForm({ valueFormat, schema }: DataSource): ((row: Row) => Row) | undefined {
  if (!valueFormat.name.startsWith('PROTOBUF') || valueFormat.nullableRepresentation !== undefined) return undefined;
  const types = [...valueColumns(schema), ...headerColumns(schema)].map(({ type }) => type);
  return (row) => types.map((type, i) => withDefaults(row[i] ?? null, type));
}

/** A value as it is read back from a message whose fields are not `optional`. */
export function withDefaults(value: SqlValue, type: SqlType): SqlValue {
  if (value === null) return DEFAULTS[type.kind] ?? null;
  return type.kind === 'STRUCT'
    ? type.fields.map((field, i) => withDefaults((value as readonly SqlValue[])[i] ?? null, field.type))
    : value;
}

const DEFAULTS: Readonly<Partial<Record<SqlType['kind'], SqlValue>>> = {
  BOOLEAN: false,
  INTEGER: 0,
  BIGINT: 0,
  DOUBLE: 0,
  STRING: '',
  BYTES: new Uint8Array(0),
  ARRAY: [],
  MAP: new Map(),
};
