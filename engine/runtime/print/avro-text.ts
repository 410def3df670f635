import type { SqlType, SqlValue } from '../../../language/types/sql-type.ts';
import { valueWriter } from '../../api/json-row.ts';
import { toTwosComplement } from '../../serde/encoding/twos-complement.ts';

/** A record's row as Avro's `GenericRecord.toString` writes it: JSON with blanks behind commas and colons. */
export function avroRow(root: SqlType, row: readonly SqlValue[]): string {
  if (root.kind !== 'STRUCT') return avroText(root, row[0] ?? null);
  return `{${root.fields.map(({ name, type }, i) => `${quoted(name)}: ${avroText(type, row[i] ?? null)}`).join(', ')}}`;
}

function avroText(type: SqlType, value: SqlValue): string {
  if (value === null) return 'null';
  switch (type.kind) {
    case 'STRUCT':
      return avroRow(type, value as readonly SqlValue[]);
    case 'ARRAY':
      return `[${(value as readonly SqlValue[]).map((item) => avroText(type.element, item)).join(', ')}]`;
    case 'MAP': {
      const entries = [...(value as ReadonlyMap<SqlValue, SqlValue>)];
      return `{${entries.map(([key, item]) => `${quoted(String(key))}: ${avroText(type.value, item)}`).join(', ')}}`;
    }
    case 'STRING':
      return quoted(value as string);
    case 'BYTES':
      return bytesText(value as Uint8Array);
    case 'DECIMAL':
      return bytesText(toTwosComplement(value as bigint));
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
    case 'DOUBLE':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      // Dates and times are the numbers that the record holds.
      return valueWriter(type, true)(value);
    default:
      return type satisfies never;
  }
}

/** Bytes are the characters of Latin-1. */
const bytesText = (bytes: Uint8Array): string => quoted(Buffer.from(bytes).toString('latin1'));

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

const quoted = (text: string): string =>
  `"${text.replace(
    /["\\\p{Cc}\u2000-\u20ff]/gu,
    (character) => ESCAPES[character] ?? `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
  )}"`;
