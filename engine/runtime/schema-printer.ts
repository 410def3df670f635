import { type SqlType, type SqlValue, struct } from '../../language/types/sql-type.ts';
import { valueWriter } from '../rest/json-row.ts';
import { FORMATS } from '../serde/formats.ts';
import { FRAME_BYTES } from '../serde/schema-framing.ts';
import { resolveSchema, type SchemaRegistry, type SchemaType } from '../serde/schema-registry.ts';
import { registeredSchema } from '../serde/schema-translation.ts';
import type { Decoder } from '../serde/serde.ts';

/** How payloads with one schema are printed. */
interface PrintableSchema {
  readonly type: SchemaType;
  readonly root: SqlType;
  readonly decoder: Decoder | undefined;
}

/** Prints payloads whose schema is in the registry. Schemas are fetched before their payloads are looked at. */
export class SchemaPrinter {
  readonly #registry: SchemaRegistry | undefined;
  readonly #topic: string;
  readonly #schemas = new Map<number, PrintableSchema | undefined>();

  constructor(topic: string, registry: SchemaRegistry | undefined) {
    this.#topic = topic;
    this.#registry = registry;
  }

  /** Fetches the schemas that the payload may name, with or without a window behind it. */
  async prepare(payload: Uint8Array | null): Promise<void> {
    const id = payload === null ? undefined : schemaIdOf(payload);
    if (id === undefined || this.#registry === undefined || this.#schemas.has(id)) return;
    this.#schemas.set(id, await this.#load(id, this.#registry).catch(() => undefined));
  }

  /** Whether {@link prepare} has to be waited for. */
  knows(payload: Uint8Array | null): boolean {
    const id = payload === null || this.#registry === undefined ? undefined : schemaIdOf(payload);
    return id === undefined || this.#schemas.has(id);
  }

  /** The kind of schema that the payload was written with, if it names one that exists. */
  typeOf(payload: Uint8Array): SchemaType | undefined {
    const id = schemaIdOf(payload);
    return id === undefined ? undefined : this.#schemas.get(id)?.type;
  }

  print(payload: Uint8Array): string {
    const schema = this.#schemas.get(schemaIdOf(payload)!)!;
    if (schema.type === 'JSON' || schema.decoder === undefined) {
      return new TextDecoder().decode(payload.subarray(FRAME_BYTES));
    }
    const row: SqlValue[] = [];
    if (!schema.decoder.decode(payload, 0, payload.length, row)) return 'null';
    return schema.type === 'AVRO' ? spacedJson(schema.root, row) : protobufText(schema.root, row);
  }

  async #load(id: number, registry: SchemaRegistry): Promise<PrintableSchema | undefined> {
    const schema = await registry.byId(id);
    if (schema === undefined) return undefined;
    if (schema.type === 'JSON') return { type: 'JSON', root: struct([]), decoder: undefined };
    const { root } = registeredSchema('', id, await resolveSchema(registry, schema));
    const fields = root.kind === 'STRUCT' ? root.fields : [{ name: 'ROWVAL', type: root }];
    const decoder = await FORMATS[schema.type].createDecoder({
      topic: this.#topic,
      isKey: false,
      format: { name: schema.type, wrapping: root.kind === 'STRUCT' ? 'WRAP_SINGLES' : 'UNWRAP_SINGLES' },
      columns: fields.map(({ name, type }, slot) => ({ name, type, slot, needed: true })),
      registry,
    });
    return { type: schema.type, root, decoder };
  }
}

function schemaIdOf(payload: Uint8Array): number | undefined {
  if (payload.length <= FRAME_BYTES || payload[0] !== 0) return undefined;
  return new DataView(payload.buffer, payload.byteOffset, payload.byteLength).getInt32(1);
}

/** Avro's own text of a record: JSON with blanks behind commas and colons. */
function spacedJson(root: SqlType, row: readonly SqlValue[]): string {
  if (root.kind !== 'STRUCT') return valueText(root, row[0] ?? null);
  return `{${root.fields.map(({ name, type }, i) => `${JSON.stringify(name)}: ${valueText(type, row[i] ?? null)}`).join(', ')}}`;
}

/** Protobuf's text of a message on one line; fields that are not there are left out. */
function protobufText(root: SqlType, row: readonly SqlValue[]): string {
  if (root.kind !== 'STRUCT') return valueText(root, row[0] ?? null);
  const parts = root.fields.flatMap(({ name, type }, i): string[] => {
    const value = row[i] ?? null;
    if (value === null) return [];
    if (type.kind === 'ARRAY') return (value as readonly SqlValue[]).map((item) => fieldText(name, type.element, item));
    return [fieldText(name, type, value)];
  });
  return parts.join(' ');
}

const fieldText = (name: string, type: SqlType, value: SqlValue): string =>
  type.kind === 'STRUCT' && value !== null
    ? `${name} { ${protobufText(type, value as readonly SqlValue[])} }`
    : `${name}: ${valueText(type, value)}`;

function valueText(type: SqlType, value: SqlValue): string {
  if (value === null) return 'null';
  if (type.kind === 'STRUCT') return spacedJson(type, value as readonly SqlValue[]);
  if (type.kind === 'ARRAY') {
    return `[${(value as readonly SqlValue[]).map((item) => valueText(type.element, item)).join(', ')}]`;
  }
  if (type.kind === 'MAP') {
    const entries = [...(value as ReadonlyMap<SqlValue, SqlValue>)];
    return `{${entries.map(([key, item]) => `${JSON.stringify(String(key))}: ${valueText(type.value, item)}`).join(', ')}}`;
  }
  // Dates and times are the numbers that the record holds.
  return valueWriter(type, true)(value);
}
