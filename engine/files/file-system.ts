import fs from 'node:fs';

/** The calls by which the engine keeps its files. Tests put one in their place that fails where they say. */
export interface FileSystem {
  open(path: string, flags: string, mode: number): number;
  close(descriptor: number): void;
  /**
   * Writes at the end of a file opened for appending, else where the last write ended. @returns how much was written;
   * it may be less
   */
  write(descriptor: number, bytes: Uint8Array, from: number, length: number): number;
  /** @returns how much was read; it may be less */
  read(descriptor: number, into: Uint8Array, from: number, length: number, position: number): number;
  truncate(descriptor: number, sizeBytes: number): void;
  sync(descriptor: number): void;
  /** As {@link sync}, without holding up the process. */
  syncLater(descriptor: number): Promise<void>;
  rename(from: string, to: string): void;
}

/** Node's own. */
export const NODE_FILES: FileSystem = {
  open: (path, flags, mode) => fs.openSync(path, flags, mode),
  close: (descriptor) => fs.closeSync(descriptor),
  write: (descriptor, bytes, from, length) => fs.writeSync(descriptor, bytes, from, length),
  read: (descriptor, into, from, length, position) => fs.readSync(descriptor, into, from, length, position),
  truncate: (descriptor, sizeBytes) => fs.ftruncateSync(descriptor, sizeBytes),
  sync: (descriptor) => fs.fsyncSync(descriptor),
  syncLater: (descriptor) =>
    new Promise((resolve, reject) => {
      fs.fdatasync(descriptor, (error) => (error === null || error === undefined ? resolve() : reject(error)));
    }),
  rename: (from, to) => fs.renameSync(from, to),
};

/**
 * Writes all of the bytes, however little the system takes at a time. @throws the system's error; part may then be
 * written
 */
export function writeFully(files: FileSystem, descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    const written = files.write(descriptor, bytes, at, bytes.length - at);
    if (written === 0) throw Object.assign(new Error('ENOSPC: nothing was written'), { code: 'ENOSPC' });
    at += written;
  }
}
