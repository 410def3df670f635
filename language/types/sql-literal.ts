import { encodeBase64 } from './base64.ts';
import { decimalToString } from './decimal.ts';
import { doubleToString } from './java-double.ts';
import { backQuoted, type SqlType, type SqlValue } from './sql-type.ts';
import { dateToString, timestampToString } from './temporal-text.ts';

/** Quotes text as a KSQL string literal. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/**
 * A value as KSQL that one could write for it: literals, and constructors for collections. Types without a literal
 * (DATE, TIME, TIMESTAMP, BYTES) are given as the text that ksqlDB converts to them by itself, in full precision.
 */
export function sqlLiteral(value: SqlValue, type: SqlType): string {
  if (value === null) return 'NULL';
  switch (type.kind) {
    case 'BOOLEAN':
      return value ? 'TRUE' : 'FALSE';
    case 'INTEGER':
    case 'BIGINT':
      return String(value);
    case 'DECIMAL':
      return decimalToString(value as bigint, type.scale);
    case 'DOUBLE':
      return doubleLiteral(value as number);
    case 'STRING':
      return quoted(value as string);
    case 'BYTES':
      return quoted(encodeBase64(value as Uint8Array));
    case 'DATE':
      return quoted(dateToString(value as number));
    case 'TIME':
      return quoted(timestampToString(value as number).slice(11));
    case 'TIMESTAMP':
      return quoted(timestampToString(value as number));
    case 'ARRAY':
      return `ARRAY[${(value as readonly SqlValue[]).map((element) => sqlLiteral(element, type.element)).join(', ')}]`;
    case 'MAP':
      return `MAP(${[...(value as ReadonlyMap<SqlValue, SqlValue>)]
        .map(([k, v]) => `${sqlLiteral(k, type.key)} := ${sqlLiteral(v, type.value)}`)
        .join(', ')})`;
    case 'STRUCT':
      return `STRUCT(${type.fields
        .map(
          (field, i) =>
            `${backQuoted(field.name)} := ${sqlLiteral((value as readonly SqlValue[])[i] ?? null, field.type)}`,
        )
        .join(', ')})`;
    default:
      return type satisfies never;
  }
}

/** Only the form with an exponent is a DOUBLE literal; NaN and the infinities have none. */
function doubleLiteral(value: number): string {
  if (!Number.isFinite(value)) return `CAST(${quoted(String(value))} AS DOUBLE)`;
  const text = doubleToString(value);
  return text.includes('E') ? text : `${text}E0`;
}
