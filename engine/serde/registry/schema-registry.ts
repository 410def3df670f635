/** The kinds of schema that a Confluent schema registry keeps. */
export type SchemaType = 'AVRO' | 'PROTOBUF' | 'JSON';

/** Another subject's schema that a schema refers to by name. */
export interface SchemaReference {
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

/** A schema under its id, as text. */
export interface RegistrySchema {
  readonly id: number;
  readonly type: SchemaType;
  readonly schema: string;
  readonly references: readonly SchemaReference[];
}

/** A version of a subject. */
export interface SubjectSchema extends RegistrySchema {
  readonly subject: string;
  readonly version: number;
}

export interface NewSchema {
  readonly type: SchemaType;
  readonly schema: string;
  readonly references?: readonly SchemaReference[];
}

export type CompatibilityLevel =
  | 'NONE'
  | 'BACKWARD'
  | 'BACKWARD_TRANSITIVE'
  | 'FORWARD'
  | 'FORWARD_TRANSITIVE'
  | 'FULL'
  | 'FULL_TRANSITIVE';

/**
 * A store of versioned schemas, with the semantics of Confluent's schema registry. Schemas are texts here; what they
 * mean is for the formats.
 */
export interface SchemaRegistry {
  /** Adds a version to a subject unless the very same schema is there; returns the id. @throws RegistryError */
  register(subject: string, schema: NewSchema): Promise<number>;
  latest(subject: string): Promise<SubjectSchema | undefined>;
  version(subject: string, version: number): Promise<SubjectSchema | undefined>;
  byId(id: number): Promise<RegistrySchema | undefined>;
  /**
   * What {@link byId} would return, without waiting: undefined also when it has to be fetched first. Decoders are
   * synchronous.
   */
  cachedById(id: number): RegistrySchema | undefined;
  /** What {@link version} would return, without waiting. */
  cachedVersion(subject: string, version: number): SubjectSchema | undefined;
  subjects(): Promise<readonly string[]>;
  versions(subject: string): Promise<readonly number[]>;
  /** Removes a subject with all versions; returns their numbers. */
  deleteSubject(subject: string): Promise<readonly number[]>;
  /** Whether the schema may become the next version under the subject's compatibility level. */
  isCompatible(subject: string, schema: NewSchema): Promise<boolean>;
}

/** A schema with the texts of all that it refers to, directly or not, by the names that references give them. */
export interface ResolvedSchema {
  readonly schema: NewSchema;
  readonly dependencies: ReadonlyMap<string, string>;
}

/** Fetches what a schema refers to. @throws RegistryError when something of it is gone */
export async function resolveSchema(registry: SchemaRegistry, schema: NewSchema): Promise<ResolvedSchema> {
  const dependencies = new Map<string, string>();
  const pending = [...(schema.references ?? [])];
  for (let reference = pending.pop(); reference; reference = pending.pop()) {
    if (dependencies.has(reference.name)) continue;
    const referred = await registry.version(reference.subject, reference.version);
    if (!referred) {
      const message = `Schema reference "${reference.name}" not found: subject ${reference.subject}, version ${reference.version}`;
      throw new RegistryError(message, 42201);
    }
    dependencies.set(reference.name, referred.schema);
    pending.push(...referred.references);
  }
  return { schema, dependencies };
}

/** {@link resolveSchema} out of the registry's cache; undefined when something has to be fetched. */
export function resolveCached(registry: SchemaRegistry, id: number): ResolvedSchema | undefined {
  const schema = registry.cachedById(id);
  if (!schema) return undefined;
  const dependencies = new Map<string, string>();
  const pending = [...schema.references];
  for (let reference = pending.pop(); reference; reference = pending.pop()) {
    if (dependencies.has(reference.name)) continue;
    const referred = registry.cachedVersion(reference.subject, reference.version);
    if (!referred) return undefined;
    dependencies.set(reference.name, referred.schema);
    pending.push(...referred.references);
  }
  return { schema, dependencies };
}

/** What a registry refuses, in the words and with the code of Confluent's REST API. */
export class RegistryError extends Error {
  /** For instance 40401 for an unknown subject, 409 for an incompatible schema. */
  readonly code: number;

  constructor(message: string, code: number, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RegistryError';
    this.code = code;
  }
}
