import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { AppendFile } from '../../files/append-file.ts';
import { FileError, StateError } from '../../files/file-error.ts';
import { FileHandles } from '../../files/file-handles.ts';
import { type FileSystem, NODE_FILES } from '../../files/file-system.ts';
import { makePrivateDirectory, replaceFile, syncDirectory, tighten } from '../../files/replace-file.ts';
import type { SyncPolicy } from '../../files/sync-policy.ts';
import type { Command, NewCommand, OwnCommandLog } from './command-log.ts';
import { compactCommands } from './compact-commands.ts';

export interface FileCommandLogOptions {
  /**
   * `never` leaves it to the system when a command is on the disk itself; else it is before the command is answered.
   */
  readonly sync?: SyncPolicy;
  readonly files?: FileSystem;
}

/** The first line of a log that was compacted: what commands that have gone had reached. */
interface Compacted {
  readonly lastSequence: number;
  readonly lastQueryNumber: number;
}

/**
 * The command log of an engine by itself: with a file it survives a restart, without one it lives as long as the
 * engine. Each line of the file has a checksum; a torn last line (the process died while writing) is dropped, since its
 * statement was never answered. When it is opened, what the statements since have undone is left out.
 */
export class FileCommandLog implements OwnCommandLog {
  readonly isShared = false;
  readonly #file: AppendFile | undefined;
  readonly #policy: SyncPolicy;
  #commands: Command[] = [];
  #lastSequence = -1;
  #lastQueryNumber = -1;

  /** @throws StateError that names file and line where a command cannot be read */
  constructor(path?: string, { sync = 'always', files = NODE_FILES }: FileCommandLogOptions = {}) {
    this.#policy = sync;
    if (path === undefined) return;
    makePrivateDirectory(dirname(path));
    const text = readText(path);
    if (text !== undefined) {
      tighten(path);
      this.#load(path, text);
      this.#tidy(path, text, files);
    }
    const sizeBytes = Buffer.byteLength(readText(path) ?? '');
    this.#file = new AppendFile(path, sizeBytes, new FileHandles(files, 1));
    if (text === undefined && sync !== 'never') {
      this.#file.append([]);
      syncDirectory(dirname(path), files);
    }
  }

  /** Number of the last command; -1 before the first. */
  get lastSequence(): number {
    return this.#lastSequence;
  }

  /** The highest number in an id of a query that there was; -1 before the first. */
  get lastQueryNumber(): number {
    return this.#lastQueryNumber;
  }

  get commands(): readonly Command[] {
    return this.#commands;
  }

  /**
   * Adds a command and returns it with its sequence number. With a file it is kept when this resolves.
   * @throws FileError; then it is not in the log
   */
  async append({ commandId: _, ...command }: NewCommand): Promise<Command> {
    const numbered: Command = { sequence: this.#lastSequence + 1, ...command };
    const file = this.#file;
    if (file !== undefined) {
      const before = file.sizeBytes;
      file.append([Buffer.from(lineOf(numbered))]);
      try {
        if (this.#policy !== 'never') await file.sync();
      } catch (error) {
        file.cutTo(before);
        throw error;
      }
    }
    this.#add(numbered);
    return numbered;
  }

  /** Forgets everything (after TERMINATE CLUSTER). @throws FileError */
  async clear(): Promise<void> {
    this.#commands = [];
    this.#file?.cutTo(0);
    this.#file?.append([Buffer.from(this.#header())]);
    if (this.#policy !== 'never') await this.#file?.sync();
  }

  /** Closes the file. */
  close(): void {
    this.#file?.close();
  }

  #add(command: Command): void {
    this.#commands.push(command);
    this.#lastSequence = Math.max(this.#lastSequence, command.sequence);
    const number = /_(\d+)$/.exec(command.queryId ?? '')?.[1];
    if (number !== undefined) this.#lastQueryNumber = Math.max(this.#lastQueryNumber, Number(number));
  }

  #load(path: string, text: string): void {
    const lines = text.split('\n');
    for (const [n, line] of lines.entries()) {
      if (line === '') continue;
      const read = parseLine(line);
      if (read !== undefined && 'sequence' in read) this.#add(read);
      else if (read !== undefined) {
        this.#lastSequence = read.lastSequence;
        this.#lastQueryNumber = read.lastQueryNumber;
      } else if (n < lines.length - 1) throw new StateError(damagedText(path, n + 1, line));
    }
  }

  /** Writes the file anew where statements can be left out, or the last one was torn or has no end of line. */
  #tidy(path: string, text: string, files: FileSystem): void {
    const loaded = this.#commands.length;
    this.#commands = compactCommands(this.#commands);
    const isWhole = text === '' || text.endsWith('\n');
    if (isWhole && this.#commands.length === loaded) return;
    try {
      replaceFile(path, this.#header() + this.#commands.map(lineOf).join(''), {
        sync: this.#policy !== 'never',
        files,
      });
    } catch (error) {
      // What could be left out does no harm.
      if (!isWhole) throw error;
    }
  }

  #header(): string {
    return lineOf({ lastSequence: this.#lastSequence, lastQueryNumber: this.#lastQueryNumber });
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new FileError(path, 'cannot be read', error);
  }
}

const checksum = (json: string): string => crc32(json).toString(16).padStart(8, '0');

function lineOf(content: Command | Compacted): string {
  const json = JSON.stringify(content);
  return `${json}\t${checksum(json)}\n`;
}

/** Undefined when it cannot be read. Lines from before there were checksums have none. */
function parseLine(line: string): Command | Compacted | undefined {
  const [, json, sum] = /^(.*)\t([0-9a-f]{8})$/.exec(line) ?? [undefined, line, undefined];
  if (sum !== undefined && checksum(json!) !== sum) return undefined;
  try {
    const content = JSON.parse(json!) as Partial<Command & Compacted> | null;
    if (typeof content?.lastSequence === 'number') return content as Compacted;
    const isCommand = typeof content?.sequence === 'number' && typeof content.statement === 'string';
    return isCommand ? (content as Command) : undefined;
  } catch {
    return undefined;
  }
}

function damagedText(path: string, line: number, text: string): string {
  return `${path}:${line} is damaged: the statement there cannot be read (${text.slice(0, 80)}…). Put a copy of the file back, or delete the line to start without that statement; those after it may need it.`;
}
