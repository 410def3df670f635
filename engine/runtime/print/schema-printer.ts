import { type SqlType, type SqlValue, struct } from '../../../language/types/sql-type.ts';
import { FRAME_BYTES } from '../../serde/encoding/schema-framing.ts';
import type { Decoder } from '../../serde/encoding/serde.ts';
import { FORMATS } from '../../serde/formats.ts';
import { resolveSchema, type SchemaRegistry, type SchemaType } from '../../serde/registry/schema-registry.ts';
import { registeredSchema } from '../../serde/schemas/schema-translation.ts';
import { avroRow } from './avro-text.ts';
import { protobufRow } from './protobuf-text.ts';

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
    return schema.type === 'AVRO' ? avroRow(schema.root, row) : protobufRow(schema.root, row);
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
