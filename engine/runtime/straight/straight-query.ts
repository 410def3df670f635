import type { RecordCursor } from '../../broker/record-batch.ts';
import type { Row } from '../../operators/operator.ts';
import type { RecordWriter } from '../records/record-writer.ts';
import { GrowingPause } from './block/growing-pause.ts';
import type { ResultBlock } from './block/result-block.ts';
import type { KeyPassage } from './key-passage.ts';
import type { RowOutput } from './row-output.ts';
import type { SourceRow } from './source-row.ts';
import type { TableJoin } from './table-join.ts';

export interface StraightParts {
  readonly source: SourceRow;
  readonly key: KeyPassage;
  /** What comes between the predicates and the output. */
  readonly join?: { readonly table: TableJoin; readonly predicates: readonly ((row: Row) => boolean)[] } | undefined;
  /** Makes the key of a result that is not the record's. */
  readonly newKey?: ((row: Row) => void) | undefined;
  readonly output: RowOutput;
  /** Writes those of records that are read in blocks, where it can. */
  readonly results?: ResultBlock | undefined;
}

/** So many records are left to the long way at most before the short one is tried again. */
const MAX_PAUSE = 255;

/**
 * The short way of a query whose plan is a straight line: from the bytes of a record to the bytes of its result, in the
 * batch that they go out with, without a change, a row or a payload in between. It takes what is usual. A record that
 * there is something to say of (it cannot be read, an expression fails on it, it has no value, or a strange form) it
 * gives up without a trace, and then reader, operators and writer take it: what this way does, they would do just so.
 */
export class StraightQuery {
  readonly #parts: StraightParts;
  readonly #writer: RecordWriter;
  readonly #onWritten: (count: number) => void;
  #written = 0;
  readonly #pause = new GrowingPause(MAX_PAUSE);

  /** @param onWritten told how many records were written, by {@link done} */
  constructor(parts: StraightParts, writer: RecordWriter, onWritten: (count: number) => void) {
    this.#parts = parts;
    this.#writer = writer;
    this.#onWritten = onWritten;
  }

  /** Processes the record at the cursor. @returns false where that is for the long way to do */
  process(cursor: RecordCursor, partition: number): boolean {
    if (this.#pause.goesOn) return false;
    let isDone = false;
    try {
      isDone = this.#process(cursor, partition);
    } catch {
      // Whatever it was, the long way meets it again, and says so.
    }
    if (isDone) {
      this.#pause.taken();
    } else {
      // What comes of this record comes behind what came of those before.
      this.#parts.results?.flush();
      this.#pause.refused();
    }
    return isDone;
  }

  /** Moves the cursor to the next record of its batch; false after the last. */
  next(cursor: RecordCursor): boolean {
    return this.#parts.source.values.next(cursor);
  }

  /** To be called after some records: writes what came of them, and tells how many there were. */
  done(): void {
    this.#parts.results?.flush();
    if (this.#written > 0) this.#onWritten(this.#written);
    this.#written = 0;
  }

  #process(cursor: RecordCursor, partition: number): boolean {
    const { source, join } = this.#parts;
    const goesOn = source.open(cursor, partition);
    if (goesOn !== true) return goesOn === false;
    if (join !== undefined) return this.#join(join, cursor);
    return source.readRest() && this.#write(cursor);
  }

  #join({ table, predicates }: NonNullable<StraightParts['join']>, cursor: RecordCursor): boolean {
    const { source } = this.#parts;
    const { row, failures } = source;
    const goesOn = table.find(cursor);
    if (goesOn === undefined || failures.any) return false;
    if (!goesOn) return true;
    if (!source.readRest()) return false;
    for (let i = 0; i < predicates.length; i++) if (!predicates[i]!(row)) return !failures.any;
    return !failures.any && this.#write(cursor);
  }

  #write(cursor: RecordCursor): boolean {
    const { source, key, newKey, results } = this.#parts;
    newKey?.(source.row);
    if (source.failures.any) return false;
    const isAdded = results?.add(cursor, source.row, key);
    if (isAdded === true) this.#written++;
    if (isAdded !== undefined) return isAdded;
    results?.flush();
    return this.#writeAlone(cursor);
  }

  #writeAlone({ timeMs, headers }: RecordCursor): boolean {
    const { source, key, output } = this.#parts;
    const batch = this.#writer.batchFor(key.bytes, key.start, key.end);
    batch.begin(timeMs, key.bytes, key.start, key.end);
    let isWritten = false;
    try {
      isWritten = output.write(source.row, batch.writer) && !source.failures.any;
    } finally {
      if (isWritten) batch.end(true, headers);
      else batch.drop();
    }
    if (isWritten) this.#written++;
    return isWritten;
  }
}
