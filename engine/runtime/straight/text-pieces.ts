import { ByteIndex } from '../../bytes/byte-index.ts';
import type { ByteWriter } from '../../bytes/byte-writer.ts';
import type { Row } from '../../operators/operator.ts';
import type { JsonTokens } from '../../serde/json/tokens.ts';

/** Writes a piece of a result that is made of a row. False, or an error: the record is given up. */
export type MakePiece = (row: Row, writer: ByteWriter) => boolean;

/** Longer texts, and longer pieces, are seldom the same. */
const MOST_BYTES = 40;
const MOST_PIECES = 1024;
/** Having looked for so many more that were not there than were, it looks for none any more. */
const MOST_IN_VAIN = 4096;

/** What is made of the text of one column and of nothing else is kept by the bytes of that text. */
export class TextPieces {
  readonly #tokens: JsonTokens;
  readonly #column: number;
  readonly #make: MakePiece;
  readonly #texts = new ByteIndex();
  readonly #pieces: Uint8Array[] = [];
  #inVain = 0;

  /** @param column of the tokens, whose text the piece is made of */
  constructor(tokens: JsonTokens, column: number, make: MakePiece) {
    this.#tokens = tokens;
    this.#column = column;
    this.#make = make;
  }

  readonly write: MakePiece = (row, writer) => {
    const { source, starts, ends } = this.#tokens;
    const start = starts[this.#column]!;
    const end = ends[this.#column]!;
    if (start < 0 || end - start > MOST_BYTES || this.#inVain > MOST_IN_VAIN) return this.#make(row, writer);
    const number = this.#texts.find(source, start, end);
    if (number < 0) return this.#add(row, writer, start, end);
    if (this.#inVain > -MOST_IN_VAIN) this.#inVain--;
    const piece = this.#pieces[number]!;
    writer.range(piece, 0, piece.length);
    return true;
  };

  #add(row: Row, writer: ByteWriter, start: number, end: number): boolean {
    this.#inVain++;
    const before = writer.position;
    if (!this.#make(row, writer)) return false;
    const isKept = this.#pieces.length < MOST_PIECES && writer.position - before <= MOST_BYTES;
    if (isKept) {
      this.#texts.add(this.#tokens.source, start, end);
      this.#pieces.push(new Uint8Array(writer.bytes.subarray(before, writer.position)));
    }
    return true;
  }
}
