import type * as ast from '../generated/ast.ts';
import { insertQueriesOf, readersOf } from '../metastore/metastore-changes.ts';
import type { StatementContext } from '../query/statement-context.ts';
import { AnalysisError } from '../text/analysis-error.ts';
import { sourceHint } from '../text/suggestions.ts';

/** Checks DROP STREAM and DROP TABLE: the source exists, is of that kind, and nothing reads or writes it. */
export function checkDropSource(node: ast.DropSource, context: StatementContext): void {
  const { metastore, settings } = context;
  const range = context.rangeOfProperty(node, 'name');
  const source = metastore.sources.get(node.name);
  if (source === undefined) {
    if (node.ifExists) return;
    const kind = node.kind === 'TABLE' ? 'Table' : 'Stream';
    const message = `${kind} ${node.name} does not exist.${sourceHint(node.name, metastore.sources.keys())}`;
    if (!settings.offline) throw new AnalysisError('unknown-source', message, { range });
    context.report('unknown-source', message, range);
    return;
  }
  if (source.kind !== node.kind) {
    const message = `Incompatible data source type is ${source.kind.toLowerCase()}, but statement was DROP ${node.kind.toLowerCase()}`;
    throw new AnalysisError('source-kind', message, { range });
  }
  if (node.deleteTopic && source.readOnly) {
    throw new AnalysisError('drop-topic', `Cannot delete topic for read-only source: ${node.name}`, { range });
  }
  const sharing = [...metastore.sources.values()].filter(
    (other) => other.name !== node.name && other.topic === source.topic,
  );
  if (node.deleteTopic && sharing.length > 0) {
    const names = sharing
      .map(({ name }) => name)
      .sort()
      .join(', ');
    throw new AnalysisError(
      'drop-topic',
      `Refusing to delete topic. Found other data sources (${names}) using topic ${source.topic}`,
      { range },
    );
  }
  const { reading, writing } = insertQueriesOf(metastore, node.name);
  if (reading.length + writing.length > 0) {
    const message =
      `Cannot drop ${node.name}.\nThe following queries read from this source: [${reading.join(', ')}].\n` +
      `The following queries write into this source: [${writing.join(', ')}].\nYou need to terminate them before dropping ${node.name}.`;
    throw new AnalysisError('source-in-use', message, { range });
  }
  const readers = readersOf(metastore, node.name).toSorted();
  if (readers.length === 0) return;
  const message = `Cannot drop ${node.name}.\nThe following streams and/or tables read from this source: [${readers.join(', ')}].\nYou need to drop them before dropping ${node.name}.`;
  throw new AnalysisError('source-in-use', message, { range });
}
