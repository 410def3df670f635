import { crc32c } from '../../../engine/broker/crc32c.ts';
import { BATCH_FIELD, RecordBatch } from '../../../engine/broker/record-batch.ts';
import { batchOf } from './broker-contract.ts';

export interface ProducerFields {
  readonly producerId: number;
  readonly producerEpoch?: number;
  readonly sequence: number;
  readonly isTransactional?: boolean;
}

const TRANSACTIONAL = 0x10;

/** A batch as a producer writes it that counts its records, or does so in a transaction. */
export function producerBatch(values: readonly string[], fields: ProducerFields): RecordBatch {
  const { bytes } = batchOf(...values);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setInt16(BATCH_FIELD.attributes, fields.isTransactional ? TRANSACTIONAL : 0);
  view.setBigInt64(BATCH_FIELD.producerId, BigInt(fields.producerId));
  view.setInt16(BATCH_FIELD.producerEpoch, fields.producerEpoch ?? 0);
  view.setInt32(BATCH_FIELD.baseSequence, fields.sequence);
  view.setUint32(BATCH_FIELD.crc, crc32c(bytes, BATCH_FIELD.attributes));
  return new RecordBatch(bytes);
}
