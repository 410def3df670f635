/** What the system's codes mean for who runs the engine. */
const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full. Make room on it and try again',
  EDQUOT: 'the disk quota is used up. Make room and try again',
  EIO: 'the disk reports an error. Check the disk, then start the engine again',
  EACCES: 'it is not allowed. Give the user that runs the engine the right to it, or choose another state directory',
  EPERM: 'it is not allowed. Give the user that runs the engine the right to it, or choose another state directory',
  EROFS: 'the file system is read-only. Choose another state directory',
  EMFILE: 'the process has too many files open. Raise the limit (ulimit -n)',
  ENFILE: 'the system has too many files open',
  EFBIG: 'the file would be larger than the file system allows',
  ENOTDIR: 'part of the path is not a directory. Choose another state directory',
  EEXIST: 'something that is not a directory stands there. Choose another state directory',
};

/** Why the engine cannot use its state as it stands, and what to do, in words for who runs it. */
export class StateError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StateError';
  }
}

/** A file that could not be read or written: which, why, and what to do. */
export class FileError extends StateError {
  readonly path: string;
  /** The system's own, such as `ENOSPC`. */
  readonly code: string;

  constructor(path: string, what: string, cause: unknown) {
    const code = String((cause as { code?: unknown }).code ?? 'EUNKNOWN');
    const reason = REASONS[code];
    const words = reason === undefined ? (cause as Error).message : `${reason} (${code})`;
    super(`${path} ${what}: ${words}.`, { cause });
    this.name = 'FileError';
    this.path = path;
    this.code = code;
  }
}
