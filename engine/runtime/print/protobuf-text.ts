import { doubleToString } from '../../../language/types/java-double.ts';
import { SerdeError } from '../../serde/encoding/serde.ts';
import { ProtoCursor, WIRE_FIXED32, WIRE_FIXED64, WIRE_LENGTH, WIRE_VARINT } from '../../serde/protobuf/cursor.ts';
import { INTEGERS, wireTypeOf } from '../../serde/protobuf/reader.ts';
import { mapEntry, type ProtoField, type ProtoMessage, type ProtoType } from '../../serde/protobuf/schema.ts';

/** A scalar, or the bytes of a text, of bytes or of a message. */
type RawValue = number | bigint | boolean | Uint8Array;

/** What a message has on the wire. */
interface Contents {
  /** Of a field that is single the values that came, of which the last counts; messages are one message together. */
  readonly known: Map<ProtoField, RawValue[]>;
  /** Of numbers that the schema does not have. */
  readonly unknown: { readonly number: number; readonly rank: number; readonly text: string }[];
}

/**
 * A message as Protobuf's `TextFormat.shortDebugString` writes it: on one line, fields in the order of their numbers,
 * without those that have their default and no presence; then what the schema does not know.
 * @throws SerdeError for bytes that are no such message
 */
export function protobufText(message: ProtoMessage, bytes: Uint8Array): string {
  return messageTexts(message, [bytes]).join(' ');
}

/** @param parts bytes that are a message when they follow one another */
function messageTexts(message: ProtoMessage, parts: readonly Uint8Array[]): readonly string[] {
  const { known, unknown } = contentsOf(message, parts);
  const fields = [...known].sort(([a], [b]) => a.number - b.number);
  unknown.sort((a, b) => a.number - b.number || a.rank - b.rank);
  return [...fields.flatMap(([field, values]) => fieldTexts(field, values)), ...unknown.map(({ text }) => text)];
}

function contentsOf(message: ProtoMessage, parts: readonly Uint8Array[]): Contents {
  const fields = new Map(message.fields.map((field) => [field.number, field]));
  const contents: Contents = { known: new Map(), unknown: [] };
  const cursor = new ProtoCursor();
  for (const part of parts) {
    cursor.open(part, 0, part.length);
    while (cursor.position < cursor.end) {
      const tag = cursor.varint32();
      const field = fields.get(tag >>> 3);
      if (field === undefined || !takeField(cursor, tag & 7, field, message, contents)) {
        contents.unknown.push(unknownValue(cursor, tag >>> 3, tag & 7));
      }
    }
  }
  return contents;
}

/** Reads a value of a field; false, and nothing is read, when it is laid out as that of another type. */
function takeField(
  cursor: ProtoCursor,
  wireType: number,
  field: ProtoField,
  message: ProtoMessage,
  { known }: Contents,
): boolean {
  const expected = field.mapKey === undefined ? wireTypeOf(field.type) : WIRE_LENGTH;
  const values = known.get(field) ?? [];
  if (wireType === expected) {
    values.push(field.mapKey === undefined ? rawValue(cursor, field.type) : cursor.copy());
  } else if (field.repeated && wireType === WIRE_LENGTH) {
    const outer = cursor.enter();
    while (cursor.position < cursor.end) values.push(rawValue(cursor, field.type));
    cursor.leave(outer);
  } else {
    return false;
  }
  if (field.oneof !== undefined) {
    for (const other of message.fields) if (other !== field && other.oneof === field.oneof) known.delete(other);
  }
  known.set(field, values);
  return true;
}

function rawValue(cursor: ProtoCursor, type: ProtoType): RawValue {
  switch (type.kind) {
    case 'string':
    case 'bytes':
    case 'message':
      return cursor.copy();
    case 'bool':
      return cursor.varint32() !== 0;
    case 'enum':
      return cursor.varint32();
    case 'float':
      return cursor.float();
    case 'double':
      return cursor.double();
    case 'int32':
    case 'int64':
    case 'uint32':
    case 'uint64':
    case 'sint32':
    case 'sint64':
    case 'fixed32':
    case 'fixed64':
    case 'sfixed32':
    case 'sfixed64':
      return INTEGERS[type.kind]!(cursor);
    default:
      return type satisfies never;
  }
}

function fieldTexts(field: ProtoField, values: readonly RawValue[]): readonly string[] {
  const { name, type } = field;
  if (field.mapKey !== undefined) return mapTexts(field, values as readonly Uint8Array[]);
  if (field.repeated) return values.map((value) => valueText(name, type, [value]));
  if (!field.hasPresence && isDefault(values.at(-1)!)) return [];
  return [valueText(name, type, values)];
}

const isDefault = (value: RawValue): boolean =>
  Object.is(value, 0) || value === 0n || value === false || (value instanceof Uint8Array && value.length === 0);

/**
 * Entries have a key and a value also where these are the default. They stand in the reverse of their order on the
 * wire: Protobuf for Java sorts them by keys that it does not know of messages without generated classes.
 */
function mapTexts(field: ProtoField, values: readonly Uint8Array[]): readonly string[] {
  const message = mapEntry(field);
  const entries = values.map((bytes) => {
    const { known } = contentsOf(message, [bytes]);
    const parts = message.fields.map((part) =>
      valueText(part.name, part.type, known.get(part) ?? [defaultOf(part.type)]),
    );
    return messageText(field.name, parts);
  });
  return entries.reverse();
}

function defaultOf(type: ProtoType): RawValue {
  if (type.kind === 'bool') return false;
  return type.kind === 'string' || type.kind === 'bytes' || type.kind === 'message' ? new Uint8Array(0) : 0;
}

function valueText(name: string, type: ProtoType, values: readonly RawValue[]): string {
  if (type.kind === 'message') return messageText(name, messageTexts(type.message, values as readonly Uint8Array[]));
  return `${name}: ${scalarText(type, values.at(-1)!)}`;
}

const messageText = (name: string, parts: readonly string[]): string => [name, '{', ...parts, '}'].join(' ');

function scalarText(type: ProtoType, value: RawValue): string {
  if (value instanceof Uint8Array) return quoted(value);
  if (type.kind === 'enum') {
    const known = [...type.numbers].find(([, number]) => number === value);
    return known === undefined ? `UNKNOWN_ENUM_VALUE_${type.name}_${value}` : known[0];
  }
  if (type.kind === 'double') return doubleToString(value as number);
  if (type.kind === 'float') return floatToString(value as number);
  return String(type.kind === 'uint64' || type.kind === 'fixed64' ? BigInt.asUintN(64, BigInt(value)) : value);
}

/** A float in as few digits as tell it from its neighbours. */
function floatToString(value: number): string {
  if (value === 0) return doubleToString(value);
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return doubleToString(short);
  }
  return doubleToString(Number(value.toPrecision(9)));
}

/** A value of a field that the schema does not have, told by its number and by how it is laid out. */
function unknownValue(cursor: ProtoCursor, number: number, wireType: number): Contents['unknown'][number] {
  const hex = (value: bigint, digits: number) => `${number}: 0x${value.toString(16).padStart(digits, '0')}`;
  switch (wireType) {
    case WIRE_VARINT:
      return { number, rank: 0, text: `${number}: ${BigInt.asUintN(64, BigInt(cursor.varint64()))}` };
    case WIRE_FIXED32:
      return { number, rank: 1, text: hex(BigInt.asUintN(32, BigInt(cursor.fixed32())), 8) };
    case WIRE_FIXED64:
      return { number, rank: 2, text: hex(BigInt.asUintN(64, BigInt(cursor.fixed64())), 16) };
    case WIRE_LENGTH:
      return { number, rank: 3, text: unknownBytes(number, cursor.copy()) };
    default:
      throw new SerdeError(`Protobuf payload has an unknown wire type: ${wireType}`);
  }
}

const NOTHING_KNOWN: ProtoMessage = { fullName: '', fields: [], oneofs: [], nested: [] };

/** Bytes that read as a message are one. */
function unknownBytes(number: number, bytes: Uint8Array): string {
  try {
    return messageText(`${number}:`, messageTexts(NOTHING_KNOWN, [bytes]));
  } catch (error) {
    if (!(error instanceof SerdeError)) throw error;
    return `${number}: ${quoted(bytes)}`;
  }
}

const ESCAPES: Readonly<Record<number, string>> = {
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
  34: '\\"',
  39: "\\'",
  92: '\\\\',
};

/** Bytes as characters of ASCII, all others in octal. */
const quoted = (bytes: Uint8Array): string =>
  `"${Array.from(bytes, (byte) => {
    if (ESCAPES[byte] !== undefined) return ESCAPES[byte];
    return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`;
  }).join('')}"`;
