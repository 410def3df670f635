import type { FormatName, RegisteredSchema } from '../../language/analysis/metastore.ts';
import type { SqlType } from '../../language/types/sql-type.ts';
import { avroSchemaFor } from './avro.ts';
import { avroToSqlType, parseAvroSchema } from './avro-schema.ts';
import { jsonSchemaToSqlType } from './json-schema.ts';
import { jsonSchemaFor } from './json-sr.ts';
import { parseProtoSchema, protoToSqlType } from './proto-schema.ts';
import { messageNamed, protobufSchemaFor } from './protobuf.ts';
import {
  type NewSchema,
  type ResolvedSchema,
  resolveSchema,
  type SchemaRegistry,
  type SchemaType,
} from './schema-registry.ts';
import { type SerdeContext, SerdeError } from './serde.ts';

const FORMATS: Readonly<Record<SchemaType, FormatName>> = { AVRO: 'AVRO', PROTOBUF: 'PROTOBUF', JSON: 'JSON_SR' };

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
  if (!type) throw new SerdeError('Schema does not include any columns with types that ksqlDB supports.');
  return type;
}

/** The schema of a registry, as the analysis of statements wants it; undefined when the subject or id is unknown. */
export async function registeredSchema(
  registry: SchemaRegistry,
  wanted: { readonly subject: string } | { readonly id: number },
  fullName?: string,
): Promise<RegisteredSchema | undefined> {
  const schema = 'subject' in wanted ? await registry.latest(wanted.subject) : await registry.byId(wanted.id);
  if (!schema) return undefined;
  const translated = translateSchema(await resolveSchema(registry, schema), fullName);
  const subject = 'subject' in wanted ? wanted.subject : '';
  return { subject, id: schema.id, format: FORMATS[schema.type], ...translated };
}

/**
 * The schema that a sink's columns are registered with, undefined for formats without schemas.
 * @throws SerdeError for names and types that the format does not have
 */
export function schemaForColumns(context: SerdeContext): NewSchema | undefined {
  if (context.columns.length === 0) return undefined;
  switch (context.format.name) {
    case 'AVRO':
      return avroSchemaFor(context);
    case 'PROTOBUF':
      return protobufSchemaFor(context);
    case 'JSON_SR':
      return jsonSchemaFor(context);
    default:
      return undefined;
  }
}
