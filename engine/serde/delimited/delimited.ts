import { decodeBase64 } from '../../../language/types/base64.ts';
import { decimalToString, parseDecimal } from '../../../language/types/decimal.ts';
import { doubleToString, parseDouble } from '../../../language/types/java-double.ts';
import type { SqlType, SqlValue } from '../../../language/types/sql-type.ts';
import { decodeUtf8 } from '../encoding/bytes.ts';
import { decodingError } from '../encoding/payload-error.ts';
import {
  type Decoder,
  type Encoder,
  encoderOf,
  type Format,
  type SerdeContext,
  SerdeError,
} from '../encoding/serde.ts';
import { encodeBase64, fitExactly, parseInteger, parseLong } from '../encoding/text-value.ts';
import { checkedTime } from '../encoding/time-of-day.ts';
import { csvField, readCsvRecord } from './csv.ts';

/** Reads the text of a field. @throws EvaluationError, SerdeError */
function readField(text: string, type: SqlType): SqlValue {
  switch (type.kind) {
    case 'BOOLEAN':
      return text.toLowerCase() === 'true';
    case 'INTEGER':
    case 'DATE':
      return parseInteger(text);
    case 'BIGINT':
      return parseLong(text);
    case 'TIMESTAMP':
      return Number(parseLong(text));
    case 'TIME':
      return checkedTime(Number(parseLong(text)));
    case 'DOUBLE':
      return parseDouble(text);
    case 'DECIMAL':
      return fitExactly(parseDecimal(text), type);
    case 'STRING':
      return text;
    case 'BYTES':
      return decodeBase64(text);
    case 'ARRAY':
    case 'MAP':
    case 'STRUCT':
      throw new SerdeError(`The 'DELIMITED' format does not support type '${type.kind}'`);
    default:
      return type satisfies never;
  }
}

/** The text of a value. */
function fieldText(value: Exclude<SqlValue, null>, type: SqlType): string {
  switch (type.kind) {
    case 'DOUBLE':
      return doubleToString(value as number);
    case 'DECIMAL':
      return decimalToString(value as bigint, type.scale);
    case 'BYTES':
      return encodeBase64(value as Uint8Array);
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
    case 'STRING':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
    case 'ARRAY':
    case 'MAP':
    case 'STRUCT':
      return String(value);
    default:
      return type satisfies never;
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
  return encoderOf((row, writer) => {
    let line = '';
    for (let i = 0; i < columns.length; i++) {
      const { slot, type } = columns[i]!;
      const value = row[slot];
      if (i > 0) line += delimiter;
      if (value !== null && value !== undefined) line += csvField(fieldText(value, type), delimiter, i === 0);
    }
    writer.utf8(line);
    return true;
  });
}

/** Comma-separated values, one record a payload. */
export const delimitedFormat: Format = {
  createDecoder: async (context) => createDecoder(context),
  createEncoder: async (context) => createEncoder(context),
};
