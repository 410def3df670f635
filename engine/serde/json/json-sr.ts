import { decodingError } from '../encoding/payload-error.ts';
import { FRAME_BYTES, readSchemaId, requiredRegistry, writeSchemaId } from '../encoding/schema-framing.ts';
import {
  type Decoder,
  type Encoder,
  encoderOf,
  type Format,
  NO_ENCODER,
  type SerdeContext,
} from '../encoding/serde.ts';
import { isUnwrapped } from '../encoding/single-column.ts';
import { sinkSchema } from '../encoding/sink-schema.ts';
import type { NewSchema } from '../registry/schema-registry.ts';
import { createJsonDecoder, createJsonEncoder } from './json.ts';
import { jsonObjectSchemaText, jsonValueSchemaText } from './schema.ts';

/** The schema that columns are written with unless the statement names another. */
export function jsonSchemaFor(context: SerdeContext): NewSchema {
  const { columns, format } = context;
  const schema = isUnwrapped(context)
    ? jsonValueSchemaText(columns[0]!.type)
    : jsonObjectSchemaText(columns, format.schemaFullName);
  return { type: 'JSON', schema };
}

/** Reads the JSON behind the frame by the rules of the JSON format; the schema it was written with does not matter. */
function createDecoder(context: SerdeContext): Decoder {
  requiredRegistry(context);
  const decoder = createJsonDecoder(context);
  return {
    decode(bytes, start, end, row) {
      try {
        readSchemaId(bytes, start, end);
      } catch (error) {
        throw decodingError(context, error);
      }
      return decoder.decode(bytes, start + FRAME_BYTES, end, row);
    },
  };
}

async function createEncoder(context: SerdeContext): Promise<Encoder> {
  const { id } = await sinkSchema(context, jsonSchemaFor);
  const encoder = createJsonEncoder(context);
  return encoderOf((row, writer) => {
    writeSchemaId(writer, id);
    return encoder.write(row, writer);
  });
}

/** JSON in Confluent's wire format. */
export const jsonSrFormat: Format = {
  createDecoder: async (context) => (context.columns.length === 0 ? { decode: () => true } : createDecoder(context)),
  createEncoder: async (context) => (context.columns.length === 0 ? NO_ENCODER : createEncoder(context)),
};
