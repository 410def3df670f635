import type { SqlType, SqlValue } from '../../language/types/sql-type.ts';
import { bigintValue } from './bigint-value.ts';
import { ByteWriter } from './byte-writer.ts';
import { decodeUtf8 } from './bytes.ts';
import { csvField, readCsvRecord } from './csv.ts';
import {
  decimalText,
  decodeStrictBase64,
  doubleText,
  encodeBase64,
  fitDecimal,
  parseDecimal,
  parseDouble,
  parseInteger,
} from './java-text.ts';
import { decodingError } from './payload-error.ts';
import { type Decoder, type Encoder, type Format, type SerdeContext, SerdeError } from './serde.ts';
import { checkedTime } from './time-of-day.ts';

/** Reads the text of a field. @throws SerdeError */
function readField(text: string, type: SqlType): SqlValue {
  const value = parseField(text, type);
  if (value === undefined) throw new SerdeError(`Cannot convert "${text}" to ${type.kind}`);
  return value;
}

function parseField(text: string, type: SqlType): SqlValue | undefined {
  switch (type.kind) {
    case 'BOOLEAN':
      return text.toLowerCase() === 'true';
    case 'INTEGER':
    case 'DATE': {
      const value = parseInteger(text, 32);
      return value === undefined ? undefined : Number(value);
    }
    case 'BIGINT': {
      const value = parseInteger(text, 64);
      return value === undefined ? undefined : bigintValue(value);
    }
    case 'TIMESTAMP': {
      const value = parseInteger(text, 64);
      return value === undefined ? undefined : Number(value);
    }
    case 'TIME': {
      const value = parseInteger(text, 64);
      return value === undefined ? undefined : checkedTime(Number(value));
    }
    case 'DOUBLE':
      return parseDouble(text);
    case 'DECIMAL': {
      const value = parseDecimal(text);
      return value && fitDecimal(value, type.precision, type.scale);
    }
    case 'STRING':
      return text;
    case 'BYTES':
      return decodeStrictBase64(text);
    default:
      return undefined;
  }
}

/** The text of a value. */
function fieldText(value: Exclude<SqlValue, null>, type: SqlType): string {
  switch (type.kind) {
    case 'DOUBLE':
      return doubleText(value as number);
    case 'DECIMAL':
      return decimalText(value as bigint, type.scale);
    case 'BYTES':
      return encodeBase64(value as Uint8Array);
    default:
      return String(value);
  }
}

function checkTypes(context: SerdeContext): void {
  for (const { name, type } of context.columns) {
    if (type.kind === 'ARRAY' || type.kind === 'MAP' || type.kind === 'STRUCT') {
      throw new SerdeError(`The 'DELIMITED' format does not support type '${type.kind}', column: \`${name}\``);
    }
  }
}

function createDecoder(context: SerdeContext): Decoder {
  checkTypes(context);
  const { columns } = context;
  const delimiter = context.format.delimiter ?? ',';
  const decode: Decoder['decode'] = (bytes, start, end, row) => {
    const fields = readCsvRecord(decodeUtf8(bytes, start, end), delimiter);
    if (!fields) throw new SerdeError('No fields in record');
    if (fields.length !== columns.length) {
      throw new SerdeError(
        `Column count mismatch on deserialization. topic: ${context.topic}, expected: ${columns.length}, got: ${fields.length}`,
      );
    }
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i]!;
      const text = fields[i]!;
      const value = text === '' ? null : readField(text, column.type);
      if (column.needed !== false) row[column.slot] = value;
    }
    return true;
  };
  return {
    decode(bytes, start, end, row) {
      try {
        return decode(bytes, start, end, row);
      } catch (error) {
        throw decodingError(context, error);
      }
    },
  };
}

function createEncoder(context: SerdeContext): Encoder {
  checkTypes(context);
  const { columns } = context;
  const delimiter = context.format.delimiter ?? ',';
  const writer = new ByteWriter();
  return {
    encode(row) {
      let line = '';
      for (let i = 0; i < columns.length; i++) {
        const { slot, type } = columns[i]!;
        const value = row[slot];
        if (i > 0) line += delimiter;
        if (value !== null && value !== undefined) line += csvField(fieldText(value, type), delimiter, i === 0);
      }
      writer.begin();
      writer.utf8(line);
      return writer.finish();
    },
  };
}

/** Comma-separated values, one record a payload. */
export const delimitedFormat: Format = {
  createDecoder: async (context) => createDecoder(context),
  createEncoder: async (context) => createEncoder(context),
};
