import { FileError } from './file-error.ts';
import { type FileSystem, NODE_FILES } from './file-system.ts';

/** Readable and writable by the user who runs the engine alone. */
export const PRIVATE_FILE = 0o600;
export const PRIVATE_DIRECTORY = 0o700;
/** How many log files are open at once; those beyond are closed and opened again when they are wanted. */
export const MAX_OPEN_FILES = 256;

interface Handle {
  readonly descriptor: number;
  /** Calls in flight that use it. */
  pins: number;
  /** To be closed when the last of them has ended. */
  isGivenUp: boolean;
}

/**
 * The open files of the logs, of which there may be far more than a process may have open. Opened for reading and
 * appending.
 */
export class FileHandles {
  readonly files: FileSystem;
  readonly #limit: number;
  /** The one used longest ago comes first. */
  readonly #open = new Map<string, Handle>();

  constructor(files: FileSystem = NODE_FILES, limit = MAX_OPEN_FILES) {
    this.files = files;
    this.#limit = limit;
  }

  get size(): number {
    return this.#open.size;
  }

  /** The file's descriptor, good until the next call. @throws FileError */
  descriptor(path: string): number {
    return this.#handle(path).descriptor;
  }

  /** Flushes the file to the disk. It stays open as long as that takes. @throws FileError */
  async syncLater(path: string): Promise<void> {
    const handle = this.#handle(path);
    handle.pins++;
    try {
      await this.files.syncLater(handle.descriptor);
    } catch (error) {
      throw new FileError(path, 'cannot be flushed to the disk', error);
    } finally {
      handle.pins--;
      if (handle.isGivenUp && handle.pins === 0) this.files.close(handle.descriptor);
    }
  }

  /** Closes the file, once it has been flushed where that is under way. */
  close(path: string): void {
    const handle = this.#open.get(path);
    if (handle === undefined) return;
    this.#open.delete(path);
    handle.isGivenUp = true;
    if (handle.pins === 0) this.files.close(handle.descriptor);
  }

  closeAll(): void {
    for (const path of [...this.#open.keys()]) this.close(path);
  }

  #handle(path: string): Handle {
    const known = this.#open.get(path);
    if (known !== undefined) {
      this.#open.delete(path);
      this.#open.set(path, known);
      return known;
    }
    this.#makeRoom();
    try {
      const handle = { descriptor: this.files.open(path, 'a+', PRIVATE_FILE), pins: 0, isGivenUp: false };
      this.#open.set(path, handle);
      return handle;
    } catch (error) {
      throw new FileError(path, 'cannot be opened', error);
    }
  }

  #makeRoom(): void {
    if (this.#open.size < this.#limit) return;
    for (const [path, { pins }] of this.#open) {
      if (pins > 0) continue;
      this.close(path);
      return;
    }
  }
}
