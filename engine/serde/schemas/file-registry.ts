import { dirname } from 'node:path';
import { readJsonFile } from '../../files/json-file.ts';
import { makePrivateDirectory, replaceFile } from '../../files/replace-file.ts';
import type { NewSchema, SubjectSchema } from '../registry/schema-registry.ts';
import { MemoryRegistry } from './memory-registry.ts';

const ADVICE =
  'It holds the schemas of AVRO, JSON_SR and PROTOBUF topics, without which their records cannot be read. Put a copy of it back, or move it away to begin without schemas';

/** The registry of the embedded engine, written to a file whenever it changes, so that its ids outlive the process. */
export class FileRegistry extends MemoryRegistry {
  readonly #path: string;
  /** How many entries the file has. */
  #written = 0;

  /** @throws Error that names the file when it cannot be read */
  constructor(path: string) {
    super();
    this.#path = path;
    makePrivateDirectory(dirname(path));
    const entries = readJsonFile<readonly SubjectSchema[]>(path, ADVICE) ?? [];
    for (const { subject, id, type, schema, references } of entries)
      this.import(subject, { type, schema, references }, id);
    this.#written = this.entries().length;
  }

  /** @throws FileError; the next call tries again to write it */
  override async register(subject: string, schema: NewSchema): Promise<number> {
    const id = await super.register(subject, schema);
    if (this.entries().length !== this.#written) this.#write();
    return id;
  }

  override async deleteSubject(subject: string): Promise<readonly number[]> {
    const versions = await super.deleteSubject(subject);
    this.#write();
    return versions;
  }

  #write(): void {
    const entries = this.entries();
    this.#written = -1;
    replaceFile(this.#path, JSON.stringify(entries));
    this.#written = entries.length;
  }
}
