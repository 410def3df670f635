import type { SqlValue } from '../../../language/types/sql-type.ts';
import { FRAME_BYTES } from '../../serde/encoding/schema-framing.ts';
import { SerdeError } from '../../serde/encoding/serde.ts';
import { FORMATS } from '../../serde/formats.ts';
import { ProtoCursor } from '../../serde/protobuf/cursor.ts';
import { readMessage } from '../../serde/protobuf/protobuf.ts';
import { parseProtoSchema } from '../../serde/protobuf/schema.ts';
import {
  type ResolvedSchema,
  resolveSchema,
  type SchemaRegistry,
  type SchemaType,
} from '../../serde/registry/schema-registry.ts';
import { registeredSchema } from '../../serde/schemas/schema-translation.ts';
import { avroRow } from './avro-text.ts';
import { protobufText } from './protobuf-text.ts';

/** How payloads with one schema are printed. */
interface PrintableSchema {
  readonly type: SchemaType;
  /** @throws SerdeError for payloads that were not written with the schema */
  print(payload: Uint8Array): string;
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

  /** Whether the payload names a schema of this kind that exists, and was written with it. */
  canPrint(payload: Uint8Array, type: SchemaType): boolean {
    const id = schemaIdOf(payload);
    const schema = id === undefined ? undefined : this.#schemas.get(id);
    if (schema?.type !== type) return false;
    try {
      schema.print(payload);
      return true;
    } catch (error) {
      if (error instanceof SerdeError) return false;
      throw error;
    }
  }

  print(payload: Uint8Array): string {
    return this.#schemas.get(schemaIdOf(payload)!)!.print(payload);
  }

  async #load(id: number, registry: SchemaRegistry): Promise<PrintableSchema | undefined> {
    const schema = await registry.byId(id);
    if (schema === undefined) return undefined;
    const resolved = await resolveSchema(registry, schema);
    switch (schema.type) {
      case 'JSON':
        return { type: 'JSON', print: (payload) => new TextDecoder().decode(payload.subarray(FRAME_BYTES)) };
      case 'PROTOBUF':
        return protobufPrinter(resolved);
      case 'AVRO':
        return this.#avroPrinter(id, resolved, registry);
      default:
        return schema.type satisfies never;
    }
  }

  async #avroPrinter(id: number, resolved: ResolvedSchema, registry: SchemaRegistry): Promise<PrintableSchema> {
    const { root } = registeredSchema('', id, resolved);
    const fields = root.kind === 'STRUCT' ? root.fields : [{ name: 'ROWVAL', type: root }];
    const decoder = await FORMATS.AVRO.createDecoder({
      topic: this.#topic,
      isKey: false,
      format: { name: 'AVRO', wrapping: root.kind === 'STRUCT' ? 'WRAP_SINGLES' : 'UNWRAP_SINGLES' },
      columns: fields.map(({ name, type }, slot) => ({ name, type, slot, needed: true })),
      registry,
    });
    const print = (payload: Uint8Array): string => {
      const row: SqlValue[] = [];
      return decoder.decode(payload, 0, payload.length, row) ? avroRow(root, row) : 'null';
    };
    return { type: 'AVRO', print };
  }
}

/** Protobuf is printed as it is on the wire: what SQL makes of it leaves out much. */
function protobufPrinter({ schema, dependencies }: ResolvedSchema): PrintableSchema {
  const proto = parseProtoSchema(schema.schema, dependencies);
  const cursor = new ProtoCursor();
  const print = (payload: Uint8Array): string => {
    cursor.open(payload, FRAME_BYTES, payload.length);
    const message = readMessage(cursor, proto);
    return protobufText(message, payload.subarray(cursor.position));
  };
  return { type: 'PROTOBUF', print };
}

function schemaIdOf(payload: Uint8Array): number | undefined {
  if (payload.length <= FRAME_BYTES || payload[0] !== 0) return undefined;
  return new DataView(payload.buffer, payload.byteOffset, payload.byteLength).getInt32(1);
}
