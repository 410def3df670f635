import type { DataSource } from '../../language/metastore/metastore.ts';
import { type Column, keyColumns, valueColumns } from '../../language/types/schema.ts';
import { type SqlType, typeToString } from '../../language/types/sql-type.ts';
import type { JsonValue } from '../api/protocol.ts';

type JsonSchema = Readonly<Record<string, JsonValue>>;

/** What a record that is to be written may be, as a JSON schema, and one to begin with. */
export interface RecordForm {
  readonly schema: JsonSchema;
  readonly example: JsonSchema;
}

/** @param hasSchema whether nothing but the columns is taken */
export function recordForm(source: DataSource, hasSchema: boolean): RecordForm {
  const keys = keyColumns(source.schema);
  const values = valueColumns(source.schema);
  const isRaw = !hasSchema && values.length === 1 && values[0]!.name === 'ROWVALUE';
  const key = keys.length === 1 ? { title: keys[0]!.name, ...schemaOf(keys[0]!.type) } : objectOf(keys, true);
  const value = isRaw ? {} : objectOf(values, hasSchema);
  return {
    schema: {
      type: 'object',
      required: ['value'],
      additionalProperties: false,
      properties: {
        key: hasSchema ? key : { description: 'The key; null for none.' },
        value: nullable(value, 'The value. null is a tombstone.'),
        headers: {
          description: 'Headers by name; a list of {"name", "value"} where a name comes twice.',
          anyOf: [
            { type: 'object', additionalProperties: { type: ['string', 'null'] } },
            {
              type: 'array',
              items: {
                type: 'object',
                required: ['name'],
                properties: { name: { type: 'string' }, value: { type: ['string', 'null'] } },
              },
            },
          ],
        },
        timestamp: {
          type: ['integer', 'string'],
          description: 'Milliseconds since 1970, or a time such as 2026-11-30T12:00:00Z; absent: when it is written.',
        },
        partition: { type: 'integer', minimum: 0, description: 'Absent: chosen by the key.' },
      },
    },
    example: {
      ...(keys.length > 0 && { key: keys.length === 1 ? exampleOf(keys[0]!.type) : exampleFields(keys) }),
      value: isRaw ? '' : exampleFields(values),
    },
  };
}

const nullable = (schema: JsonSchema, description: string): JsonSchema =>
  Object.keys(schema).length === 0 ? { description } : { description, anyOf: [schema, { type: 'null' }] };

function objectOf(columns: readonly Pick<Column, 'name' | 'type'>[], isClosed: boolean): JsonSchema {
  return {
    type: 'object',
    ...(isClosed && { additionalProperties: false }),
    properties: Object.fromEntries(columns.map(({ name, type }) => [name, schemaOf(type)])),
  };
}

/** Every column may be NULL. */
function schemaOf(type: SqlType): JsonSchema {
  const described = { description: typeToString(type) };
  switch (type.kind) {
    case 'BOOLEAN':
      return { ...described, type: ['boolean', 'null'] };
    case 'INTEGER':
    case 'BIGINT':
      return { ...described, type: ['integer', 'null'] };
    case 'DOUBLE':
      return { ...described, type: ['number', 'null'] };
    case 'DECIMAL':
      return { ...described, type: ['number', 'string', 'null'] };
    case 'STRING':
    case 'BYTES':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return { ...described, type: ['string', 'null'] };
    case 'ARRAY':
      return { ...described, type: ['array', 'null'], items: schemaOf(type.element) };
    case 'MAP':
      return { ...described, type: ['object', 'null'], additionalProperties: schemaOf(type.value) };
    case 'STRUCT':
      return { ...objectOf(type.fields, false), ...described, type: ['object', 'null'] };
    default:
      return type satisfies never;
  }
}

const exampleFields = (columns: readonly Pick<Column, 'name' | 'type'>[]): JsonSchema =>
  Object.fromEntries(columns.map(({ name, type }) => [name, exampleOf(type)]));

function exampleOf(type: SqlType): JsonValue {
  switch (type.kind) {
    case 'BOOLEAN':
      return false;
    case 'INTEGER':
    case 'BIGINT':
    case 'DOUBLE':
    case 'DECIMAL':
      return 0;
    case 'STRING':
    case 'BYTES':
      return '';
    case 'DATE':
      return '2026-01-01';
    case 'TIME':
      return '12:00:00';
    case 'TIMESTAMP':
      return '2026-01-01T12:00:00';
    case 'ARRAY':
      return [];
    case 'MAP':
      return {};
    case 'STRUCT':
      return exampleFields(type.fields);
    default:
      return type satisfies never;
  }
}
