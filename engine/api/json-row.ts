import { encodeBase64 } from '../../language/types/base64.ts';
import { decimalToString } from '../../language/types/decimal.ts';
import { doubleToString } from '../../language/types/java-double.ts';
import type { SqlType, SqlValue } from '../../language/types/sql-type.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../language/types/time-units.ts';
import { NumberText } from './exact-json.ts';

/** Turns one value into JSON text. */
export type JsonValueWriter = (value: SqlValue) => string;

/**
 * A writer for rows with columns of these types: a JSON array, as ksqlDB puts rows on the wire. DECIMAL keeps its
 * scale, DOUBLE prints as Java does, BIGINT is exact, DATE, TIME and TIMESTAMP are text.
 */
export function rowWriter(types: readonly SqlType[]): (row: readonly SqlValue[]) => string {
  const writers = types.map((type) => valueWriter(type));
  return (row) => {
    let text = '[';
    for (let i = 0; i < writers.length; i++) {
      const value = row[i];
      if (i > 0) text += ',';
      text += value === null || value === undefined ? 'null' : writers[i]!(value);
    }
    return `${text}]`;
  };
}

/**
 * A writer for values of a type. Inside a STRUCT ksqlDB writes temporal types as raw numbers and decimals as doubles;
 * everywhere else the former are text, and the latter keep their scale.
 */
export function valueWriter(type: SqlType, insideStruct = false): JsonValueWriter {
  switch (type.kind) {
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
      return String;
    case 'DOUBLE':
      return (value) => jsonDouble(value as number);
    case 'DECIMAL':
      return insideStruct
        ? (value) => doubleToString(Number(decimalToString(value as bigint, type.scale)))
        : (value) => decimalToString(value as bigint, type.scale);
    case 'STRING':
      return (value) => JSON.stringify(value);
    case 'BYTES':
      return (value) => `"${encodeBase64(value as Uint8Array)}"`;
    case 'DATE':
      return insideStruct ? String : (value) => `"${dateText(value as number)}"`;
    case 'TIME':
      return insideStruct ? String : (value) => `"${timeText(value as number)}"`;
    case 'TIMESTAMP':
      return insideStruct ? String : (value) => `"${timestampText(Number(value))}"`;
    case 'ARRAY': {
      const element = orNull(valueWriter(type.element, insideStruct));
      return (value) => `[${(value as readonly SqlValue[]).map(element).join(',')}]`;
    }
    case 'MAP':
      return mapWriter(orNull(valueWriter(type.value, insideStruct)));
    case 'STRUCT': {
      const fields = type.fields.map((field) => ({
        label: `${JSON.stringify(field.name)}:`,
        write: orNull(valueWriter(field.type, true)),
      }));
      return (value) =>
        `{${fields.map(({ label, write }, i) => label + write((value as readonly SqlValue[])[i]!)).join(',')}}`;
    }
    default:
      return type satisfies never;
  }
}

const orNull =
  (write: JsonValueWriter): JsonValueWriter =>
  (value) =>
    value === null || value === undefined ? 'null' : write(value);

function mapWriter(writeValue: JsonValueWriter): JsonValueWriter {
  return (value) => {
    const entries: string[] = [];
    for (const [key, item] of value as ReadonlyMap<SqlValue, SqlValue>) {
      entries.push(`${JSON.stringify(String(key))}:${writeValue(item)}`);
    }
    return `{${entries.join(',')}}`;
  };
}

/** JSON has no NaN and no infinities: ksqlDB writes them as strings. */
function jsonDouble(value: number): string {
  return Number.isFinite(value) ? doubleToString(value) : `"${value}"`;
}

/** `yyyy-MM-dd`; years beyond 9999 carry a sign, as java.time prints them. */
export function dateText(days: number): string {
  const date = new Date(days * DAY_MS);
  if (Number.isNaN(date.getTime())) return String(days);
  const year = date.getUTCFullYear();
  const digits = String(Math.abs(year)).padStart(4, '0');
  const sign = year < 0 ? '-' : year > 9999 ? '+' : '';
  return `${sign}${digits}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
}

/**
 * `HH:mm`, with whole seconds where they are not zero: ksqlDB drops what is below a second, and prints Java's
 * LocalTime.
 */
function timeText(timeMs: number): string {
  const seconds = Math.floor(timeMs / SECOND_MS) % 60;
  const minutes = `${two(Math.floor(timeMs / HOUR_MS))}:${two(Math.floor(timeMs / MINUTE_MS) % 60)}`;
  return seconds === 0 ? minutes : `${minutes}:${two(seconds)}`;
}

/** `yyyy-MM-dd'T'HH:mm:ss.SSS` in UTC. */
export function timestampText(timestampMs: number): string {
  const days = Math.floor(timestampMs / DAY_MS);
  const rest = timestampMs - days * DAY_MS;
  const time = `${two(Math.floor(rest / HOUR_MS))}:${two(Math.floor(rest / MINUTE_MS) % 60)}:${two(Math.floor(rest / SECOND_MS) % 60)}`;
  return `${dateText(days)}T${time}.${String(rest % 1000).padStart(3, '0')}`;
}

const two = (value: number): string => (value < 10 ? `0${value}` : String(value));

/** JSON of plain data that may hold bigints, which print as exact numbers. */
export function toJson(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof NumberText) return value.text;
  if (Array.isArray(value)) return `[${value.map((item) => toJson(item ?? null)).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const fields: string[] = [];
    for (const [key, item] of Object.entries(value)) {
      if (item !== undefined) fields.push(`${JSON.stringify(key)}:${toJson(item)}`);
    }
    return `{${fields.join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}
