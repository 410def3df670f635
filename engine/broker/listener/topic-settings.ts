/** Kafka's default of `max.message.bytes`. */
export const MAX_MESSAGE_BYTES = 1_048_588;

/**
 * The configuration of topics by Kafka's names, with what holds where it is not set: here time and size drop nothing
 * but what memory and disk demand, and there is one replica. Many of them an embedded log has no use for; they are
 * taken and kept, so that programs may set them.
 */
export const TOPIC_DEFAULTS: Readonly<Record<string, string>> = {
  'cleanup.policy': 'delete',
  'compression.type': 'producer',
  'delete.retention.ms': '86400000',
  'file.delete.delay.ms': '60000',
  'flush.messages': '9223372036854775807',
  'flush.ms': '9223372036854775807',
  'index.interval.bytes': '4096',
  'max.compaction.lag.ms': '9223372036854775807',
  'max.message.bytes': String(MAX_MESSAGE_BYTES),
  'message.timestamp.after.max.ms': '9223372036854775807',
  'message.timestamp.before.max.ms': '9223372036854775807',
  'message.timestamp.type': 'CreateTime',
  'min.cleanable.dirty.ratio': '0.5',
  'min.compaction.lag.ms': '0',
  'min.insync.replicas': '1',
  preallocate: 'false',
  'retention.bytes': '-1',
  'retention.ms': '-1',
  'segment.bytes': '1073741824',
  'segment.index.bytes': '10485760',
  'segment.jitter.ms': '0',
  'segment.ms': '604800000',
  'unclean.leader.election.enable': 'false',
};

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  'cleanup.policy': ['delete', 'compact', 'compact,delete', 'delete,compact'],
  'message.timestamp.type': ['CreateTime', 'LogAppendTime'],
  preallocate: ['true', 'false'],
  'unclean.leader.election.enable': ['true', 'false'],
};
const TEXTS = ['compression.type'];

/** What is wrong with a setting of a topic; undefined where nothing is. */
export function settingFault(name: string, value: string | null): string | undefined {
  if (!Object.hasOwn(TOPIC_DEFAULTS, name)) return `Unknown topic config name: ${name}`;
  if (value === null) return `Null value not supported for topic configs: ${name}`;
  const choices = CHOICES[name];
  if (choices !== undefined)
    return choices.includes(value) ? undefined : `Invalid value ${value} for ${name}: ${choices.join(', ')}`;
  if (TEXTS.includes(name)) return undefined;
  return value.trim() !== '' && Number.isFinite(Number(value)) ? undefined : `Invalid value ${value} for ${name}`;
}
