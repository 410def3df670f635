import { FileError } from './file-error.ts';
import type { FileHandles } from './file-handles.ts';
import { writeFully } from './file-system.ts';

/**
 * A file that grows at its end. What is appended is there as a whole or not at all: a write that fails half way is cut
 * off again, and while that cannot be done nothing more is written behind it.
 */
export class AppendFile {
  readonly path: string;
  readonly #handles: FileHandles;
  #sizeBytes: number;
  /** How much is known to be on the disk itself. */
  #syncedBytes: number;
  /** Something unfinished stands behind `sizeBytes`. */
  #isTorn = false;
  #syncing: Promise<void> | undefined;
  #nextSync: Promise<void> | undefined;

  /** @param sizeBytes what of the file counts; 0 for one that is yet to be made */
  constructor(path: string, sizeBytes: number, handles: FileHandles) {
    this.path = path;
    this.#sizeBytes = sizeBytes;
    this.#syncedBytes = sizeBytes;
    this.#handles = handles;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get syncedBytes(): number {
    return this.#syncedBytes;
  }

  /** @throws FileError; then nothing of it is in the file */
  append(parts: readonly Uint8Array[]): void {
    if (this.#isTorn) this.cutTo(this.#sizeBytes);
    const descriptor = this.#handles.descriptor(this.path);
    try {
      for (const part of parts) writeFully(this.#handles.files, descriptor, part);
    } catch (error) {
      try {
        this.cutTo(this.#sizeBytes);
      } catch {
        // It is tried again before the next write; the error to tell is the first.
      }
      throw new FileError(this.path, 'cannot be written', error);
    }
    for (const part of parts) this.#sizeBytes += part.length;
  }

  /** Cuts off what stands behind. @throws FileError; the file then takes nothing more until cutting succeeds */
  cutTo(sizeBytes: number): void {
    this.#sizeBytes = sizeBytes;
    this.#syncedBytes = Math.min(this.#syncedBytes, sizeBytes);
    this.#isTorn = true;
    try {
      this.#handles.files.truncate(this.#handles.descriptor(this.path), sizeBytes);
    } catch (error) {
      const what = 'is closed for writing, because a write that failed cannot be cut off again';
      throw error instanceof FileError ? error : new FileError(this.path, what, error);
    }
    this.#isTorn = false;
  }

  /** @throws FileError also when the file is shorter */
  read(position: number, sizeBytes: number): Uint8Array {
    const bytes = new Uint8Array(sizeBytes);
    const descriptor = this.#handles.descriptor(this.path);
    try {
      for (let at = 0; at < sizeBytes; ) {
        const read = this.#handles.files.read(descriptor, bytes, at, sizeBytes - at, position + at);
        if (read === 0) throw new Error(`it ends before byte ${position + sizeBytes}`);
        at += read;
      }
    } catch (error) {
      throw new FileError(this.path, 'cannot be read', error);
    }
    return bytes;
  }

  /**
   * Resolves when what has been appended so far is on the disk. Calls that come while one runs share the next. @throws
   * FileError
   */
  sync(): Promise<void> {
    if (this.#syncing === undefined) return this.#startSync();
    this.#nextSync ??= this.#syncing.then(
      () => this.#startSync(),
      () => this.#startSync(),
    );
    return this.#nextSync;
  }

  /** As {@link sync}, at once. @throws FileError */
  syncNow(): void {
    if (this.#syncedBytes === this.#sizeBytes) return;
    const descriptor = this.#handles.descriptor(this.path);
    try {
      this.#handles.files.sync(descriptor);
    } catch (error) {
      throw new FileError(this.path, 'cannot be flushed to the disk', error);
    }
    this.#syncedBytes = this.#sizeBytes;
  }

  close(): void {
    this.#handles.close(this.path);
  }

  #startSync(): Promise<void> {
    this.#nextSync = undefined;
    const sizeBytes = this.#sizeBytes;
    const syncing = this.#handles.syncLater(this.path).then(() => {
      // A cut in the meantime has made it shorter.
      this.#syncedBytes = Math.max(this.#syncedBytes, Math.min(sizeBytes, this.#sizeBytes));
    });
    this.#syncing = syncing;
    const done = () => {
      if (this.#syncing === syncing) this.#syncing = undefined;
    };
    syncing.then(done, done);
    return syncing;
  }
}
