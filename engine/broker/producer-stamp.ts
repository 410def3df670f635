import { crc32c } from './crc32c.ts';
import { BATCH_FIELD, type RecordBatch, TRANSACTIONAL } from './record-batch.ts';

/** Who a batch is from, as a broker tells repetitions and zombies by it. */
export interface ProducerIdentity {
  readonly producerId: number;
  /** Of two with the same id, the one with the older epoch is refused. */
  readonly epoch: number;
}

/** Sequence numbers of a partition go round within 31 bits. */
const SEQUENCES = 2 ** 31;

export const nextSequence = (sequence: number, records: number): number => (sequence + records) % SEQUENCES;

/**
 * Writes into a batch who it is from, in a transaction, and the number of its first record among all that this producer
 * writes to the partition.
 */
export function stampProducer(batch: RecordBatch, { producerId, epoch }: ProducerIdentity, sequence: number): void {
  const { bytes } = batch;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setInt16(BATCH_FIELD.attributes, batch.attributes | TRANSACTIONAL);
  view.setBigInt64(BATCH_FIELD.producerId, BigInt(producerId));
  view.setInt16(BATCH_FIELD.producerEpoch, epoch);
  view.setInt32(BATCH_FIELD.baseSequence, sequence);
  view.setUint32(BATCH_FIELD.crc, crc32c(bytes, BATCH_FIELD.attributes));
}
