import avsc from 'avsc';
import { typeToString } from '../../../language/types/sql-type.ts';
import { jsonSchemaToSqlType } from '../json/schema.ts';
import { type ProtoField, type ProtoMessage, parseProtoSchema } from '../protobuf/schema.ts';
import type { NewSchema } from '../registry/schema-registry.ts';

/**
 * Why data written with one schema cannot be read with another; undefined when it can. Schemas that refer to others are
 * not compared.
 */
export function incompatibility(reader: NewSchema, writer: NewSchema): string | undefined {
  if (reader.type !== writer.type) return `the schema type changed from ${writer.type} to ${reader.type}`;
  if (reader.references?.length || writer.references?.length) return undefined;
  try {
    switch (reader.type) {
      case 'AVRO':
        return avroIncompatibility(reader.schema, writer.schema);
      case 'PROTOBUF':
        return protoIncompatibility(reader.schema, writer.schema);
      case 'JSON':
        return jsonIncompatibility(reader.schema, writer.schema);
      default:
        return reader.type satisfies never;
    }
  } catch (error) {
    return (error as Error).message;
  }
}

const avroType = (text: string): avsc.Type => {
  const trimmed = text.trim();
  return avsc.Type.forSchema((/^[a-z]+$/.test(trimmed) ? trimmed : JSON.parse(trimmed)) as avsc.Schema, {
    noAnonymousTypes: false,
  });
};

/** As Confluent has it, the root record may not be renamed. */
function avroIncompatibility(reader: string, writer: string): string | undefined {
  const readerType = avroType(reader);
  const writerType = avroType(writer);
  if (readerType.typeName === 'record' && writerType.typeName === 'record' && readerType.name !== writerType.name) {
    return `expected: ${writerType.name}, found: ${readerType.name}`;
  }
  try {
    readerType.createResolver(writerType);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Fields keep their number, and with it their type and whether they are repeated. */
function protoIncompatibility(reader: string, writer: string): string | undefined {
  const readerMessages = parseProtoSchema(reader).messages;
  for (const message of parseProtoSchema(writer).messages) {
    const other = readerMessages.find((candidate) => candidate.fullName === message.fullName);
    if (!other) return `the message ${message.fullName} was removed`;
    const reason = messageIncompatibility(other, message);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function messageIncompatibility(reader: ProtoMessage, writer: ProtoMessage): string | undefined {
  for (const field of writer.fields) {
    const other = reader.fields.find((candidate) => candidate.number === field.number);
    if (other && layoutOf(other) !== layoutOf(field)) {
      return `the kind of field ${field.number} of ${writer.fullName} changed from ${layoutOf(field)} to ${layoutOf(other)}`;
    }
  }
  return undefined;
}

/** Types of one group may replace one another. */
function layoutOf(field: ProtoField): string {
  const { kind } = field.type;
  const type = /^u?int(32|64)$|^bool$|^enum$/.test(kind) ? 'varint' : kind === 'bytes' ? 'string' : kind;
  return `${field.mapKey ? 'map of ' : field.repeated ? 'repeated ' : ''}${type}`;
}

/** Properties keep their type. */
function jsonIncompatibility(reader: string, writer: string): string | undefined {
  const readerType = jsonSchemaToSqlType(reader);
  const writerType = jsonSchemaToSqlType(writer);
  if (!readerType || !writerType) return undefined;
  if (readerType.kind !== writerType.kind) return `the type changed from ${writerType.kind} to ${readerType.kind}`;
  if (readerType.kind !== 'STRUCT' || writerType.kind !== 'STRUCT') return undefined;
  for (const field of writerType.fields) {
    const other = readerType.fields.find((candidate) => candidate.name === field.name);
    if (other && other.type.kind !== field.type.kind) {
      return `the type of "${field.name}" changed from ${typeToString(field.type)} to ${typeToString(other.type)}`;
    }
  }
  return undefined;
}
