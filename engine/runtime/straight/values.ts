import type { SqlValue } from '../../../language/types/sql-type.ts';
import type { RecordCursor } from '../../broker/record-batch.ts';
import type { Decoder } from '../../serde/encoding/serde.ts';
import type { JsonTokens } from '../../serde/json/tokens.ts';
import { TokenBlock } from './block/token-block.ts';

/** Where the values of a record's row come from. */
export interface Values {
  /**
   * Looks at all columns of the value of the record at the cursor. False, or an error, where there is something to say
   * of it that is not said here: the record is given up.
   */
  open(cursor: RecordCursor): boolean;
  /** Moves the cursor to the next record; false after the last. */
  next(cursor: RecordCursor): boolean;
  /** Puts the values of columns into the row, those that {@link wanted} was told. False: given up. */
  read(wanted: Wanted): boolean;
  /** @param slots of the row that expressions read */
  wanted(slots: Iterable<number>): Wanted;
}

/** Columns to read, by their number, and their slots in the row. */
export interface Wanted {
  readonly columns: readonly number[];
  readonly slots: readonly number[];
}

/** All values, made by the decoder of a format. */
export class DecodedValues implements Values {
  readonly #decoder: Decoder;
  readonly #row: SqlValue[];

  constructor(decoder: Decoder, row: SqlValue[]) {
    this.#decoder = decoder;
    this.#row = row;
  }

  open({ bytes, valueStart, valueEnd }: RecordCursor): boolean {
    // Decoders leave slots as they are that they have nothing for.
    this.#row.fill(null);
    return this.#decoder.decode(bytes, valueStart, valueEnd, this.#row);
  }

  next(cursor: RecordCursor): boolean {
    return cursor.next();
  }

  read(): boolean {
    return true;
  }

  wanted(): Wanted {
    return { columns: [], slots: [] };
  }
}

/** Values of a JSON object, made when something wants them. */
export class JsonValues implements Values {
  readonly tokens: JsonTokens;
  /** Reads ahead; another may take its place before the first record. */
  block: TokenBlock;
  readonly #row: SqlValue[];
  readonly #columnOf: ReadonlyMap<number, number>;

  /** @param columnOf the column of the tokens for each slot of the row that has one */
  constructor(tokens: JsonTokens, row: SqlValue[], columnOf: ReadonlyMap<number, number>) {
    this.tokens = tokens;
    this.block = new TokenBlock(tokens);
    this.#row = row;
    this.#columnOf = columnOf;
  }

  open(cursor: RecordCursor): boolean {
    return this.block.find(cursor) || this.tokens.find(cursor.bytes, cursor.valueStart, cursor.valueEnd);
  }

  next(cursor: RecordCursor): boolean {
    return this.block.next(cursor);
  }

  read({ columns, slots }: Wanted): boolean {
    for (let i = 0; i < columns.length; i++) {
      const value = this.tokens.value(columns[i]!);
      if (value === undefined) return false;
      this.#row[slots[i]!] = value;
    }
    return true;
  }

  wanted(slots: Iterable<number>): Wanted {
    const ofValues = [...slots].filter((slot) => this.#columnOf.has(slot));
    return { columns: ofValues.map((slot) => this.#columnOf.get(slot)!), slots: ofValues };
  }
}
