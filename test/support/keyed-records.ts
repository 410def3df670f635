import type { Broker } from '../../engine/broker/broker.ts';
import { partitionOf } from '../../engine/broker/murmur2.ts';
import { RecordBatchBuilder } from '../../engine/broker/record-batch.ts';

export interface KeyedRecord {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  /** Absent: now. */
  readonly timeMs?: number | undefined;
}

/** Writes records into the partitions of their keys, a batch for each. @throws BrokerError */
export async function appendKeyed(
  broker: Pick<Broker, 'append'>,
  topic: string,
  partitions: number,
  records: readonly KeyedRecord[],
): Promise<void> {
  const byPartition = Map.groupBy(records, ({ key }) => partitionOf(key, partitions));
  await Promise.all(
    [...byPartition].map(([partition, own]) => {
      const builder = new RecordBatchBuilder();
      for (const { key, value, timeMs = Date.now() } of own) builder.append(key, value, timeMs);
      return broker.append(topic, partition, [builder.build()]);
    }),
  );
}
