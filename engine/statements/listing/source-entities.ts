import type { DataSource, Metastore } from '../../../language/metastore/metastore.ts';
import { readersOf } from '../../../language/metastore/metastore-changes.ts';
import type { QueryOffsetSummary, SourceDescription, SourceInfo, Statistic } from '../../api/protocol.ts';
import type { Broker } from '../../broker/broker.ts';
import type { QueryRegistry, RegisteredQuery } from '../../runtime/query-registry.ts';
import { runningQuery } from './query-entities.ts';
import { fieldInfos } from './schema-info.ts';
import { statisticsText, TOTAL_WRITTEN } from './thread-figures.ts';

/** One line of SHOW STREAMS or SHOW TABLES. */
export function sourceInfo(source: DataSource): SourceInfo {
  return {
    type: source.kind,
    name: source.name,
    topic: source.topic,
    keyFormat: source.keyFormat.name,
    valueFormat: source.valueFormat.name,
    isWindowed: source.window !== undefined,
  };
}

export interface DescribeContext {
  readonly metastore: Metastore;
  readonly queries: QueryRegistry;
  readonly broker: Broker;
  readonly hostAndPort: string;
  readonly nowMs: number;
}

/** What DESCRIBE tells about a source. */
export async function sourceDescription(
  source: DataSource,
  extended: boolean,
  context: DescribeContext,
): Promise<SourceDescription> {
  const topic = await context.broker.describeTopic(source.topic);
  const readers = context.queries.readersOf(source.name).filter((query) => query.type === 'PERSISTENT');
  const writers = context.queries.writersOf(source.name);
  return {
    name: source.name,
    windowType: source.window?.type ?? null,
    readQueries: readers.map(runningQuery),
    writeQueries: writers.map(runningQuery),
    fields: fieldInfos(source.schema),
    type: source.kind,
    timestamp: source.timestamp?.column ?? '',
    statistics: extended ? statisticsText(rowsOut(writers)) : '',
    errorStats: '',
    extended,
    keyFormat: source.keyFormat.name,
    valueFormat: source.valueFormat.name,
    topic: source.topic,
    partitions: topic?.partitions ?? 0,
    replication: topic?.replicas ?? 0,
    statement: source.statementText,
    queryOffsetSummaries: extended
      ? await Promise.all(writers.map((query) => offsetSummary(query, context.broker)))
      : [],
    sourceConstraints: readersOf(context.metastore, source.name),
    clusterStatistics: statistics(readers, writers, context),
    clusterErrorStats: errorStatistics(readers, writers, context),
  };
}

const rowsOut = (writers: readonly RegisteredQuery[]): number =>
  writers.reduce((sum, query) => sum + query.run.rowsOut.total, 0);

/** A consumer group knows of a topic from the first commit on; where engines share it, of what all have read. */
async function committedPositions(
  { run, shared, inputTopics, consumerGroupId }: RegisteredQuery,
  broker: Broker,
): Promise<readonly { readonly topic: string; readonly partition: number; readonly committedOffset: number }[]> {
  if (shared === undefined) return run.positions.filter(({ committedOffset }) => committedOffset >= 0);
  const byTopic = await Promise.all(
    [...new Set(inputTopics)].map(async (topic) => {
      const committed = await broker.committed(consumerGroupId, topic);
      return [...committed].map(([partition, { offset }]) => ({ topic, partition, committedOffset: offset }));
    }),
  );
  return byTopic.flat().sort((a, b) => a.partition - b.partition);
}

/** How far a query has read its topics. */
async function offsetSummary(query: RegisteredQuery, broker: Broker): Promise<QueryOffsetSummary> {
  const byTopic = Map.groupBy(await committedPositions(query, broker), ({ topic }) => topic);
  const topicSummaries = [...byTopic].map(async ([kafkaTopic, positions]) => {
    const bounds = await broker.offsets(kafkaTopic);
    return {
      kafkaTopic,
      offsets: positions.map(({ partition, committedOffset }) => ({
        partition,
        logStartOffset: bounds.find((b) => b.partition === partition)?.earliest ?? 0,
        logEndOffset: bounds.find((b) => b.partition === partition)?.latest ?? 0,
        consumerOffset: committedOffset,
      })),
    };
  });
  return { groupId: query.consumerGroupId, topicSummaries: await Promise.all(topicSummaries) };
}

function statistics(
  readers: readonly RegisteredQuery[],
  writers: readonly RegisteredQuery[],
  context: DescribeContext,
): Statistic[] {
  const statistic = (name: string, value: number): Statistic => ({
    name,
    host: context.hostAndPort,
    value,
    timestamp: context.nowMs,
  });
  const sum = (queries: readonly RegisteredQuery[], of: (query: RegisteredQuery) => number): number =>
    queries.reduce((total, query) => total + of(query), 0);
  const result: Statistic[] = [];
  const read = sum(readers, (query) => query.run.recordsIn.total);
  if (read > 0) {
    result.push(
      statistic(
        'consumer-messages-per-sec',
        sum(readers, (query) => query.run.recordsIn.perSecond(context.nowMs)),
      ),
    );
    result.push(statistic('consumer-total-messages', read));
  }
  const written = rowsOut(writers);
  if (written > 0) {
    result.push(
      statistic(
        'messages-per-sec',
        sum(writers, (query) => query.run.rowsOut.perSecond(context.nowMs)),
      ),
    );
    result.push(statistic(TOTAL_WRITTEN, written));
  }
  return result;
}

function errorStatistics(
  readers: readonly RegisteredQuery[],
  writers: readonly RegisteredQuery[],
  context: DescribeContext,
): Statistic[] {
  const failed = [...new Set([...readers, ...writers])].reduce((total, query) => total + query.run.badRecords, 0);
  return failed === 0
    ? []
    : [{ name: 'consumer-failed-messages', host: context.hostAndPort, value: failed, timestamp: context.nowMs }];
}
