import type { DataSource } from '../../../language/metastore/metastore.ts';
import { keyColumns, valueColumns } from '../../../language/types/schema.ts';
import type { Decoder, SerdeColumn, SerdeContext } from '../../serde/encoding/serde.ts';
import { FORMATS } from '../../serde/formats.ts';
import type { SchemaRegistry } from '../../serde/registry/schema-registry.ts';
import type { QueryProperties } from '../session/session-properties.ts';
import type { InputSlot } from './row-slots.ts';

export interface RecordDecodersOptions {
  readonly source: DataSource;
  /** The row that values are decoded into; those that it does not need are checked, but stay empty. */
  readonly layout: readonly InputSlot[];
  readonly registry?: SchemaRegistry | undefined;
  readonly properties?: QueryProperties | undefined;
}

/** What formats are told of the keys and values of a source. */
export interface DecoderContexts {
  readonly key: SerdeContext;
  readonly value: SerdeContext;
}

/** Keys become rows of the key columns, values rows of the layout. */
export function decoderContexts({ source, layout, registry, properties }: RecordDecodersOptions): DecoderContexts {
  const wrap = properties?.get('ksql.persistence.wrap.single.values');
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
  const { keyFormat, valueFormat } = source;
  return {
    key: { ...context, isKey: true, format: keyFormat, columns: keys },
    value: { ...context, isKey: false, format: valueFormat, columns: values },
  };
}

/** What decodes the keys and values of a source's records. */
export interface RecordDecoders {
  readonly key: Decoder;
  readonly value: Decoder;
}

/** @throws SerdeError when a format cannot carry the schema */
export async function decodersOf(
  { keyFormat, valueFormat }: DataSource,
  contexts: DecoderContexts,
): Promise<RecordDecoders> {
  const [key, value] = await Promise.all([
    FORMATS[keyFormat.name].createDecoder(contexts.key),
    FORMATS[valueFormat.name].createDecoder(contexts.value),
  ]);
  return { key, value };
}

/**
 * What decodes the keys of a source's records into a row of the key columns, and the values into a row of the layout.
 * @throws SerdeError when a format cannot carry the schema
 */
export const recordDecoders = (options: RecordDecodersOptions): Promise<RecordDecoders> =>
  decodersOf(options.source, decoderContexts(options));
