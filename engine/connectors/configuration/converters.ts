import type { PLAIN_CONVERTERS, REGISTERING_CONVERTERS } from '../../../language/documentation/connector-docs.ts';
import type { SqlType, SqlValue } from '../../../language/types/sql-type.ts';
import type { SerdeContext } from '../../serde/encoding/serde.ts';
import { FORMATS } from '../../serde/formats.ts';
import type { SchemaRegistry } from '../../serde/registry/schema-registry.ts';
import type { ConfigReader } from './config-reader.ts';

/** What sources make: data as JSON has it. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** Turns the key or value of a record into bytes; the names are those of Kafka Connect's converters. */
export type Converter = (value: JsonValue) => Uint8Array | null;

/** The properties that name converters. */
type ConverterProperty = 'key.converter' | 'value.converter';

const utf8 = new TextEncoder();

const asJson: Converter = (value) => utf8.encode(JSON.stringify(value));
const asText: Converter = (value) => utf8.encode(typeof value === 'string' ? value : JSON.stringify(value));

function bigEndian(sizeBytes: number, write: (view: DataView, value: number) => void): Converter {
  return (value) => {
    const bytes = new Uint8Array(sizeBytes);
    write(new DataView(bytes.buffer), Number(value));
    return bytes;
  };
}

const CONVERTERS: Readonly<Record<keyof typeof PLAIN_CONVERTERS, Converter>> = {
  StringConverter: asText,
  JsonConverter: asJson,
  IntegerConverter: bigEndian(4, (view, value) => view.setInt32(0, value)),
  LongConverter: bigEndian(8, (view, value) => view.setBigInt64(0, BigInt(Math.trunc(value)))),
  DoubleConverter: bigEndian(8, (view, value) => view.setFloat64(0, value)),
};

const OTHER_FORMAT_ADVICE =
  'For another format read the topic as JSON and write it with CREATE STREAM … WITH (VALUE_FORMAT=…) AS SELECT.';

/**
 * The converter that `key.converter` or `value.converter` names, by its class or the last part of it. Nulls stay nulls.
 * Without the property keys are text and values JSON.
 */
export function converterOf(config: ConfigReader<ConverterProperty>, side: 'key' | 'value'): Converter {
  const property = `${side}.converter` as const;
  const name = config.text(property);
  const short = name?.slice(name.lastIndexOf('.') + 1) ?? (side === 'key' ? 'StringConverter' : 'JsonConverter');
  const convert = Object.hasOwn(CONVERTERS, short) ? CONVERTERS[short as keyof typeof CONVERTERS] : undefined;
  if (convert === undefined) {
    config.problem(
      `Invalid value ${name} for configuration ${property}: built-in sources know ${Object.keys(CONVERTERS).join(', ')}. ` +
        OTHER_FORMAT_ADVICE,
    );
    return asJson;
  }
  return (value) => (value === null ? null : convert(value));
}

/** Kafka Connect's converters that register a schema, and the formats they write. */
const REGISTERING = {
  AvroConverter: 'AVRO',
  ProtobufConverter: 'PROTOBUF',
  JsonSchemaConverter: 'JSON_SR',
} as const satisfies Record<keyof typeof REGISTERING_CONVERTERS, string>;

/** What a converter has to know that registers a schema. */
export interface TypedSide {
  readonly topic: string;
  /** The fields of a value; of a key its type alone. */
  readonly types: Readonly<Record<string, SqlType | undefined>> | SqlType | undefined;
  readonly registry: SchemaRegistry | undefined;
}

/**
 * The converter that a property names, also one that registers a schema, for sources whose data has types.
 * @returns what opens it; it rejects with a SerdeError when the types do not go into the format
 */
export function typedConverterOf(
  config: ConfigReader<ConverterProperty>,
  side: 'key' | 'value',
  typed: TypedSide,
): () => Promise<Converter> {
  const property = `${side}.converter` as const;
  const name = config.text(property) ?? '';
  const short = name.slice(name.lastIndexOf('.') + 1);
  if (!Object.hasOwn(REGISTERING, short)) {
    const convert = converterOf(config, side);
    return async () => convert;
  }
  if (typed.registry === undefined)
    config.problem(
      `Invalid value ${name} for configuration ${property}: there is no schema registry. ${OTHER_FORMAT_ADVICE}`,
    );
  return () => registeringConverter(REGISTERING[short as keyof typeof REGISTERING], side === 'key', typed);
}

/** Writes through the formats of the engine, which read JSON first: so both sides agree on what a value is. */
async function registeringConverter(
  format: 'AVRO' | 'PROTOBUF' | 'JSON_SR',
  isKey: boolean,
  { topic, types, registry }: TypedSide,
): Promise<Converter> {
  const fields = isKey
    ? { ROWKEY: types as SqlType | undefined }
    : (types as Readonly<Record<string, SqlType | undefined>>);
  const columns = Object.entries(fields)
    .filter((entry): entry is [string, SqlType] => entry[1] !== undefined)
    .map(([name, type], slot) => ({ name, type, slot }));
  const wrapping = isKey ? ({ wrapping: 'UNWRAP_SINGLES' } as const) : ({ wrapping: 'WRAP_SINGLES' } as const);
  const context = (name: 'JSON' | typeof format, plain = {}): SerdeContext => ({
    topic,
    isKey,
    columns,
    format: { name, ...plain },
    registry,
  });
  const decoder = await FORMATS.JSON.createDecoder(context('JSON', wrapping));
  const isWrapped = columns.length > 1 || format === 'PROTOBUF';
  const encoder = await FORMATS[format].createEncoder(context(format, isWrapped ? {} : wrapping));
  return (value) => {
    if (value === null) return null;
    const row: SqlValue[] = new Array<SqlValue>(columns.length).fill(null);
    const json = utf8.encode(JSON.stringify(value));
    decoder.decode(json, 0, json.length, row);
    return encoder.encode(row);
  };
}
