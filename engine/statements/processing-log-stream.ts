import { addSource } from '../../language/metastore/metastore-changes.ts';
import { parseScript } from '../../language/parser/parse-script.ts';
import { RecordBatchBuilder } from '../broker/record-batch.ts';
import type { EngineServices } from '../runtime/engine-services.ts';
import { PROCESSING_LOG_COLUMNS, processingLogRecord } from '../runtime/monitoring/processing-log.ts';
import { Session } from '../runtime/session/session.ts';
import { prepareStatement } from './preparation/prepare.ts';
import { createTopic } from './preparation/sink-topics.ts';

const STREAM = 'KSQL_PROCESSING_LOG';

/**
 * Makes the processing log a stream that statements can read, and writes every entry to its topic.
 * @param execute carries a statement out for all engines of the service, where there may be several; who cannot bring
 *   it into their log has the stream by itself
 * @returns a function that ends the writing
 */
export async function openProcessingLogStream(
  services: EngineServices,
  execute?: (statement: string) => Promise<unknown>,
): Promise<() => void> {
  const topic = services.setting('ksql.logging.processing.topic.name') || `${services.serviceId}ksql_processing_log`;
  await createTopic({ name: topic, partitions: 1, replicas: -1, cleanupPolicy: 'delete' }, services);
  const definition = `${STREAM} (${PROCESSING_LOG_COLUMNS}) WITH (KAFKA_TOPIC='${topic}', VALUE_FORMAT='JSON');`;
  const isThere = services.metastore.sources.has(STREAM);
  if (execute !== undefined && !isThere) await execute(`CREATE STREAM IF NOT EXISTS ${definition}`);
  else if (!isThere) {
    const text = `CREATE STREAM ${definition}`;
    const [statement] = parseScript(text, { dialect: 'latest' }).statements;
    const { prepared } = await prepareStatement(statement!, { services, session: Session.empty() });
    if (prepared.analyzed.kind === 'create-source')
      services.metastore = addSource(services.metastore, { ...prepared.analyzed.source, partitions: 1 });
  }
  const encoder = new TextEncoder();
  return services.processingLog.listen((problem) => {
    const builder = new RecordBatchBuilder();
    builder.append(null, encoder.encode(processingLogRecord(problem)), problem.timeMs);
    // The log must not stop what it reports on: an entry that cannot be written is still kept in memory.
    void services.broker.append(topic, 0, [builder.build()]).catch(() => undefined);
  });
}
