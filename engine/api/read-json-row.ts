import { coerceJson } from '../../language/types/coerce.ts';
import type { SqlType, SqlValue } from '../../language/types/sql-type.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../language/types/time-units.ts';
import { NumberText, parseRowJson } from './exact-json.ts';

/**
 * Reads what `rowWriter` of the same types wrote. What that leaves out is gone: seconds of a TIME below one, and digits
 * of a DECIMAL inside a STRUCT that a double does not keep.
 */
export function rowReader(types: readonly SqlType[]): (json: string) => readonly SqlValue[] {
  const readers = types.map((type) => valueReader(type));
  return (json) => (parseRowJson(json) as unknown as readonly unknown[]).map((value, i) => readers[i]!(value));
}

type JsonReader = (json: unknown) => SqlValue;

function valueReader(type: SqlType, insideStruct = false): JsonReader {
  const read = presentReader(type, insideStruct);
  return (json) => (json === null || json === undefined ? null : read(json));
}

function presentReader(type: SqlType, insideStruct: boolean): JsonReader {
  switch (type.kind) {
    case 'BOOLEAN':
    case 'STRING':
      return (json) => json as SqlValue;
    case 'DOUBLE':
      // NaN and the infinities are texts.
      return numberOf;
    case 'DATE':
      return temporalReader(insideStruct, daysOf);
    case 'TIME':
      return temporalReader(insideStruct, timeOf);
    case 'TIMESTAMP':
      return temporalReader(insideStruct, timestampOf);
    case 'INTEGER':
    case 'BIGINT':
    case 'DECIMAL':
    case 'BYTES':
      return (json) => coerceJson(json, type);
    case 'ARRAY': {
      const element = valueReader(type.element, insideStruct);
      return (json) => (json as readonly unknown[]).map(element);
    }
    case 'MAP': {
      const value = valueReader(type.value, insideStruct);
      return (json) =>
        new Map(Object.entries(json as object).map(([key, item]) => [coerceJson(key, type.key), value(item)]));
    }
    case 'STRUCT': {
      const fields = type.fields.map((field) => ({ name: field.name, read: valueReader(field.type, true) }));
      return (json) => fields.map(({ name, read }) => read((json as Readonly<Record<string, unknown>>)[name]));
    }
    default:
      return type satisfies never;
  }
}

const numberOf = (json: unknown): number => Number(json instanceof NumberText ? json.text : json);

/** Inside a STRUCT they are numbers. */
const temporalReader = (insideStruct: boolean, ofText: (text: string) => number): JsonReader =>
  insideStruct ? numberOf : (json) => ofText(String(json));

/** What JavaScript has no date for is written as the number of its days. */
function daysOf(text: string): number {
  const [, year, month, day] = /^([+-]?\d{4,})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  if (year === undefined) return Number(text);
  return new Date(0).setUTCFullYear(Number(year), Number(month) - 1, Number(day)) / DAY_MS;
}

function timeOf(text: string): number {
  const [hours, minutes, seconds = '0'] = text.split(':');
  return Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS + Math.round(Number(seconds) * SECOND_MS);
}

function timestampOf(text: string): number {
  const end = text.indexOf('T');
  return daysOf(text.slice(0, end)) * DAY_MS + timeOf(text.slice(end + 1));
}
