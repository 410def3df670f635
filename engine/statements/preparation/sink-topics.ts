import { javaRegex } from '../../../language/java/regex/java-regex.ts';
import type { DataSource } from '../../../language/metastore/metastore.ts';
import type { TopicSettings } from '../../../language/query/analyzed.ts';
import { usesRegistry } from '../../../language/settings/formats.ts';
import { keyColumns, valueColumns } from '../../../language/types/schema.ts';
import { EngineError, ERROR_CODE } from '../../api/errors.ts';
import { createUnlessThere } from '../../broker/create-topic.ts';
import type { EngineServices } from '../../runtime/engine-services.ts';
import { schemaForColumns } from '../../serde/schemas/schema-translation.ts';

/** Makes the topic of a source unless it is there. */
export async function createTopic(settings: TopicSettings, { broker }: EngineServices): Promise<void> {
  const { name, partitions, replicas, cleanupPolicy, retentionMs } = settings;
  const config = {
    'cleanup.policy': cleanupPolicy,
    ...(retentionMs === undefined || cleanupPolicy === 'compact' ? {} : { 'retention.ms': String(retentionMs) }),
  };
  await createUnlessThere(broker, { name, partitions, replicas, config });
}

/**
 * Registers the schemas of a source's key and value. CREATE registers only what there is nothing of; CREATE AS
 * registers always.
 * @throws EngineError when a format needs a registry and none is configured
 */
export async function registerSchemas(
  source: DataSource,
  always: boolean,
  { registry }: EngineServices,
): Promise<void> {
  for (const isKey of [true, false]) {
    const format = isKey ? source.keyFormat : source.valueFormat;
    const columns = (isKey ? keyColumns : valueColumns)(source.schema);
    if (!usesRegistry(format.name) || columns.length === 0) continue;
    if (registry === undefined) {
      const message = `Cannot create topic '${source.topic}' with format ${format.name} without configuring 'ksql.schema.registry.url'`;
      throw new EngineError(ERROR_CODE.badStatement, message, { statementText: source.statementText });
    }
    const subject = `${source.topic}-${isKey ? 'key' : 'value'}`;
    if (!always && (await registry.latest(subject)) !== undefined) continue;
    if (format.schemaId !== undefined) continue;
    const serdeColumns = columns.map(({ name, type }, slot) => ({ name, type, slot }));
    const schema = schemaForColumns({
      topic: source.topic,
      isKey,
      format,
      columns: serdeColumns,
      registry,
      sourceName: source.name,
    });
    if (schema !== undefined) await registry.register(subject, schema);
  }
}

/** Whether statements may not write to the topic: those of Kafka's and ksqlDB's own, and the processing log. */
export function isReadOnlyTopic(topic: string, services: EngineServices): boolean {
  const patterns = services.setting('ksql.readonly.topics')?.split(',') ?? [];
  const processingLog =
    services.setting('ksql.logging.processing.topic.name') || `${services.serviceId}ksql_processing_log`;
  return topic === processingLog || matchesAny(topic, patterns) || /^_confluent-ksql-.*$/.test(topic);
}

/** Whether one of the patterns, as settings list them, is the whole of the name. */
export function matchesAny(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => pattern.trim() !== '' && javaRegex(pattern.trim(), true).test(name));
}
