import {
  type CompatibilityLevel,
  type NewSchema,
  RegistryError,
  type RegistrySchema,
  type SchemaRegistry,
  type SubjectSchema,
} from '../registry/schema-registry.ts';
import { incompatibility } from './schema-compatibility.ts';

/** The schema registry of the embedded engine: in the process, and gone with it unless {@link entries} is kept. */
export class MemoryRegistry implements SchemaRegistry {
  readonly #byId = new Map<number, RegistrySchema>();
  readonly #subjects = new Map<string, SubjectSchema[]>();
  readonly #compatibility: CompatibilityLevel;
  #nextId = 1;

  constructor(compatibility: CompatibilityLevel = 'BACKWARD') {
    this.#compatibility = compatibility;
  }

  async register(subject: string, schema: NewSchema): Promise<number> {
    const known = this.#subjects.get(subject)?.find((version) => sameSchema(version, schema));
    if (known) return known.id;
    const reason = this.#incompatibility(subject, schema);
    if (reason !== undefined) {
      throw new RegistryError(
        `Schema being registered is incompatible with an earlier schema for subject "${subject}", details: [${reason}]`,
        409,
      );
    }
    const registered = [...this.#byId.values()].find((other) => sameSchema(other, schema));
    return this.#add(subject, schema, registered?.id ?? this.#nextId);
  }

  /** Adds a version under an id of the caller's choosing, as importing does; nothing is checked. */
  import(subject: string, schema: NewSchema, id: number): void {
    this.#add(subject, schema, id);
  }

  #add(subject: string, schema: NewSchema, id: number): number {
    const versions = this.#subjects.get(subject) ?? [];
    const references = schema.references ?? [];
    const registered: RegistrySchema = { id, type: schema.type, schema: schema.schema, references };
    this.#subjects.set(subject, [
      ...versions,
      { ...registered, subject, version: (versions.at(-1)?.version ?? 0) + 1 },
    ]);
    this.#byId.set(id, registered);
    this.#nextId = Math.max(this.#nextId, id + 1);
    return id;
  }

  async latest(subject: string): Promise<SubjectSchema | undefined> {
    return this.#subjects.get(subject)?.at(-1);
  }

  async version(subject: string, version: number): Promise<SubjectSchema | undefined> {
    return this.cachedVersion(subject, version);
  }

  async byId(id: number): Promise<RegistrySchema | undefined> {
    return this.#byId.get(id);
  }

  cachedById(id: number): RegistrySchema | undefined {
    return this.#byId.get(id);
  }

  cachedVersion(subject: string, version: number): SubjectSchema | undefined {
    return this.#subjects.get(subject)?.find((schema) => schema.version === version);
  }

  async subjects(): Promise<readonly string[]> {
    return [...this.#subjects.keys()].sort();
  }

  async versions(subject: string): Promise<readonly number[]> {
    return (this.#subjects.get(subject) ?? []).map((schema) => schema.version);
  }

  async deleteSubject(subject: string): Promise<readonly number[]> {
    const versions = await this.versions(subject);
    if (versions.length === 0) throw new RegistryError(`Subject '${subject}' not found.`, 40401);
    this.#subjects.delete(subject);
    return versions;
  }

  async isCompatible(subject: string, schema: NewSchema): Promise<boolean> {
    return this.#incompatibility(subject, schema) === undefined;
  }

  /** All versions of all subjects, oldest first: what {@link import} needs to bring the registry back. */
  entries(): readonly SubjectSchema[] {
    return [...this.#subjects.values()].flat();
  }

  #incompatibility(subject: string, schema: NewSchema): string | undefined {
    const versions = this.#subjects.get(subject) ?? [];
    const level = this.#compatibility;
    const compared = level.endsWith('_TRANSITIVE') ? versions : versions.slice(-1);
    for (const version of compared) {
      if (level.startsWith('BACKWARD') || level.startsWith('FULL')) {
        const reason = incompatibility(schema, version);
        if (reason !== undefined) return reason;
      }
      if (level.startsWith('FORWARD') || level.startsWith('FULL')) {
        const reason = incompatibility(version, schema);
        if (reason !== undefined) return reason;
      }
    }
    return undefined;
  }
}

/** Whether two schemas are the same but for blanks. */
function sameSchema(a: NewSchema, b: NewSchema): boolean {
  return (
    a.type === b.type &&
    canonical(a) === canonical(b) &&
    JSON.stringify(a.references ?? []) === JSON.stringify(b.references ?? [])
  );
}

function canonical({ type, schema }: NewSchema): string {
  if (type === 'PROTOBUF') return schema.replace(/\s+/g, ' ').trim();
  try {
    return JSON.stringify(JSON.parse(schema));
  } catch {
    return schema.trim();
  }
}
