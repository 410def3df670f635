import type { FormatInfo } from '../../../language/metastore/metastore.ts';
import type { SqlType, SqlValue } from '../../../language/types/sql-type.ts';
import { ByteWriter } from '../../bytes/byte-writer.ts';
import type { SchemaRegistry } from '../registry/schema-registry.ts';

/** A column to read or write, and the slot of the row that holds its value. */
export interface SerdeColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly slot: number;
  /** Reading: false means that the value is checked but not built. */
  readonly needed?: boolean;
}

export interface SerdeContext {
  readonly topic: string;
  readonly isKey: boolean;
  readonly format: FormatInfo;
  readonly columns: readonly SerdeColumn[];
  /** Absent when none is configured; formats that need one then throw a SerdeError that says so. */
  readonly registry?: SchemaRegistry | undefined;
  /** Server default for single columns (`ksql.persistence.wrap.single.values`). */
  readonly wrapSingles?: boolean | undefined;
  /** Name of the source or sink, for generated schema names. */
  readonly sourceName?: string | undefined;
}

/** Turns bytes into values. */
export interface Decoder {
  /**
   * Writes the values of the columns into `row` at their slots. Returns false when the payload stands for a null row
   * (JSON `null`). Slots of columns that are not needed are left as they are. A bad value in any declared column
   * throws.
   * @throws SerdeError, or {@link SchemaNotLoadedError} when the writer's schema has to be fetched first
   */
  decode(bytes: Uint8Array, start: number, end: number, row: SqlValue[]): boolean;
}

/** Turns values into bytes. */
export interface Encoder {
  /**
   * Writes the payload of a row behind what the writer holds. False stands for a null payload; then, or where it
   * throws, what it has written is for the caller to drop.
   * @throws SerdeError
   */
  write(row: readonly SqlValue[], writer: ByteWriter): boolean;
  /**
   * Null stands for a null payload (an unwrapped single NULL, or a format that writes nothing). The bytes are the
   * caller's: nothing writes to them again.
   * @throws SerdeError
   */
  encode(row: readonly SqlValue[]): Uint8Array | null;
}

/** An encoder that writes as it is told. */
export function encoderOf(write: Encoder['write']): Encoder {
  const writer = new ByteWriter();
  return {
    write,
    encode(row) {
      writer.begin();
      return write(row, writer) ? writer.finish() : null;
    },
  };
}

/** Of what has no columns: it writes nothing. */
export const NO_ENCODER: Encoder = { write: () => false, encode: () => null };

/** A serialization format. Creating a codec may ask the registry, so it is asynchronous; using one never is. */
export interface Format {
  createDecoder(context: SerdeContext): Promise<Decoder>;
  createEncoder(context: SerdeContext): Promise<Encoder>;
}

/**
 * A payload that does not fit, or a format that cannot carry a schema. `cause` keeps the chain for the processing log.
 */
export class SerdeError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SerdeError';
  }
}

/**
 * The payload's schema is not at hand: await {@link load}, then decode the payload again. Only decoders of formats with
 * a schema registry throw this, and only for the first record with a schema that they have not met.
 */
export class SchemaNotLoadedError extends SerdeError {
  readonly load: () => Promise<void>;

  constructor(message: string, load: () => Promise<void>) {
    super(message);
    this.name = 'SchemaNotLoadedError';
    this.load = load;
  }
}
