import { encodingError } from '../encoding/payload-error.ts';
import { createRegisteredDecoder, type FramedDecode } from '../encoding/registered-decoder.ts';
import { writeSchemaId } from '../encoding/schema-framing.ts';
import { type Encoder, encoderOf, type Format, NO_ENCODER, type SerdeContext } from '../encoding/serde.ts';
import { isUnwrapped } from '../encoding/single-column.ts';
import { sinkSchema } from '../encoding/sink-schema.ts';
import type { NewSchema, ResolvedSchema } from '../registry/schema-registry.ts';
import { AvroCursor } from './binary.ts';
import { compileReader, compileRowReader } from './reader.ts';
import { parseAvroSchema } from './schema.ts';
import { avroKeyName, avroRecordText, avroValueText, DEFAULT_AVRO_VALUE_NAME } from './schema-source.ts';
import { compileRowWriter, compileWriter } from './writer.ts';

/**
 * The schema that columns are written with unless the statement names another. @throws SerdeError for unsuitable names
 */
export function avroSchemaFor(context: SerdeContext): NewSchema {
  const { columns, format, isKey } = context;
  const generated = isKey ? avroKeyName(context.sourceName ?? context.topic) : DEFAULT_AVRO_VALUE_NAME;
  const fullName = format.schemaFullName ?? generated;
  const schema = isUnwrapped(context) ? avroValueText(columns[0]!.type, fullName) : avroRecordText(columns, fullName);
  return { type: 'AVRO', schema };
}

function compileDecode(context: SerdeContext, { schema, dependencies }: ResolvedSchema): FramedDecode {
  const node = parseAvroSchema(schema.schema, dependencies);
  const cursor = new AvroCursor();
  if (!isUnwrapped(context)) {
    const read = compileRowReader(node, context.columns);
    return (bytes, start, end, row) => {
      cursor.open(bytes, start, end);
      return read(cursor, row);
    };
  }
  const [column] = context.columns;
  const { slot, needed, type, name } = column!;
  const read = compileReader(node, type, `->${name}`);
  return (bytes, start, end, row) => {
    cursor.open(bytes, start, end);
    const value = read(cursor);
    if (needed !== false) row[slot] = value;
    return value !== null;
  };
}

async function createEncoder(context: SerdeContext): Promise<Encoder> {
  const { columns } = context;
  const { id, schema } = await sinkSchema(context, avroSchemaFor);
  const node = parseAvroSchema(schema.schema.schema, schema.dependencies);
  const unwrapped = isUnwrapped(context);
  const [first] = columns;
  const writeRow = unwrapped ? undefined : compileRowWriter(node, columns);
  const writeValue = unwrapped ? compileWriter(node, first!.type, first!.name) : undefined;
  return encoderOf((row, writer) => {
    if (!writeRow && (row[first!.slot] ?? null) === null) return false;
    try {
      writeSchemaId(writer, id);
      if (writeRow) writeRow(writer, row);
      else writeValue!(writer, row[first!.slot]!);
    } catch (error) {
      throw encodingError(context, error);
    }
    return true;
  });
}

/** Avro in Confluent's wire format. */
export const avroFormat: Format = {
  createDecoder: async (context) =>
    context.columns.length === 0
      ? { decode: () => true }
      : createRegisteredDecoder(context, (schema) => compileDecode(context, schema)),
  createEncoder: async (context) => (context.columns.length === 0 ? NO_ENCODER : createEncoder(context)),
};
