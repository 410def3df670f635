import { copyFileSync, existsSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { AppendFile } from '../../files/append-file.ts';
import type { FileHandles } from '../../files/file-handles.ts';
import { makePrivateDirectory, syncDirectory } from '../../files/replace-file.ts';
import type { SyncPolicy } from '../../files/sync-policy.ts';
import type { StoreKey, StoreValue } from '../../state/state-store.ts';
import { ValueReader, ValueWriter } from '../../state/value-codec.ts';

/** Begins every file, with the version of its format. */
const FILE_HEADER = Buffer.from('KSQL-STATE 4\n');
/** Of files that have the rows of every table in a store of its own, whatever else holds them. */
const OLD_HEADER = Buffer.from('KSQL-STATE 3\n');
/** Before each block: a mark, the length of its payload, the payload's checksum, and that of these three. */
const BLOCK_HEADER_BYTES = 16;
const BLOCK_MARK = 0xab5b_4c0d;
const READ_BYTES = 1024 * 1024;
/** How long a file is read, and how much of it, before other work of the process gets its turn. */
const SLICE_MS = 5;
const SLICE_BLOCKS = 4;

const KIND = { entries: 1, commit: 2 } as const;

/** What reads a state file. */
export interface StateFileContent {
  /** What takes the entries of a store; undefined stands for an entry that is gone. */
  store(name: string): { restore(key: StoreKey, value: StoreValue | undefined): void };
  position(partition: string, offset: number): void;
  /** The state is that of the changelog up to here. */
  changelog(topic: string, offset: number): void;
  /** When the commit was made that the changelog offsets are of. */
  time(timeMs: number): void;
  /** Called now and then. @throws Error when no more can be taken */
  afterBlock(): void;
}

export interface StateFileOptions {
  readonly handles: FileHandles;
  readonly sync: SyncPolicy;
}

/** How far a state has come. */
export interface StatePlace {
  /** By `topic-partition`: the offset of the next record to read. */
  readonly positions: ReadonlyMap<string, number>;
  /** By changelog topic: the state is what the changelog says before this offset. */
  readonly changelogOffsets: ReadonlyMap<string, number>;
  /** When it got there. */
  readonly timeMs: number;
}

/** A file that is there, but is no state file of this version. */
export class UnusableStateFile extends Error {
  constructor(path: string) {
    super(
      `${path} is no state file of this version. Move it away: the state of the query is then built again from its topics.`,
    );
    this.name = 'UnusableStateFile';
  }
}

/** A block of the file whose checksums are right. */
interface Block {
  readonly kind: number;
  /** After the kind. */
  readonly payload: Buffer;
  readonly endBytes: number;
}

/**
 * The file that keeps the state of a query: blocks of changed entries, and after those of each commit a block that
 * closes it with the positions of the query. What no commit closes is as if it had not been written.
 */
export class StateFile {
  readonly path: string;
  /** What is wrong with the file, where its commits up to the damage were read and others stand behind it. */
  readonly damage: string | undefined;
  /** Whether the file is of an earlier version: it is to be rewritten, lest an engine of then takes it for its own. */
  isOld = false;
  readonly #options: StateFileOptions;
  #file: AppendFile;
  /** The end of the last whole commit. */
  #committedBytes: number;

  private constructor(path: string, file: AppendFile, damage: string | undefined, options: StateFileOptions) {
    this.path = path;
    this.damage = damage;
    this.#options = options;
    this.#file = file;
    this.#committedBytes = file.sizeBytes;
  }

  /**
   * Opens the file, or begins one, and gives what its commits hold, a slice at a time.
   *
   * @throws FileError; UnusableStateFile
   */
  static async open(path: string, content: StateFileContent, options: StateFileOptions): Promise<StateFile> {
    makePrivateDirectory(dirname(path));
    rmSync(nextPath(path), { force: true });
    const sizeBytes = existsSync(path) ? statSync(path).size : 0;
    if (sizeBytes < FILE_HEADER.length) return StateFile.#begin(path, options);
    const reader = new BlockReader(new AppendFile(path, sizeBytes, options.handles));
    const isOld = reader.checkVersion();
    const { committedBytes, damagedBytes } = await reader.findLastCommit();
    await reader.apply(committedBytes, content);
    const damage =
      damagedBytes === undefined
        ? undefined
        : `The state file ${path} is damaged at byte ${damagedBytes}: what was committed after byte ${committedBytes} cannot be read.`;
    const file = new StateFile(path, new AppendFile(path, committedBytes, options.handles), damage, options);
    file.isOld = isOld;
    return file;
  }

  /** Begins a file in the place of one that cannot be read, of which a copy is kept. @throws FileError */
  static beginAnew(path: string, options: StateFileOptions): StateFile {
    options.handles.close(path);
    options.handles.files.rename(path, `${path}.damaged`);
    return StateFile.#begin(path, options);
  }

  static #begin(path: string, options: StateFileOptions): StateFile {
    const file = new AppendFile(path, 0, options.handles);
    file.cutTo(0);
    file.append([FILE_HEADER]);
    return new StateFile(path, file, undefined, options);
  }

  get sizeBytes(): number {
    return this.#committedBytes;
  }

  /** Gets the file ready for writing: what no commit closes is cut off; of a damaged file a copy is kept. */
  prepare(): void {
    if (this.damage !== undefined) copyFileSync(this.path, `${this.path}.damaged`);
    this.#file.cutTo(this.#committedBytes);
  }

  /** Appends entries, which count when the commit is closed. @throws FileError; then nothing of the commit is left */
  append(entries: EntryBlock): void {
    this.#append(entries.take());
  }

  /**
   * Closes a commit, and waits until it is on the disk itself, as the policy says. @throws FileError; then the commit
   * is undone
   */
  async commit({ positions, changelogOffsets, timeMs }: StatePlace): Promise<void> {
    const writer = new ValueWriter();
    writer.byte(KIND.commit);
    writeOffsets(writer, positions);
    if (changelogOffsets.size > 0) {
      writeOffsets(writer, changelogOffsets);
      writer.double(timeMs);
    }
    this.#append(writer.bytes);
    try {
      if (this.#options.sync !== 'never') await this.#file.sync();
    } catch (error) {
      this.undo();
      throw error;
    }
    this.#committedBytes = this.#file.sizeBytes;
  }

  /** Takes back what was appended since the last commit. */
  undo(): void {
    try {
      this.#file.cutTo(this.#committedBytes);
    } catch {
      // It is tried again before anything else is written.
    }
  }

  /** Begins a file that is to take this one's place. */
  beginNext(): StateFile {
    return StateFile.#begin(nextPath(this.path), this.#options);
  }

  /**
   * Takes the place of a file: appends the entries that the file got behind `fromBytes`, closes all of it as one
   * commit, and gets its name.
   */
  async replace(old: StateFile, fromBytes: number, place: StatePlace): Promise<StateFile> {
    const reader = new BlockReader(old.#file);
    await reader.forEach(fromBytes, old.#committedBytes, ({ kind, payload }) => {
      if (kind === KIND.entries) this.#append(Buffer.concat([Buffer.of(kind), payload]));
    });
    await this.commit(place);
    const { handles } = this.#options;
    old.close();
    this.close();
    handles.files.rename(this.path, old.path);
    syncDirectory(dirname(old.path), handles.files);
    return new StateFile(old.path, new AppendFile(old.path, this.#committedBytes, handles), undefined, this.#options);
  }

  close(): void {
    this.#file.close();
  }

  /** Closes the file and removes it, with what else was kept of it. */
  delete(): void {
    this.close();
    for (const path of [this.path, nextPath(this.path), `${this.path}.damaged`]) rmSync(path, { force: true });
  }

  #append(payload: Uint8Array): void {
    const header = Buffer.allocUnsafe(BLOCK_HEADER_BYTES);
    header.writeUInt32LE(BLOCK_MARK, 0);
    header.writeUInt32LE(payload.length, 4);
    header.writeUInt32LE(crc32(payload), 8);
    header.writeUInt32LE(crc32(header.subarray(0, 12)), 12);
    try {
      this.#file.append([header, payload]);
    } catch (error) {
      this.undo();
      throw error;
    }
  }
}

const nextPath = (path: string) => `${path}.next`;

function writeOffsets(writer: ValueWriter, offsets: ReadonlyMap<string, number>): void {
  writer.varint(offsets.size);
  for (const [name, offset] of offsets) {
    writer.text(name);
    writer.varint(offset);
  }
}

/** Collects entries of one store for a block. */
export class EntryBlock {
  readonly #writer = new ValueWriter();
  readonly #store: string;
  count = 0;

  constructor(store: string) {
    this.#store = store;
    this.#begin();
  }

  get sizeBytes(): number {
    return this.#writer.length;
  }

  /** @param value undefined for an entry that is gone */
  add(key: StoreKey, value: StoreValue | undefined): void {
    this.count++;
    this.#writer.byte(value === undefined ? 0 : 1);
    this.#writer.text(key);
    if (value !== undefined) this.#writer.value(value);
  }

  /** The bytes of the block, valid until the next entry is added; the next one is begun. */
  take(): Buffer {
    const { bytes } = this.#writer;
    this.#begin();
    return bytes;
  }

  #begin(): void {
    this.count = 0;
    this.#writer.clear();
    this.#writer.byte(KIND.entries);
    this.#writer.text(this.#store);
  }
}

/** Reads the blocks of a file, as much of it at a time as is needed. */
class BlockReader {
  readonly #file: AppendFile;
  #window: Buffer = Buffer.alloc(0);
  #windowAt = 0;
  #turnEndsMs = 0;
  #blocksLeft = 0;

  constructor(file: AppendFile) {
    this.#file = file;
  }

  /** @returns whether the file is of an earlier version that can be read. @throws UnusableStateFile */
  checkVersion(): boolean {
    const header = this.#bytes(0, FILE_HEADER.length);
    if (header?.equals(FILE_HEADER)) return false;
    if (header?.equals(OLD_HEADER)) return true;
    throw new UnusableStateFile(this.#file.path);
  }

  /**
   * Where the last commit ends that has nothing unreadable before it, and where something unreadable stands that has
   * blocks behind it.
   */
  async findLastCommit(): Promise<{ readonly committedBytes: number; readonly damagedBytes: number | undefined }> {
    let at = FILE_HEADER.length;
    let committedBytes = at;
    for (let block = this.#block(at); block !== undefined; block = this.#block(at)) {
      at = block.endBytes;
      if (block.kind === KIND.commit) committedBytes = at;
      await this.#giveWay();
    }
    // What a crash cut short has nothing behind it; damage has.
    const isDamaged = at < this.#file.sizeBytes && (await this.#hasBlockAfter(at));
    return { committedBytes, damagedBytes: isDamaged ? at : undefined };
  }

  async apply(endBytes: number, content: StateFileContent): Promise<void> {
    await this.forEach(FILE_HEADER.length, endBytes, ({ kind, payload }) => {
      const reader = new ValueReader(payload);
      if (kind === KIND.commit) {
        for (let left = reader.varint(); left > 0; left--) content.position(reader.text(), reader.varint());
        if (reader.atEnd) return;
        for (let left = reader.varint(); left > 0; left--) content.changelog(reader.text(), reader.varint());
        content.time(reader.double());
        return;
      }
      const store = content.store(reader.text());
      while (!reader.atEnd) {
        const isThere = reader.byte() === 1;
        const key = reader.key();
        store.restore(key, isThere ? reader.value() : undefined);
      }
      content.afterBlock();
    });
  }

  /** @throws Error when a block is not there any more */
  async forEach(fromBytes: number, endBytes: number, use: (block: Block) => void): Promise<void> {
    for (let at = fromBytes; at < endBytes; ) {
      const block = this.#block(at);
      if (block === undefined) throw new Error(`${this.#file.path} cannot be read at byte ${at}.`);
      use(block);
      at = block.endBytes;
      await this.#giveWay();
    }
  }

  #block(at: number): Block | undefined {
    const header = this.#bytes(at, BLOCK_HEADER_BYTES);
    if (header === undefined || header.readUInt32LE(0) !== BLOCK_MARK) return undefined;
    if (crc32(header.subarray(0, 12)) !== header.readUInt32LE(12)) return undefined;
    const [length, checksum] = [header.readUInt32LE(4), header.readUInt32LE(8)];
    const payload = this.#bytes(at + BLOCK_HEADER_BYTES, length);
    if (payload === undefined || crc32(payload) !== checksum) return undefined;
    return { kind: payload[0]!, payload: payload.subarray(1), endBytes: at + BLOCK_HEADER_BYTES + length };
  }

  async #hasBlockAfter(start: number): Promise<boolean> {
    const mark = Buffer.alloc(4);
    mark.writeUInt32LE(BLOCK_MARK);
    for (let at = start + 1; at < this.#file.sizeBytes; ) {
      const chunk = this.#bytes(at, Math.min(READ_BYTES, this.#file.sizeBytes - at))!;
      const found = chunk.indexOf(mark);
      if (found >= 0 && this.#block(at + found) !== undefined) return true;
      // A mark may lie across the end of what was read.
      at += found >= 0 ? found + 1 : Math.max(1, chunk.length - mark.length + 1);
      await this.#giveWay();
    }
    return false;
  }

  /** Bytes of the file, valid until the next call; undefined where it ends before them. */
  #bytes(at: number, length: number): Buffer | undefined {
    if (at + length > this.#file.sizeBytes) return undefined;
    if (at < this.#windowAt || at + length > this.#windowAt + this.#window.length) {
      const size = Math.min(Math.max(READ_BYTES, length), this.#file.sizeBytes - at);
      const bytes = this.#file.read(at, size);
      this.#window = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      this.#windowAt = at;
    }
    return this.#window.subarray(at - this.#windowAt, at - this.#windowAt + length);
  }

  async #giveWay(): Promise<void> {
    if (--this.#blocksLeft > 0 && performance.now() < this.#turnEndsMs) return;
    await nextTurn();
    this.#blocksLeft = SLICE_BLOCKS;
    this.#turnEndsMs = performance.now() + SLICE_MS;
  }
}
