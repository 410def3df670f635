import type { DataSource } from '../../../language/metastore/metastore.ts';
import { keyColumns, type Slot, valueColumns } from '../../../language/types/schema.ts';
import type { SqlValue } from '../../../language/types/sql-type.ts';
import type { RecordCursor, RecordHeader } from '../../broker/record-batch.ts';
import type { Change, Row, Window } from '../../operators/operator.ts';
import { type Decoder, SchemaNotLoadedError, type SerdeColumn } from '../../serde/encoding/serde.ts';
import { FORMATS } from '../../serde/formats.ts';
import type { SchemaRegistry } from '../../serde/registry/schema-registry.ts';
import { readWindow, type WindowLayout, windowBytes, windowLayout } from '../../serde/windowed-key.ts';
import type { QueryProcessingLog } from '../monitoring/processing-log.ts';
import { QueryFailure } from '../monitoring/query-failure.ts';
import type { QueryProperties } from '../session/session-properties.ts';
import { type TimestampExtractor, timestampExtractor } from './timestamp-extractor.ts';

/** A slot of the row to fill; those that are not needed are checked but stay empty. */
export type InputSlot = Slot & { readonly needed?: boolean };

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
export class RecordReader {
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
  readonly #keySlot: number;
  readonly #windowed: WindowLayout | undefined;
  readonly #fixed: FixedSlots;
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
    this.#keySlot = layout.findIndex((slot) => slot.role === 'key');
    this.#windowed = source.window === undefined ? undefined : windowLayout(source.window.type);
    this.#fixed = fixedSlots(layout);
    this.#extractor = timestampExtractor(source, layout, properties.isTrue('ksql.timestamp.throw.on.invalid'));
  }

  /** @throws SerdeError when a format cannot carry the schema */
  static async create(options: RecordReaderOptions): Promise<RecordReader> {
    const { source, layout, registry, properties } = options;
    const wrap = properties.get('ksql.persistence.wrap.single.values');
    const context = {
      topic: source.topic,
      sourceName: source.name,
      ...(registry ? { registry } : {}),
      wrapSingles: wrap === undefined ? undefined : wrap === 'true',
    };
    const keys: SerdeColumn[] = keyColumns(source.schema).map(({ name, type }, slot) => ({
      name,
      type,
      slot,
      needed: true,
    }));
    const values: SerdeColumn[] = valueColumns(source.schema).map(({ name, type }) => {
      const slot = layout.findIndex((candidate) => candidate.role === 'value' && candidate.name === name);
      return { name, type, slot, needed: layout[slot]!.needed !== false || source.timestamp?.column === name };
    });
    const [keyDecoder, valueDecoder] = await Promise.all([
      FORMATS[source.keyFormat.name].createDecoder({
        ...context,
        isKey: true,
        format: source.keyFormat,
        columns: keys,
      }),
      FORMATS[source.valueFormat.name].createDecoder({
        ...context,
        isKey: false,
        format: source.valueFormat,
        columns: values,
      }),
    ]);
    return new RecordReader(options, keyDecoder, valueDecoder);
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
    if (row !== null) this.#fill(row, key, timeMs, partition, cursor.offset, window, headers);
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

  /** Sets what every row has besides its value columns. */
  #fill(
    row: SqlValue[],
    key: Row | null,
    timeMs: number,
    partition: number,
    offset: number,
    window: Window | undefined,
    headers: readonly RecordHeader[],
  ): void {
    const fixed = this.#fixed;
    for (const header of fixed.headers) row[header.slot] = headerValue(header.key, headers);
    if (fixed.rowtime >= 0) row[fixed.rowtime] = timeMs;
    if (fixed.rowpartition >= 0) row[fixed.rowpartition] = partition;
    if (fixed.rowoffset >= 0) row[fixed.rowoffset] = offset;
    if (key !== null) for (let i = 0; i < key.length; i++) row[this.#keySlot + i] = key[i]!;
    if (window !== undefined && fixed.windowstart >= 0) {
      row[fixed.windowstart] = window.startMs;
      row[fixed.windowend] = window.endMs;
    }
  }
}

interface FixedSlots {
  readonly rowtime: number;
  readonly rowpartition: number;
  readonly rowoffset: number;
  readonly windowstart: number;
  readonly windowend: number;
  readonly headers: readonly { readonly slot: number; readonly key: string | undefined }[];
}

function fixedSlots(layout: readonly InputSlot[]): FixedSlots {
  const at = (role: Slot['role']): number => layout.findIndex((slot) => slot.role === role);
  return {
    rowtime: at('rowtime'),
    rowpartition: at('rowpartition'),
    rowoffset: at('rowoffset'),
    windowstart: at('windowstart'),
    windowend: at('windowend'),
    headers: layout.flatMap((slot, i) => (slot.role === 'header' ? [{ slot: i, key: slot.headerKey }] : [])),
  };
}

/** HEADERS gives all headers as structs, HEADER('k') the value of the last one of that name. */
function headerValue(key: string | undefined, headers: readonly RecordHeader[]): SqlValue {
  if (key === undefined) return headers.map((header) => [header.key, header.value]);
  return headers.findLast((header) => header.key === key)?.value ?? null;
}
