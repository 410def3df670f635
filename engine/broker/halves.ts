import { type RecordBatch, RecordBatchBuilder } from './record-batch.ts';

/** The same records in two batches, for a broker that finds one too large. */
export function halves(batch: RecordBatch): [RecordBatch, RecordBatch] {
  const builders = [new RecordBatchBuilder(batch.sizeBytes), new RecordBatchBuilder(batch.sizeBytes)] as const;
  const cursor = batch.records();
  for (let n = 0; cursor.next(); n++) {
    builders[n * 2 < batch.count ? 0 : 1].append(cursor.key, cursor.value, cursor.timeMs, cursor.headers);
  }
  return [builders[0].build(), builders[1].build()];
}
