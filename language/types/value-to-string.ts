import { decimalToJavaString, decimalToString } from './decimal.ts';
import { doubleToString } from './java-double.ts';
import { hashOrder } from './java-hash.ts';
import type { SqlType, SqlValue } from './sql-type.ts';
import {
  civilFromDays,
  dateToString,
  GREGORIAN_START,
  julianFromDays,
  timestampToString,
  timeToString,
} from './temporal-text.ts';
import { DAY_MS } from './time-units.ts';

/**
 * How CAST(… AS STRING) prints a value that is not NULL: DECIMAL plain with the zeros of its scale, DOUBLE as Java
 * prints it, collections as {@link javaToString}. BYTES has no such text; the caller must not ask for it.
 */
export function textPrinterFor(type: SqlType): (value: SqlValue) => string {
  switch (type.kind) {
    case 'STRING':
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
      return String;
    case 'DOUBLE':
      return (value) => doubleToString(value as number);
    case 'DECIMAL': {
      const { scale } = type;
      return (value) => decimalToString(value as bigint, scale);
    }
    case 'DATE':
      return (value) => dateToString(value as number);
    case 'TIME':
      return (value) => timeToString(value as number);
    case 'TIMESTAMP':
      return (value) => timestampToString(value as number);
    case 'BYTES':
    case 'ARRAY':
    case 'MAP':
    case 'STRUCT':
      return (value) => javaToString(value, type);
    default:
      return type satisfies never;
  }
}

/**
 * Java's toString of the object that ksqlDB holds: `[1, null]`, `{a=1}`, `Struct{A=1,B=x}` (NULL fields left out),
 * dates and times as java.sql prints them, the entries of a map in a HashMap's order.
 */
export function javaToString(value: SqlValue, type: SqlType): string {
  if (value === null) return 'null';
  switch (type.kind) {
    case 'DOUBLE':
      return doubleToString(value as number);
    case 'DECIMAL':
      return decimalToJavaString(value as bigint, type.scale);
    case 'BYTES': {
      const { length } = value as Uint8Array;
      return `java.nio.HeapByteBuffer[pos=0 lim=${length} cap=${length}]`;
    }
    case 'DATE':
      return sqlDate(value as number);
    case 'TIME':
      return sqlTime(value as number);
    case 'TIMESTAMP':
      return sqlTimestamp(value as number);
    case 'ARRAY':
      return `[${(value as readonly SqlValue[]).map((element) => javaToString(element, type.element)).join(', ')}]`;
    case 'MAP':
      return `{${hashOrder(value as ReadonlyMap<SqlValue, SqlValue>, type.key)
        .map(([k, v]) => `${javaToString(k, type.key)}=${javaToString(v, type.value)}`)
        .join(', ')}}`;
    case 'STRUCT':
      return `Struct{${type.fields
        .map((field, i) => ({ field, value: (value as readonly SqlValue[])[i] ?? null }))
        .filter((entry) => entry.value !== null)
        .map((entry) => `${entry.field.name}=${javaToString(entry.value, entry.field.type)}`)
        .join(',')}}`;
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
    case 'STRING':
      return String(value);
    default:
      return type satisfies never;
  }
}

/** java.sql.Time.toString: `HH:mm:ss`. */
function sqlTime(timeMs: number): string {
  return timestampToString(((timeMs % DAY_MS) + DAY_MS) % DAY_MS).slice(11, 19);
}

/** java.sql.Date.toString: `yyyy-MM-dd`, before the Gregorian calendar in the Julian one. */
function sqlDate(days: number): string {
  const { year, month, day } = days < GREGORIAN_START ? julianFromDays(days) : civilFromDays(days);
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/**
 * java.sql.Timestamp.toString: `yyyy-MM-dd HH:mm:ss.S`, trailing zeros of the fraction cut, days as {@link sqlDate} has
 * them.
 */
function sqlTimestamp(timestampMs: number): string {
  const days = Math.floor(timestampMs / DAY_MS);
  const time = timestampToString(timestampMs - days * DAY_MS).slice(11);
  return `${sqlDate(days)} ${time.replace(/0{1,2}$/, '')}`;
}
