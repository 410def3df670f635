import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { MemoryRegistry } from '../serde/memory-registry.ts';
import type { NewSchema, SubjectSchema } from '../serde/schema-registry.ts';

/** The registry of the embedded engine, written to a file whenever it changes, so that its ids outlive the process. */
export class FileRegistry extends MemoryRegistry {
  readonly #path: string;

  constructor(path: string) {
    super();
    this.#path = path;
    mkdirSync(dirname(path), { recursive: true });
    if (!existsSync(path)) return;
    const entries = JSON.parse(readFileSync(path, 'utf8')) as readonly SubjectSchema[];
    for (const { subject, id, type, schema, references } of entries)
      this.import(subject, { type, schema, references }, id);
  }

  override async register(subject: string, schema: NewSchema): Promise<number> {
    const known = this.entries().length;
    const id = await super.register(subject, schema);
    if (this.entries().length !== known) this.#write();
    return id;
  }

  override async deleteSubject(subject: string): Promise<readonly number[]> {
    const versions = await super.deleteSubject(subject);
    this.#write();
    return versions;
  }

  #write(): void {
    writeFileSync(`${this.#path}.new`, JSON.stringify(this.entries()));
    renameSync(`${this.#path}.new`, this.#path);
  }
}
