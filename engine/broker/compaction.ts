import { type RecordBatch, RecordBatchBuilder, type RecordCursor } from './record-batch.ts';

/** The newest part of a log is left as it is, so that who reads near its end sees every change, deletions too. */
const UNTOUCHED_SHARE = 0.25;

/**
 * Keeps of each key the newest record, and drops the key's earlier ones; records keep their offsets. Deletions that are old go
 * themselves. Records without a key are kept.
 */
export function compactBatches(batches: readonly RecordBatch[]): RecordBatch[] {
  const newest = new Map<string, number>();
  for (const batch of batches) {
    const cursor = batch.records();
    while (cursor.next()) if (cursor.keyStart >= 0) newest.set(keyOf(cursor), cursor.offset);
  }
  const total = batches.reduce((sum, batch) => sum + batch.sizeBytes, 0);
  const kept: RecordBatch[] = [];
  let seen = 0;
  for (const batch of batches) {
    seen += batch.sizeBytes;
    const compacted = seen > total * (1 - UNTOUCHED_SHARE) ? batch : compactBatch(batch, newest);
    if (compacted !== undefined) kept.push(compacted);
  }
  return kept;
}

function compactBatch(batch: RecordBatch, newest: ReadonlyMap<string, number>): RecordBatch | undefined {
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
  compacted.baseOffset = batch.baseOffset;
  return compacted;
}

const keyOf = ({ bytes, keyStart, keyEnd }: RecordCursor): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + keyStart, keyEnd - keyStart).toString('latin1');
