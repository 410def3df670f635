import type { DataSource } from '../../../language/metastore/metastore.ts';
import { keyColumns } from '../../../language/types/schema.ts';
import type { SqlValue } from '../../../language/types/sql-type.ts';
import type { RecordCursor } from '../../broker/record-batch.ts';
import type { Change, Row, Window } from '../../operators/operator.ts';
import { type Decoder, SchemaNotLoadedError } from '../../serde/encoding/serde.ts';
import type { SchemaRegistry } from '../../serde/registry/schema-registry.ts';
import { readWindow, type WindowLayout, windowBytes, windowLayout } from '../../serde/windowed-key.ts';
import type { QueryProcessingLog } from '../monitoring/processing-log.ts';
import { QueryFailure } from '../monitoring/query-failure.ts';
import type { QueryProperties } from '../session/session-properties.ts';
import type { ChangeReader } from './change-reader.ts';
import { recordDecoders } from './record-decoders.ts';
import { type InputSlot, RowSlots } from './row-slots.ts';
import { type TimestampExtractor, timestampExtractor } from './timestamp-extractor.ts';

export interface RecordReaderOptions {
  readonly source: DataSource;
  readonly layout: readonly InputSlot[];
  /** The plan step of the source, for the processing log. */
  readonly step: string;
  readonly registry: SchemaRegistry | undefined;
  readonly properties: QueryProperties;
  readonly log: QueryProcessingLog;
}

/** The last record that was passed over, for what wants to count such records. */
export type SkipReason = 'bad-record' | 'no-key' | 'no-timestamp';

/** Turns the records of a source's topic into changes. Making one may ask the registry; reading never waits. */
export class RecordReader implements ChangeReader {
  readonly source: DataSource;
  /** Why the last record gave no change. */
  skipped: SkipReason | undefined;
  readonly #step: string;
  readonly #log: QueryProcessingLog;
  readonly #failOnBadRecord: boolean;
  readonly #width: number;
  readonly #keyWidth: number;
  readonly #keyDecoder: Decoder;
  readonly #valueDecoder: Decoder;
  readonly #windowed: WindowLayout | undefined;
  readonly #slots: RowSlots;
  readonly #extractor: TimestampExtractor | undefined;

  private constructor(options: RecordReaderOptions, keyDecoder: Decoder, valueDecoder: Decoder) {
    const { source, layout, properties } = options;
    this.source = source;
    this.#step = options.step;
    this.#log = options.log;
    this.#failOnBadRecord = properties.isTrue('ksql.fail.on.deserialization.error');
    this.#width = layout.length;
    this.#keyWidth = keyColumns(source.schema).length;
    this.#keyDecoder = keyDecoder;
    this.#valueDecoder = valueDecoder;
    this.#windowed = source.window === undefined ? undefined : windowLayout(source.window.type);
    this.#slots = new RowSlots(layout);
    this.#extractor = timestampExtractor(source, layout, properties.isTrue('ksql.timestamp.throw.on.invalid'));
  }

  /** @throws SerdeError when a format cannot carry the schema */
  static async create(options: RecordReaderOptions): Promise<RecordReader> {
    const { key, value } = await recordDecoders(options);
    return new RecordReader(options, key, value);
  }

  /** Whether the time of records stands in a column of theirs. */
  get extractsTime(): boolean {
    return this.#extractor !== undefined;
  }

  /**
   * The change that the record at the cursor stands for; undefined when the record is passed over (what is wrong with
   * it goes to the processing log, and `skipped` says which kind of fault it was).
   * @throws QueryFailure when settings say that such a record stops the query
   * @throws SchemaNotLoadedError when the record can be read only after its schema was fetched
   */
  read(cursor: RecordCursor, partition: number): Change | undefined {
    this.skipped = undefined;
    if (cursor.timeMs < 0 && this.#extractor === undefined) {
      throw new QueryFailure(
        `Fatal user code error in TimestampExtractor callback for record of topic ${this.source.topic}: invalid (negative) timestamp ${cursor.timeMs} at offset ${cursor.offset} of partition ${partition}.`,
      );
    }
    const windowed = this.#windowed !== undefined && cursor.keyStart >= 0;
    const window = windowed ? this.#window(cursor) : undefined;
    if (windowed && window === undefined) return undefined;
    const key = this.#key(cursor, windowed ? cursor.keyEnd - windowBytes(this.#windowed!) : cursor.keyEnd);
    if (key === undefined) return undefined;
    if (key === null && this.source.kind === 'TABLE') return this.#skip('no-key');
    const row = this.#row(cursor);
    if (row === undefined) return undefined;
    const timeMs = this.#extractor === undefined ? cursor.timeMs : this.#extractTime(row, key);
    if (timeMs < 0) return this.#skip('no-timestamp');
    const { headers } = cursor;
    if (row !== null) this.#slots.fill(row, key, timeMs, partition, cursor.offset, window, headers);
    return window === undefined
      ? { key, before: null, after: row, timeMs, headers }
      : { key, before: null, after: row, timeMs, window, headers };
  }

  #skip(reason: SkipReason): undefined {
    this.skipped = reason;
    return undefined;
  }

  /** Null for a record without a key; undefined when the key cannot be read. */
  #key(cursor: RecordCursor, end: number): Row | null | undefined {
    if (this.#keyWidth === 0 || cursor.keyStart < 0) return null;
    const key = new Array<SqlValue>(this.#keyWidth).fill(null);
    try {
      return this.#keyDecoder.decode(cursor.bytes, cursor.keyStart, end, key) ? key : null;
    } catch (error) {
      return this.#badRecord('key', error, cursor.bytes.subarray(cursor.keyStart, end));
    }
  }

  /** Null for a null row; undefined when the value cannot be read. */
  #row(cursor: RecordCursor): SqlValue[] | null | undefined {
    if (cursor.valueStart < 0) return null;
    const row = new Array<SqlValue>(this.#width).fill(null);
    try {
      return this.#valueDecoder.decode(cursor.bytes, cursor.valueStart, cursor.valueEnd, row) ? row : null;
    } catch (error) {
      return this.#badRecord('value', error, cursor.bytes.subarray(cursor.valueStart, cursor.valueEnd));
    }
  }

  /** Passes over the record at the cursor, whose schema cannot be had. @throws QueryFailure as {@link read} does */
  refuse(cursor: RecordCursor, error: unknown): void {
    this.#badRecord('value', error, cursor.value ?? new Uint8Array());
  }

  #badRecord(target: 'key' | 'value', error: unknown, bytes: Uint8Array): undefined {
    if (error instanceof SchemaNotLoadedError) throw error;
    this.#log.deserializationError(this.#step, target, this.source.topic, error, bytes);
    if (this.#failOnBadRecord)
      throw new QueryFailure(`A record of topic ${this.source.topic} cannot be read.`, { cause: error });
    return this.#skip('bad-record');
  }

  #extractTime(row: Row | null, key: Row | null): number {
    try {
      return this.#extractor!(row, key);
    } catch (error) {
      if (error instanceof QueryFailure) throw error;
      this.#log.recordProcessingError(this.#step, 'Failed to extract timestamp from row', error, row);
      return -1;
    }
  }

  /** The window behind the key; undefined when the key is too short for one. */
  #window({ bytes, keyStart, keyEnd }: RecordCursor): Window | undefined {
    try {
      return readWindow(bytes, keyStart, keyEnd, this.#windowed!, this.source.window?.sizeMs ?? 0);
    } catch (error) {
      return this.#badRecord('key', error, bytes.subarray(keyStart, keyEnd));
    }
  }
}
