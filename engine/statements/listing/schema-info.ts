import { type Column, keyColumns, type Schema } from '../../../language/types/schema.ts';
import type { SqlType } from '../../../language/types/sql-type.ts';
import type { FieldInfo, SchemaInfo } from '../../api/protocol.ts';

/** A type as the REST API describes it. */
export function schemaInfo(type: SqlType): SchemaInfo {
  const plain = { type: type.kind, fields: null, memberSchema: null };
  switch (type.kind) {
    case 'DECIMAL':
      return { ...plain, parameters: { precision: type.precision, scale: type.scale } };
    case 'ARRAY':
      return { ...plain, memberSchema: schemaInfo(type.element) };
    case 'MAP':
      return { ...plain, memberSchema: schemaInfo(type.value) };
    case 'STRUCT':
      return { ...plain, fields: type.fields.map((field) => ({ name: field.name, schema: schemaInfo(field.type) })) };
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
    case 'DOUBLE':
    case 'STRING':
    case 'BYTES':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return plain;
    default:
      return type satisfies never;
  }
}

/** A column as the REST API describes it: key and header columns say so, value columns say nothing. */
export function fieldInfo(column: Column): FieldInfo {
  const info: FieldInfo = { name: column.name, schema: schemaInfo(column.type) };
  switch (column.namespace) {
    case 'key':
      return { ...info, type: 'KEY' };
    case 'headers':
      return { ...info, type: 'HEADER' };
    case 'header':
      return { ...info, type: 'HEADER', ...(column.headerKey === undefined ? {} : { headerKey: column.headerKey }) };
    case 'value':
      return info;
    default:
      return column.namespace satisfies never;
  }
}

/** All columns, the keys first, as DESCRIBE lists them. */
export function fieldInfos(schema: Schema): readonly FieldInfo[] {
  const keys = keyColumns(schema);
  return [...keys, ...schema.columns.filter((column) => column.namespace !== 'key')].map(fieldInfo);
}
