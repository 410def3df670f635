import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  linkSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FileError, StateError } from './file-error.ts';
import { PRIVATE_FILE } from './file-handles.ts';
import { makePrivateDirectory } from './replace-file.ts';

/** How often the holder shows that it lives, to those who cannot see its process. */
const HEARTBEAT_MS = 5000;
/** Without a sign for so long it is taken for dead there. */
const DEAD_AFTER_MS = 30_000;
/** Who has taken over from a dead holder waits so long whether another had done the same. */
const CONTEST_MS = 100;

interface Holder {
  readonly pid: number;
  /**
   * When the process began, as the system tells it: a later one may get the same number. Empty where it does not tell.
   */
  readonly begun: string;
  /** Where the number means that process: a machine, or a container's own numbers. */
  readonly place: string;
  readonly token: string;
}

/** Another engine has the state directory. The message names its process. */
export class StateDirectoryInUse extends StateError {}

/** Who waits for a directory looks again this often, in milliseconds. */
const LOOK_MS = 100;

/**
 * The right of one process to a state directory: a file that names the process. One whose process has gone, however it
 * ended, is taken over, so there is never anything to clean up by hand.
 */
export class StateDirectoryLock {
  readonly #directory: string;
  readonly #file: string;
  readonly #token: string;
  readonly #heartbeat: NodeJS.Timeout;
  /** A process that is told to end while it starts leaves nothing behind that others would wait for. */
  readonly #onExit = (): void => this.release();

  private constructor(directory: string, file: string, token: string) {
    this.#directory = directory;
    this.#file = file;
    this.#token = token;
    this.#heartbeat = setInterval(() => touch(file), HEARTBEAT_MS).unref();
    process.once('exit', this.#onExit);
  }

  /**
   * Makes the directory if need be, and takes it.
   * @param waitMs how long its present holder may take to go, in milliseconds
   * @throws StateDirectoryInUse that names the process which has it
   * @throws FileError when the directory cannot be made or written
   */
  static async acquire(directory: string, waitMs = 0): Promise<StateDirectoryLock> {
    makePrivateDirectory(directory);
    const until = performance.now() + waitMs;
    for (;;) {
      try {
        return await StateDirectoryLock.#take(directory);
      } catch (error) {
        if (!(error instanceof StateDirectoryInUse) || performance.now() >= until) throw error;
      }
      await sleep(LOOK_MS);
    }
  }

  static async #take(directory: string): Promise<StateDirectoryLock> {
    const file = path.join(directory, 'lock');
    const own: Holder = { pid: process.pid, begun: beginOf(process.pid), place: place(), token: randomUUID() };
    let tookOver = false;
    while (!create(file, own)) {
      const holder = read(file);
      if (holder === undefined) continue;
      if (isAlive(holder, file)) throw new StateDirectoryInUse(inUse(directory, file, holder));
      removeDead(file, holder);
      tookOver = true;
    }
    if (tookOver) {
      await sleep(CONTEST_MS);
      const holder = read(file);
      if (holder?.token !== own.token) throw new StateDirectoryInUse(inUse(directory, file, holder ?? own));
    }
    return new StateDirectoryLock(directory, file, own.token);
  }

  /** Deletes everything in the directory but the lock itself. */
  emptyDirectory(): void {
    for (const name of readdirSync(this.#directory))
      if (!name.startsWith('lock')) rmSync(path.join(this.#directory, name), { recursive: true, force: true });
  }

  release(): void {
    clearInterval(this.#heartbeat);
    process.off('exit', this.#onExit);
    if (read(this.#file)?.token === this.#token) rmSync(this.#file, { force: true });
  }
}

function inUse(directory: string, file: string, { pid, place: where }: Holder): string {
  const elsewhere = where === place() ? '' : ` on ${where.split('/')[0]}`;
  return `The state directory ${directory} is in use by the engine with process id ${pid}${elsewhere}. Stop that one, or give this one another --state-dir. (If no such engine runs, delete ${file}.)`;
}

/** Makes the file with its content as one, unless it is there. @returns whether it was made */
function create(file: string, holder: Holder): boolean {
  const draft = `${file}.${holder.token}`;
  try {
    writeFileSync(draft, JSON.stringify(holder), { mode: PRIVATE_FILE });
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new FileError(file, 'cannot be written', error);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Undefined when it has gone; a file that cannot be understood belongs to nobody. */
function read(file: string): Holder | undefined {
  try {
    const text = readFileSync(file, 'utf8');
    try {
      return JSON.parse(text) as Holder;
    } catch {
      return { pid: 0, begun: '', place: place(), token: text };
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new FileError(file, 'cannot be read', error);
  }
}

/** Takes a dead holder's file away. If another has put its own there in the meantime, that one is put back. */
function removeDead(file: string, dead: Holder): void {
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
    if (read(aside)?.token !== dead.token) linkSync(aside, file);
  } catch {
    // Somebody else was faster; the next look tells.
  } finally {
    rmSync(aside, { force: true });
  }
}

function isAlive({ pid, begun, place: where }: Holder, file: string): boolean {
  if (where !== place()) return Date.now() - statSync(file).mtimeMs < DEAD_AFTER_MS;
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return begun === '' || beginOf(pid) === begun;
}

/** Process ids are of one machine, and on Linux of one namespace. */
function place(): string {
  try {
    return `${hostname()}/${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

/** When a process began, in whatever form the system has it; empty when it does not tell. */
function beginOf(pid: number): string {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
      // The name of the program, in parentheses, may hold anything; the 20th field after it is the start in clock
      // ticks.
      return `${boot}/${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
    }
    if (process.platform === 'win32') return '';
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}

function touch(file: string): void {
  try {
    const now = new Date();
    utimesSync(file, now, now);
  } catch {
    // The next time, or never where the directory has gone: then there is nothing to keep.
  }
}
