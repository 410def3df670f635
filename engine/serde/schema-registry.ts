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
 * A store of versioned schemas, with the semantics of Confluent's schema registry. Schemas are texts here; what they mean is
 * for the formats.
 */
export interface SchemaRegistry {
  /** Adds a version to a subject unless the very same schema is there; returns the id. @throws RegistryError */
  register(subject: string, schema: NewSchema): Promise<number>;
  latest(subject: string): Promise<SubjectSchema | undefined>;
  version(subject: string, version: number): Promise<SubjectSchema | undefined>;
  byId(id: number): Promise<RegistrySchema | undefined>;
  /**
   * A schema that was seen before, without waiting: decoders are synchronous and ask for an unknown writer's schema this way
   * after {@link byId} has brought it in.
   */
  cachedById(id: number): RegistrySchema | undefined;
  subjects(): Promise<readonly string[]>;
  versions(subject: string): Promise<readonly number[]>;
  /** Removes a subject with all versions; returns their numbers. */
  deleteSubject(subject: string): Promise<readonly number[]>;
  /** Whether the schema may become the next version under the subject's compatibility level. */
  isCompatible(subject: string, schema: NewSchema): Promise<boolean>;
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
