import type { Broker } from '../../engine/broker/broker.ts';
import { RecordBatchBuilder } from '../../engine/broker/record-batch.ts';
import { type EventKind, eventAt, kindOf } from './generator.ts';

const BATCH_BYTES = 512 * 1024;
const utf8 = new TextEncoder();

/** Where many runs with other numbers of events share a broker. */
export const topicOf = (kind: EventKind, events: number): string => `${kind}_${events}`;

/**
 * Writes the events of some kinds, each kind to a topic of its own, unless it is there; keys are ids, as Kafka writes a
 * BIGINT.
 * @returns how many events of these kinds there are
 */
export async function fillTopics(
  broker: Broker,
  kinds: readonly EventKind[],
  events: number,
  nameOf: (kind: EventKind) => string = (kind) => kind,
): Promise<number> {
  for (const kind of kinds) {
    const name = nameOf(kind);
    if ((await broker.describeTopic(name)) !== undefined) continue;
    await broker.createTopic({ name, partitions: 1, replicas: 1 });
    const builder = new RecordBatchBuilder(BATCH_BYTES);
    for (let n = 0; n < events; n++) {
      if (kindOf(n) !== kind) continue;
      const { event } = eventAt(n);
      const [id, value] = splitKey(event);
      const key = Buffer.alloc(8);
      key.writeBigInt64BE(BigInt(id));
      builder.append(key, utf8.encode(JSON.stringify(value)), event.date_time);
      if (builder.sizeBytes >= BATCH_BYTES) await broker.append(name, 0, [builder.build()]);
    }
    if (builder.count > 0) await broker.append(name, 0, [builder.build()]);
  }
  let count = 0;
  for (let n = 0; n < events; n++) if (kinds.includes(kindOf(n))) count++;
  return count;
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
