import type { ByteWriter } from '../../bytes/byte-writer.ts';
import type { Row } from '../../operators/operator.ts';
import { FORM, isCanonical } from '../../serde/json/canonical.ts';
import type { JsonTokens } from '../../serde/json/tokens.ts';
import type { JsonValueWriter } from '../../serde/json/writer.ts';
import type { RowEncoder } from '../records/row-encoder.ts';
import type { MakePiece } from './text-pieces.ts';

/** Writes the value of a result, made of the row. */
export interface RowOutput {
  /** False, or an error: the record is given up, and what was written is to be dropped. */
  write(row: Row, writer: ByteWriter): boolean;
}

/** Values that a projection makes, written by the encoder of a format. */
export class EncodedOutput implements RowOutput {
  readonly #select: (row: Row) => Row;
  readonly #encoder: RowEncoder;

  constructor(select: (row: Row) => Row, encoder: RowEncoder) {
    this.#select = select;
    this.#encoder = encoder;
  }

  write(row: Row, writer: ByteWriter): boolean {
    return this.#encoder.writeValue(this.#select(row), null, writer);
  }
}

/** A field of an object: the token of a column, passed on, or a value that is made. */
export interface OutputField {
  /** `{"name":` of the first field, `,"name":` of the others. */
  readonly prefix: Uint8Array;
  readonly writeValue: JsonValueWriter;
  /** The column whose token it is; -1 for a value that is made. */
  readonly column: number;
  /** Of the token: what tells whether it stands as it is to be written. */
  readonly form: number;
  /** Writes a value that is made. */
  readonly make: MakePiece;
}

const NULL = Buffer.from('null');
const CLOSE = 0x7d;

/** A JSON object of tokens of another one, which go from bytes to bytes, and of values that are made. */
export class JsonOutput implements RowOutput {
  readonly #tokens: JsonTokens;
  readonly #fields: readonly OutputField[];

  constructor(tokens: JsonTokens, fields: readonly OutputField[]) {
    this.#tokens = tokens;
    this.#fields = fields;
  }

  write(row: Row, writer: ByteWriter): boolean {
    const fields = this.#fields;
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i]!;
      writer.raw(field.prefix);
      if (!(field.column < 0 ? field.make(row, writer) : passOn(this.#tokens, field, writer))) return false;
    }
    writer.byte(CLOSE);
    return true;
  }
}

/** Writes the token of a field's column, or its value where the token stands in another form. False: given up. */
export function passOn(tokens: JsonTokens, { column, form, writeValue }: OutputField, writer: ByteWriter): boolean {
  const start = tokens.starts[column]!;
  if (start < 0) {
    writer.raw(NULL);
    return true;
  }
  if (form !== FORM.never && isCanonical(tokens, column, form)) {
    writer.range(tokens.source, start, tokens.ends[column]!);
    return true;
  }
  const value = tokens.value(column);
  if (value === undefined) return false;
  writeValue(writer, value);
  return true;
}
