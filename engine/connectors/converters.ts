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

const CONVERTERS: Readonly<Record<string, Converter>> = {
  StringConverter: asText,
  JsonConverter: asJson,
  IntegerConverter: bigEndian(4, (view, value) => view.setInt32(0, value)),
  LongConverter: bigEndian(8, (view, value) => view.setBigInt64(0, BigInt(Math.trunc(value)))),
  DoubleConverter: bigEndian(8, (view, value) => view.setFloat64(0, value)),
};

/**
 * The converter that `key.converter` or `value.converter` names, by its class or the last part of it. Nulls stay nulls.
 * Without the property keys are text and values JSON.
 */
export function converterOf(config: ConfigReader, side: 'key' | 'value'): Converter {
  const property = `${side}.converter`;
  const name = config.text(property);
  const short = name?.slice(name.lastIndexOf('.') + 1) ?? (side === 'key' ? 'StringConverter' : 'JsonConverter');
  const convert = CONVERTERS[short];
  if (convert === undefined) {
    config.problem(
      `Invalid value ${name} for configuration ${property}: built-in sources know ${Object.keys(CONVERTERS).join(', ')}. ` +
        'For another format read the topic as JSON and write it with CREATE STREAM … WITH (VALUE_FORMAT=…) AS SELECT.',
    );
    return asJson;
  }
  return (value) => (value === null ? null : convert(value));
}
