import { doubleToString } from '../../../language/types/java-double.ts';
import { type SqlType, type SqlValue, typeToString } from '../../../language/types/sql-type.ts';
import { daysFromCivil, daysInMonth } from '../../../language/types/temporal-text.ts';
import { SerdeError } from '../encoding/serde.ts';
import { fitExactly } from '../encoding/text-value.ts';
import { fromTwosComplement } from '../encoding/twos-complement.ts';
import { type ProtoCursor, WIRE_FIXED32, WIRE_FIXED64, WIRE_LENGTH, WIRE_VARINT } from './cursor.ts';
import {
  isWrapper,
  mapEntry,
  oneofColumn,
  type ProtoField,
  type ProtoMessage,
  type ProtoType,
  VALUE_MESSAGES,
} from './schema.ts';

/** A column or struct field to be read, and its place. */
export interface ProtoTarget {
  readonly name: string;
  readonly type: SqlType;
  readonly slot: number;
  readonly needed?: boolean;
}

/** Reads the message that fills the cursor's range. */
export type ProtoMessageReader = (cursor: ProtoCursor, target: SqlValue[]) => void;
type ProtoReader = (cursor: ProtoCursor) => SqlValue;

/** What to do with one field of a message. */
interface Step {
  readonly slot: number;
  readonly wireType: number;
  readonly read: ProtoReader;
  readonly form: 'single' | 'repeated' | 'map' | 'oneof';
  /** Of a `map`: reads an entry into it. */
  readonly readEntry?: (cursor: ProtoCursor, entries: Map<SqlValue, SqlValue>) => void;
  /** Of a `oneof`: the field's place in the struct, and how many there are. */
  readonly index: number;
  readonly size: number;
}

/**
 * A reader of columns out of messages. Fields belong to columns of the same name, whatever the letter case; columns
 * without a field are NULL.
 * @throws SerdeError when a field's type does not fit its column's
 */
export function compileMessageReader(
  message: ProtoMessage,
  targets: readonly ProtoTarget[],
  path = '',
): ProtoMessageReader {
  const steps: (Step | undefined)[] = [];
  const defaults = new Map<number, () => SqlValue>(
    targets.filter((target) => target.needed !== false).map((target) => [target.slot, () => null]),
  );
  for (const field of message.fields) {
    const name = field.oneof === undefined ? field.name : oneofColumn(message, field.oneof);
    const target = targetNamed(targets, name);
    if (!target) continue;
    const where = `${path}->${target.name}`;
    const step = field.oneof === undefined ? stepOf(field, target, where) : oneofStep(field, target, where);
    if (target.needed === false || !step) continue;
    steps[field.number] = step;
    defaults.set(target.slot, defaultOf(field, target.type));
  }
  const missing = [...defaults];
  return (cursor, row) => {
    for (let i = 0; i < missing.length; i++) row[missing[i]![0]] = missing[i]![1]();
    while (cursor.position < cursor.end) {
      const tag = cursor.varint32();
      const step = steps[tag >>> 3];
      if (step) takeValue(cursor, tag & 7, step, row);
      else cursor.skipValue(tag & 7);
    }
  };
}

function targetNamed(targets: readonly ProtoTarget[], name: string): ProtoTarget | undefined {
  const upper = name.toUpperCase();
  return (
    targets.find((target) => target.name === name) ?? targets.find((target) => target.name.toUpperCase() === upper)
  );
}

function takeValue(cursor: ProtoCursor, wireType: number, step: Step, row: SqlValue[]): void {
  const { slot, form } = step;
  if (form === 'map') {
    step.readEntry!(cursor, row[slot] as Map<SqlValue, SqlValue>);
    return;
  }
  if (wireType !== step.wireType) {
    if (form !== 'repeated' || wireType !== WIRE_LENGTH) {
      // As every reader of Protobuf does: what is laid out as another type is an unknown field.
      cursor.skipValue(wireType);
      return;
    }
    const elements = row[slot] as SqlValue[];
    const outer = cursor.enter();
    while (cursor.position < cursor.end) elements.push(step.read(cursor));
    cursor.leave(outer);
    return;
  }
  const value = step.read(cursor);
  if (form === 'repeated') {
    (row[slot] as SqlValue[]).push(value);
  } else if (form === 'oneof') {
    const values: SqlValue[] = new Array(step.size).fill(null);
    values[step.index] = value;
    row[slot] = values;
  } else {
    row[slot] = value;
  }
}

function stepOf(field: ProtoField, target: ProtoTarget, path: string): Step {
  const { slot, type } = target;
  const base = { slot, index: 0, size: 0, wireType: wireTypeOf(field.type) };
  if (field.mapKey) {
    if (type.kind !== 'MAP') throw incompatible('map', type, path);
    const readEntry = entryReader(field, type, path);
    return { ...base, form: 'map', read: () => null, readEntry };
  }
  if (!field.repeated) return { ...base, form: 'single', read: compileReader(field.type, type, path) };
  if (type.kind !== 'ARRAY') throw incompatible('array', type, path);
  return { ...base, form: 'repeated', read: compileReader(field.type, type.element, `${path}[]`) };
}

function oneofStep(field: ProtoField, target: ProtoTarget, path: string): Step | undefined {
  const { slot, type } = target;
  if (type.kind !== 'STRUCT') throw incompatible('oneof', type, path);
  const index = type.fields.findIndex((candidate) => candidate.name.toUpperCase() === field.name.toUpperCase());
  if (index < 0) return undefined;
  const read = compileReader(field.type, type.fields[index]!.type, `${path}->${field.name}`);
  return { slot, index, size: type.fields.length, wireType: wireTypeOf(field.type), form: 'oneof', read };
}

function entryReader(field: ProtoField, type: Extract<SqlType, { kind: 'MAP' }>, path: string) {
  const targets = [
    { name: 'key', type: type.key, slot: 0 },
    { name: 'value', type: type.value, slot: 1 },
  ];
  const read = compileMessageReader(mapEntry(field), targets, path);
  return (cursor: ProtoCursor, entries: Map<SqlValue, SqlValue>) => {
    const pair: SqlValue[] = [];
    const outer = cursor.enter();
    read(cursor, pair);
    cursor.leave(outer);
    entries.set(pair[0]!, pair[1]!);
  };
}

/** What a field that is missing reads as. */
function defaultOf(field: ProtoField, type: SqlType): () => SqlValue {
  if (field.mapKey) return () => new Map();
  if (field.repeated) return () => [];
  if (field.oneof !== undefined || field.optional) return () => null;
  switch (field.type.kind) {
    case 'message':
      return () => null;
    case 'bool':
      return () => (type.kind === 'STRING' ? 'false' : false);
    case 'string':
      return () => '';
    case 'bytes':
      return () => new Uint8Array(0);
    case 'enum': {
      const [first] = field.type.numbers.keys();
      return () => first ?? null;
    }
    case 'double':
    case 'float':
      return () => (type.kind === 'STRING' ? '0.0' : 0);
    default:
      return () => (type.kind === 'STRING' ? '0' : 0);
  }
}

/** How a value of the type is laid out. */
export function wireTypeOf(type: ProtoType): number {
  switch (type.kind) {
    case 'double':
    case 'fixed64':
    case 'sfixed64':
      return WIRE_FIXED64;
    case 'float':
    case 'fixed32':
    case 'sfixed32':
      return WIRE_FIXED32;
    case 'string':
    case 'bytes':
    case 'message':
      return WIRE_LENGTH;
    case 'enum':
    case 'int32':
    case 'int64':
    case 'uint32':
    case 'uint64':
    case 'sint32':
    case 'sint64':
    case 'bool':
      return WIRE_VARINT;
    default:
      return type satisfies never;
  }
}

/** Whole numbers of 64 bits are signed, whatever their type. */
export const INTEGERS: Partial<Record<ProtoType['kind'], (cursor: ProtoCursor) => number | bigint>> = {
  int32: (cursor) => cursor.varint32(),
  int64: (cursor) => cursor.varint64(),
  uint32: (cursor) => cursor.varint32() >>> 0,
  uint64: (cursor) => cursor.varint64(),
  sint32: (cursor) => {
    const value = cursor.varint32();
    return (value >>> 1) ^ -(value & 1);
  },
  sint64: (cursor) => cursor.zigzag64(),
  fixed32: (cursor) => cursor.fixed32() >>> 0,
  fixed64: (cursor) => cursor.fixed64(),
  sfixed32: (cursor) => cursor.fixed32(),
  sfixed64: (cursor) => cursor.fixed64(),
};

function compileReader(proto: ProtoType, type: SqlType, path: string): ProtoReader {
  if (proto.kind === 'message') return compileNestedReader(proto.message, type, path);
  const integer = INTEGERS[proto.kind];
  switch (type.kind) {
    case 'BOOLEAN':
      if (proto.kind === 'bool') return (cursor) => cursor.varint32() !== 0;
      break;
    case 'INTEGER':
      if (integer) return (cursor) => Number(BigInt.asIntN(32, BigInt(integer(cursor))));
      break;
    case 'BIGINT':
      if (integer) return integer;
      break;
    case 'DOUBLE':
      if (proto.kind === 'double') return (cursor) => cursor.double();
      if (proto.kind === 'float') return (cursor) => cursor.float();
      break;
    case 'STRING':
      return stringReader(proto) ?? fail(proto.kind, type, path);
    case 'BYTES':
      if (proto.kind === 'bytes') return (cursor) => cursor.copy();
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
  return fail(proto.kind, type, path);
}

/** Text, and what Java would print for the other scalars. */
function stringReader(proto: ProtoType): ProtoReader | undefined {
  const integer = INTEGERS[proto.kind];
  if (integer) return (cursor) => String(integer(cursor));
  switch (proto.kind) {
    case 'string':
      return (cursor) => cursor.string();
    case 'enum': {
      const names = new Map([...proto.numbers].map(([name, number]) => [number, name]));
      return (cursor) => {
        const number = cursor.varint32();
        return names.get(number) ?? `UNKNOWN_ENUM_VALUE_${proto.name}_${number}`;
      };
    }
    case 'bool':
      return (cursor) => String(cursor.varint32() !== 0);
    case 'double':
    case 'float':
      return (cursor) => doubleToString(proto.kind === 'float' ? cursor.float() : cursor.double());
    default:
      return undefined;
  }
}

function compileNestedReader(message: ProtoMessage, type: SqlType, path: string): ProtoReader {
  const read = contentReader(message, type, path);
  return (cursor) => {
    const outer = cursor.enter();
    const value = read(cursor);
    cursor.leave(outer);
    return value;
  };
}

/** Reads a message that fills the cursor's range as a value of the type. */
function contentReader(message: ProtoMessage, type: SqlType, path: string): ProtoReader {
  const valueKind = VALUE_MESSAGES[message.fullName];
  if (valueKind !== undefined && valueKind === type.kind) return valueReader(message, type);
  if (isWrapper(message) && type.kind !== 'STRUCT') {
    const [field] = message.fields;
    const read = compileMessageReader(message, [{ name: field!.name, type, slot: 0 }], path);
    return (cursor) => {
      const values: SqlValue[] = [];
      read(cursor, values);
      return values[0]!;
    };
  }
  if (type.kind !== 'STRUCT') return fail(message.fullName, type, path);
  const { fields } = type;
  const read = compileMessageReader(
    message,
    fields.map((field, slot) => ({ ...field, slot })),
    path,
  );
  return (cursor) => {
    const values: SqlValue[] = new Array(fields.length).fill(null);
    read(cursor, values);
    return values;
  };
}

/** Reads the messages that stand for dates, times and decimals. */
function valueReader(message: ProtoMessage, type: SqlType): ProtoReader {
  const targets = message.fields.map((field, slot): ProtoTarget => {
    return { name: field.name, type: { kind: field.type.kind === 'bytes' ? 'BYTES' : 'BIGINT' }, slot };
  });
  const read = compileMessageReader(message, targets);
  const parts: SqlValue[] = [];
  const part = (index: number) => Number(parts[index]);
  const value = (): SqlValue => {
    switch (type.kind) {
      case 'DATE':
        return days(part(0), part(1), part(2));
      case 'TIME':
        return timeOfDayMs(part(0), part(1), part(2), part(3));
      case 'TIMESTAMP':
        return part(0) * 1000 + Math.floor(part(1) / 1_000_000);
      case 'DECIMAL':
        return fitExactly({ unscaled: fromTwosComplement(parts[0] as Uint8Array), scale: part(2) }, type);
      case 'BOOLEAN':
      case 'INTEGER':
      case 'BIGINT':
      case 'DOUBLE':
      case 'STRING':
      case 'BYTES':
      case 'ARRAY':
      case 'MAP':
      case 'STRUCT':
        return null;
      default:
        return type satisfies never;
    }
  };
  return (cursor) => {
    read(cursor, parts);
    return value();
  };
}

/** @throws SerdeError for a day that there is not, such as that of a Date that has no fields */
function days(year: number, month: number, day: number): number {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) {
    throw new SerdeError(`Not a date: year ${year}, month ${month}, day ${day}`);
  }
  return daysFromCivil(year, month, day);
}

/** @throws SerdeError for a time that no day has */
function timeOfDayMs(hours: number, minutes: number, seconds: number, nanos: number): number {
  const within = (part: number, limit: number) => part >= 0 && part < limit;
  if (!(within(hours, 24) && within(minutes, 60) && within(seconds, 60) && within(nanos, 1_000_000_000))) {
    throw new SerdeError(`Not a time of day: hours ${hours}, minutes ${minutes}, seconds ${seconds}, nanos ${nanos}`);
  }
  return ((hours * 60 + minutes) * 60 + seconds) * 1000 + Math.floor(nanos / 1_000_000);
}

function fail(proto: string, type: SqlType, path: string): never {
  throw incompatible(proto, type, path);
}

function incompatible(proto: string, type: SqlType, path: string): SerdeError {
  return new SerdeError(`Cannot deserialize type ${proto} as type ${typeToString(type)} for path: ${path}`);
}
