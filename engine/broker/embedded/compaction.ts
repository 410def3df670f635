import { type RecordBatch, RecordBatchBuilder, type RecordCursor } from '../record-batch.ts';
import type { LogBlock } from './log-block.ts';
import type { LogSegment } from './log-segment.ts';
import { abortedTest, type ProducerStates } from './producer-states.ts';

/** The newest part of a log is left as it is, so that who reads near its end sees every change, deletions too. */
const UNTOUCHED_SHARE = 0.25;

/** Segments that follow each other, and the batches that take their place. */
export interface CompactedSegments {
  readonly from: readonly LogSegment[];
  readonly batches: readonly RecordBatch[];
}

/** What a log knows of its transactions. */
export interface CompactedLog {
  readonly lastStable: number;
  readonly producers: ProducerStates;
}

/**
 * Keeps of each key the newest record, and drops the key's earlier ones; records keep their offsets. Deletions that are
 * old go themselves. Records without a key are kept. Segments that become small are put together up to `segmentBytes`.
 * What belongs to transactions that are open is left as it is; records of those that were aborted go.
 */
export function* compactSegments(
  segments: readonly LogSegment[],
  bytesOf: (segment: LogSegment, block: LogBlock) => Uint8Array,
  segmentBytes: number,
  { lastStable, producers }: CompactedLog,
): Iterable<CompactedSegments> {
  const all = segments.filter(({ nextOffset }) => nextOffset <= lastStable);
  const isAborted = abortedTest(producers.abortedBetween(0, lastStable));
  const batchesOf = (segment: LogSegment): RecordBatch[] =>
    segment.blocks
      .flatMap((block) => block.read(bytesOf(segment, block), 0, Infinity, Infinity))
      .filter((batch) => !isAborted(batch));
  const newest = newestOffsets(all, batchesOf);
  const total = all.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let from: LogSegment[] = [];
  let batches: RecordBatch[] = [];
  let size = 0;
  let seen = 0;
  for (const segment of all) {
    seen += segment.sizeBytes;
    if (seen > total * (1 - UNTOUCHED_SHARE)) break;
    const kept = batchesOf(segment).flatMap((batch) => compactBatch(batch, newest) ?? []);
    const keptBytes = kept.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    if (size > 0 && size + keptBytes > segmentBytes) {
      yield { from, batches };
      from = [];
      batches = [];
      size = 0;
    }
    from.push(segment);
    batches.push(...kept);
    size += keptBytes;
  }
  if (from.length > 0) yield { from, batches };
}

function newestOffsets(
  segments: readonly LogSegment[],
  batchesOf: (segment: LogSegment) => RecordBatch[],
): ReadonlyMap<string, number> {
  const newest = new Map<string, number>();
  for (const segment of segments) {
    for (const batch of batchesOf(segment)) {
      const cursor = batch.records();
      while (cursor.next()) if (cursor.keyStart >= 0) newest.set(keyOf(cursor), cursor.offset);
    }
  }
  return newest;
}

/** Markers stay, so that a start finds how the transactions ended. */
function compactBatch(batch: RecordBatch, newest: ReadonlyMap<string, number>): RecordBatch | undefined {
  if (batch.isControl && batch.isTransactional) return batch;
  const builder = new RecordBatchBuilder(batch.sizeBytes);
  const cursor = batch.records();
  let expected = batch.baseOffset;
  while (cursor.next()) {
    for (; expected < cursor.offset; expected++) builder.skip();
    expected++;
    const isKept = cursor.keyStart < 0 || (cursor.valueStart >= 0 && newest.get(keyOf(cursor)) === cursor.offset);
    if (isKept) builder.append(cursor.key, cursor.value, cursor.timeMs, cursor.headers);
    else builder.skip();
  }
  if (builder.count === 0) return undefined;
  if (builder.count === batch.count) return batch;
  const compacted = builder.build();
  compacted.stampOffset(batch.baseOffset);
  return compacted;
}

const keyOf = ({ bytes, keyStart, keyEnd }: RecordCursor): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + keyStart, keyEnd - keyStart).toString('latin1');
