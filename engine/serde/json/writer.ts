import { decimalToJavaString } from '../../../language/types/decimal.ts';
import { doubleToString } from '../../../language/types/java-double.ts';
import type { SqlType, SqlValue } from '../../../language/types/sql-type.ts';
import type { ByteWriter } from '../../bytes/byte-writer.ts';

import { type SerdeColumn, SerdeError } from '../encoding/serde.ts';
import { encodeBase64 } from '../encoding/text-value.ts';

/** The fields of an object, ready to be written. */
export interface JsonFields {
  /** `{"name":` of the first field, `,"name":` of the others: names are the greater part of what is written. */
  readonly prefixes: readonly Uint8Array[];
  readonly slots: readonly number[];
  readonly writers: readonly JsonValueWriter[];
}

/** Writes a value, NULL included. @throws SerdeError for what JSON, or ksqlDB's form of it, cannot hold */
export type JsonValueWriter = (writer: ByteWriter, value: SqlValue) => void;

/** @throws SerdeError for types that JSON does not have */
export function jsonFields(columns: readonly Pick<SerdeColumn, 'name' | 'type' | 'slot'>[]): JsonFields {
  return {
    prefixes: columns.map(({ name }, i) => Buffer.from(`${i === 0 ? '{' : ','}${jsonString(name)}:`)),
    slots: columns.map((column) => column.slot),
    writers: columns.map((column) => jsonValueWriter(column.type)),
  };
}

/** Writes the columns of a row as an object, NULLs included. */
export function writeJsonFields(writer: ByteWriter, row: readonly SqlValue[], fields: JsonFields): void {
  const { prefixes, slots, writers } = fields;
  if (prefixes.length === 0) writer.byte(0x7b);
  for (let i = 0; i < prefixes.length; i++) {
    writer.raw(prefixes[i]!);
    writers[i]!(writer, row[slots[i]!] ?? null);
  }
  writer.byte(0x7d);
}

/** A writer of values of a type. @throws SerdeError for types that JSON does not have */
export function jsonValueWriter(type: SqlType): JsonValueWriter {
  const write = presentWriter(type);
  return (writer, value) => {
    if (value === null) writer.ascii('null');
    else write(writer, value);
  };
}

/** Writes values that are not NULL. */
function presentWriter(type: SqlType): JsonValueWriter {
  switch (type.kind) {
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
    case 'TIME':
    case 'TIMESTAMP':
      return (writer, value) => writer.ascii(String(value));
    case 'DATE':
      return (writer, value) => writer.ascii(String(checkedDate(value as number)));
    case 'DOUBLE':
      return (writer, value) => writer.ascii(Number.isFinite(value) ? doubleToString(value as number) : `"${value}"`);
    case 'DECIMAL':
      return (writer, value) => writer.ascii(decimalToJavaString(value as bigint, type.scale));
    case 'STRING':
      return (writer, value) => writeString(writer, value as string);
    case 'BYTES':
      return (writer, value) => writer.ascii(`"${encodeBase64(value as Uint8Array)}"`);
    case 'ARRAY':
      return arrayWriter(jsonValueWriter(type.element));
    case 'MAP':
      if (type.key.kind !== 'STRING') throw new SerdeError('JSON only supports MAP types with STRING keys');
      return mapWriter(jsonValueWriter(type.value));
    case 'STRUCT': {
      const fields = jsonFields(type.fields.map((field, slot) => ({ ...field, slot })));
      return (writer, value) => writeJsonFields(writer, value as readonly SqlValue[], fields);
    }
    default:
      return type satisfies never;
  }
}

function arrayWriter(write: JsonValueWriter): JsonValueWriter {
  return (writer, value) => {
    const elements = value as readonly SqlValue[];
    writer.byte(0x5b);
    for (let i = 0; i < elements.length; i++) {
      if (i > 0) writer.byte(0x2c);
      write(writer, elements[i]!);
    }
    writer.byte(0x5d);
  };
}

function mapWriter(write: JsonValueWriter): JsonValueWriter {
  return (writer, value) => {
    writer.byte(0x7b);
    let first = true;
    for (const [key, element] of value as ReadonlyMap<SqlValue, SqlValue>) {
      if (!first) writer.byte(0x2c);
      first = false;
      // A NULL key is written as Jackson writes it.
      writeString(writer, key === null ? 'null' : (key as string));
      writer.byte(0x3a);
      write(writer, element);
    }
    writer.byte(0x7d);
  };
}

/** The days of a DATE. @throws SerdeError when they do not fit the 32 bits that formats have for them */
export function checkedDate(days: number): number {
  if (days !== (days | 0)) throw new SerdeError(`DATE is out of range: ${days} days since 1970-01-01`);
  return days;
}

/** Plain ASCII goes straight to the bytes; anything else takes the longer way. */
function writeString(writer: ByteWriter, text: string): void {
  const { length } = text;
  writer.reserve(length + 2);
  const { bytes } = writer;
  let { position } = writer;
  bytes[position++] = 0x22;
  for (let i = 0; i < length; i++) {
    const char = text.charCodeAt(i);
    if (char < 0x20 || char > 0x7e || char === 0x22 || char === 0x5c) {
      writer.utf8(jsonString(text));
      return;
    }
    bytes[position++] = char;
  }
  bytes[position++] = 0x22;
  writer.position = position;
}

const NEEDS_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/;

/**
 * A string with its quotes. Like Jackson's writer of bytes, it escapes controls and halves of surrogate pairs, with
 * upper-case digits, and writes everything else as it is.
 */
function jsonString(text: string): string {
  if (!NEEDS_ESCAPE.test(text)) return `"${text}"`;
  return JSON.stringify(text).replace(/\\u[0-9a-f]{4}|\\.|[\ud800-\udfff]/g, (part) => {
    if (part.length === 1) return `\\u${part.charCodeAt(0).toString(16).toUpperCase()}`;
    return part.length === 2 ? part : `\\u${part.slice(2).toUpperCase()}`;
  });
}
