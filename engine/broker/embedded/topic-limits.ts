import type { TopicSpec } from '../broker.ts';
import type { LogLimits, PartitionLog } from './topic-log.ts';

/** What every partition keeps at least, where its topic's limit is divided among many. */
const MIN_PARTITION_BYTES = 1024 * 1024;

/**
 * What each partition of a topic keeps, by Kafka's names: `retention.bytes` is for each partition, -1 stands for no
 * limit. Time drops nothing unless `retention.ms` says so: records of the past are what one tries things out with.
 * @param topicBytes what the whole topic keeps where `retention.bytes` does not say
 */
export function logLimits({ config = {}, partitions }: TopicSpec, topicBytes: number): LogLimits {
  const policy = config['cleanup.policy'] ?? 'delete';
  const maxBytes = limit(config['retention.bytes']);
  const share = partitions === 1 ? topicBytes : Math.max(topicBytes / partitions, MIN_PARTITION_BYTES);
  return {
    maxBytes: maxBytes ?? share,
    retentionMs: finite(limit(config['retention.ms'])),
    isCompacted: policy.includes('compact'),
    isDeleted: !policy.includes('compact') || policy.includes('delete'),
  };
}

interface LimitedTopic {
  readonly spec: TopicSpec;
  readonly partitions: readonly Pick<PartitionLog, 'dropped'>[];
}

/** What its limits have cost a topic since the start; undefined when nothing. */
export function droppedText({ spec, partitions }: LimitedTopic): string | undefined {
  const records = partitions.reduce((sum, { dropped }) => sum + dropped.records, 0);
  if (records === 0) return undefined;
  const bytes = partitions.reduce((sum, { dropped }) => sum + dropped.bytes, 0);
  return (
    `Topic '${spec.name}' dropped its oldest ${records.toLocaleString('en')} records (${bytes.toLocaleString('en')} bytes) ` +
    'to keep to its limits: retention.bytes and retention.ms of the topic, and the memory budget.'
  );
}

/** Infinite for -1; undefined where there is none, or no number. */
function limit(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isNaN(value)) return undefined;
  return value < 0 ? Number.POSITIVE_INFINITY : value;
}

const finite = (value: number | undefined): number | undefined => (Number.isFinite(value) ? value : undefined);
