import type { MetastoreSnapshot, SnapshotSource } from '../../../language/metastore/metastore-snapshot.ts';
import type { KsqlClient } from '../client.ts';
import type { Entity, FieldInfo, ServerInfo, SourceDescription } from '../protocol.ts';
import { schemaText } from '../schema-text.ts';
import { readFunctionsOf } from './read-functions.ts';
import { sourceFacts } from './source-facts.ts';

const QUESTIONS = ['LIST STREAMS EXTENDED;', 'LIST TABLES EXTENDED;', 'LIST QUERIES;', 'LIST TYPES;', 'LIST TOPICS;'];

/**
 * What a server has, for the language server. A question it cannot answer leaves its part empty: a broker that is away
 * must not take the columns away too.
 * @throws ClientError when nothing could be asked
 */
export async function readSnapshotOf(client: KsqlClient): Promise<MetastoreSnapshot> {
  const answers = await Promise.allSettled(QUESTIONS.map((question) => client.execute(question)));
  const failed = answers.find((answer) => answer.status === 'rejected');
  if (failed !== undefined && answers.every((answer) => answer.status === 'rejected')) throw failed.reason;
  return snapshotOf(answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : [])));
}

/**
 * All that a server has, for a lock: with its functions, and from which server it is.
 * @throws ClientError when any of it cannot be asked
 */
export async function readWholeSnapshotOf(client: KsqlClient): Promise<MetastoreSnapshot> {
  const [entities, functions, cluster] = await Promise.all([
    Promise.all(QUESTIONS.map((question) => client.execute(question))),
    readFunctionsOf(client),
    client.info().then(clusterText),
  ]);
  return { ...snapshotOf(entities.flat()), functions, cluster };
}

/** Which server an answer of `/info` is from, as snapshots say it. */
export const clusterText = ({ KsqlServerInfo: { kafkaClusterId, ksqlServiceId } }: ServerInfo): string =>
  `${kafkaClusterId}/${ksqlServiceId}`;

function snapshotOf(entities: readonly Entity[]): MetastoreSnapshot {
  const types: Record<string, string> = {};
  const queries: MetastoreSnapshot['queries'][number][] = [];
  let topics: MetastoreSnapshot['topics'];
  for (const entity of entities) {
    if (entity['@type'] === 'type_list')
      for (const [name, schema] of Object.entries(entity.types)) types[name] = schemaText(schema);
    if (entity['@type'] === 'queries')
      for (const { id, sinks, queryString, queryType } of entity.queries)
        if (queryType === 'PERSISTENT')
          queries.push({ id, sink: sinks[0] ?? '', sources: [], statementText: queryString });
    if (entity['@type'] === 'kafka_topics')
      topics = entity.topics.map(({ name, replicaInfo }) => ({
        name,
        partitions: replicaInfo.length,
        replicas: replicaInfo[0] ?? 1,
      }));
  }
  const descriptions = entities.flatMap(descriptionsOf);
  const reads = (id: string) =>
    descriptions.filter(({ readQueries }) => readQueries.some((query) => query.id === id)).map(({ name }) => name);
  const sources = descriptions.map(readSource);
  const reading = queries.map((query) => ({ ...query, sources: reads(query.id) }));
  return { sources, types, queries: reading, topics };
}

const descriptionsOf = (entity: Entity): readonly SourceDescription[] =>
  entity['@type'] === 'source_descriptions' ? entity.sourceDescriptions : [];

function readSource(source: SourceDescription): SnapshotSource {
  return {
    name: source.name,
    kind: source.type,
    topic: source.topic,
    keyFormat: source.keyFormat,
    valueFormat: source.valueFormat,
    statementText: source.statement,
    columns: source.fields.map(readColumn),
    ...(source.windowType ? { windowType: source.windowType } : {}),
    ...sourceFacts(source.statement),
    ...(source.partitions > 0 ? { partitions: source.partitions } : {}),
  };
}

function readColumn({ name, schema, type, headerKey }: FieldInfo): SnapshotSource['columns'][number] {
  const column = { name, type: schemaText(schema) };
  if (type === 'KEY') return { ...column, namespace: 'key' };
  if (type !== 'HEADER') return { ...column, namespace: 'value' };
  return headerKey == null ? { ...column, namespace: 'headers' } : { ...column, namespace: 'header', headerKey };
}
