import { columnRole, sourceFacts } from '../../language/format/source-facts.ts';
import type { DataSource } from '../../language/metastore/metastore.ts';
import { identifierText } from '../../language/text/identifier-text.ts';
import { PSEUDO_COLUMNS } from '../../language/types/schema.ts';
import { typeToString } from '../../language/types/sql-type.ts';

/** A type with names quoted only where they have to be, short enough for one line. */
export const shortType = (text: string): string => text.replaceAll(/`([A-Z_][A-Z0-9_]*)`/g, '$1');

/** What is known of a source besides itself. */
export interface SourceNotes {
  /** What the comments at its definition say. */
  readonly description?: string | undefined;
  readonly columnDescription?: (column: string) => string | undefined;
  /** The names of those that read it. */
  readonly readers?: readonly string[];
  /** What a connected engine knows of it right now. */
  readonly figures?: string | undefined;
  /** A source's name as a link to where it is made; absent: the name. */
  readonly link?: (source: string) => string;
}

/** What hover and completion say about a stream or table: columns, format, topic, and who makes and reads it. */
export function sourceMarkdown(source: DataSource, notes: SourceNotes = {}): string {
  const { description, readers = [], figures, link = (name) => `\`${name}\`` } = notes;
  const rows = source.schema.columns.map(({ name, type, namespace }) => {
    const said = notes.columnDescription?.(name);
    const role = columnRole(source.kind, namespace);
    const last = [role, ...(said === undefined ? [] : [said.replaceAll('\n', ' ').replaceAll('|', '\\|')])];
    return `| \`${identifierText(name)}\` | ${tableCell(shortType(typeToString(type)))} | ${last.filter(Boolean).join(' · ')} |`;
  });
  const table = ['| Column | Type | |', '|---|---|---|', ...rows].join('\n');
  const facts = sourceFacts(
    {
      keyFormat: source.keyFormat.name,
      valueFormat: source.valueFormat.name,
      topic: source.topic,
      partitions: source.partitions,
      windowType: source.window?.type,
      timestampColumn: source.timestamp?.column,
    },
    (name) => `\`${name}\``,
  );
  return [
    `\`\`\`ksql\n${source.kind} ${identifierText(source.name)}\n\`\`\``,
    ...(description === undefined ? [] : [description]),
    rows.length > 0 ? table : 'Its columns are known once a schema registry is connected.',
    facts.join(' · '),
    ...(figures === undefined ? [] : [figures]),
    ...(source.readsFrom === undefined || source.readsFrom.length === 0
      ? []
      : [`Made from ${source.readsFrom.map(link).join(', ')}`]),
    ...(readers.length === 0 ? [] : [`Read by ${readers.map(link).join(', ')}`]),
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
    role: columnRole(source.kind, column.namespace),
  }));
  const windows = source.window === undefined ? [] : ['WINDOWSTART', 'WINDOWEND'];
  const pseudo = [
    ...PSEUDO_COLUMNS.map(({ name, type }) => ({ name, type: typeToString(type), role: 'pseudo column' })),
    ...windows.map((name) => ({ name, type: 'BIGINT', role: 'pseudo column' })),
  ];
  return [...own, ...pseudo];
}
