import type { SqlType } from '../../../language/types/sql-type.ts';
import type { ByteWriter } from '../../bytes/byte-writer.ts';
import { decodingError, encodingError } from '../encoding/payload-error.ts';
import { createRegisteredDecoder, type FramedDecode } from '../encoding/registered-decoder.ts';
import { writeSchemaId } from '../encoding/schema-framing.ts';
import {
  type Decoder,
  type Encoder,
  encoderOf,
  type Format,
  NO_ENCODER,
  type SerdeContext,
  SerdeError,
} from '../encoding/serde.ts';
import { sinkSchema } from '../encoding/sink-schema.ts';
import type { NewSchema, ResolvedSchema } from '../registry/schema-registry.ts';
import { ProtoCursor } from './cursor.ts';
import { compileMessageReader, type ProtoMessageReader } from './reader.ts';
import { type ProtoMessage, type ProtoSchema, parseProtoSchema } from './schema.ts';
import { protoSchemaText } from './schema-source.ts';
import { compileMessageWriter } from './writer.ts';

/**
 * The schema that columns are written with unless the statement names another. @throws SerdeError for unsuitable names
 */
export function protobufSchemaFor(context: SerdeContext): NewSchema {
  const { schemaFullName, nullableRepresentation } = context.format;
  return { type: 'PROTOBUF', schema: protoSchemaText(context.columns, schemaFullName, nullableRepresentation) };
}

/** The message that the statement names, or the first. @throws SerdeError */
export function messageNamed(schema: ProtoSchema, fullName: string | undefined): ProtoMessage {
  const message = fullName === undefined ? schema.messages[0] : findMessage(schema.messages, fullName);
  if (!message) throw new SerdeError(`The Protobuf schema has no message ${fullName ?? ''}`);
  return message;
}

function findMessage(messages: readonly ProtoMessage[], fullName: string): ProtoMessage | undefined {
  for (const message of messages) {
    const found = message.fullName === fullName ? message : findMessage(message.nested, fullName);
    if (found) return found;
  }
  return undefined;
}

/**
 * The places of a message and of those around it among their neighbours: Confluent's way to name the message of a
 * payload.
 */
function indexesOf(messages: readonly ProtoMessage[], wanted: ProtoMessage): number[] | undefined {
  for (const [index, message] of messages.entries()) {
    if (message === wanted) return [index];
    const inner = indexesOf(message.nested, wanted);
    if (inner) return [index, ...inner];
  }
  return undefined;
}

/** Reads the indexes before a payload's message; a lone 0 stands for the first message. */
export function readMessage(cursor: ProtoCursor, schema: ProtoSchema): ProtoMessage {
  const count = Number(cursor.zigzag64());
  let messages = schema.messages;
  let message: ProtoMessage | undefined;
  for (let i = 0; i < Math.max(1, count); i++) {
    message = messages[count === 0 ? 0 : Number(cursor.zigzag64())];
    if (!message) throw new SerdeError('Protobuf payload names a message that its schema does not have');
    messages = message.nested;
  }
  return message!;
}

function compileDecode(context: SerdeContext, { schema, dependencies }: ResolvedSchema): FramedDecode {
  const proto = parseProtoSchema(schema.schema, dependencies);
  const readers = new Map<ProtoMessage, ProtoMessageReader>();
  const cursor = new ProtoCursor();
  return (bytes, start, end, row) => {
    cursor.open(bytes, start, end);
    const message = readMessage(cursor, proto);
    let read = readers.get(message);
    if (!read) {
      read = compileMessageReader(message, context.columns);
      readers.set(message, read);
    }
    read(cursor, row);
    return true;
  };
}

async function createRegisteredEncoder(context: SerdeContext): Promise<Encoder> {
  const { id, schema } = await sinkSchema(context, protobufSchemaFor);
  const proto = parseProtoSchema(schema.schema.schema, schema.dependencies);
  const message = messageNamed(proto, context.format.schemaFullName);
  const indexes = indexesOf(proto.messages, message)!;
  return createMessageEncoder(context, message, (writer) => {
    writeSchemaId(writer, id);
    if (indexes.length === 1 && indexes[0] === 0) {
      writer.byte(0);
      return;
    }
    writer.varint(indexes.length * 2);
    for (const index of indexes) writer.varint(index * 2);
  });
}

function createMessageEncoder(
  context: SerdeContext,
  message: ProtoMessage,
  begin: (writer: ByteWriter) => void,
): Encoder {
  const write = compileMessageWriter(message, context.columns);
  return encoderOf((row, writer) => {
    try {
      begin(writer);
      write(writer, row);
    } catch (error) {
      throw encodingError(context, error);
    }
    return true;
  });
}

/** The message of payloads without a registry: the one that the columns make. */
function ownMessage(context: SerdeContext): ProtoMessage {
  const { columns, format } = context;
  const text = protoSchemaText(columns, format.schemaFullName, format.nullableRepresentation);
  return messageNamed(parseProtoSchema(text), format.schemaFullName);
}

/** Values of one column that were asked to be bare have no Protobuf form: only messages stand by themselves. */
function checkWrapping(context: SerdeContext): void {
  if (context.format.wrapping === 'UNWRAP_SINGLES' && !context.isKey && context.columns.length === 1) {
    throw new SerdeError(
      'PROTOBUF_NOSR cannot hold a single value without a message around it: set WRAP_SINGLE_VALUE to true',
    );
  }
}

function createPlainDecoder(context: SerdeContext): Decoder {
  const cursor = new ProtoCursor();
  let read: ProtoMessageReader | undefined;
  return {
    decode(bytes, start, end, row) {
      try {
        read ??= compileMessageReader(ownMessage(context), context.columns);
        cursor.open(bytes, start, end);
        read(cursor, row);
        return true;
      } catch (error) {
        throw decodingError(context, error);
      }
    },
  };
}

/** Types without a Protobuf form are refused row by row, as ksqlDB does: NULL rows still pass. */
function createPlainEncoder(context: SerdeContext): Encoder {
  checkWrapping(context);
  try {
    return createMessageEncoder(context, ownMessage(context), () => {});
  } catch (error) {
    if (!hasNestedCollections(context.columns)) throw error;
    return encoderOf(() => {
      throw encodingError(context, error);
    });
  }
}

function hasNestedCollections(columns: readonly { readonly type: SqlType }[]): boolean {
  return columns.some(({ type }) => {
    if (type.kind === 'STRUCT') return hasNestedCollections(type.fields);
    const inner = type.kind === 'ARRAY' ? type.element : type.kind === 'MAP' ? type.value : undefined;
    return (
      inner !== undefined && (inner.kind === 'ARRAY' || inner.kind === 'MAP' || hasNestedCollections([{ type: inner }]))
    );
  });
}

const withoutColumns = (context: SerdeContext): boolean => context.columns.length === 0;
const NO_DECODER: Decoder = { decode: () => true };

/** Protobuf in Confluent's wire format. A single column is a message of one field. */
export const protobufFormat: Format = {
  createDecoder: async (context) =>
    withoutColumns(context) ? NO_DECODER : createRegisteredDecoder(context, (schema) => compileDecode(context, schema)),
  createEncoder: async (context) => (withoutColumns(context) ? NO_ENCODER : createRegisteredEncoder(context)),
};

/** Bare Protobuf messages of a schema that the columns make. */
export const protobufNosrFormat: Format = {
  createDecoder: async (context) => (withoutColumns(context) ? NO_DECODER : createPlainDecoder(context)),
  createEncoder: async (context) => (withoutColumns(context) ? NO_ENCODER : createPlainEncoder(context)),
};
