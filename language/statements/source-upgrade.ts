import type { DataSource, FormatInfo } from '../metastore/metastore.ts';
import { type Column, columnToString, keyColumns, type Schema, schemaToString } from '../types/schema.ts';
import { backQuoted, sameType } from '../types/sql-type.ts';

/**
 * Why CREATE OR REPLACE (or an ALTER's outcome) cannot take the place of an existing source, in ksqlDB's words, or
 * undefined if it can: the kind, topic, formats, timestamp and windowing stay; keys are identical; old columns keep
 * type and place.
 */
export function upgradeProblem(existing: DataSource, replacement: DataSource): string | undefined {
  const problems = [
    changed(existing, 'type', existing.kind, replacement.kind),
    changed(existing, 'topic', existing.topic, replacement.topic),
    changed(existing, 'timestampColumn', timestampText(existing), timestampText(replacement)),
    changed(
      existing,
      'key format',
      formatText(existing.keyFormat, existing),
      formatText(replacement.keyFormat, replacement),
    ),
    changed(existing, 'value format', formatText(existing.valueFormat), formatText(replacement.valueFormat)),
    schemaProblem(existing, replacement.schema),
  ].filter((problem) => problem !== undefined);
  return problems.length === 0 ? undefined : `Cannot upgrade data source: ${problems.join('\n\tAND ')}`;
}

function changed(source: DataSource, property: string, from: string, to: string): string | undefined {
  return from === to
    ? undefined
    : `DataSource '${backQuoted(source.name)}' has ${property} = ${from} which is not upgradeable to ${to}`;
}

const timestampText = ({ timestamp }: DataSource): string =>
  timestamp ? `${timestamp.column}${timestamp.format === undefined ? '' : ` (${timestamp.format})`}` : 'none';

function formatText(format: FormatInfo, windowed?: DataSource): string {
  const { name, delimiter, schemaFullName, nullableRepresentation } = format;
  const properties = [
    delimiter,
    schemaFullName,
    nullableRepresentation,
    windowed?.window?.type,
    windowed?.window?.sizeMs,
  ];
  const stated = properties.filter((value) => value !== undefined);
  return stated.length === 0 ? name : `${name} (${stated.join(', ')})`;
}

function schemaProblem(existing: DataSource, replacement: Schema): string | undefined {
  const reason = schemaUpgradeProblem(existing.schema, replacement);
  if (reason === undefined) return undefined;
  return (
    `DataSource '${backQuoted(existing.name)}' has schema = ${schemaToString(existing.schema)} ` +
    `which is not upgradeable to ${schemaToString(replacement)}. (${reason})`
  );
}

/**
 * Why the columns cannot replace those of an existing source; undefined if only new value columns follow the old ones.
 */
export function schemaUpgradeProblem(existing: Schema, replacement: Schema): string | undefined {
  const keys = differing(keyColumns(existing), keyColumns(replacement));
  const newKeys = differing(keyColumns(replacement), keyColumns(existing));
  if (keys.length > 0 || newKeys.length > 0) {
    const columns = (keys.length > 0 ? keys : newKeys).map(columnToString).join(', ');
    return `Key columns must be identical. The following key columns are changed, missing or reordered: [${columns}]`;
  }
  const isValue = (column: Column) => column.namespace !== 'key';
  const values = differing(existing.columns.filter(isValue), replacement.columns.filter(isValue));
  if (values.length === 0) return undefined;
  return `The following columns are changed, missing or reordered: [${values.map(columnToString).join(', ')}]`;
}

/** Those of the columns that the others do not have, with the same type, at the same place. */
function differing(columns: readonly Column[], others: readonly Column[]): readonly Column[] {
  return columns.filter((column, index) => {
    const other = others[index];
    return (
      !other || other.name !== column.name || other.namespace !== column.namespace || !sameType(other.type, column.type)
    );
  });
}
