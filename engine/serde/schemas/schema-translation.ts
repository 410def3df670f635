import type { FormatName, RegisteredSchema } from '../../../language/metastore/metastore.ts';
import { type SqlType, struct } from '../../../language/types/sql-type.ts';
import { avroSchemaFor } from '../avro/avro.ts';
import { avroToSqlType, parseAvroSchema } from '../avro/schema.ts';
import { type SerdeContext, SerdeError } from '../encoding/serde.ts';
import { jsonSchemaFor } from '../json/json-sr.ts';
import { jsonSchemaToSqlType } from '../json/schema.ts';
import { messageNamed, protobufSchemaFor } from '../protobuf/protobuf.ts';
import { parseProtoSchema, protoToSqlType } from '../protobuf/schema.ts';
import type { NewSchema, ResolvedSchema, SchemaType } from '../registry/schema-registry.ts';

const FORMATS: Readonly<Record<SchemaType, FormatName>> = { AVRO: 'AVRO', PROTOBUF: 'PROTOBUF', JSON: 'JSON_SR' };

const NO_COLUMNS = 'Schema does not include any columns with types that ksqlDB supports.';

/** A schema's SQL type, and the names of its definitions where one has to be chosen. */
export interface TranslatedSchema {
  readonly root: SqlType;
  readonly definitions?: readonly string[];
}

/**
 * What a schema means in SQL. Names keep their case.
 * @param fullName of the Protobuf message to take; the first one if there is no choice
 * @throws SerdeError when KSQL has no type for it
 */
export function translateSchema({ schema, dependencies }: ResolvedSchema, fullName?: string): TranslatedSchema {
  switch (schema.type) {
    case 'AVRO':
      return { root: required(avroToSqlType(parseAvroSchema(schema.schema, dependencies))) };
    case 'JSON':
      return { root: required(jsonSchemaToSqlType(schema.schema, dependencies)) };
    case 'PROTOBUF': {
      const proto = parseProtoSchema(schema.schema, dependencies);
      const root = protoToSqlType(messageNamed(proto, fullName), true);
      return proto.definitions.length > 1 ? { root, definitions: proto.definitions } : { root };
    }
    default:
      return schema.type satisfies never;
  }
}

function required(type: SqlType | undefined): SqlType {
  if (!type) throw new SerdeError(NO_COLUMNS);
  return type;
}

/** What a schema means to the analysis of statements; a schema without a meaning comes with the reason. */
export function registeredSchema(
  subject: string,
  id: number,
  schema: ResolvedSchema,
  fullName?: string,
): RegisteredSchema {
  const base = { subject, id, format: FORMATS[schema.schema.type] };
  try {
    const translated = translateSchema(schema, fullName);
    const problem = problemOf(translated.root);
    return problem === undefined ? { ...base, ...translated } : { ...base, ...translated, problem };
  } catch (error) {
    if (!(error instanceof SerdeError)) throw error;
    return { ...base, root: struct([]), problem: error.message };
  }
}

/** Columns ignore the letter case of fields, so two of one name cannot be told apart; and there has to be a column. */
function problemOf(root: SqlType): string | undefined {
  if (root.kind !== 'STRUCT') return undefined;
  if (root.fields.length === 0) return NO_COLUMNS;
  const names = new Set<string>();
  for (const { name } of root.fields) {
    const upper = name.toUpperCase();
    if (names.has(upper)) return `Cannot create field because of field name duplication ${upper}`;
    names.add(upper);
  }
  return undefined;
}

/**
 * The schema that a sink's columns are registered with, undefined for formats without schemas.
 * @throws SerdeError for names and types that the format does not have
 */
export function schemaForColumns(context: SerdeContext): NewSchema | undefined {
  if (context.columns.length === 0) return undefined;
  const { name } = context.format;
  switch (name) {
    case 'AVRO':
      return avroSchemaFor(context);
    case 'PROTOBUF':
      return protobufSchemaFor(context);
    case 'JSON_SR':
      return jsonSchemaFor(context);
    case 'JSON':
    case 'NONE':
    case 'KAFKA':
    case 'DELIMITED':
    case 'PROTOBUF_NOSR':
      return undefined;
    default:
      return name satisfies never;
  }
}
