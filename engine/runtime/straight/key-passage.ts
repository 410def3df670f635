import type { SqlType, SqlValue } from '../../../language/types/sql-type.ts';
import type { RecordCursor } from '../../broker/record-batch.ts';
import type { Row } from '../../operators/operator.ts';
import type { Decoder } from '../../serde/encoding/serde.ts';
import type { RowEncoder } from '../records/row-encoder.ts';

/** Takes the key of a record to the record of its result. */
export interface KeyPassage {
  /** The key of the result: a range of bytes, which are null for none. */
  bytes: Uint8Array | null;
  start: number;
  end: number;
  /** The values of the key; null where there is none, or where none are made. */
  readonly key: Row | null;
  /** Looks at the key of the record at the cursor. False, or an error: the record is given up. */
  open(cursor: RecordCursor): boolean;
}

/** A key that is decoded. */
export class DecodedKey implements Pick<KeyPassage, 'key' | 'open'> {
  key: Row | null = null;
  readonly #decoder: Decoder;
  readonly #width: number;

  /** @param width the number of columns of the record's key */
  constructor(decoder: Decoder, width: number) {
    this.#decoder = decoder;
    this.#width = width;
  }

  open({ bytes, keyStart, keyEnd }: RecordCursor): boolean {
    this.key = null;
    if (this.#width === 0 || keyStart < 0) return true;
    const key = new Array<SqlValue>(this.#width).fill(null);
    if (this.#decoder.decode(bytes, keyStart, keyEnd, key)) this.key = key;
    return true;
  }
}

/** A key that is decoded and looked at, and not passed on: the result has one of its own. */
export class MadeKey extends DecodedKey implements KeyPassage {
  bytes: Uint8Array | null = null;
  readonly start = 0;
  end = 0;
  readonly #encoder: RowEncoder;

  /** @param width the number of columns of the record's key */
  constructor(decoder: Decoder, encoder: RowEncoder, width: number) {
    super(decoder, width);
    this.#encoder = encoder;
  }

  /** Sets the key of the result. */
  make(key: Row | null): void {
    this.bytes = this.#encoder.encodeKey(key);
    this.end = this.bytes?.length ?? 0;
  }
}

/** A key that is decoded, and encoded anew. */
export class EncodedKey extends MadeKey {
  override open(cursor: RecordCursor): boolean {
    super.open(cursor);
    this.make(this.key);
    return true;
  }
}

/** A key of one column in Kafka's own form, which goes from bytes to bytes. */
export class CopiedKey implements KeyPassage {
  bytes: Uint8Array | null = null;
  start = 0;
  end = 0;
  readonly key = null;
  /** Undefined for text, of which any length will do. */
  readonly #sizeBytes: number | undefined;

  constructor(sizeBytes: number | undefined) {
    this.#sizeBytes = sizeBytes;
  }

  /** @returns undefined for types whose keys are not copied */
  static of(type: SqlType): CopiedKey | undefined {
    if (type.kind === 'STRING') return new CopiedKey(undefined);
    if (type.kind === 'INTEGER') return new CopiedKey(4);
    return type.kind === 'BIGINT' ? new CopiedKey(8) : undefined;
  }

  open({ bytes, keyStart, keyEnd }: RecordCursor): boolean {
    this.bytes = keyStart < 0 ? null : bytes;
    this.start = keyStart;
    this.end = keyEnd;
    if (keyStart < 0) return true;
    if (this.#sizeBytes !== undefined) return keyEnd - keyStart === this.#sizeBytes;
    // What is no UTF-8 is not written as it was read.
    for (let at = keyStart; at < keyEnd; at++) if (bytes[at]! >= 0x80) return false;
    return true;
  }
}
