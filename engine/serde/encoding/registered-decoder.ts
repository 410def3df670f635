import { RecentMap } from '../registry/recent-map.ts';
import { type ResolvedSchema, resolveCached, resolveSchema, type SchemaRegistry } from '../registry/schema-registry.ts';
import { decodingError } from './payload-error.ts';
import { FRAME_BYTES, readSchemaId, requiredRegistry } from './schema-framing.ts';
import { type Decoder, SchemaNotLoadedError, type SerdeContext, SerdeError } from './serde.ts';

/** Of the schemas of a topic so many stay compiled. */
const KEPT_DECODERS = 100;

/** Decodes what stands behind the frame of a payload. */
export type FramedDecode = Decoder['decode'];

/**
 * A decoder of payloads that name the schema they were written with. A schema is compiled once, when the first payload
 * with it comes; what does not fit the columns fails again with every payload.
 */
export function createRegisteredDecoder(
  context: SerdeContext,
  compile: (schema: ResolvedSchema) => FramedDecode,
): Decoder {
  const registry = requiredRegistry(context);
  const decoders = new RecentMap<number, FramedDecode>(KEPT_DECODERS);
  let lastId = -1;
  let lastDecode: FramedDecode | undefined;

  const decoderOf = (id: number): FramedDecode => {
    const known = decoders.get(id);
    if (known) return known;
    const schema = resolveCached(registry, id);
    if (!schema) throw notLoaded(registry, id);
    const compiled = compileOrRefuse(schema, compile);
    decoders.set(id, compiled);
    return compiled;
  };

  return {
    decode(bytes, start, end, row) {
      try {
        const id = readSchemaId(bytes, start, end);
        if (id !== lastId || !lastDecode) {
          lastDecode = decoderOf(id);
          lastId = id;
        }
        return lastDecode(bytes, start + FRAME_BYTES, end, row);
      } catch (error) {
        if (error instanceof SchemaNotLoadedError) throw error;
        throw decodingError(context, error);
      }
    },
  };
}

function compileOrRefuse(schema: ResolvedSchema, compile: (schema: ResolvedSchema) => FramedDecode): FramedDecode {
  try {
    return compile(schema);
  } catch (error) {
    if (!(error instanceof SerdeError)) throw error;
    return () => {
      throw error;
    };
  }
}

function notLoaded(registry: SchemaRegistry, id: number): SchemaNotLoadedError {
  return new SchemaNotLoadedError(`Schema ${id} is not loaded yet`, async () => {
    const schema = await registry.byId(id);
    if (!schema) throw new SerdeError(`Error retrieving schema for id ${id}: Schema not found`);
    await resolveSchema(registry, schema);
  });
}
