import { type FileSystem, NODE_FILES } from '../../engine/files/file-system.ts';

const failure = (code: string): Error => Object.assign(new Error(`${code}: as the test wants it`), { code });

/**
 * Files on a disk that has so much room, and fails as the test says. What it has room for it writes, as a disk does.
 */
export class FaultyFiles implements FileSystem {
  /** Bytes that may still be written. */
  roomBytes = Number.POSITIVE_INFINITY;
  /** Calls that fail, with the system's code. */
  readonly fails = new Map<'write' | 'truncate' | 'sync' | 'rename' | 'read', string>();
  /** At most so much is written by one call. */
  chunkBytes = Number.POSITIVE_INFINITY;

  open(path: string, flags: string, mode: number): number {
    return NODE_FILES.open(path, flags, mode);
  }

  close(descriptor: number): void {
    NODE_FILES.close(descriptor);
  }

  write(descriptor: number, bytes: Uint8Array, from: number, length: number): number {
    this.#check('write');
    if (this.roomBytes === 0) throw failure('ENOSPC');
    const written = NODE_FILES.write(descriptor, bytes, from, Math.min(length, this.roomBytes, this.chunkBytes));
    this.roomBytes -= written;
    return written;
  }

  read(descriptor: number, into: Uint8Array, from: number, length: number, position: number): number {
    this.#check('read');
    return NODE_FILES.read(descriptor, into, from, length, position);
  }

  truncate(descriptor: number, sizeBytes: number): void {
    this.#check('truncate');
    NODE_FILES.truncate(descriptor, sizeBytes);
  }

  sync(): void {
    this.#check('sync');
  }

  async syncLater(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#check('sync');
  }

  rename(from: string, to: string): void {
    this.#check('rename');
    NODE_FILES.rename(from, to);
  }

  #check(call: 'write' | 'truncate' | 'sync' | 'rename' | 'read'): void {
    const code = this.fails.get(call);
    if (code !== undefined) throw failure(code);
  }
}
