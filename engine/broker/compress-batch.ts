import { type Codec, codecCode, compress } from './compression.ts';
import { crc32c } from './crc32c.ts';
import { BATCH_FIELD, RecordBatch } from './record-batch.ts';

/** Below that a batch is sent as it is: there is nothing to be won. */
const LEAST_BYTES = 256;

/** The same batch with its records compressed, or the batch itself where that makes it no smaller. */
export function compressBatch(batch: RecordBatch, codec: Codec): RecordBatch {
  if (batch.sizeBytes < LEAST_BYTES) return batch;
  const records = compress(codec, batch.bytes.subarray(BATCH_FIELD.records));
  const sizeBytes = BATCH_FIELD.records + records.length;
  if (sizeBytes >= batch.sizeBytes) return batch;
  const bytes = new Uint8Array(sizeBytes);
  bytes.set(batch.bytes.subarray(0, BATCH_FIELD.records));
  bytes.set(records, BATCH_FIELD.records);
  const view = new DataView(bytes.buffer);
  view.setInt32(BATCH_FIELD.batchLength, sizeBytes - BATCH_FIELD.leaderEpoch);
  view.setInt16(BATCH_FIELD.attributes, batch.attributes | codecCode(codec));
  view.setUint32(BATCH_FIELD.crc, crc32c(bytes, BATCH_FIELD.attributes));
  return new RecordBatch(bytes);
}
