import { chmodSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { FileError } from './file-error.ts';
import { PRIVATE_DIRECTORY, PRIVATE_FILE } from './file-handles.ts';
import { type FileSystem, NODE_FILES, writeFully } from './file-system.ts';

/**
 * Puts a file in the place of another as a whole: who reads, now or after a crash, finds the old or the new, never a
 * half.
 * @param sync whether to wait until it is on the disk itself
 * @throws FileError; then the old one stands
 */
export function replaceFile(
  path: string,
  parts: readonly Uint8Array[] | string,
  { sync = true, files = NODE_FILES }: { readonly sync?: boolean; readonly files?: FileSystem } = {},
): void {
  const next = `${path}.next`;
  try {
    const descriptor = files.open(next, 'w', PRIVATE_FILE);
    try {
      for (const part of typeof parts === 'string' ? [Buffer.from(parts)] : parts) writeFully(files, descriptor, part);
      if (sync) files.sync(descriptor);
    } finally {
      files.close(descriptor);
    }
    files.rename(next, path);
    if (sync) syncDirectory(dirname(path), files);
  } catch (error) {
    rmSync(next, { force: true });
    throw new FileError(path, 'cannot be written', error);
  }
}

/** Makes the names in a directory durable. Windows has no such call, and needs none. @throws FileError */
export function syncDirectory(path: string, files: FileSystem = NODE_FILES): void {
  if (process.platform === 'win32') return;
  try {
    const descriptor = files.open(path, 'r', 0);
    try {
      files.sync(descriptor);
    } finally {
      files.close(descriptor);
    }
  } catch (error) {
    throw new FileError(path, 'cannot be flushed to the disk', error);
  }
}

/** Makes a directory for this user alone; one that others may read is closed to them. @throws FileError */
export function makePrivateDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: PRIVATE_DIRECTORY });
  } catch (error) {
    throw new FileError(path, 'cannot be made', error);
  }
  tighten(path, PRIVATE_DIRECTORY);
}

/** Takes away from others what a file of before may let them do. A file of somebody else stays as it is. */
export function tighten(path: string, mode = PRIVATE_FILE): void {
  try {
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, mode);
  } catch {
    // Not ours, or on a file system without rights: then whoever mounted it decides.
  }
}
