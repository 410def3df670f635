import { type RecordBatchBuilder, type RecordCursor, RECORD_ROW as ROW } from '../../../broker/record-batch.ts';
import { ByteWriter } from '../../../bytes/byte-writer.ts';
import type { Row } from '../../../operators/operator.ts';
import type { RecordWriter } from '../../records/record-writer.ts';
import { makeProgram, type Program } from './programs.ts';
import { type Piece, resultFunctions } from './result-code.ts';
import { CHOSEN, MADE, OUTPUT, ROWS } from './scratch-memory.ts';
import type { TokenBlock } from './token-block.ts';

/** A field of a result: the token of a column as it stands, or a piece that is made. */
export interface BlockField {
  readonly prefix: Uint8Array;
  /** The column whose token it is; -1 for a piece that is made. */
  readonly column: number;
  /** Writes the piece. False, or an error: the record is given up. */
  readonly make: (row: Row, writer: ByteWriter) => boolean;
}

/** The key of a result: a range of bytes, which are null for none. */
export interface ResultKey {
  readonly bytes: Uint8Array | null;
  readonly start: number;
  readonly end: number;
}

/** Rows that were chosen for one partition. */
interface Pending {
  readonly partition: number;
  readonly rows: Int32Array;
  count: number;
  builder: RecordBatchBuilder | undefined;
  baseTimeMs: number;
  maxTimeMs: number;
}

/** What the pieces of one result may take; with less left, the room for them is emptied. */
const MADE_BYTES = 16 * 1024;
const MOST_PREFIX_BYTES = 32 * 1024;
/** What the tokens of one result may take. */
const MOST_TOKEN_BYTES = OUTPUT.bytes - MADE_BYTES - MOST_PREFIX_BYTES - 1024;
/** Times of a batch reach so far from its first that they can be told in 32 bits. */
const MOST_TIME_DELTA_MS = 2 ** 30;

/**
 * Chooses rows of a block, and writes the records that come of them together, by a function in WebAssembly that is made
 * for the fields of the result.
 */
export class ResultBlock {
  readonly #block: TokenBlock;
  readonly #writer: RecordWriter;
  readonly #program: Program;
  readonly #makes: readonly BlockField['make'][];
  readonly #fields: number;
  readonly #pieces: ByteWriter;
  readonly #pending: Pending[] = [];
  #isEmpty = true;

  private constructor(block: TokenBlock, fields: readonly BlockField[], writer: RecordWriter, program: Program) {
    this.#block = block;
    this.#writer = writer;
    this.#program = program;
    this.#fields = fields.length;
    this.#makes = fields.filter(({ column }) => column < 0).map(({ make }) => make);
    this.#pieces = new ByteWriter(0);
    this.#pieces.bytes = program.memory.made;
    block.onLeave = () => this.flush();
  }

  /** Undefined where results cannot be written so. @param block has room for as many pieces as there are made */
  static of(block: TokenBlock, fields: readonly BlockField[], writer: RecordWriter): ResultBlock | undefined {
    const { tokens, made } = block.layout;
    if (fields.reduce((sum, { prefix }) => sum + prefix.length, 0) > MOST_PREFIX_BYTES) return undefined;
    let next = 0;
    const pieces = fields.map(
      ({ prefix, column }): Piece => ({
        prefix,
        place: column < 0 ? made[next++]! : tokens[column]!,
      }),
    );
    const program = makeProgram(resultFunctions(pieces));
    return program && new ResultBlock(block, fields, writer, program);
  }

  /**
   * Adds the result of the record at the cursor.
   * @returns false: it is given up; undefined: it is to be written by itself, behind those that were added
   */
  add(cursor: RecordCursor, row: Row, key: ResultKey): boolean | undefined {
    const { rowAt } = this.#block;
    if (rowAt < 0 || (cursor.valueEnd - cursor.valueStart) * this.#fields > MOST_TOKEN_BYTES) return undefined;
    if (this.#pieces.position > MADE.bytes - MADE_BYTES) this.flush();
    const pending = this.#pendingOf(this.#writer.partitionFor(key.bytes, key.start, key.end));
    if (pending.count === 0) this.#begin(pending, cursor.timeMs);
    const delta = cursor.timeMs - pending.baseTimeMs;
    if (Math.abs(delta) > MOST_TIME_DELTA_MS) return undefined;
    const made = this.#make(rowAt, row, cursor.bytes, key);
    if (made !== true) return made;
    this.#program.memory.rows[rowAt + ROW.timeDelta] = delta;
    if (cursor.timeMs > pending.maxTimeMs) pending.maxTimeMs = cursor.timeMs;
    pending.rows[pending.count++] = ROWS.at + 4 * rowAt;
    this.#isEmpty = false;
    return true;
  }

  /** Writes what was added into the batches. */
  flush(): void {
    this.#pieces.position = 0;
    if (this.#isEmpty) return;
    for (const pending of this.#pending) if (pending.count > 0) this.#write(pending);
    this.#isEmpty = true;
  }

  #write(pending: Pending): void {
    const { memory, run } = this.#program;
    const { count, baseTimeMs, maxTimeMs } = pending;
    const builder = pending.builder!;
    memory.chosen.set(pending.rows.subarray(0, count));
    for (let done = 0; done < count; ) {
      const written = run(count - done, done, builder.nextOffset, this.#block.shift);
      if (written === 0) throw new Error('A result is larger than the room for results');
      builder.appendRecords(memory.output.subarray(0, memory.result[0]! - OUTPUT.at), written, baseTimeMs, maxTimeMs);
      done += written;
    }
    pending.count = 0;
    pending.builder = undefined;
  }

  #begin(pending: Pending, timeMs: number): void {
    const builder = this.#writer.batchOf(pending.partition);
    pending.builder = builder;
    pending.baseTimeMs = builder.count === 0 ? timeMs : builder.baseTimeMs;
    pending.maxTimeMs = timeMs;
  }

  #pendingOf(partition: number): Pending {
    const known = this.#pending[partition];
    if (known !== undefined) return known;
    while (this.#pending.length <= partition)
      this.#pending.push({
        partition: this.#pending.length,
        rows: new Int32Array(CHOSEN.most),
        count: 0,
        builder: undefined,
        baseTimeMs: 0,
        maxTimeMs: 0,
      });
    return this.#pending[partition]!;
  }

  /** Makes the pieces of a result, and its key where that is not the record's. */
  #make(rowAt: number, row: Row, bytes: Uint8Array, key: ResultKey): boolean | undefined {
    const { rows } = this.#program.memory;
    const pieces = this.#pieces;
    const { made } = this.#block.layout;
    const start = pieces.position;
    for (let i = 0; i < this.#makes.length; i++) {
      const from = pieces.position;
      if (!this.#makes[i]!(row, pieces)) return false;
      this.#note(rowAt + made[i]!, from);
    }
    if (key.bytes === null) {
      rows[rowAt + ROW.keyStart] = -1;
    } else if (key.bytes !== bytes) {
      const from = pieces.position;
      pieces.range(key.bytes, key.start, key.end);
      this.#note(rowAt + ROW.keyStart, from);
    }
    const { memory } = this.#program;
    if (pieces.bytes === memory.made && pieces.position - start <= MADE_BYTES) return true;
    // There was not enough room, and they stand elsewhere.
    pieces.bytes = memory.made;
    pieces.position = start;
    return undefined;
  }

  /** Notes where a piece stands that was just written. */
  #note(place: number, from: number): void {
    const { rows } = this.#program.memory;
    const shift = MADE.at + this.#block.shift;
    rows[place] = from + shift;
    rows[place + 1] = this.#pieces.position + shift;
  }
}
