import { bindType } from '../binding/type-names.ts';
import type * as ast from '../generated/ast.ts';
import type { DataSource, Metastore, QueryInfo, TopicInfo } from '../metastore/metastore.ts';
import {
  addQuery,
  addSource,
  addTopic,
  addType,
  dropQuery,
  dropSource,
  dropTopic,
  dropType,
} from '../metastore/metastore-changes.ts';
import type { ParsedStatement } from '../parser/parse-script.ts';
import { hasRole } from '../parser/statement-roles.ts';
import type { AnalyzedQuery, AnalyzedStatement, TopicSettings } from '../query/analyzed.ts';
import { type AnalysisSettings, StatementContext } from '../query/statement-context.ts';
import { alteredSource } from '../statements/alter.ts';
import { sourcesOf } from '../statements/create-as.ts';
import { planSteps } from '../statements/query-upgrade.ts';

/**
 * The metastore after a statement, as far as the statement itself tells.
 *
 * @param queryId the id of the query that the statement starts
 */
export function metastoreAfter(
  analyzed: AnalyzedStatement,
  statement: ParsedStatement,
  metastore: Metastore,
  settings: AnalysisSettings,
  queryId: string,
): Metastore {
  switch (analyzed.kind) {
    case 'create-source': {
      if (analyzed.exists) return metastore;
      const { source, createTopic, statementText } = analyzed;
      const withTopic =
        createTopic === undefined
          ? metastore
          : addTopic(metastore, {
              name: createTopic.name,
              partitions: createTopic.partitions,
              replicas: Math.max(1, createTopic.replicas),
              ...retentionOf(createTopic),
            });
      const added = addSource(withTopic, source);
      if (source.kind !== 'TABLE' || !source.readOnly) return added;
      return addQuery(added, { id: queryId, kind: 'source-table', sources: [], sink: source.name, statementText });
    }
    case 'create-as': {
      if (analyzed.exists) return metastore;
      const { sink, topic, query, statementText } = analyzed;
      const partitions = metastore.topics?.get(topic.name)?.partitions ?? topic.partitions;
      const replicas = Math.max(1, topic.replicas);
      const withTopic = addTopic(metastore, { name: topic.name, partitions, replicas, ...retentionOf(topic) });
      // Only what is there already can have a query; to look through all of them for each statement takes long in long
      // scripts.
      const queries = metastore.sources.has(sink.name) ? [...metastore.queries.values()] : [];
      const replaced = queries
        .filter((info) => info.sink === sink.name && info.kind !== 'insert')
        .reduce((store, info) => dropQuery(store, info.id), withTopic);
      const added = addSource(replaced, withPartitions(sink, partitions));
      return addQuery(added, queryInfo(queryId, 'create-as', query, sink.name, statementText));
    }
    case 'insert-select': {
      const { target, query, statementText } = analyzed;
      return addQuery(metastore, queryInfo(analyzed.queryId ?? queryId, 'insert', query, target.name, statementText));
    }
    case 'simple':
      return afterSimple(analyzed.node, statement, metastore, settings);
    case 'insert-values':
    case 'select':
      return metastore;
    default:
      return analyzed satisfies never;
  }
}

/** What the metastore keeps of a query. */
export function queryInfo(
  id: string,
  kind: 'create-as' | 'insert',
  query: AnalyzedQuery,
  sink: string,
  statementText: string,
): QueryInfo {
  const sources = sourcesOf(query.relation).map(({ name }) => name);
  return { id, kind, sources, sink, statementText, steps: planSteps(query) };
}

const sized = new WeakMap<DataSource, DataSource>();

/**
 * The source with the number of its topic's partitions; the same object for the same source, so that what was found out
 * from it before still holds.
 */
function withPartitions(source: DataSource, partitions: number | undefined): DataSource {
  const known = sized.get(source);
  if (known !== undefined && known.partitions === partitions) return known;
  const made = { ...source, partitions: partitions ?? source.partitions };
  sized.set(source, made);
  return made;
}

function afterSimple(
  node: ast.Statement,
  statement: ParsedStatement,
  metastore: Metastore,
  settings: AnalysisSettings,
): Metastore {
  if (!hasRole(node, 'definition', 'change', 'control')) return metastore;
  switch (node.$type) {
    case 'DropSource': {
      const topic = metastore.sources.get(node.name)?.topic;
      const left = dropSource(metastore, node.name);
      return node.deleteTopic && topic !== undefined ? dropTopic(left, topic) : left;
    }
    case 'DropType':
      return dropType(metastore, node.name);
    case 'CreateType':
      return metastore.types.has(node.name.toUpperCase())
        ? metastore
        : addType(metastore, node.name, bindType(node.type, metastore.types));
    case 'AlterSource': {
      const source = alteredSource(node, new StatementContext(statement, metastore, settings, new Map()));
      return source === undefined ? metastore : addSource(metastore, source);
    }
    case 'TerminateQuery': {
      const ids = node.all ? [...metastore.queries.keys()] : node.queryId === undefined ? [] : [node.queryId];
      return ids.reduce(dropQuery, metastore);
    }
    case 'CreateSource':
    case 'CreateAs':
      // Their analysis says more than their syntax.
      return metastore;
    case 'CreateConnector':
    case 'DropConnector':
    case 'AlterSystem':
    case 'PauseQuery':
    case 'ResumeQuery':
      return metastore;
    default:
      return node satisfies never;
  }
}

/** A compacted topic keeps its newest records for ever, whatever the statement says of retention. */
function retentionOf({ cleanupPolicy, retentionMs }: TopicSettings): Pick<TopicInfo, 'retentionMs'> {
  return retentionMs === undefined || cleanupPolicy === 'compact' ? {} : { retentionMs };
}
