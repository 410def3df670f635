import { doubleToString } from '../../../language/types/java-double.ts';
import type { SqlType, SqlValue } from '../../../language/types/sql-type.ts';
import { partsOf } from '../../serde/protobuf/writer.ts';

/** The fields of the messages that stand for SQL types, in the order of their numbers. */
const PARTS: Partial<Record<SqlType['kind'], readonly string[]>> = {
  DATE: ['year', 'month', 'day'],
  TIME: ['hours', 'minutes', 'seconds', 'nanos'],
  TIMESTAMP: ['seconds', 'nanos'],
  DECIMAL: ['value', 'precision', 'scale'],
};

/**
 * A message's row as Protobuf's `TextFormat.shortDebugString` writes it: on one line, without fields that have their
 * default.
 */
export function protobufRow(root: SqlType, row: readonly SqlValue[]): string {
  const fields = root.kind === 'STRUCT' ? root.fields : [{ name: 'ROWVAL', type: root }];
  return fields.flatMap(({ name, type }, i) => fieldTexts(name, type, row[i] ?? null)).join(' ');
}

function fieldTexts(name: string, type: SqlType, value: SqlValue): readonly string[] {
  if (value === null || (PARTS[type.kind] === undefined && isDefault(value))) return [];
  if (type.kind === 'ARRAY') return (value as readonly SqlValue[]).map((item) => fieldText(name, type.element, item));
  if (type.kind === 'MAP')
    return [...(value as ReadonlyMap<SqlValue, SqlValue>)].map(
      ([key, item]) => `${name} { ${fieldText('key', type.key, key)} ${fieldText('value', type.value, item)} }`,
    );
  return [fieldText(name, type, value)];
}

/** Whether a scalar is not on the wire; messages are, whatever is in them. */
const isDefault = (value: SqlValue): boolean =>
  value === 0 || value === '' || value === false || (value instanceof Uint8Array && value.length === 0);

function fieldText(name: string, type: SqlType, value: SqlValue): string {
  const parts = PARTS[type.kind];
  if (parts !== undefined) {
    const values = partsOf(value, type);
    return message(
      name,
      parts.flatMap((part, i) => (isDefault(values[i]!) ? [] : [`${part}: ${scalarText(values[i]!)}`])),
    );
  }
  if (type.kind === 'STRUCT') {
    const row = value as readonly SqlValue[];
    return message(
      name,
      type.fields.flatMap((field, i) => fieldTexts(field.name, field.type, row[i] ?? null)),
    );
  }
  return `${name}: ${type.kind === 'DOUBLE' ? doubleToString(value as number) : scalarText(value)}`;
}

const message = (name: string, fields: readonly string[]): string => [name, '{', ...fields, '}'].join(' ');

function scalarText(value: SqlValue): string {
  if (typeof value === 'string') return quoted(Buffer.from(value, 'utf8'));
  return value instanceof Uint8Array ? quoted(value) : String(value);
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
