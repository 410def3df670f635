import type { DataSource } from '../../../language/metastore/metastore.ts';
import { keyColumns, type Slot, valueColumns } from '../../../language/types/schema.ts';
import type { SqlValue } from '../../../language/types/sql-type.ts';
import type { RecordCursor } from '../../broker/record-batch.ts';
import type { Change, Row } from '../../operators/operator.ts';
import type { RepartitionTopic } from '../../plan/repartition-topic.ts';
import { type Decoder, SchemaNotLoadedError } from '../../serde/encoding/serde.ts';
import type { SchemaRegistry } from '../../serde/registry/schema-registry.ts';
import type { QueryProcessingLog } from '../monitoring/processing-log.ts';
import { QueryFailure } from '../monitoring/query-failure.ts';
import type { QueryProperties } from '../session/session-properties.ts';
import type { ChangeReader } from './change-reader.ts';
import { rowRanges } from './changed-rows.ts';
import { recordDecoders } from './record-decoders.ts';
import type { InputSlot } from './row-slots.ts';

export interface RepartitionReaderOptions {
  readonly topic: RepartitionTopic;
  /** The row that the sub-topology behind the topic has. */
  readonly layout: readonly InputSlot[];
  /** The plan step of the source, for the processing log. */
  readonly step: string;
  readonly registry: SchemaRegistry | undefined;
  readonly properties: QueryProperties;
  readonly log: QueryProcessingLog;
}

/** Turns the records of a repartition topic into changes: of a stream, or of a table with its rows before and after. */
export class RepartitionReader implements ChangeReader {
  readonly source: DataSource;
  readonly extractsTime = false;
  readonly #options: RepartitionReaderOptions;
  readonly #failOnBadRecord: boolean;
  readonly #width: number;
  readonly #keyWidth: number;
  readonly #keyDecoder: Decoder;
  readonly #valueDecoder: Decoder;

  private constructor(options: RepartitionReaderOptions, keyDecoder: Decoder, valueDecoder: Decoder) {
    this.#options = options;
    this.source = options.topic.source;
    this.#failOnBadRecord = options.properties.isTrue('ksql.fail.on.deserialization.error');
    this.#width = options.layout.length;
    this.#keyWidth = keyColumns(this.source.schema).length;
    this.#keyDecoder = keyDecoder;
    this.#valueDecoder = valueDecoder;
  }

  /** @throws SerdeError when a format cannot carry the columns */
  static async create(options: RepartitionReaderOptions): Promise<RepartitionReader> {
    const { topic, registry, properties } = options;
    const { key, value } = await recordDecoders({
      source: topic.source,
      layout: decodedLayout(options),
      registry,
      properties,
    });
    return new RepartitionReader(options, key, value);
  }

  read(cursor: RecordCursor): Change | undefined {
    const { carriesOldRows } = this.#options.topic;
    const key = this.#key(cursor);
    if (key === undefined) return undefined;
    const { timeMs, headers, bytes, valueStart, valueEnd } = cursor;
    if (!carriesOldRows) {
      const after = valueStart < 0 ? null : this.#row(bytes, valueStart, valueEnd, key);
      return after === undefined ? undefined : { key, before: null, after, timeMs, headers };
    }
    if (valueStart < 0) return undefined;
    try {
      const { before, after } = rowRanges(bytes, valueStart, valueEnd);
      const oldRow = before === undefined ? null : this.#decodeRow(bytes, before.start, before.end, key);
      const newRow = after === undefined ? null : this.#decodeRow(bytes, after.start, after.end, key);
      return { key, before: oldRow, after: newRow, timeMs, headers };
    } catch (error) {
      return this.#badRecord('value', error, bytes.subarray(valueStart, valueEnd));
    }
  }

  refuse(cursor: RecordCursor, error: unknown): void {
    this.#badRecord('value', error, cursor.value ?? new Uint8Array());
  }

  /** Null for a record without a key; undefined when the key cannot be read. */
  #key({ bytes, keyStart, keyEnd }: RecordCursor): Row | null | undefined {
    if (keyStart < 0) return null;
    const key = new Array<SqlValue>(this.#keyWidth).fill(null);
    try {
      return this.#keyDecoder.decode(bytes, keyStart, keyEnd, key) ? key : null;
    } catch (error) {
      return this.#badRecord('key', error, bytes.subarray(keyStart, keyEnd));
    }
  }

  #row(bytes: Uint8Array, start: number, end: number, key: Row | null): Row | null | undefined {
    try {
      return this.#decodeRow(bytes, start, end, key);
    } catch (error) {
      return this.#badRecord('value', error, bytes.subarray(start, end));
    }
  }

  #decodeRow(bytes: Uint8Array, start: number, end: number, key: Row | null): Row | null {
    const row = new Array<SqlValue>(this.#width).fill(null);
    if (!this.#valueDecoder.decode(bytes, start, end, row)) return null;
    const { keySlot, copies } = this.#options.topic.row;
    for (let i = 0; i < copies.length; i++) row[copies[i]!.to] = row[copies[i]!.from]!;
    if (key !== null) for (let i = 0; i < key.length; i++) row[keySlot + i] = key[i]!;
    return row;
  }

  #badRecord(target: 'key' | 'value', error: unknown, bytes: Uint8Array): undefined {
    if (error instanceof SchemaNotLoadedError) throw error;
    const { log, step } = this.#options;
    log.deserializationError(step, target, this.source.topic, error, bytes);
    if (this.#failOnBadRecord)
      throw new QueryFailure(`A record of topic ${this.source.topic} cannot be read.`, { cause: error });
    return undefined;
  }
}

/** Where the value columns go, by their names. Those that no step reads stand behind the row, where nothing is put. */
function decodedLayout({ topic, layout }: RepartitionReaderOptions): readonly InputSlot[] {
  const slots: InputSlot[] = layout.map(({ name, type }): Slot => ({ name, type, role: 'key' }));
  const copied = new Set(topic.row.copies.map(({ from }) => from));
  for (const [i, { name, type }] of valueColumns(topic.source.schema).entries()) {
    const slot = topic.row.valueSlots[i];
    const needed = slot !== undefined && (layout[slot]!.needed !== false || copied.has(slot));
    slots[slot ?? slots.length] = { name, type, role: 'value', needed };
  }
  return slots;
}
