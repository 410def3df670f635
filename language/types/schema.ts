import { BIGINT, backQuoted, INTEGER, type SqlType, typeToString } from './sql-type.ts';

/** Where a column of a source lives in the record. `headers` is the HEADERS column, `header` one HEADER('key'). */
export type ColumnNamespace = 'key' | 'value' | 'headers' | 'header';

/** A column of a stream or table. */
export interface Column {
  readonly name: string;
  readonly type: SqlType;
  readonly namespace: ColumnNamespace;
  /** The header's key, when the namespace is `header`. */
  readonly headerKey?: string | undefined;
}

/** The columns of a source in declared order, keys and values mixed as the user wrote them. */
export interface Schema {
  readonly columns: readonly Column[];
}

export const keyColumns = (schema: Schema): readonly Column[] => schema.columns.filter((c) => c.namespace === 'key');
export const valueColumns = (schema: Schema): readonly Column[] =>
  schema.columns.filter((c) => c.namespace === 'value');
export const headerColumns = (schema: Schema): readonly Column[] =>
  schema.columns.filter((c) => c.namespace === 'headers' || c.namespace === 'header');

/** The schema as ksqlDB prints it: `` `ID` BIGINT KEY, `NAME` STRING``. */
export function schemaToString(schema: Schema): string {
  return schema.columns.map(columnToString).join(', ');
}

/** One column as ksqlDB prints it, with its namespace marker. */
export function columnToString(column: Column): string {
  const base = `${backQuoted(column.name)} ${typeToString(column.type)}`;
  switch (column.namespace) {
    case 'key':
      return `${base} KEY`;
    case 'headers':
      return `${base} HEADERS`;
    case 'header':
      return `${base} HEADER('${column.headerKey}')`;
    case 'value':
      return base;
    default:
      return column.namespace satisfies never;
  }
}

/** The pseudo columns that every source has, in the order they are appended to a row. */
export const PSEUDO_COLUMNS = [
  { name: 'ROWTIME', type: BIGINT },
  { name: 'ROWPARTITION', type: INTEGER },
  { name: 'ROWOFFSET', type: BIGINT },
] as const;

/** A column at its place in the row that the operators pass on. */
export interface Slot {
  readonly name: string;
  readonly type: SqlType;
  readonly role: 'value' | 'header' | 'rowtime' | 'rowpartition' | 'rowoffset' | 'key' | 'windowstart' | 'windowend';
  readonly headerKey?: string | undefined;
}

/**
 * The layout of the row of a source as it is processed: value columns, header columns, ROWTIME, ROWPARTITION,
 * ROWOFFSET, key columns, then WINDOWSTART and WINDOWEND for windowed sources (ksqlDB's own order).
 */
export function rowLayout(schema: Schema, windowed: boolean): readonly Slot[] {
  const slots: Slot[] = valueColumns(schema).map((c) => ({ name: c.name, type: c.type, role: 'value' }));
  for (const c of headerColumns(schema)) {
    slots.push({
      name: c.name,
      type: c.type,
      role: 'header',
      headerKey: c.headerKey,
    });
  }
  slots.push({ name: 'ROWTIME', type: BIGINT, role: 'rowtime' });
  slots.push({ name: 'ROWPARTITION', type: INTEGER, role: 'rowpartition' });
  slots.push({ name: 'ROWOFFSET', type: BIGINT, role: 'rowoffset' });
  for (const c of keyColumns(schema)) slots.push({ name: c.name, type: c.type, role: 'key' });
  if (windowed) {
    slots.push({ name: 'WINDOWSTART', type: BIGINT, role: 'windowstart' });
    slots.push({ name: 'WINDOWEND', type: BIGINT, role: 'windowend' });
  }
  return slots;
}
