import { type NewSchema, type ResolvedSchema, resolveSchema } from '../registry/schema-registry.ts';
import { requiredRegistry, subjectOf } from './schema-framing.ts';
import { type SerdeContext, SerdeError } from './serde.ts';

/** A schema to write with, and its id. */
export interface SinkSchema {
  readonly id: number;
  readonly schema: ResolvedSchema;
}

/**
 * The schema that a sink's key or value is written with: the one whose id the statement gives, or the one generated for
 * the columns. It is registered for the topic, if it is not yet.
 * @throws RegistryError when the registry refuses it, SerdeError when the id is unknown
 */
export async function sinkSchema(
  context: SerdeContext,
  generate: (context: SerdeContext) => NewSchema,
): Promise<SinkSchema> {
  const registry = requiredRegistry(context);
  const { schemaId } = context.format;
  const schema = schemaId === undefined ? generate(context) : await registry.byId(schemaId);
  if (!schema) throw new SerdeError(`Schema with id ${schemaId} does not exist in the Schema Registry.`);
  const id = schemaId ?? (await registry.register(subjectOf(context.topic, context.isKey), schema));
  return { id, schema: await resolveSchema(registry, schema) };
}
