import { RECORD_ROW, type RecordCursor } from '../../../broker/record-batch.ts';
import type { Template } from '../../../serde/json/template.ts';
import type { JsonTokens } from '../../../serde/json/tokens.ts';
import { type BlockReader, blockReader } from './block-reader.ts';
import { GrowingPause } from './growing-pause.ts';
import { type RowLayout, rowLayout } from './row-layout.ts';
import { type ScratchMemory, WINDOW } from './scratch-memory.ts';

/** So many records at least, or it is not worth while. */
const LEAST_RECORDS = 4;
/** So many records are read one by one at most before it is tried again. */
const MAX_PAUSE = 63;

export interface TokenBlockOptions {
  /** By column how its tokens have to stand, `FORM`, if they are integers; none by default. */
  readonly forms?: Uint8Array;
  /** How many pieces are made for the result of a record. */
  readonly made?: number;
}

/**
 * Reads records of one form in blocks ahead, by a function in WebAssembly that walks over a batch and finds the tokens
 * of the values. Records that it does not take, {@link JsonTokens} reads one by one, which also learns the form.
 */
export class TokenBlock {
  readonly layout: RowLayout;
  /** Where the row of the record stands that was found last; -1 for one that no block has. */
  rowAt = -1;
  /** Called before the rows, and the bytes that they speak of, are given up for others. */
  onLeave: () => void = () => undefined;
  readonly #tokens: JsonTokens;
  readonly #forms: Uint8Array;
  #template: Template | undefined;
  #reader: BlockReader | undefined;
  /** The batch that the rows are of, how many there are, and which one is that of the record at the cursor. */
  #cursor: RecordCursor | undefined;
  #count = 0;
  #row = 0;
  /** The bytes that were copied, and which of them. */
  #bytes: Uint8Array | undefined;
  #windowStart = 0;
  #windowEnd = 0;
  readonly #pause = new GrowingPause(MAX_PAUSE);

  constructor(tokens: JsonTokens, { forms, made = 0 }: TokenBlockOptions = {}) {
    this.#tokens = tokens;
    this.#forms = forms ?? new Uint8Array(tokens.checks.length);
    this.layout = rowLayout(tokens, made);
  }

  /** What the rows stand in. */
  get memory(): ScratchMemory | undefined {
    return this.#reader?.memory;
  }

  /** What makes a place in the batch of an address of the memory. */
  get shift(): number {
    return this.#windowStart - WINDOW.at;
  }

  /** Finds the tokens of the record at the cursor. False: that is to be done without blocks. */
  find(cursor: RecordCursor): boolean {
    this.rowAt = -1;
    if (!this.#has(cursor) && !this.#read(cursor)) return false;
    const { integers, columns } = this.layout;
    this.rowAt = this.#row * integers;
    this.#tokens.take(cursor.bytes, this.#reader!.memory.rows, this.rowAt + RECORD_ROW.length, columns);
    return true;
  }

  /** Moves the cursor to the next record; false after the last. */
  next(cursor: RecordCursor): boolean {
    if (cursor !== this.#cursor || this.#row + 1 >= this.#count || !this.#has(cursor)) return cursor.next();
    cursor.moveTo(this.#reader!.memory.rows, ++this.#row * this.layout.integers);
    return true;
  }

  #has(cursor: RecordCursor): boolean {
    if (cursor !== this.#cursor || this.#row >= this.#count) return false;
    const { memory } = this.#reader!;
    const start = memory.rows[this.#row * this.layout.integers + RECORD_ROW.recordStart];
    return memory.owner === this && start === cursor.start;
  }

  /** Reads a block of records from the one at the cursor on. */
  #read(cursor: RecordCursor): boolean {
    const { left, start } = cursor;
    if (this.#pause.goesOn) return false;
    // A damaged batch can have a record begin anywhere.
    if (left < LEAST_RECORDS || start < 0) return false;
    this.onLeave();
    this.#count = 0;
    if (this.#template !== this.#tokens.template) {
      this.#template = this.#tokens.template;
      this.#reader = this.#template && blockReader(this.#template, this.#tokens.checks, this.layout, this.#forms);
    }
    if (this.#reader === undefined) return false;
    this.#cursor = cursor;
    this.#row = 0;
    this.#count = this.#readFrom(this.#reader, cursor, left + 1);
    if (this.#count > 0) this.#pause.taken();
    else this.#pause.refused();
    return this.#count > 0;
  }

  #readFrom(reader: BlockReader, { bytes, start }: RecordCursor, left: number): number {
    const isThere =
      reader.memory.owner === this && bytes === this.#bytes && start >= this.#windowStart && start < this.#windowEnd;
    if (!isThere) this.#fill(reader.memory, bytes, start);
    const count = this.#run(reader, start, left);
    if (count > 0 || this.#windowStart === start || this.#windowEnd === bytes.length) return count;
    // The window may end in the middle of this record.
    this.#fill(reader.memory, bytes, start);
    return this.#run(reader, start, left);
  }

  #run({ run }: BlockReader, start: number, left: number): number {
    const { shift } = this;
    return run(start - shift, this.#windowEnd - shift, Math.min(left, this.layout.most), shift);
  }

  #fill(memory: ScratchMemory, bytes: Uint8Array, start: number): void {
    memory.owner = this;
    this.#bytes = bytes;
    this.#windowStart = start;
    this.#windowEnd = memory.fill(bytes, start);
  }
}
