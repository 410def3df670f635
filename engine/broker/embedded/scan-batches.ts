import { type BatchPlace, isCutOff, isIntactAt, offsetBehind, placeOf } from './batch-place.ts';

/** Where in a batch its version stands, and which it is. */
const MAGIC_AT = 16;
const MAGIC = 2;

/** A part of a log that cannot be read, and the offsets that it must have held. */
export interface DamagedRange {
  readonly start: number;
  readonly end: number;
  readonly firstOffset: number;
  /** Offset of the first record behind it; at the end of a log it may be greater than need be. */
  readonly nextOffset: number;
}

export interface ScannedBatches {
  readonly batches: readonly BatchPlace[];
  readonly damaged: readonly DamagedRange[];
  /** Where the last batch was cut off while it was written; undefined when it was not. */
  readonly tornAt: number | undefined;
}

/**
 * Finds the batches in the bytes of a log file. What is damaged is passed over up to the next batch that is whole,
 * whose offset tells how many records are missing.
 * @param expectedOffset of the first record, as far as the files before tell; others may only be greater
 */
export function scanBatches(bytes: Uint8Array, expectedOffset: number): ScannedBatches {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const batches: BatchPlace[] = [];
  const damaged: DamagedRange[] = [];
  let expected = expectedOffset;
  for (let at = 0; at < bytes.length; ) {
    const place = placeOf(view, at);
    if (place !== undefined && isIntactAt(bytes, view, place, expected)) {
      batches.push(place);
      expected = place.lastOffset + 1;
      at = place.end;
      continue;
    }
    const next = nextIntact(bytes, view, at + 1, expected);
    if (next === undefined) {
      if (isTorn(bytes, view, at)) return { batches, damaged, tornAt: at };
      damaged.push({
        start: at,
        end: bytes.length,
        firstOffset: expected,
        nextOffset: offsetBehind(view, at, expected),
      });
      break;
    }
    damaged.push({ start: at, end: next.start, firstOffset: expected, nextOffset: next.baseOffset });
    at = next.start;
    expected = next.baseOffset;
  }
  return { batches, damaged, tornAt: undefined };
}

function nextIntact(bytes: Uint8Array, view: DataView, from: number, expected: number): BatchPlace | undefined {
  for (let magic = bytes.indexOf(MAGIC, from + MAGIC_AT); magic >= 0; magic = bytes.indexOf(MAGIC, magic + 1)) {
    const place = placeOf(view, magic - MAGIC_AT);
    if (place !== undefined && isIntactAt(bytes, view, place, expected)) return place;
  }
  return undefined;
}

/**
 * Whether the bytes at the end are what a crash leaves: a batch that is not all there, or space that was never written.
 */
function isTorn(bytes: Uint8Array, view: DataView, at: number): boolean {
  return bytes.subarray(at).every((byte) => byte === 0) || isCutOff(bytes, view, at);
}
