import type { AppendFile } from '../../files/append-file.ts';
import type { RecordBatch } from '../record-batch.ts';
import type { BatchPlace } from './batch-place.ts';
import { BLOCK_BYTES, LogBlock } from './log-block.ts';

/** A part of a partition's log: what is dropped, or rewritten by compaction, at once. In a log that is kept, a file. */
export class LogSegment {
  readonly firstOffset: number;
  readonly blocks: LogBlock[] = [];
  file: AppendFile | undefined;
  sizeBytes = 0;

  constructor(firstOffset: number, file?: AppendFile) {
    this.firstOffset = firstOffset;
    this.file = file;
  }

  get nextOffset(): number {
    return this.blocks.at(-1)?.nextOffset ?? this.firstOffset;
  }

  get records(): number {
    return this.blocks.reduce((sum, { records }) => sum + records, 0);
  }

  get maxTimeMs(): number {
    return this.blocks.reduce((max, { maxTimeMs }) => Math.max(max, maxTimeMs), Number.NEGATIVE_INFINITY);
  }

  /** Takes a batch in whose offset is set. @returns the block that has it */
  add(batch: RecordBatch): LogBlock {
    let block = this.blocks.at(-1);
    if (block?.bytes === undefined || !block.hasRoom(batch.sizeBytes)) {
      if (this.file === undefined) this.packLast();
      block = new LogBlock(batch.baseOffset, this.sizeBytes);
      this.blocks.push(block);
    }
    block.append(batch);
    this.sizeBytes += batch.sizeBytes;
    return block;
  }

  /** Notes a batch that stands in the file at `position`. */
  note(place: BatchPlace, position: number): void {
    const sizeBytes = place.end - place.start;
    let block = this.blocks.at(-1);
    const follows = block !== undefined && block.position + block.sizeBytes === position;
    if (block === undefined || !follows || block.sizeBytes + sizeBytes > BLOCK_BYTES) {
      block = new LogBlock(place.baseOffset, position);
      this.blocks.push(block);
    }
    block.note(place);
    this.sizeBytes = position + sizeBytes;
  }

  /** Puts small batches of the last block together, for which nothing more comes. Only where there is no file. */
  packLast(): void {
    const block = this.blocks.at(-1);
    if (block === undefined) return;
    this.sizeBytes -= block.sizeBytes;
    block.pack();
    this.sizeBytes += block.sizeBytes;
  }

  /** The last block that begins at or before the offset; 0 where none does. */
  indexOf(offset: number): number {
    let low = 0;
    let high = this.blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.blocks[middle]!.firstOffset <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Forgets what stands behind the first bytes. */
  cutTo(sizeBytes: number, bytesOf: (block: LogBlock) => Uint8Array): void {
    while (this.blocks.length > 0 && this.blocks.at(-1)!.position >= sizeBytes) this.blocks.pop();
    const last = this.blocks.at(-1);
    if (last !== undefined && last.position + last.sizeBytes > sizeBytes) {
      const kept = sizeBytes - last.position;
      last.cutTo(kept, bytesOf(last));
    }
    this.sizeBytes = sizeBytes;
  }
}
