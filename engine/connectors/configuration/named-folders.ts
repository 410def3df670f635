import { closeSync, constants, fstatSync, openSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';

/** It does not follow a link at the end, and does not wait for a writer of a pipe; Windows has neither. */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Whose files may be read, and of which among them not. */
export interface NamedFolders {
  readonly named: readonly string[];
  /** A folder that is kept from them, where it lies in one. */
  readonly closed?: string | undefined;
}

/**
 * Opens a regular file that lies in one of some folders, after all links are followed. A name is a path, from one of
 * the folders or absolute. Whatever else there may be, outside or of another kind, is as if it was not there.
 *
 * The file is looked at again when it is open, because what a path leads to may be changed in between.
 *
 * @returns a file descriptor, which the caller closes; undefined when there is no such file
 */
export function openInFolders(name: string, { named, closed }: NamedFolders): number | undefined {
  for (const folder of named) {
    const file = openIn(folder, name, closed);
    if (file !== undefined) return file;
  }
  return undefined;
}

function openIn(folder: string, name: string, closed: string | undefined): number | undefined {
  let file: number | undefined;
  try {
    const root = realpathSync.native(folder);
    const kept = closed === undefined ? undefined : realpathSync.native(closed);
    // A folder that is named within it was meant.
    const isKept = (file: string) => kept !== undefined && !isInside(kept, root) && isInside(kept, file);
    const mayRead = (file: string) => isInside(root, file) && !isKept(file);
    // What is outside by its name alone is not even looked for: how long that takes would tell whether it is there.
    const wanted = path.resolve(folder, name);
    if (!isInside(path.resolve(folder), wanted) && !isInside(root, wanted)) return undefined;
    const real = realpathSync.native(wanted);
    if (!mayRead(real)) return undefined;
    file = openSync(real, OPEN_FLAGS);
    if (fstatSync(file).isFile() && mayRead(pathOf(file, real))) return file;
  } catch {
    // It is not there, may not be read, or has a name that no file can have.
  }
  if (file !== undefined) closeSync(file);
  return undefined;
}

/**
 * Where an open file is. Linux tells; elsewhere the path is followed once more, and must still lead to the file that is
 * open.
 *
 * @throws Error when the path leads elsewhere by now
 */
function pathOf(file: number, real: string): string {
  if (process.platform === 'linux') return readlinkSync(`/proc/self/fd/${file}`);
  const again = realpathSync.native(real);
  const [open, found] = [fstatSync(file, { bigint: true }), statSync(again, { bigint: true })];
  if (open.ino !== found.ino || open.dev !== found.dev) throw new Error(`${real} was replaced.`);
  return again;
}

function isInside(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== '' && relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

/**
 * What to say where a file could not be opened. It is the same for one that is not there and for one that may not be
 * read, so that nobody learns which there are.
 */
export function missingFileText({ named }: NamedFolders): string {
  return named.length === 0
    ? 'there is no such file. No folder is named whose files may be read: start the engine with --files DIR.'
    : `there is no such file. Files are read from ${named.join(', ')}; more folders are named with --files DIR when the engine starts, or are opened in VS Code.`;
}
