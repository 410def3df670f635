import type { PropertyValue } from '../format/statement-text.ts';
import type { DataSource, SourceKind } from '../metastore/metastore.ts';
import type { TopicSettings } from '../query/analyzed.ts';
import type { StatementContext } from '../query/statement-context.ts';
import { WEEK_MS } from '../types/time-units.ts';

type Injected = Readonly<Record<string, PropertyValue>>;

/** What is kept of the records of a topic follows from what is made of them: a table needs the newest of each key. */
const cleanupPolicy = (kind: SourceKind, isWindowed: boolean): TopicSettings['cleanupPolicy'] =>
  kind === 'STREAM' ? 'delete' : isWindowed ? 'compact,delete' : 'compact';

/** How the topic is kept that CREATE STREAM or TABLE makes. */
export const topicCleanup = (kind: SourceKind): TopicSettings['cleanupPolicy'] => cleanupPolicy(kind, false);

/** What ksqlDB adds to the WITH clause of CREATE STREAM and TABLE. */
export const injectedIntoCreate = (kind: SourceKind): Injected => ({ CLEANUP_POLICY: topicCleanup(kind) });

/** A sink as far as it is known before anything of its query is. */
export interface NewSink {
  readonly name: string;
  readonly kind: SourceKind;
  readonly isWindowed: boolean;
  /** The first source of its query; undefined where there is none of that name. */
  readonly left: DataSource | undefined;
}

/**
 * The topic of CREATE … AS where its WITH clause says nothing: as that of the first source, else as Kafka's defaults.
 */
export function defaultSinkTopic(
  { name, kind, isWindowed, left }: NewSink,
  context: StatementContext,
): Required<TopicSettings> {
  const topic = left && context.metastore.topics?.get(left.topic);
  return {
    name: `${context.property('ksql.output.topic.name.prefix') ?? ''}${name}`,
    partitions: left?.partitions ?? 1,
    replicas: left?.replicas ?? 1,
    cleanupPolicy: cleanupPolicy(kind, isWindowed),
    retentionMs: topic?.retentionMs ?? left?.retentionMs ?? WEEK_MS,
  };
}

/** What ksqlDB adds to the WITH clause of CREATE … AS: all that its topic is. */
export const injectedIntoCreateAs = (topic: Required<TopicSettings>): Injected => ({
  CLEANUP_POLICY: topic.cleanupPolicy,
  KAFKA_TOPIC: topic.name,
  PARTITIONS: topic.partitions,
  // -1 stands for the default of a broker.
  REPLICAS: Math.max(1, topic.replicas),
  RETENTION_MS: topic.retentionMs,
});
