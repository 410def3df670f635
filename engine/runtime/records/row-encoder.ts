import type { DataSource } from '../../../language/metastore/metastore.ts';
import { keyColumns, valueColumns } from '../../../language/types/schema.ts';
import { partitionOf } from '../../broker/murmur2.ts';
import type { Row } from '../../operators/operator.ts';
import type { Encoder, SerdeColumn } from '../../serde/encoding/serde.ts';
import { FORMATS } from '../../serde/formats.ts';
import type { SchemaRegistry } from '../../serde/registry/schema-registry.ts';
import type { QueryProperties } from '../session/session-properties.ts';

/** Turns keys and value rows of a source into the bytes of its topic. */
export class RowEncoder {
  readonly source: DataSource;
  readonly #keyEncoder: Encoder;
  readonly #valueEncoder: Encoder;
  readonly #hasKey: boolean;

  private constructor(source: DataSource, keyEncoder: Encoder, valueEncoder: Encoder) {
    this.source = source;
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
    const [key, value] = await Promise.all([
      FORMATS[source.keyFormat.name].createEncoder({
        ...context,
        isKey: true,
        format: source.keyFormat,
        columns: columns(keyColumns),
      }),
      FORMATS[source.valueFormat.name].createEncoder({
        ...context,
        isKey: false,
        format: source.valueFormat,
        columns: columns(valueColumns),
      }),
    ]);
    return new RowEncoder(source, key, value);
  }

  /** Null for no key. @throws SerdeError */
  encodeKey(key: Row | null): Uint8Array | null {
    return key === null || !this.#hasKey ? null : this.#keyEncoder.encode(key);
  }

  /** Null for a tombstone. @throws SerdeError */
  encodeValue(row: Row | null): Uint8Array | null {
    return row === null ? null : this.#valueEncoder.encode(row);
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

  /** @param key the key's bytes without a window */
  partition(key: Uint8Array | null): number {
    return key === null ? this.#sticky : partitionOf(key, this.#partitions);
  }

  /** To be called when a batch is full. */
  nextBatch(): void {
    this.#sticky = (this.#sticky + 1) % this.#partitions;
  }
}
