import type { DataSource } from '../../language/metastore/metastore.ts';
import { coerceJson, identifierName } from '../../language/types/coerce.ts';
import { keyColumns, valueColumns } from '../../language/types/schema.ts';
import type { SqlValue } from '../../language/types/sql-type.ts';
import { toJson } from '../api/json-row.ts';
import type { JsonValue } from '../api/protocol.ts';
import { RowEncoder } from '../runtime/records/row-encoder.ts';
import { QueryProperties } from '../runtime/session/session-properties.ts';
import type { SchemaRegistry } from '../serde/registry/schema-registry.ts';

/** What cannot be a key or a value of the topic. The message says why. */
export class RecordError extends Error {}

/** Turns what a user wrote of a record into the bytes of its key and its value. */
export interface RecordEncoder {
  /** @throws RecordError, SerdeError */
  key(key: JsonValue | undefined): Uint8Array | null;
  /** @throws RecordError, SerdeError */
  value(value: JsonValue): Uint8Array | null;
}

/**
 * The encoder of a topic's records: by the columns and formats of a source or of a registered schema, so that what does
 * not fit is refused; else JSON for objects, lists, numbers and truth values, and text for text.
 * @param hasSchema whether the columns were declared, and not only seen
 * @throws SerdeError when a format cannot carry the columns
 */
export async function recordEncoder(
  source: DataSource,
  hasSchema: boolean,
  { registry, keyFormat }: { readonly registry: SchemaRegistry | undefined; readonly keyFormat: string },
): Promise<RecordEncoder> {
  if (!hasSchema) return { key: (key) => rawKey(key, keyFormat), value: (value) => rawBytes(value) };
  const properties = new QueryProperties(new Map(), new Map());
  const encoder = await RowEncoder.create(source, registry, properties);
  return new ColumnEncoder(source, encoder);
}

class ColumnEncoder implements RecordEncoder {
  readonly #source: DataSource;
  readonly #encoder: RowEncoder;

  constructor(source: DataSource, encoder: RowEncoder) {
    this.#source = source;
    this.#encoder = encoder;
  }

  key(key: JsonValue | undefined): Uint8Array | null {
    const columns = keyColumns(this.#source.schema);
    if (key === undefined || key === null) return null;
    const [only] = columns;
    if (only === undefined) throw new RecordError(`${this.#source.name} has no key column.`);
    const isObject = typeof key === 'object' && !Array.isArray(key);
    // A key of one column may be written with or without its name.
    const given =
      columns.length === 1 && !(isObject && nameIn(key as Fields, only.name)) ? { [quoted(only.name)]: key } : key;
    return this.#encoder.encodeKey(rowOf(given, columns, 'key'));
  }

  value(value: JsonValue): Uint8Array | null {
    if (value === null) return null;
    return this.#encoder.encodeValue(rowOf(value, valueColumns(this.#source.schema), 'value'));
  }
}

type Fields = Readonly<Record<string, JsonValue>>;
type Columns = ReturnType<typeof valueColumns>;

const quoted = (name: string): string => `\`${name}\``;
const nameIn = (fields: Fields, name: string): boolean =>
  Object.keys(fields).some((field) => identifierName(field) === name);

/** @throws RecordError that names the field */
function rowOf(given: JsonValue, columns: Columns, part: string): SqlValue[] {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new RecordError(`The ${part} is an object with the columns ${columns.map(({ name }) => name).join(', ')}.`);
  const fields = new Map(Object.entries(given as Fields).map(([name, value]) => [identifierName(name), value]));
  for (const name of fields.keys())
    if (!columns.some((column) => column.name === name))
      throw new RecordError(`There is no ${part} column ${name}, but ${columns.map((each) => each.name).join(', ')}.`);
  return columns.map(({ name, type }) => {
    try {
      return coerceJson(fields.get(name) ?? null, type);
    } catch (error) {
      throw new RecordError(`${name}: ${(error as Error).message}`, { cause: error });
    }
  });
}

/** A key without a schema, in the format that the topic's keys are in. @throws RecordError */
function rawKey(key: JsonValue | undefined, format: string): Uint8Array | null {
  if (key === undefined || key === null) return null;
  const size = { KAFKA_INT: 4, KAFKA_BIGINT: 8, KAFKA_DOUBLE: 8 }[format];
  if (size === undefined || typeof key === 'string') return rawBytes(key);
  if (typeof key !== 'number' || (format !== 'KAFKA_DOUBLE' && !Number.isSafeInteger(key)))
    throw new RecordError(`The keys of this topic are of format ${format}; ${toJson(key)} is none.`);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  if (format === 'KAFKA_INT') view.setInt32(0, key);
  else if (format === 'KAFKA_BIGINT') view.setBigInt64(0, BigInt(key));
  else view.setFloat64(0, key);
  return bytes;
}

const utf8 = new TextEncoder();

function rawBytes(value: JsonValue): Uint8Array | null {
  if (value === null) return null;
  return utf8.encode(typeof value === 'string' ? value : toJson(value));
}
