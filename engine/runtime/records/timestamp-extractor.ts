import { timestampPatternParser } from '../../../language/java/time/date-pattern.ts';
import type { DataSource } from '../../../language/metastore/metastore.ts';
import { keyColumns, type Slot } from '../../../language/types/schema.ts';
import type { SqlValue } from '../../../language/types/sql-type.ts';
import type { Row } from '../../operators/operator.ts';
import { QueryFailure } from '../monitoring/query-failure.ts';

/** The event time of a row, in milliseconds. Throws when the column holds none. */
export type TimestampExtractor = (row: Row | null, key: Row | null) => number;

/** Turns the value of a TIMESTAMP column into milliseconds. */
export type TimestampConversion = (value: SqlValue) => number;

/** How a TIMESTAMP column's value becomes a time: a number as it is, text by the pattern of TIMESTAMP_FORMAT. */
export function timestampConversion(format: string | undefined): TimestampConversion {
  const parse = format === undefined ? undefined : timestampPatternParser(format);
  return (value) => {
    if (value === null || value === undefined) throw new Error('Timestamp column is NULL');
    return typeof value === 'string' && parse !== undefined ? parse(value) : Number(value);
  };
}

/**
 * Takes the event time of a source's rows from the column that WITH (TIMESTAMP=…) names; undefined when it names none.
 * With `failOnInvalid` a row without a proper time stops the query.
 */
export function timestampExtractor(
  source: DataSource,
  layout: readonly Slot[],
  failOnInvalid: boolean,
): TimestampExtractor | undefined {
  if (source.timestamp === undefined) return undefined;
  const { column, format } = source.timestamp;
  const convert = timestampConversion(format);
  const keyIndex = keyColumns(source.schema).findIndex(({ name }) => name === column);
  const slot = layout.findIndex(({ name, role }) => name === column && role === 'value');
  return (row, key) => {
    try {
      return convert(keyIndex >= 0 ? (key?.[keyIndex] ?? null) : (row?.[slot] ?? null));
    } catch (error) {
      if (failOnInvalid) throw new QueryFailure('Failed to extract timestamp from row', { cause: error });
      throw error;
    }
  };
}
