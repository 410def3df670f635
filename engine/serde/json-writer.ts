import { decimalToString } from '../../language/types/decimal.ts';
import { doubleToString } from '../../language/types/java-double.ts';
import type { SqlType, SqlValue } from '../../language/types/sql-type.ts';
import type { ByteWriter } from './byte-writer.ts';

import { type SerdeColumn, SerdeError } from './serde.ts';
import { encodeBase64 } from './text-value.ts';

const MAX_DATE = 0x7fffffff;

/** `"name":` for each name, as ready bytes: names are the greater part of what is written. */
const nameBytes = new Map<string, Buffer>();

function quotedName(name: string): Buffer {
  let bytes = nameBytes.get(name);
  if (bytes === undefined) {
    bytes = Buffer.from(`${jsonString(name)}:`);
    if (nameBytes.size < 10_000) nameBytes.set(name, bytes);
  }
  return bytes;
}

/** Writes the columns of a row as an object, NULLs included. */
export function writeJsonFields(
  writer: ByteWriter,
  row: readonly SqlValue[],
  columns: readonly Pick<SerdeColumn, 'name' | 'type' | 'slot'>[],
): void {
  writer.byte(0x7b);
  for (let i = 0; i < columns.length; i++) {
    const { name, type, slot } = columns[i]!;
    if (i > 0) writer.byte(0x2c);
    writer.raw(quotedName(name));
    writeJsonValue(writer, row[slot] ?? null, type);
  }
  writer.byte(0x7d);
}

/** Writes a value as JSON. @throws SerdeError for what JSON, or ksqlDB's form of it, cannot hold */
export function writeJsonValue(writer: ByteWriter, value: SqlValue, type: SqlType): void {
  if (value === null) {
    writer.ascii('null');
    return;
  }
  switch (type.kind) {
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
    case 'TIME':
    case 'TIMESTAMP':
      writer.ascii(String(value));
      return;
    case 'DATE':
      writer.ascii(String(checkedDate(value as number)));
      return;
    case 'DOUBLE':
      writer.ascii(Number.isFinite(value) ? doubleToString(value as number) : `"${value}"`);
      return;
    case 'DECIMAL':
      writer.ascii(decimalToString(value as bigint, type.scale));
      return;
    case 'STRING':
      writer.utf8(jsonString(value as string));
      return;
    case 'BYTES':
      writer.ascii(`"${encodeBase64(value as Uint8Array)}"`);
      return;
    case 'ARRAY':
      writeArray(writer, value as readonly SqlValue[], type.element);
      return;
    case 'MAP':
      writeMap(writer, value as ReadonlyMap<SqlValue, SqlValue>, type.value);
      return;
    case 'STRUCT':
      writer.byte(0x7b);
      type.fields.forEach((field, i) => {
        if (i > 0) writer.byte(0x2c);
        writer.raw(quotedName(field.name));
        writeJsonValue(writer, (value as readonly SqlValue[])[i] ?? null, field.type);
      });
      writer.byte(0x7d);
      return;
    default: {
      void (type satisfies never);
    }
  }
}

function writeArray(writer: ByteWriter, elements: readonly SqlValue[], type: SqlType): void {
  writer.byte(0x5b);
  for (let i = 0; i < elements.length; i++) {
    if (i > 0) writer.byte(0x2c);
    writeJsonValue(writer, elements[i]!, type);
  }
  writer.byte(0x5d);
}

function writeMap(writer: ByteWriter, entries: ReadonlyMap<SqlValue, SqlValue>, type: SqlType): void {
  writer.byte(0x7b);
  let first = true;
  for (const [key, value] of entries) {
    if (key === null) throw new SerdeError('Map keys must not be NULL in JSON');
    if (!first) writer.byte(0x2c);
    first = false;
    writer.utf8(`${jsonString(key as string)}:`);
    writeJsonValue(writer, value, type);
  }
  writer.byte(0x7d);
}

/** The days of a DATE. @throws SerdeError when they do not fit the 32 bits that formats have for them */
export function checkedDate(days: number): number {
  if (Math.abs(days) > MAX_DATE) throw new SerdeError(`DATE is out of range: ${days} days since 1970-01-01`);
  return days;
}

const NEEDS_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/;

/** A string with its quotes. Like Jackson, it escapes controls with upper-case digits, and writes everything else as it is. */
function jsonString(text: string): string {
  if (!NEEDS_ESCAPE.test(text)) return `"${text}"`;
  return JSON.stringify(text).replace(/\\u([0-9a-f]{4})|\\./g, (sequence, code: string | undefined) => {
    if (code === undefined) return sequence;
    // JSON.stringify escapes lone surrogates; they go to the encoder as they are.
    return code.startsWith('d') ? String.fromCharCode(Number.parseInt(code, 16)) : `\\u${code.toUpperCase()}`;
  });
}
