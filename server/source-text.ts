import type { DataSource } from '../language/analysis/metastore.ts';
import { identifierText } from '../language/format/identifier-text.ts';
import { PSEUDO_COLUMNS } from '../language/types/schema.ts';
import { typeToString } from '../language/types/sql-type.ts';

/** A type with names quoted only where they have to be, short enough for one line. */
export const shortType = (text: string): string => text.replaceAll(/`([A-Z_][A-Z0-9_]*)`/g, '$1');

/** Marks what a column is besides a value. */
function roleOf(source: DataSource, namespace: string): string {
  if (namespace === 'key') return source.kind === 'TABLE' ? 'primary key' : 'key';
  return namespace === 'value' ? '' : namespace;
}

/** What hover and completion say about a stream or table: columns, format, topic, and who makes and reads it. */
export function sourceMarkdown(source: DataSource, readers: readonly string[], figures?: string): string {
  const rows = source.schema.columns.map(
    (column) =>
      `| \`${identifierText(column.name)}\` | ${tableCell(shortType(typeToString(column.type)))} | ${roleOf(source, column.namespace)} |`,
  );
  const table = ['| Column | Type | |', '|---|---|---|', ...rows].join('\n');
  const format =
    source.keyFormat.name === 'NONE' || source.keyFormat.name === source.valueFormat.name
      ? source.valueFormat.name
      : `${source.valueFormat.name}, key ${source.keyFormat.name}`;
  const facts = [
    format,
    `topic \`${source.topic}\``,
    ...(source.partitions === undefined
      ? []
      : [`${source.partitions} ${source.partitions === 1 ? 'partition' : 'partitions'}`]),
    ...(source.window === undefined ? [] : [`${source.window.type.toLowerCase()} windows`]),
    ...(source.timestamp === undefined ? [] : [`time from \`${source.timestamp.column}\``]),
  ];
  return [
    `\`\`\`ksql\n${source.kind} ${identifierText(source.name)}\n\`\`\``,
    rows.length > 0 ? table : 'Its columns are known once a schema registry is connected.',
    facts.join(' · '),
    ...(figures === undefined ? [] : [figures]),
    ...(source.readsFrom === undefined || source.readsFrom.length === 0
      ? []
      : [`Made from ${source.readsFrom.map((name) => `\`${name}\``).join(', ')}`]),
    ...(readers.length === 0 ? [] : [`Read by ${readers.map((name) => `\`${name}\``).join(', ')}`]),
  ].join('\n\n');
}

/** Types with angle brackets and pipes must not be taken for Markdown. */
const tableCell = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;

export interface CompletableColumn {
  readonly name: string;
  readonly type: string;
  readonly role: string;
}

/** The columns that can be named in a query over a source, pseudo columns at the end. */
export function completableColumns(source: DataSource): readonly CompletableColumn[] {
  const own = source.schema.columns.map((column) => ({
    name: column.name,
    type: shortType(typeToString(column.type)),
    role: roleOf(source, column.namespace),
  }));
  const windows = source.window === undefined ? [] : ['WINDOWSTART', 'WINDOWEND'];
  const pseudo = [
    ...PSEUDO_COLUMNS.map(({ name, type }) => ({ name, type: typeToString(type), role: 'pseudo column' })),
    ...windows.map((name) => ({ name, type: 'BIGINT', role: 'pseudo column' })),
  ];
  return [...own, ...pseudo];
}
