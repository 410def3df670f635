import { crc32c } from '../crc32c.ts';
import type { ProducerIdentity } from '../producer-stamp.ts';
import { BATCH_FIELD, RecordBatch, RecordBatchBuilder } from '../record-batch.ts';

const TRANSACTIONAL_CONTROL = 0x30;
/** Kafka's types of control records, as their keys tell them after a version of two bytes. */
const ABORT = 0;
const COMMIT = 1;
/**
 * Where the key's type stands: behind length, attributes, deltas and the key's length, all of one byte each, and the
 * version.
 */
const TYPE_AT = BATCH_FIELD.records + 7;

/** The control batch by which a partition learns how a transaction of this producer ended. */
export function markerBatch(producer: ProducerIdentity, isCommit: boolean, timeMs: number): RecordBatch {
  const builder = new RecordBatchBuilder();
  builder.append(Buffer.from([0, 0, 0, isCommit ? COMMIT : ABORT]), Buffer.alloc(6), timeMs);
  const { bytes } = builder.build();
  const view = new DataView(bytes.buffer);
  view.setInt16(BATCH_FIELD.attributes, TRANSACTIONAL_CONTROL);
  view.setBigInt64(BATCH_FIELD.producerId, BigInt(producer.producerId));
  view.setInt16(BATCH_FIELD.producerEpoch, producer.epoch);
  view.setUint32(BATCH_FIELD.crc, crc32c(bytes, BATCH_FIELD.attributes));
  return new RecordBatch(bytes);
}

/** Whether a control batch says that its transaction was aborted. */
export const isAbortMarker = ({ bytes }: RecordBatch): boolean =>
  bytes[TYPE_AT] === ABORT && bytes[TYPE_AT + 1] === ABORT;
