import { RECORD_ROW, type RecordCursor } from '../../../broker/record-batch.ts';
import type { Template } from '../../../serde/json/template.ts';
import type { JsonTokens } from '../../../serde/json/tokens.ts';
import { type BlockReader, blockReader } from './block-reader.ts';
import { WINDOW_AT } from './scratch-memory.ts';

/** So many records at least, or it is not worth while. */
const LEAST_RECORDS = 4;
/** So many records are read one by one at most before it is tried again. */
const MAX_PAUSE = 63;

/**
 * Reads records of one form in blocks ahead, by a function in WebAssembly that walks over a batch and finds the tokens
 * of the values. Records that it does not take, {@link JsonTokens} reads one by one, which also learns the form.
 */
export class TokenBlock {
  readonly #tokens: JsonTokens;
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
  #pause = 0;
  #nextPause = 0;

  constructor(tokens: JsonTokens) {
    this.#tokens = tokens;
  }

  /** Finds the tokens of the record at the cursor. False: that is to be done without blocks. */
  find(cursor: RecordCursor): boolean {
    if (!this.#has(cursor) && !this.#read(cursor)) return false;
    const { memory, rowIntegers, places } = this.#reader!;
    this.#tokens.take(cursor.bytes, memory.rows, this.#row * rowIntegers, places);
    return true;
  }

  /** Moves the cursor to the next record; false after the last. */
  next(cursor: RecordCursor): boolean {
    if (cursor !== this.#cursor || this.#row + 1 >= this.#count || !this.#has(cursor)) return cursor.next();
    const { rows } = this.#reader!.memory;
    const at = ++this.#row * this.#reader!.rowIntegers;
    cursor.moveTo(rows, at);
    return true;
  }

  #has(cursor: RecordCursor): boolean {
    if (cursor !== this.#cursor || this.#row >= this.#count) return false;
    const { memory, rowIntegers } = this.#reader!;
    return memory.owner === this && memory.rows[this.#row * rowIntegers + RECORD_ROW.recordStart] === cursor.start;
  }

  /** Reads a block of records from the one at the cursor on. */
  #read(cursor: RecordCursor): boolean {
    const { left, start } = cursor;
    this.#count = 0;
    if (this.#pause > 0) {
      this.#pause--;
      return false;
    }
    // A damaged batch can have a record begin anywhere.
    if (left < LEAST_RECORDS || start < 0) return false;
    if (this.#template !== this.#tokens.template) {
      this.#template = this.#tokens.template;
      this.#reader = this.#template && blockReader(this.#template, this.#tokens);
    }
    if (this.#reader === undefined) return false;
    this.#cursor = cursor;
    this.#row = 0;
    this.#count = this.#readFrom(this.#reader, cursor, left + 1);
    this.#nextPause = this.#count > 0 ? 0 : Math.min(2 * this.#nextPause + 1, MAX_PAUSE);
    this.#pause = this.#nextPause;
    return this.#count > 0;
  }

  #readFrom({ memory, run, capacity }: BlockReader, { bytes, start }: RecordCursor, left: number): number {
    const isThere =
      memory.owner === this && bytes === this.#bytes && start >= this.#windowStart && start < this.#windowEnd;
    if (!isThere) this.#fill(memory, bytes, start);
    const most = Math.min(left, capacity);
    const runHere = (): number =>
      run(
        start - this.#windowStart + WINDOW_AT,
        this.#windowEnd - this.#windowStart + WINDOW_AT,
        most,
        this.#windowStart - WINDOW_AT,
      );
    const count = runHere();
    if (count > 0 || this.#windowStart === start || this.#windowEnd === bytes.length) return count;
    // The window may end in the middle of this record.
    this.#fill(memory, bytes, start);
    return runHere();
  }

  #fill(memory: BlockReader['memory'], bytes: Uint8Array, start: number): void {
    memory.owner = this;
    this.#bytes = bytes;
    this.#windowStart = start;
    this.#windowEnd = memory.fill(bytes, start);
  }
}
