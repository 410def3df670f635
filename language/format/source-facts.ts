import type { ColumnNamespace } from '../types/schema.ts';

/** What a line about a stream or table is made of. */
export interface SourceFacts {
  readonly keyFormat: string;
  readonly valueFormat: string;
  readonly topic: string;
  /** Absent or 0 where nobody knows. */
  readonly partitions?: number | undefined;
  readonly windowType?: string | null | undefined;
  /** The column that its time is taken from. */
  readonly timestampColumn?: string | undefined;
}

/**
 * What is told of a stream or table in a line, wherever it is shown: its format, topic, partitions, windows and time.
 * @param marked gives a name the looks that names have there
 */
export function sourceFacts(source: SourceFacts, marked: (name: string) => string = (name) => name): readonly string[] {
  const { keyFormat, valueFormat, topic, partitions, windowType, timestampColumn } = source;
  const isOneFormat = keyFormat === 'NONE' || keyFormat === valueFormat;
  return [
    isOneFormat ? valueFormat : `${valueFormat}, key ${keyFormat}`,
    `topic ${marked(topic)}`,
    ...(partitions ? [`${partitions} ${partitions === 1 ? 'partition' : 'partitions'}`] : []),
    ...(windowType ? [`${windowType.toLowerCase()} windows`] : []),
    ...(timestampColumn ? [`time from ${marked(timestampColumn)}`] : []),
  ];
}

/** What a column is besides a value: part of a key, or the header of a record; empty for a value. */
export function columnRole(source: 'STREAM' | 'TABLE', namespace: ColumnNamespace): string {
  if (namespace === 'key') return source === 'TABLE' ? 'primary key' : 'key';
  return namespace === 'value' ? '' : namespace;
}
