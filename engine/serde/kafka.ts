import type { SqlTypeKind, SqlValue } from '../../language/types/sql-type.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import { copyBytes, decodeUtf8, readFloat64, readInt32, readInt64 } from './encoding/bytes.ts';
import { KeyTextCache } from './encoding/key-text-cache.ts';
import { decodingError } from './encoding/payload-error.ts';
import {
  type Decoder,
  type Encoder,
  encoderOf,
  type Format,
  NO_ENCODER,
  type SerdeContext,
  SerdeError,
} from './encoding/serde.ts';

/** How Kafka's own serializers lay out one type. */
interface Primitive {
  /** Of a payload; undefined where any length will do. */
  readonly sizeBytes?: number;
  readonly deserializer: string;
  read(bytes: Uint8Array, start: number, end: number): SqlValue;
  write(writer: ByteWriter, value: SqlValue): void;
}

const PRIMITIVES: Partial<Record<SqlTypeKind, Primitive>> = {
  INTEGER: {
    sizeBytes: 4,
    deserializer: 'IntegerDeserializer',
    read: readInt32,
    write: (writer, value) => writer.int32(value as number),
  },
  BIGINT: {
    sizeBytes: 8,
    deserializer: 'LongDeserializer',
    read: readInt64,
    write: (writer, value) => writer.int64(value as number | bigint),
  },
  DOUBLE: {
    sizeBytes: 8,
    deserializer: 'Deserializer',
    read: readFloat64,
    write: (writer, value) => writer.float64(value as number),
  },
  STRING: {
    deserializer: 'StringDeserializer',
    read: decodeUtf8,
    write: (writer, value) => writer.utf8(value as string),
  },
  BYTES: {
    deserializer: 'ByteBufferDeserializer',
    read: copyBytes,
    write: (writer, value) => writer.raw(value as Uint8Array),
  },
};

/** The single column and its layout; undefined for a key or value without columns. */
function singleColumn(context: SerdeContext) {
  const [column, ...others] = context.columns;
  if (!column) return undefined;
  if (others.length > 0) throw new SerdeError("The 'KAFKA' format only supports a single field.");
  const primitive = PRIMITIVES[column.type.kind];
  if (!primitive) throw new SerdeError(`The 'KAFKA' format does not support type '${column.type.kind}'`);
  return { column, primitive };
}

function createDecoder(context: SerdeContext): Decoder {
  const single = singleColumn(context);
  if (!single) return { decode: () => true };
  const { column, primitive } = single;
  const { slot } = column;
  const { sizeBytes } = primitive;
  const texts = context.isKey && column.type.kind === 'STRING' ? new KeyTextCache() : undefined;
  const read = texts === undefined ? primitive.read : texts.text.bind(texts);
  return {
    decode(bytes, start, end, row) {
      if (sizeBytes !== undefined && end - start !== sizeBytes) {
        const reason = new SerdeError(`Size of data received by ${primitive.deserializer} is not ${sizeBytes}`);
        throw decodingError(context, reason);
      }
      if (column.needed !== false) row[slot] = read(bytes, start, end);
      return true;
    },
  };
}

function createEncoder(context: SerdeContext): Encoder {
  const single = singleColumn(context);
  if (!single) return NO_ENCODER;
  const { slot } = single.column;
  const { primitive } = single;
  return encoderOf((row, writer) => {
    const value = row[slot];
    if (value === null || value === undefined) return false;
    primitive.write(writer, value);
    return true;
  });
}

/** The format of Kafka's own primitive serializers: one column, no header, big endian. */
export const kafkaFormat: Format = {
  createDecoder: async (context) => createDecoder(context),
  createEncoder: async (context) => createEncoder(context),
};
