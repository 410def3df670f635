import type { DataSource } from '../../../language/metastore/metastore.ts';
import { keyColumns } from '../../../language/types/schema.ts';
import type { SqlType, SqlValue } from '../../../language/types/sql-type.ts';
import type { RecordCursor } from '../../broker/record-batch.ts';
import type { Row } from '../../operators/operator.ts';
import type { Decoder } from '../../serde/encoding/serde.ts';
import type { RowEncoder } from '../records/row-encoder.ts';

/** Looks at the keys of records, as reading a record does, whether or not anything wants them. */
export interface RecordKey {
  /** The values of the key; null where there is none, or where none are made. */
  readonly key: Row | null;
  /** Looks at the key of the record at the cursor. False, or an error: the record is given up. */
  open(cursor: RecordCursor): boolean;
}

/** Takes the key of a record to the record of its result. */
export interface KeyPassage extends RecordKey {
  /** The key of the result: a range of bytes, which are null for none. */
  bytes: Uint8Array | null;
  start: number;
  end: number;
}

/** The type of keys that are one column in Kafka's own form; undefined for others. */
export function plainKeyType({ schema, keyFormat }: DataSource): SqlType | undefined {
  const [column, ...others] = keyColumns(schema);
  return keyFormat.name === 'KAFKA' && others.length === 0 ? column?.type : undefined;
}

/** How many bytes such a key has, of types that there is no more to look at of; text has any number. */
const PLAIN_KEY_BYTES: Partial<Record<SqlType['kind'], number>> = { STRING: -1, INTEGER: 4, BIGINT: 8 };

/** A key of one column in Kafka's own form, of which no expression reads the value. */
export class UnreadKey implements RecordKey {
  readonly key = null;
  /** -1 for any number. */
  protected readonly sizeBytes: number;

  protected constructor(sizeBytes: number) {
    this.sizeBytes = sizeBytes;
  }

  /** @returns undefined for types that there is more to look at of */
  static of({ kind }: SqlType): UnreadKey | undefined {
    const sizeBytes = PLAIN_KEY_BYTES[kind];
    return sizeBytes === undefined ? undefined : new UnreadKey(sizeBytes);
  }

  open({ keyStart, keyEnd }: RecordCursor): boolean {
    return keyStart < 0 || this.sizeBytes < 0 || keyEnd - keyStart === this.sizeBytes;
  }
}

/** A key that is decoded. */
export class DecodedKey implements RecordKey {
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
export class CopiedKey extends UnreadKey implements KeyPassage {
  bytes: Uint8Array | null = null;
  start = 0;
  end = 0;

  /** @returns undefined for types whose keys are not copied */
  static override of({ kind }: SqlType): CopiedKey | undefined {
    const sizeBytes = PLAIN_KEY_BYTES[kind];
    return sizeBytes === undefined ? undefined : new CopiedKey(sizeBytes);
  }

  override open(cursor: RecordCursor): boolean {
    const { bytes, keyStart, keyEnd } = cursor;
    this.bytes = keyStart < 0 ? null : bytes;
    this.start = keyStart;
    this.end = keyEnd;
    if (this.sizeBytes >= 0) return super.open(cursor);
    // What is no UTF-8 is not written as it was read.
    for (let at = keyStart; at >= 0 && at < keyEnd; at++) if (bytes[at]! >= 0x80) return false;
    return true;
  }
}
