import { crc32c } from '../crc32c.ts';
import { BATCH_FIELD, placeChecksum } from '../record-batch.ts';

/** What the header of a batch in a larger run of bytes says of it. */
export interface BatchPlace {
  readonly start: number;
  readonly end: number;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly records: number;
  readonly maxTimestampMs: number;
}

/** The place of the batch that begins at `at`, by its header alone; undefined when no whole batch can begin there. */
export function placeOf(view: DataView, at: number): BatchPlace | undefined {
  if (at + BATCH_FIELD.records > view.byteLength || view.getInt8(at + BATCH_FIELD.magic) !== 2) return undefined;
  const end = at + BATCH_FIELD.leaderEpoch + view.getInt32(at + BATCH_FIELD.batchLength);
  const lastOffsetDelta = view.getInt32(at + BATCH_FIELD.lastOffsetDelta);
  const baseOffset = Number(view.getBigInt64(at));
  if (end < at + BATCH_FIELD.records || end > view.byteLength || lastOffsetDelta < 0 || baseOffset < 0)
    return undefined;
  return {
    start: at,
    end,
    baseOffset,
    lastOffset: baseOffset + lastOffsetDelta,
    records: view.getInt32(at + BATCH_FIELD.count),
    maxTimestampMs: Number(view.getBigInt64(at + BATCH_FIELD.maxTimestamp)),
  };
}

/**
 * Whether the batch at `place` is as it was written. Its checksum does not cover the offset: that is held by a checksum
 * of its own, or follows from the batch before, or, in logs from before there was one, must not stand above what comes
 * behind.
 */
export function isIntactAt(bytes: Uint8Array, view: DataView, place: BatchPlace, expectedOffset: number): boolean {
  const { start, end, baseOffset, lastOffset } = place;
  if (baseOffset < expectedOffset) return false;
  if (baseOffset !== expectedOffset) {
    const stamp = view.getInt32(start + BATCH_FIELD.leaderEpoch);
    if (stamp !== -1 && stamp !== placeChecksum(bytes, start)) return false;
    const next = stamp === -1 ? placeOf(view, end) : undefined;
    if (next !== undefined && next.baseOffset <= lastOffset) return false;
  }
  return view.getUint32(start + BATCH_FIELD.crc) === crc32c(bytes, start + BATCH_FIELD.attributes, end);
}

/** The least that a record takes. */
const MIN_RECORD_BYTES = 7;

/**
 * The offset behind a damaged batch at the end of a log: what its header says where that can be, else more than it can
 * have held.
 * @param offset of its first record
 */
export function offsetBehind(view: DataView, at: number, offset: number): number {
  const most = Math.max(1, Math.floor((view.byteLength - at - BATCH_FIELD.records) / MIN_RECORD_BYTES));
  const isThere = at + BATCH_FIELD.records <= view.byteLength;
  const records = isThere ? view.getInt32(at + BATCH_FIELD.lastOffsetDelta) + 1 : most;
  return offset + (records > 0 && records <= most ? records : most);
}

/**
 * Whether a batch begins at `at` that goes on beyond the end of the file, as a crash leaves it. Where all but its
 * length is right, it was damaged afterwards.
 */
export function isCutOff(bytes: Uint8Array, view: DataView, at: number): boolean {
  if (at + BATCH_FIELD.records > bytes.length) return true;
  const end = at + BATCH_FIELD.leaderEpoch + view.getInt32(at + BATCH_FIELD.batchLength);
  return end > bytes.length && view.getUint32(at + BATCH_FIELD.crc) !== crc32c(bytes, at + BATCH_FIELD.attributes);
}
