import { timestampPatternParser } from '../java/time/date-pattern.ts';
import type { DataSource, FormatInfo } from '../metastore/metastore.ts';
import type { StatementContext } from '../query/statement-context.ts';
import { formatProblem, keyFormatFor, supportsWrapping } from '../settings/formats.ts';
import { booleanProperty, textProperty, type WithClause } from '../settings/with-properties.ts';
import { AnalysisError } from '../text/analysis-error.ts';
import type { Column } from '../types/schema.ts';

/**
 * The value format with the layout of a single column: as WRAP_SINGLE_VALUE says, else as the server's settings say.
 */
export function wrappedValueFormat(
  format: FormatInfo,
  columns: readonly Column[],
  clause: WithClause,
  context: StatementContext,
): FormatInfo {
  const wrap = booleanProperty(clause, 'WRAP_SINGLE_VALUE');
  const { wrapping: _, ...plain } = format;
  if (wrap !== undefined) {
    const range = clause.rangeOf('WRAP_SINGLE_VALUE');
    if (columns.length !== 1) {
      throw new AnalysisError('wrap-single-value', "'WRAP_SINGLE_VALUE' is only valid for single-field value schemas", {
        range,
      });
    }
    const wrapping = wrap ? 'WRAP_SINGLES' : 'UNWRAP_SINGLES';
    if (!supportsWrapping(format.name, wrapping)) {
      throw new AnalysisError(
        'wrap-single-value',
        `Format '${format.name}' does not support 'WRAP_SINGLE_VALUE' set to '${wrap}'.`,
        { range },
      );
    }
    return { ...plain, wrapping };
  }
  const setting = context.property('ksql.persistence.wrap.single.values')?.toLowerCase();
  if (columns.length !== 1 || (setting !== 'true' && setting !== 'false')) return plain;
  const wrapping = setting === 'true' ? 'WRAP_SINGLES' : 'UNWRAP_SINGLES';
  const both = supportsWrapping(format.name, 'WRAP_SINGLES') && supportsWrapping(format.name, 'UNWRAP_SINGLES');
  return both ? { ...plain, wrapping } : plain;
}

/** The formats for the columns of a source, once it is certain that they can carry them. */
export function fittingFormats(
  keyFormat: FormatInfo,
  valueFormat: FormatInfo,
  columns: readonly Column[],
  clause: WithClause,
  context: StatementContext,
): Pick<DataSource, 'keyFormat' | 'valueFormat'> {
  const keys = columns.filter(({ namespace }) => namespace === 'key');
  const values = columns.filter(({ namespace }) => namespace === 'value');
  const key = unwrappingPrimitives(keyFormatFor(keyFormat, keys));
  const value = unwrappingPrimitives(wrappedValueFormat(valueFormat, values, clause, context));
  const keyProblem = keys.length === 0 && key.name !== 'NONE' ? undefined : formatProblem(key, keys, 'Key');
  if (keyProblem !== undefined)
    throw new AnalysisError('format-schema', keyProblem, { range: clause.rangeOf('KEY_FORMAT') });
  const valueProblem = formatProblem(value, values, 'Value');
  if (valueProblem !== undefined)
    throw new AnalysisError('format-schema', valueProblem, { range: clause.rangeOf('VALUE_FORMAT') });
  return { keyFormat: key, valueFormat: value };
}

const unwrappingPrimitives = (format: FormatInfo): FormatInfo =>
  format.name === 'PROTOBUF' ? { ...format, unwrapPrimitives: true } : format;

/** The column that TIMESTAMP names, checked with its format. */
export function timestampColumn(columns: readonly Column[], clause: WithClause): DataSource['timestamp'] {
  const text = textProperty(clause, 'TIMESTAMP');
  const format = textProperty(clause, 'TIMESTAMP_FORMAT');
  if (format !== undefined) checkPattern(format, clause);
  if (text === undefined) return undefined;
  const range = clause.rangeOf('TIMESTAMP');
  const name = columnName(text);
  if (name === undefined)
    throw new AnalysisError('timestamp-column', 'Cannot parse text that is not column reference.', { range });
  const column = columns.find((candidate) => candidate.name === name);
  if (column === undefined) {
    throw new AnalysisError(
      'timestamp-column',
      `The TIMESTAMP column set in the WITH clause does not exist in the schema: '${name}'`,
      { range },
    );
  }
  const { kind } = column.type;
  if (kind === 'STRING') {
    if (format !== undefined) return { column: name, format };
    throw new AnalysisError(
      'timestamp-format',
      'A String timestamp field has been specified without also specifying the timestamp_format',
      { range },
    );
  }
  if (kind !== 'BIGINT' && kind !== 'TIMESTAMP') {
    const message = `Timestamp column, \`${name}\`, should be LONG(INT64), TIMESTAMP, or a String with a timestamp_format specified.`;
    throw new AnalysisError('timestamp-column', message, { range });
  }
  if (format === undefined) return { column: name };
  const message =
    "'TIMESTAMP_FORMAT' set in the WITH clause can only be used when the timestamp column is of type STRING.";
  throw new AnalysisError('timestamp-format', message, { range: clause.rangeOf('TIMESTAMP_FORMAT') });
}

function columnName(text: string): string | undefined {
  const quoted = /^(["`])(.*)\1$/s.exec(text);
  if (quoted !== null) return quoted[2]!.replaceAll(quoted[1]! + quoted[1]!, quoted[1]!);
  return /^[A-Za-z_][A-Za-z0-9_@]*$/.test(text) ? text.toUpperCase() : undefined;
}

function checkPattern(pattern: string, clause: WithClause): void {
  try {
    timestampPatternParser(pattern);
  } catch (error) {
    const message = `Invalid datetime format for config:TIMESTAMP_FORMAT, reason:${(error as Error).message}`;
    throw new AnalysisError('timestamp-format', message, { range: clause.rangeOf('TIMESTAMP_FORMAT') });
  }
}
