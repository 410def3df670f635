import type { Statement } from '../generated/ast.ts';
import type { DataSource, Metastore, SourceKind } from './metastore.ts';
import { addSource } from './metastore-changes.ts';

/**
 * The metastore with the source that a CREATE would have made, had it not been wrong or dependent on what is not known
 * here. Its columns are unknown, so what reads it gets no follow-up errors.
 */
export function withPlaceholder(metastore: Metastore, node: Statement | undefined): Metastore {
  if (node?.$type !== 'CreateSource' && node?.$type !== 'CreateAs') return metastore;
  const { name, kind } = node;
  if (typeof name !== 'string' || kind === undefined || metastore.sources.has(name)) return metastore;
  const source: DataSource = {
    ...placeholderSource(name),
    kind: kind as SourceKind,
    readOnly: node.$type === 'CreateSource' && node.readOnly === true,
    createdAs: node.$type === 'CreateAs',
    statementText: node.$cstNode?.text ?? '',
  };
  return addSource(metastore, source);
}

/** A source of which nothing is known but its name. */
export const placeholderSource = (name: string): DataSource => ({
  name,
  kind: 'STREAM',
  schema: { columns: [] },
  topic: '',
  keyFormat: { name: 'KAFKA' },
  valueFormat: { name: 'JSON' },
  readOnly: false,
  createdAs: false,
  statementText: '',
  incomplete: true,
});

/** Whether a source only stands for a CREATE that could not be understood; its name is still free. */
export const isPlaceholder = ({ incomplete, topic }: DataSource): boolean => incomplete === true && topic === '';
