import { type SqlType, type SqlValue, typeToString } from '../../../language/types/sql-type.ts';
import { civilFromDays } from '../../../language/types/temporal-text.ts';
import type { ByteWriter } from '../../bytes/byte-writer.ts';
import { SerdeError } from '../encoding/serde.ts';
import { toTwosComplement } from '../encoding/twos-complement.ts';
import { checkedDate } from '../json/writer.ts';
import { WIRE_FIXED32, WIRE_FIXED64, WIRE_LENGTH, WIRE_VARINT } from './cursor.ts';
import type { ProtoTarget } from './reader.ts';
import {
  isWrapper,
  oneofColumn,
  type ProtoField,
  type ProtoMessage,
  type ProtoType,
  VALUE_MESSAGES,
} from './schema.ts';

/** Writes the fields of a message. */
export type ProtoMessageWriter = (writer: ByteWriter, row: readonly SqlValue[]) => void;

/** Writes a value without its tag. */
interface ValueWriter {
  readonly wireType: number;
  write(writer: ByteWriter, value: SqlValue): void;
  /** Whether the value is the one that a missing field reads as. */
  isDefault(value: SqlValue): boolean;
}

/**
 * A writer of rows as messages. Columns belong to fields of the same name, whatever the letter case.
 * @throws SerdeError when a column has no field, or their types do not fit
 */
export function compileMessageWriter(message: ProtoMessage, columns: readonly ProtoTarget[]): ProtoMessageWriter {
  const writers: ProtoMessageWriter[] = [];
  const written = new Set<string>();
  for (const field of message.fields) {
    const name = field.oneof === undefined ? field.name : oneofColumn(message, field.oneof);
    const column =
      columns.find((c) => c.name === name) ?? columns.find((c) => c.name.toUpperCase() === name.toUpperCase());
    if (!column) continue;
    written.add(column.name);
    writers.push(field.oneof === undefined ? fieldWriter(field, column.type, column.slot) : oneofWriter(field, column));
  }
  const unknown = columns.find((column) => !written.has(column.name));
  if (unknown)
    throw new SerdeError(`The Protobuf message ${message.fullName} has no field for the column ${unknown.name}`);
  return (writer, row) => {
    for (let i = 0; i < writers.length; i++) writers[i]!(writer, row);
  };
}

function oneofWriter(field: ProtoField, column: ProtoTarget): ProtoMessageWriter {
  const { type, slot } = column;
  if (type.kind !== 'STRUCT') throw incompatible('oneof', type, field.name);
  const index = type.fields.findIndex((candidate) => candidate.name.toUpperCase() === field.name.toUpperCase());
  if (index < 0) return () => {};
  const write = fieldWriter({ ...field, optional: true }, type.fields[index]!.type, index);
  return (writer, row) => {
    const values = row[slot] ?? null;
    if (values !== null) write(writer, values as readonly SqlValue[]);
  };
}

function fieldWriter(field: ProtoField, type: SqlType, slot: number): ProtoMessageWriter {
  if (field.mapKey) return mapWriter(field, type, slot);
  if (field.repeated) return repeatedWriter(field, type, slot);
  const value = compileWriter(field.type, type, field.name);
  const tag = field.number * 8 + value.wireType;
  const explicit = field.optional || field.type.kind === 'message';
  return (writer, row) => {
    const present = row[slot] ?? null;
    if (present === null || (!explicit && value.isDefault(present))) return;
    writer.varint(tag);
    value.write(writer, present);
  };
}

function repeatedWriter(field: ProtoField, type: SqlType, slot: number): ProtoMessageWriter {
  if (type.kind !== 'ARRAY') throw incompatible('array', type, field.name);
  const element = compileWriter(field.type, type.element, field.name);
  const packed = field.packed && element.wireType !== WIRE_LENGTH;
  const tag = field.number * 8 + (packed ? WIRE_LENGTH : element.wireType);
  return (writer, row) => {
    const elements = (row[slot] ?? []) as readonly SqlValue[];
    if (elements.length === 0) return;
    if (elements.includes(null))
      throw new SerdeError(`PROTOBUF cannot hold a NULL element of an ARRAY, field: ${field.name}`);
    if (!packed) {
      for (const value of elements) {
        writer.varint(tag);
        element.write(writer, value);
      }
      return;
    }
    writer.varint(tag);
    const mark = writer.beginLength();
    for (const value of elements) element.write(writer, value);
    writer.endLength(mark);
  };
}

function mapWriter(field: ProtoField, type: SqlType, slot: number): ProtoMessageWriter {
  if (type.kind !== 'MAP') throw incompatible('map', type, field.name);
  const key = compileWriter(field.mapKey!, type.key, field.name);
  const value = compileWriter(field.type, type.value, field.name);
  const tag = field.number * 8 + WIRE_LENGTH;
  return (writer, row) => {
    for (const [entryKey, entryValue] of (row[slot] ?? new Map()) as ReadonlyMap<SqlValue, SqlValue>) {
      if (entryKey === null) throw new SerdeError(`PROTOBUF cannot hold a NULL key of a MAP, field: ${field.name}`);
      writer.varint(tag);
      const mark = writer.beginLength();
      writer.varint(8 + key.wireType);
      key.write(writer, entryKey);
      if (entryValue !== null) {
        writer.varint(16 + value.wireType);
        value.write(writer, entryValue);
      }
      writer.endLength(mark);
    }
  };
}

const isZero = (value: SqlValue): boolean => value === 0 && !Object.is(value, -0);

const varint: ValueWriter = {
  wireType: WIRE_VARINT,
  isDefault: isZero,
  write: (w, v) => w.varint64(v as number | bigint),
};
const zigzag: ValueWriter = {
  wireType: WIRE_VARINT,
  isDefault: isZero,
  write: (writer, value) => {
    const long = BigInt(value as number | bigint);
    writer.varint64(BigInt.asUintN(64, (long << 1n) ^ (long >> 63n)));
  },
};
const fixed = (sizeBytes: 4 | 8): ValueWriter => ({
  wireType: sizeBytes === 4 ? WIRE_FIXED32 : WIRE_FIXED64,
  isDefault: isZero,
  write: (writer, value) => {
    let rest = BigInt.asUintN(64, BigInt(value as number | bigint));
    for (let i = 0; i < sizeBytes; i++, rest >>= 8n) writer.byte(Number(rest & 0xffn));
  },
});
const INTEGERS: Partial<Record<ProtoType['kind'], ValueWriter>> = {
  int32: varint,
  int64: varint,
  uint32: varint,
  uint64: varint,
  sint32: zigzag,
  sint64: zigzag,
  fixed32: fixed(4),
  sfixed32: fixed(4),
  fixed64: fixed(8),
  sfixed64: fixed(8),
};

function compileWriter(proto: ProtoType, type: SqlType, field: string): ValueWriter {
  if (proto.kind === 'message') return messageWriter(proto.message, type, field);
  const integer = INTEGERS[proto.kind];
  switch (type.kind) {
    case 'BOOLEAN':
      if (proto.kind !== 'bool') break;
      return {
        wireType: WIRE_VARINT,
        isDefault: (value) => value === false,
        write: (w, v) => w.byte(v === true ? 1 : 0),
      };
    case 'INTEGER':
    case 'BIGINT':
      if (integer) return integer;
      break;
    case 'DOUBLE':
      if (proto.kind === 'double') {
        return { wireType: WIRE_FIXED64, isDefault: isZero, write: (w, v) => w.float64LittleEndian(v as number) };
      }
      if (proto.kind === 'float') {
        return { wireType: WIRE_FIXED32, isDefault: isZero, write: (w, v) => w.float32LittleEndian(v as number) };
      }
      break;
    case 'STRING':
      if (proto.kind === 'enum') return enumWriter(proto, field);
      if (proto.kind === 'string') return textWriter;
      break;
    case 'BYTES':
      if (proto.kind === 'bytes') return bytesWriter;
      break;
    case 'DECIMAL':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
    case 'ARRAY':
    case 'MAP':
    case 'STRUCT':
      break;
    default:
      return type satisfies never;
  }
  throw incompatible(proto.kind, type, field);
}

const textWriter: ValueWriter = {
  wireType: WIRE_LENGTH,
  isDefault: (value) => value === '',
  write: (writer, value) => {
    const text = value as string;
    if (text.length < 0x80 && writer.headedAscii(text.length, text)) return;
    writer.varint(Buffer.byteLength(text));
    writer.utf8(text);
  },
};
const bytesWriter: ValueWriter = {
  wireType: WIRE_LENGTH,
  isDefault: (value) => (value as Uint8Array).length === 0,
  write: (writer, value) => {
    writer.varint((value as Uint8Array).length);
    writer.raw(value as Uint8Array);
  },
};

function enumWriter(proto: Extract<ProtoType, { kind: 'enum' }>, field: string): ValueWriter {
  return {
    wireType: WIRE_VARINT,
    isDefault: (value) => proto.numbers.get(value as string) === 0,
    write: (writer, value) => {
      const number = proto.numbers.get(value as string);
      if (number === undefined)
        throw new SerdeError(`${JSON.stringify(value)} is no value of the enum ${proto.name}, field: ${field}`);
      writer.varint64(number);
    },
  };
}

function messageWriter(message: ProtoMessage, type: SqlType, field: string): ValueWriter {
  const write = contentWriter(message, type, field);
  return {
    wireType: WIRE_LENGTH,
    isDefault: () => false,
    write: (writer, value) => {
      const mark = writer.beginLength();
      write(writer, value);
      writer.endLength(mark);
    },
  };
}

/** Writes the fields of a message that stands for a value of the type. */
function contentWriter(
  message: ProtoMessage,
  type: SqlType,
  field: string,
): (writer: ByteWriter, value: SqlValue) => void {
  const valueKind = VALUE_MESSAGES[message.fullName];
  if (valueKind !== undefined && valueKind === type.kind) {
    const columns = message.fields.map((part, slot): ProtoTarget => {
      return { name: part.name, type: { kind: part.type.kind === 'bytes' ? 'BYTES' : 'BIGINT' }, slot };
    });
    const write = compileMessageWriter(message, columns);
    return (writer, value) => write(writer, partsOf(value, type));
  }
  if (isWrapper(message) && type.kind !== 'STRUCT') {
    const write = compileMessageWriter(message, [{ name: message.fields[0]!.name, type, slot: 0 }]);
    return (writer, value) => write(writer, [value]);
  }
  if (type.kind !== 'STRUCT') throw incompatible(message.fullName, type, field);
  const write = compileMessageWriter(
    message,
    type.fields.map((part, slot) => ({ ...part, slot })),
  );
  return (writer, value) => write(writer, value as readonly SqlValue[]);
}

/** The fields of the messages that stand for dates, times and decimals. */
/** The fields of the message that stands for a value of such a type. */
export function partsOf(value: SqlValue, type: SqlType): readonly SqlValue[] {
  switch (type.kind) {
    case 'DATE': {
      const { year, month, day } = civilFromDays(checkedDate(value as number));
      return [year, month, day];
    }
    case 'TIME': {
      const timeMs = value as number;
      const seconds = Math.floor(timeMs / 1000);
      return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60, (timeMs % 1000) * 1_000_000];
    }
    case 'TIMESTAMP': {
      const timestampMs = value as number;
      const seconds = Math.floor(timestampMs / 1000);
      return [seconds, (timestampMs - seconds * 1000) * 1_000_000];
    }
    case 'DECIMAL':
      return [toTwosComplement(value as bigint), digitCount(value as bigint), type.scale];
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
    case 'DOUBLE':
    case 'STRING':
    case 'BYTES':
    case 'ARRAY':
    case 'MAP':
    case 'STRUCT':
      return [];
    default:
      return type satisfies never;
  }
}

/** Confluent's converter writes the digits that the number has for its precision, not those of the type. */
const digitCount = (unscaled: bigint): number => String(unscaled < 0n ? -unscaled : unscaled).length;

function incompatible(proto: string, type: SqlType, field: string): SerdeError {
  return new SerdeError(`Cannot serialize type ${typeToString(type)} as type ${proto}, field: ${field}`);
}
