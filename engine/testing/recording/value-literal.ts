import { identifierText, stringText } from '../../../language/text/identifier-text.ts';
import { castFor } from '../../../language/types/cast.ts';
import { type SqlType, type SqlValue, STRING } from '../../../language/types/sql-type.ts';

/** A value as INSERT and ASSERT VALUES write it, so that reading it gives the value again. */
export function valueLiteral(value: SqlValue, type: SqlType): string {
  if (value === null) return 'NULL';
  switch (type.kind) {
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
      return String(value);
    case 'DOUBLE':
      return doubleLiteral(value as number);
    case 'DECIMAL':
      return textOf(value, type);
    case 'STRING':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return stringText(type.kind === 'STRING' ? (value as string) : textOf(value, type));
    case 'BYTES':
      return `TO_BYTES('${Buffer.from(value as Uint8Array)
        .toString('hex')
        .toUpperCase()}', 'hex')`;
    case 'ARRAY':
      return `ARRAY[${(value as readonly SqlValue[]).map((each) => valueLiteral(each, type.element)).join(', ')}]`;
    case 'MAP': {
      const entries = [...(value as ReadonlyMap<SqlValue, SqlValue>)];
      return `MAP(${entries.map(([key, each]) => `${valueLiteral(key, type.key)} := ${valueLiteral(each, type.value)}`).join(', ')})`;
    }
    case 'STRUCT': {
      const fields = type.fields.map(
        ({ name, type: own }, i) =>
          `${identifierText(name)} := ${valueLiteral((value as readonly SqlValue[])[i]!, own)}`,
      );
      return `STRUCT(${fields.join(', ')})`;
    }
    default:
      return type satisfies never;
  }
}

/** Numbers with an exponent are DOUBLEs; what is none of the numbers that can be written is cast from text. */
function doubleLiteral(value: number): string {
  if (!Number.isFinite(value)) return `CAST('${value}' AS DOUBLE)`;
  const text = value.toExponential();
  return /e[+-]0$/.test(text) ? `${text.replace(/e[+-]0$/, '')}E0` : text.replace('e', 'E');
}

const textOf = (value: SqlValue, type: SqlType): string => String(castFor(type, STRING)!(value));
