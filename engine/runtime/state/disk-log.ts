import { closeSync, existsSync, fdatasync, fdatasyncSync, fstatSync, openSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { FileError } from '../../files/file-error.ts';
import { PRIVATE_FILE } from '../../files/file-handles.ts';
import type { SyncPolicy } from '../../files/sync-policy.ts';

/**
 * So many bytes of commits are gathered beside the file before they are copied into it, which takes the process some
 * milliseconds for every MB; what changes again meanwhile is copied once.
 */
const GATHERED_BYTES = 16 * 1024 * 1024;

/**
 * Brings what SQLite has written onto the disk itself. SQLite would have the process wait for the disk with each
 * commit; so it is told not to, and the files are flushed here, in the threads that Node has for files: the log of
 * commits before a commit counts, and before and after commits are copied from there into the file.
 */
export class DiskLog {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #policy: SyncPolicy;
  /** Handles are given back after SQLite's own: to close one of a file takes the locks on it from the process. */
  readonly #file: number;
  #log: number | undefined;
  /** Commits are in the file that may not be on the disk there yet; the next transaction overwrites them in the log. */
  #isUnsettled = false;
  #isFlushing = false;

  constructor(path: string, database: DatabaseSync, policy: SyncPolicy) {
    this.#path = path;
    this.#database = database;
    this.#policy = policy;
    this.#file = openSync(path, 'r+', PRIVATE_FILE);
    // The log is cut when it begins anew, so that its size is what it holds.
    database.exec('PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 0');
  }

  /** Resolves when what was committed is on the disk, as far as the policy promises it. @throws FileError */
  async flush(): Promise<void> {
    this.#isFlushing = true;
    try {
      await this.#flush();
    } finally {
      this.#isFlushing = false;
      if (!this.#database.isOpen) this.#giveBack();
    }
  }

  async #flush(): Promise<void> {
    if (this.#policy !== 'never') await this.#sync(this.#logHandle());
    const log = this.#logHandle();
    if (log !== undefined && fstatSync(log).size >= GATHERED_BYTES) await this.#copy();
  }

  /** To be called before anything is changed. @throws FileError */
  settle(): void {
    if (!this.#isUnsettled) return;
    try {
      fdatasyncSync(this.#file);
    } catch (error) {
      throw new FileError(this.#path, 'cannot be written', error);
    }
    this.#isUnsettled = false;
  }

  /** Closes the database, with all that was committed in the file. */
  close(): void {
    if (!this.#database.isOpen) return;
    try {
      // SQLite copies what is left, and removes the log.
      this.#database.exec('PRAGMA synchronous = FULL');
      this.#database.close();
    } finally {
      // A flush that nobody waits for any more has them in use.
      if (!this.#isFlushing) this.#giveBack();
    }
  }

  #giveBack(): void {
    for (const handle of [this.#file, this.#log]) if (handle !== undefined) closeSync(handle);
  }

  async #copy(): Promise<void> {
    if (this.#policy === 'never') await this.#sync(this.#logHandle());
    if (!this.#database.isOpen) return;
    this.#isUnsettled = true;
    this.#database.exec('PRAGMA wal_checkpoint(PASSIVE)');
    await this.#sync(this.#file);
    this.#isUnsettled = false;
  }

  /** SQLite keeps the log as long as the database is open, once there is one. */
  #logHandle(): number | undefined {
    const path = `${this.#path}-wal`;
    if (this.#log === undefined && existsSync(path)) this.#log = openSync(path, 'r+');
    return this.#log;
  }

  async #sync(handle: number | undefined): Promise<void> {
    if (handle === undefined) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    fdatasync(handle, (error) => {
      if (error === null) resolve();
      else reject(new FileError(this.#path, 'cannot be written', error));
    });
    await promise;
  }
}
