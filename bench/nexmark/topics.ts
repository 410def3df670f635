import type { Broker } from '../../engine/broker/broker.ts';
import { RecordBatchBuilder } from '../../engine/broker/record-batch.ts';
import { type EventKind, eventAt, kindOf } from './generator.ts';

const BATCH_BYTES = 512 * 1024;
const utf8 = new TextEncoder();

/** Writes the events of some kinds, each kind to a topic of its own; keys are ids, as Kafka writes a BIGINT. */
export async function fillTopics(broker: Broker, kinds: readonly EventKind[], events: number): Promise<number> {
  let written = 0;
  for (const kind of kinds) {
    // The events are older than what Kafka keeps.
    await broker.createTopic({ name: kind, partitions: 1, replicas: 1, config: { 'retention.ms': '-1' } });
    const builder = new RecordBatchBuilder(BATCH_BYTES);
    for (let n = 0; n < events; n++) {
      if (kindOf(n) !== kind) continue;
      const { event } = eventAt(n);
      const [id, value] = splitKey(event);
      const key = Buffer.alloc(8);
      key.writeBigInt64BE(BigInt(id));
      builder.append(key, utf8.encode(JSON.stringify(value)), event.date_time);
      written++;
      if (builder.sizeBytes >= BATCH_BYTES) await broker.append(kind, 0, [builder.build()]);
    }
    if (builder.count > 0) await broker.append(kind, 0, [builder.build()]);
  }
  return written;
}

/** The key of an event, and what is left for its value. */
function splitKey(event: ReturnType<typeof eventAt>['event']): readonly [number, object] {
  if ('auction' in event) {
    const { auction, ...value } = event;
    return [auction, value];
  }
  const { id, ...value } = event;
  return [id, value];
}
