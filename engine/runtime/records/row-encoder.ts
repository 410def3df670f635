import type { DataSource } from '../../../language/metastore/metastore.ts';
import { keyColumns, valueColumns } from '../../../language/types/schema.ts';
import { partitionOf } from '../../broker/murmur2.ts';
import type { ByteWriter } from '../../bytes/byte-writer.ts';
import type { Row } from '../../operators/operator.ts';
import type { Encoder, SerdeColumn, SerdeContext } from '../../serde/encoding/serde.ts';
import { FORMATS } from '../../serde/formats.ts';
import type { SchemaRegistry } from '../../serde/registry/schema-registry.ts';
import type { QueryProperties } from '../session/session-properties.ts';

/** Turns changes into the keys and values of a topic's records. */
export interface ChangeEncoder {
  readonly source: DataSource;
  /** Null for no key. @throws SerdeError */
  encodeKey(key: Row | null): Uint8Array | null;
  /** Null for a tombstone. @throws SerdeError */
  encodeValue(after: Row | null, before: Row | null | undefined): Uint8Array | null;
  /** As {@link encodeValue}, behind what the writer holds: {@link Encoder.write}. */
  writeValue(after: Row | null, before: Row | null | undefined, writer: ByteWriter): boolean;
}

/** Turns keys and value rows of a source into the bytes of its topic. */
export class RowEncoder implements ChangeEncoder {
  readonly source: DataSource;
  /** What the format was told of the values; the slots of the columns are those of the value row. */
  readonly valueContext: SerdeContext;
  readonly #keyEncoder: Encoder;
  readonly #valueEncoder: Encoder;
  readonly #hasKey: boolean;

  private constructor(source: DataSource, valueContext: SerdeContext, keyEncoder: Encoder, valueEncoder: Encoder) {
    this.source = source;
    this.valueContext = valueContext;
    this.#keyEncoder = keyEncoder;
    this.#valueEncoder = valueEncoder;
    this.#hasKey = keyColumns(source.schema).length > 0;
  }

  /** Making one may register schemas. @throws SerdeError when a format cannot carry the columns */
  static async create(
    source: DataSource,
    registry: SchemaRegistry | undefined,
    properties: QueryProperties,
  ): Promise<RowEncoder> {
    const wrap = properties.get('ksql.persistence.wrap.single.values');
    const context = {
      topic: source.topic,
      sourceName: source.name,
      ...(registry ? { registry } : {}),
      wrapSingles: wrap === undefined ? undefined : wrap === 'true',
    };
    const columns = (of: typeof keyColumns): SerdeColumn[] =>
      of(source.schema).map(({ name, type }, slot) => ({ name, type, slot }));
    const valueContext = {
      ...context,
      isKey: false,
      format: source.valueFormat,
      columns: columns(valueColumns),
    };
    const [key, value] = await Promise.all([
      FORMATS[source.keyFormat.name].createEncoder({
        ...context,
        isKey: true,
        format: source.keyFormat,
        columns: columns(keyColumns),
      }),
      FORMATS[source.valueFormat.name].createEncoder(valueContext),
    ]);
    return new RowEncoder(source, valueContext, key, value);
  }

  /** Null for no key. @throws SerdeError */
  encodeKey(key: Row | null): Uint8Array | null {
    return key === null || !this.#hasKey ? null : this.#keyEncoder.encode(key);
  }

  /** As {@link encodeKey}, behind what the writer holds. False: no key. @throws SerdeError */
  writeKey(key: Row, writer: ByteWriter): boolean {
    return this.#hasKey && this.#keyEncoder.write(key, writer);
  }

  /** Null for a tombstone. @throws SerdeError */
  encodeValue(row: Row | null): Uint8Array | null {
    return row === null ? null : this.#valueEncoder.encode(row);
  }

  writeValue(row: Row | null, _before: Row | null | undefined, writer: ByteWriter): boolean {
    return row !== null && this.#valueEncoder.write(row, writer);
  }
}

/**
 * Chooses partitions as Kafka's clients do: by the key's hash; records without a key go to one partition for a while,
 * then to the next.
 */
export class Partitioner {
  readonly #partitions: number;
  #sticky = 0;

  constructor(partitions: number) {
    this.#partitions = partitions;
  }

  /** @param key the key's bytes without a window, or a range of bytes that it is */
  partition(key: Uint8Array | null, start = 0, end = key?.length ?? 0): number {
    return key === null ? this.#sticky : partitionOf(key, this.#partitions, start, end);
  }

  /** To be called when a batch is full. */
  nextBatch(): void {
    this.#sticky = (this.#sticky + 1) % this.#partitions;
  }
}
