import { decompress } from '../compression.ts';
import { BATCH_FIELD, RecordBatch } from '../record-batch.ts';
import { ERROR } from './protocol/error-codes.ts';

/** Why a batch is refused, in a code of Kafka's and in words. */
export interface RecordFault {
  readonly errorCode: number;
  readonly message: string;
}

const CODEC_MASK = 0x07;
/** Compression, type of times, and in a transaction; a producer writes no markers, and no delete horizon. */
const KNOWN_ATTRIBUTES = 0x1f;
const MAGIC = 2;

const corrupt = (message: string): RecordFault => ({ errorCode: ERROR.corruptMessage, message });
const invalid = (message: string): RecordFault => ({ errorCode: ERROR.invalidRecord, message });

/**
 * The one batch that a producer may send for a partition, or what is wrong with it. What gets into a log is read by the
 * engine, and by clients, without another look, so every length is looked at here.
 * @param needsKeys whether records without a key are refused, as for compacted topics
 */
export function batchOfProducer(bytes: Uint8Array, needsKeys: boolean): RecordBatch | RecordFault {
  if (bytes.length < BATCH_FIELD.records) return corrupt('There is no whole record batch.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getInt8(BATCH_FIELD.magic) !== MAGIC)
    return invalid('Record batches have to be in the format of Kafka 0.11 and later.');
  if (view.getInt32(BATCH_FIELD.batchLength) + BATCH_FIELD.leaderEpoch !== bytes.length)
    return invalid('There has to be one record batch for a partition, and it has to be whole.');
  const batch = new RecordBatch(bytes);
  if (!batch.isIntact) return corrupt('The checksum of the record batch does not fit its bytes.');
  if ((batch.attributes & ~KNOWN_ATTRIBUTES) !== 0) return invalid('Producers do not write control batches.');
  const { count, producerId, producerEpoch, baseSequence } = batch;
  if (count < 1 || view.getInt32(BATCH_FIELD.lastOffsetDelta) !== count - 1)
    return invalid('The number of records does not fit their offsets.');
  if (producerId >= 0 && (producerEpoch < 0 || baseSequence < 0))
    return invalid('A producer with an id counts its records.');
  const fault = faultOfRecords(batch, needsKeys);
  return fault === undefined ? batch : invalid(fault);
}

function faultOfRecords(batch: RecordBatch, needsKeys: boolean): string | undefined {
  const codec = batch.attributes & CODEC_MASK;
  let body = batch.bytes.subarray(BATCH_FIELD.records);
  if (codec !== 0) {
    try {
      body = decompress(codec, body);
    } catch (error) {
      return `The records cannot be decompressed: ${(error as Error).message}`;
    }
  }
  const walk = new RecordWalk(body);
  for (let n = 0; n < batch.count; n++) {
    const fault = walk.next(n, needsKeys);
    if (fault !== undefined) return `Record ${n}: ${fault}`;
  }
  return walk.isAtEnd ? undefined : 'There are bytes behind the last record.';
}

/** Goes over records and looks at every length. */
class RecordWalk {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  next(offsetDelta: number, needsKeys: boolean): string | undefined {
    const length = this.#varint();
    const end = this.#at + length;
    if (!(length > 0 && end <= this.#bytes.length)) return 'it is longer than its batch.';
    // Its attributes.
    this.#at++;
    this.#varint();
    if (this.#varint() !== offsetDelta) return 'its offset is not the next one.';
    const keyLength = this.#varint();
    if (keyLength < 0 && needsKeys) return 'it has no key, and its topic is compacted.';
    this.#skip(keyLength);
    this.#skip(this.#varint());
    for (let left = this.#varint(); left !== 0; left--) {
      const nameLength = this.#varint();
      if (left < 0 || nameLength < 0 || this.#at >= end) return 'its headers are damaged.';
      this.#skip(nameLength);
      this.#skip(this.#varint());
    }
    return this.#at === end ? undefined : 'its fields do not fill it.';
  }

  #skip(length: number): void {
    if (length > 0) this.#at += length;
  }

  /** Signed. Beyond 53 bits it is of no exact value; where there is no end to it, it is of none. */
  #varint(): number {
    const bytes = this.#bytes;
    let byte = bytes[this.#at++];
    if (byte !== undefined && byte < 0x80) return (byte >>> 1) ^ -(byte & 1);
    let value = 0;
    for (let factor = 1; byte !== undefined && factor < 2 ** 70; factor *= 128) {
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      byte = bytes[this.#at++];
    }
    return Number.NaN;
  }
}
