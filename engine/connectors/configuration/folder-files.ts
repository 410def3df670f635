import { closeSync, createReadStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { DataFile, DataFiles } from './data-files.ts';
import { exampleDataFolders } from './example-data-folders.ts';
import { missingFileText, type NamedFolders, openInFolders } from './named-folders.ts';

/**
 * The files of some folders: a name is a path from one of them, or absolute. The data of the examples is always found.
 */
export class FolderFiles implements DataFiles {
  readonly #folders: () => NamedFolders;

  constructor(folders: () => NamedFolders) {
    this.#folders = folders;
  }

  async open(name: string): Promise<DataFile> {
    const folders = this.#folders();
    const file = openInFolders(name, { ...folders, named: [...folders.named, ...exampleDataFolders()] });
    if (file === undefined) throw new Error(missingFileText(folders));
    return new OpenFile(name, file);
  }
}

class OpenFile implements DataFile {
  readonly #name: string;
  /** A file descriptor. */
  readonly #file: number;

  constructor(name: string, file: number) {
    this.#name = name;
    this.#file = file;
  }

  async text(): Promise<string> {
    try {
      return readFileSync(this.#file, 'utf8');
    } finally {
      this.close();
    }
  }

  async *lines(): AsyncIterable<string> {
    const input = createReadStream(this.#name, { fd: this.#file, encoding: 'utf8' });
    try {
      yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
    } finally {
      input.destroy();
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}
