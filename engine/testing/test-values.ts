import type { JsonNode } from '../../language/java/text/json-text.ts';
import { decimalToString } from '../../language/types/decimal.ts';
import { doubleToString } from '../../language/types/java-double.ts';
import type { SqlType, SqlValue } from '../../language/types/sql-type.ts';
import { withDefaults } from '../runtime/records/stored-form.ts';
import { decodeUtf8 } from '../serde/encoding/bytes.ts';
import { readSchemaId, requiredRegistry, subjectOf } from '../serde/encoding/schema-framing.ts';
import { type SerdeColumn, type SerdeContext, SerdeError } from '../serde/encoding/serde.ts';
import { isUnwrapped } from '../serde/encoding/single-column.ts';
import { encodeBase64 } from '../serde/encoding/text-value.ts';
import { FORMATS } from '../serde/formats.ts';
import { coerceNode } from '../serde/json/coercion.ts';
import { resolveSchema } from '../serde/registry/schema-registry.ts';
import { translateSchema } from '../serde/schemas/schema-translation.ts';
import { type ExactJson, ExactNumber, isObject, parseExactJson, printExactJson } from './case-json.ts';

/**
 * Turns the keys and values of ksqlDB's test files into the bytes of a format, and the bytes of output topics into the
 * form in which the files expect them (qtt-format §1.4).
 */
export interface TestCodec {
  /** @throws SerdeError for JSON that the topic's schema cannot hold */
  encode(value: ExactJson): Promise<Uint8Array | null>;
  /** @throws SerdeError for a payload that is not of the format */
  decode(bytes: Uint8Array | null): Promise<ExactJson>;
}

/**
 * The codec for the keys or values of a topic.
 * @param context format and columns are those of the source or sink over the topic
 */
export function createTestCodec(context: SerdeContext): TestCodec {
  const codec = createPresentCodec(context);
  return {
    encode: async (value) => (value === null ? null : codec.encode(value)),
    decode: async (bytes) => (bytes === null ? null : codec.decode(bytes)),
  };
}

interface PresentCodec {
  encode(value: ExactJson): Promise<Uint8Array | null>;
  decode(bytes: Uint8Array): Promise<ExactJson>;
}

function createPresentCodec(context: SerdeContext): PresentCodec {
  switch (context.format.name) {
    case 'NONE':
    case 'DELIMITED':
      return textCodec;
    case 'KAFKA':
      return kafkaCodec(context);
    case 'JSON':
      return {
        encode: async (value) => Buffer.from(printExactJson(value)),
        decode: async (bytes) => parseExactJson(decodeUtf8(bytes, 0, bytes.length)),
      };
    case 'JSON_SR':
    case 'AVRO':
    case 'PROTOBUF':
      return {
        encode: (value) => encodeWithSchema(value, context),
        decode: (bytes) => decodeWithSchema(bytes, context),
      };
    case 'PROTOBUF_NOSR':
      return {
        encode: (value) => encodeColumns(value, context).catch(unreadable),
        decode: (bytes) => decodeColumns(bytes, context, context.columns),
      };
    default:
      return context.format.name satisfies never;
  }
}

/** What the format has no form for becomes a payload that no decoder takes, so that the record is lost as in ksqlDB. */
function unreadable(error: unknown): Uint8Array {
  if (error instanceof SerdeError) return Uint8Array.of(0xff);
  throw error;
}

/** Text as it stands in the file. */
const textCodec: PresentCodec = {
  encode: async (value) => Buffer.from(typeof value === 'string' ? value : printExactJson(value)),
  decode: async (bytes) => decodeUtf8(bytes, 0, bytes.length),
};

/** BYTES stand as text in the files. */
function kafkaCodec(context: SerdeContext): PresentCodec {
  const [column] = context.columns;
  if (!column || column.type.kind === 'BYTES') return textCodec;
  return {
    encode: (value) => encodeColumns(value, { ...context, format: { name: 'KAFKA', wrapping: 'UNWRAP_SINGLES' } }),
    decode: async (bytes) => {
      const row: SqlValue[] = [];
      const decoder = await FORMATS.KAFKA.createDecoder({ ...context, columns: [{ ...column, slot: 0 }] });
      decoder.decode(bytes, 0, bytes.length, row);
      return fileValue(row[0]!, column.type);
    },
  };
}

/** Columns as the fields of a record, or the value itself where it is bare. */
async function encodeColumns(value: ExactJson, context: SerdeContext): Promise<Uint8Array | null> {
  const columns = context.columns.map((column, slot) => ({ ...column, slot }));
  const encoder = await FORMATS[context.format.name].createEncoder({ ...context, columns });
  return encoder.encode(isBare(context) ? [testValue(value, columns[0]!.type)] : fieldValues(value, columns));
}

/** Whether the payload is a single value without a record around it. Protobuf always has its message. */
function isBare(context: SerdeContext): boolean {
  const { name } = context.format;
  return name === 'KAFKA' || ((name === 'AVRO' || name === 'JSON_SR') && isUnwrapped(context));
}

/** The latest schema of the topic's subject says what the bytes are; without one, that of the columns is registered. */
async function encodeWithSchema(value: ExactJson, context: SerdeContext): Promise<Uint8Array | null> {
  const registry = requiredRegistry(context);
  const latest = await registry.latest(subjectOf(context.topic, context.isKey));
  if (!latest) return encodeColumns(value, context);
  const { root } = translateSchema(await resolveSchema(registry, latest), context.format.schemaFullName);
  const writing = schemaContext(context, root, latest.id);
  const { name, nullableRepresentation } = context.format;
  if (name !== 'PROTOBUF' || nullableRepresentation !== undefined) return encodeColumns(value, writing);
  // ksqlDB's runner writes with a schema of its own, which has no `optional` unless the topic says so.
  const encoder = await FORMATS.PROTOBUF.createEncoder(writing);
  return encoder.encode(
    fieldValues(value, writing.columns).map((item, i) => withDefaults(item, writing.columns[i]!.type)),
  );
}

/**
 * A context that reads or writes all that a schema has. A bare struct and the record of its fields are the same bytes.
 */
function schemaContext(context: SerdeContext, root: SqlType, schemaId: number): SerdeContext {
  const format = { ...context.format, schemaId };
  if (root.kind === 'STRUCT') {
    const columns = root.fields.map((field, slot): SerdeColumn => ({ ...field, slot }));
    return { ...context, format: { ...format, wrapping: 'WRAP_SINGLES' }, columns };
  }
  return {
    ...context,
    format: { ...format, wrapping: 'UNWRAP_SINGLES' },
    columns: [{ name: 'ROOT', type: root, slot: 0 }],
  };
}

async function decodeWithSchema(bytes: Uint8Array, context: SerdeContext): Promise<ExactJson> {
  const registry = requiredRegistry(context);
  const id = readSchemaId(bytes, 0, bytes.length);
  const schema = await registry.byId(id);
  if (!schema) throw new SerdeError(`Schema with id ${id} does not exist in the Schema Registry.`);
  const { root } = translateSchema(await resolveSchema(registry, schema), context.format.schemaFullName);
  const reading = schemaContext(context, root, id);
  return decodeColumns(bytes, reading, reading.columns);
}

async function decodeColumns(
  bytes: Uint8Array,
  context: SerdeContext,
  columns: readonly SerdeColumn[],
): Promise<ExactJson> {
  const own = columns.map((column, slot): SerdeColumn => ({ name: column.name, type: column.type, slot }));
  const decoder = await FORMATS[context.format.name].createDecoder({ ...context, columns: own });
  const row: SqlValue[] = own.map(() => null);
  if (!decoder.decode(bytes, 0, bytes.length, row)) return null;
  if (isBare({ ...context, columns: own })) return fileValue(row[0]!, own[0]!.type);
  // The runner turns the BYTES of a record's own fields into text, and empty ones into null.
  const field = (value: SqlValue, type: SqlType) =>
    value instanceof Uint8Array && value.length === 0 ? null : fileValue(value, type);
  return Object.fromEntries(own.map(({ name, type }, i) => [name, field(row[i]!, type)]));
}

/** The SQL values of an object's fields, which are found whatever their letter case. */
function fieldValues(
  value: ExactJson,
  columns: readonly { readonly name: string; readonly type: SqlType }[],
): SqlValue[] {
  if (!isObject(value))
    throw new SerdeError(`The test file has ${printExactJson(value)} where the schema has a record`);
  const byUpperCase = new Map(Object.entries(value).map(([name, field]) => [name.toUpperCase(), field]));
  return columns.map(({ name, type }) => {
    const field = Object.hasOwn(value, name) ? value[name] : byUpperCase.get(name.toUpperCase());
    return field === undefined ? null : testValue(field, type);
  });
}

/** The SQL value of a test file's JSON. @throws SerdeError */
function testValue(value: ExactJson, type: SqlType): SqlValue {
  if (value === null) return null;
  switch (type.kind) {
    case 'ARRAY':
      if (Array.isArray(value)) return value.map((element: ExactJson) => testValue(element, type.element));
      break;
    case 'MAP':
      if (!isObject(value)) break;
      return new Map(
        Object.entries(value).map(([key, field]) => [testValue(key, type.key), testValue(field, type.value)]),
      );
    case 'STRUCT':
      return fieldValues(value, type.fields);
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
    case 'DECIMAL':
    case 'DOUBLE':
    case 'STRING':
    case 'BYTES':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      break;
    default:
      return type satisfies never;
  }
  return coerceNode(nodeOf(value), type, '$');
}

function nodeOf(value: ExactJson): JsonNode {
  if (value === null) return { kind: 'null' };
  if (typeof value === 'boolean') return { kind: 'boolean', value };
  if (typeof value === 'string') return { kind: 'string', value };
  if (value instanceof ExactNumber) {
    return { kind: 'number', text: value.text, isInteger: value.isInteger };
  }
  if (Array.isArray(value)) return { kind: 'array', items: value.map(nodeOf) };
  return { kind: 'object', fields: new Map(Object.entries(value).map(([name, field]) => [name, nodeOf(field)])) };
}

/** A SQL value in the form of the test files: dates and times as integers, BYTES as base64. */
function fileValue(value: SqlValue, type: SqlType): ExactJson {
  if (value === null) return null;
  switch (type.kind) {
    case 'BOOLEAN':
    case 'STRING':
      return value as boolean | string;
    case 'INTEGER':
    case 'BIGINT':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return new ExactNumber(String(value));
    case 'DOUBLE':
      return Number.isFinite(value) ? new ExactNumber(doubleToString(value as number), true) : String(value);
    case 'DECIMAL':
      return new ExactNumber(decimalToString(value as bigint, type.scale));
    case 'BYTES':
      return encodeBase64(value as Uint8Array);
    case 'ARRAY':
      return (value as readonly SqlValue[]).map((element) => fileValue(element, type.element));
    case 'MAP': {
      const entries = [...(value as ReadonlyMap<SqlValue, SqlValue>)];
      return Object.fromEntries(entries.map(([key, field]) => [String(key), fileValue(field, type.value)]));
    }
    case 'STRUCT': {
      const values = value as readonly SqlValue[];
      return Object.fromEntries(type.fields.map((field, i) => [field.name, fileValue(values[i]!, field.type)]));
    }
    default:
      return type satisfies never;
  }
}
