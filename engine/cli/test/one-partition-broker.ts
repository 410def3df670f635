import { MemoryBroker } from '../../broker/memory-broker.ts';
import type { RecordBatch } from '../../broker/record-batch.ts';

/**
 * The broker of ksqlDB's own test runner: topics have the partitions that statements want of them, but all records go to the
 * first, because there is one task only. So the order of results does not depend on how keys are spread.
 */
export class OnePartitionBroker extends MemoryBroker {
  override append(topic: string, _partition: number, batches: readonly RecordBatch[]): Promise<number> {
    return super.append(topic, 0, batches);
  }
}
