import type { Metastore, RegisteredSchema } from '../../../language/metastore/metastore.ts';
import { type ResolvedSchema, resolveSchema, type SchemaRegistry } from '../registry/schema-registry.ts';
import { registeredSchema } from './schema-translation.ts';

/** What a statement may ask about schemas. */
export interface WantedSchemas {
  readonly subjects: readonly string[];
  readonly ids?: readonly number[];
}

/**
 * The schemas that statements infer columns from. Analysis never waits, so what a statement may need is loaded before
 * it is analyzed; anything else is unknown to it.
 */
export class SchemaCatalog {
  readonly #registry: SchemaRegistry;
  readonly #latest = new Map<string, { readonly id: number; readonly schema: ResolvedSchema }>();
  readonly #byId = new Map<number, ResolvedSchema>();

  constructor(registry: SchemaRegistry) {
    this.#registry = registry;
  }

  /**
   * Fetches what there is of the schemas, anew for subjects, whose latest version may have changed. @throws
   * RegistryError
   */
  async load({ subjects, ids = [] }: WantedSchemas): Promise<void> {
    await Promise.all([
      ...subjects.map((subject) => this.#loadLatest(subject)),
      ...ids.map((id) => this.#loadById(id)),
    ]);
  }

  async #loadLatest(subject: string): Promise<void> {
    const latest = await this.#registry.latest(subject);
    if (latest) this.#latest.set(subject, { id: latest.id, schema: await resolveSchema(this.#registry, latest) });
    else this.#latest.delete(subject);
  }

  async #loadById(id: number): Promise<void> {
    if (this.#byId.has(id)) return;
    const schema = await this.#registry.byId(id);
    if (schema) this.#byId.set(id, await resolveSchema(this.#registry, schema));
  }

  /** The look-ups of a metastore. */
  readonly lookUps: NonNullable<Metastore['schemas']> = {
    latest: (subject: string, fullName?: string): RegisteredSchema | undefined => {
      const latest = this.#latest.get(subject);
      return latest && registeredSchema(subject, latest.id, latest.schema, fullName);
    },
    byId: (id: number, fullName?: string): RegisteredSchema | undefined => {
      const schema = this.#byId.get(id);
      return schema && registeredSchema('', id, schema, fullName);
    },
  };
}
