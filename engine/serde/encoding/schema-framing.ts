import type { ByteWriter } from '../../bytes/byte-writer.ts';
import type { SchemaRegistry } from '../registry/schema-registry.ts';
import { readInt32 } from './bytes.ts';
import { type SerdeContext, SerdeError } from './serde.ts';

/** The magic byte and the schema's id that stand before every payload with a registered schema. */
export const FRAME_BYTES = 5;

/** The id of the schema that a payload was written with. @throws SerdeError */
export function readSchemaId(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < FRAME_BYTES || bytes[start] !== 0) throw new SerdeError('Unknown magic byte!');
  return readInt32(bytes, start + 1);
}

export function writeSchemaId(writer: ByteWriter, id: number): void {
  writer.byte(0);
  writer.int32(id);
}

/** The registry of a format that cannot do without. @throws SerdeError */
export function requiredRegistry(context: SerdeContext): SchemaRegistry {
  if (context.registry) return context.registry;
  throw new SerdeError(
    `Cannot use topic '${context.topic}' with format ${context.format.name} without configuring 'ksql.schema.registry.url'`,
  );
}

/** The subject under which a topic's schemas are registered. */
export const subjectOf = (topic: string, isKey: boolean): string => `${topic}-${isKey ? 'key' : 'value'}`;
