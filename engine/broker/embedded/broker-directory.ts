import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { AppendFile } from '../../files/append-file.ts';
import { FileError } from '../../files/file-error.ts';
import { FileHandles, PRIVATE_FILE } from '../../files/file-handles.ts';
import { type FileSystem, NODE_FILES } from '../../files/file-system.ts';
import { readJsonFile } from '../../files/json-file.ts';
import { makePrivateDirectory, replaceFile, syncDirectory, tighten } from '../../files/replace-file.ts';
import type { SyncPolicy } from '../../files/sync-policy.ts';
import { SyncSchedule } from '../../files/sync-schedule.ts';
import type { TopicSpec } from '../broker.ts';
import { emptyBatch, RecordBatch } from '../record-batch.ts';
import type { BlockCache } from './block-cache.ts';
import { LogSegment } from './log-segment.ts';
import { ProducerStates } from './producer-states.ts';
import { type DamagedRange, type ScannedBatches, scanBatches } from './scan-batches.ts';
import type { LogFiles } from './topic-log.ts';
import type { TransactionEnd } from './transaction-ends.ts';

/** What the directory says about its topics, next to the logs. */
export interface BrokerMetadata {
  readonly clusterId: string;
  readonly topics: readonly (TopicSpec & { readonly id: number })[];
}

/** By group and `topic/partition`: the committed offset. */
export type GroupOffsets = Readonly<Record<string, Readonly<Record<string, number>>>>;

export interface BrokerDirectoryOptions {
  readonly sync: SyncPolicy;
  /** The bytes of logs that stay in memory to be read again. */
  readonly cache: BlockCache;
  readonly files?: FileSystem | undefined;
  readonly maxOpenFiles?: number | undefined;
  /** Told of what could not be flushed where nobody waits for it. */
  readonly onProblem: (problem: string) => void;
}

/** The log of one partition as it was found. */
export interface OpenedLog {
  readonly segments: LogSegment[];
  readonly files: LogFiles;
  readonly producers: ProducerStates;
  /** What was found damaged, in words. */
  readonly problems: readonly string[];
}

/**
 * The embedded broker's state directory: `metadata.json` with the topics, `offsets.json` with what groups committed,
 * `transactions.json` with what is being committed, and for each partition files of batches one after the other, each
 * named after the offset of its first record. What a crash cut off at the end is dropped; what is damaged elsewhere is
 * put aside, and what stands behind it is read.
 */
export class BrokerDirectory {
  readonly #root: string;
  readonly #logs: string;
  readonly #files: FileSystem;
  readonly #handles: FileHandles;
  readonly #cache: BlockCache;
  readonly #policy: SyncPolicy;
  readonly #schedule: SyncSchedule;
  readonly #onProblem: (problem: string) => void;
  /** Names of the log files that were there at the start, by `topic id-partition`. */
  readonly #found: ReadonlyMap<string, readonly string[]>;

  /** @throws FileError when the directory cannot be made or read */
  constructor(root: string, options: BrokerDirectoryOptions) {
    this.#root = root;
    this.#logs = path.join(root, 'logs');
    this.#files = options.files ?? NODE_FILES;
    this.#handles = new FileHandles(this.#files, options.maxOpenFiles);
    this.#cache = options.cache;
    this.#policy = options.sync;
    this.#schedule = new SyncSchedule(options.onProblem);
    this.#onProblem = options.onProblem;
    makePrivateDirectory(root);
    makePrivateDirectory(this.#logs);
    this.#found = logFiles(this.#logs);
  }

  /** @throws Error that names the file when it cannot be understood */
  readMetadata(): (BrokerMetadata & { readonly groups: GroupOffsets }) | undefined {
    const stored = readJsonFile<BrokerMetadata & { readonly groups?: GroupOffsets }>(
      path.join(this.#root, 'metadata.json'),
      'It lists the topics. Put a copy of it back, or move the state directory away to begin with an empty one',
    );
    if (stored === undefined) return undefined;
    return { ...stored, groups: this.#readOffsets() ?? stored.groups ?? {} };
  }

  /** @throws FileError; then the metadata is what it was */
  writeMetadata(metadata: BrokerMetadata): void {
    const sync = this.#policy === 'always';
    replaceFile(path.join(this.#root, 'metadata.json'), JSON.stringify(metadata), { sync, files: this.#files });
  }

  /**
   * Not flushed to the disk: queries keep their own positions, and these only tell others of them. @throws FileError
   */
  writeOffsets(groups: GroupOffsets): void {
    replaceFile(path.join(this.#root, 'offsets.json'), JSON.stringify(groups), { sync: false, files: this.#files });
  }

  /** The transactions that a crash kept from being committed everywhere. */
  readTransactionEnds(): readonly TransactionEnd[] {
    return (
      readJsonFile<readonly TransactionEnd[]>(
        path.join(this.#root, 'transactions.json'),
        'It holds the transactions that were being committed. Remove it, and what they wrote is taken back',
      ) ?? []
    );
  }

  /** @throws FileError; then it is what it was */
  writeTransactionEnds(ends: readonly TransactionEnd[]): void {
    const sync = this.#policy === 'always';
    replaceFile(path.join(this.#root, 'transactions.json'), JSON.stringify(ends), { sync, files: this.#files });
  }

  /** The segments of a partition, and the files to append to. @throws FileError when they cannot be read */
  openLog(topicId: number, partition: number): OpenedLog {
    const name = `${topicId}-${partition}`;
    const segments: LogSegment[] = [];
    const problems: string[] = [];
    const producers = new ProducerStates();
    const names = this.#found.get(name) ?? [];
    for (const [n, file] of names.entries()) {
      const segment = this.#openSegment(path.join(this.#logs, file), segments.at(-1)?.nextOffset ?? 0, {
        isLast: n === names.length - 1,
        problems,
        producers,
      });
      if (segment !== undefined) segments.push(segment);
    }
    return { segments, files: this.#logFiles(name), producers, problems };
  }

  removeLogs(topicId: number): void {
    for (const name of readdirSync(this.#logs)) {
      if (!name.startsWith(`${topicId}-`)) continue;
      const file = path.join(this.#logs, name);
      this.#handles.close(file);
      this.#remove(file);
    }
  }

  /** Removes the logs of all other topics: a crash had kept them from being removed with theirs. */
  keepOnly(topicIds: ReadonlySet<number>): void {
    for (const names of this.#found.values())
      for (const name of names) if (!topicIds.has(Number.parseInt(name, 10))) this.#remove(path.join(this.#logs, name));
  }

  /** The highest id of a topic that there are logs of; 0 where there are none. */
  get highestTopicId(): number {
    let highest = 0;
    for (const name of this.#found.keys()) highest = Math.max(highest, Number.parseInt(name, 10));
    return highest;
  }

  async close(): Promise<void> {
    await this.#schedule.close();
    this.#handles.closeAll();
  }

  /** A file that stays costs its room, and nothing else. */
  #remove(file: string): void {
    try {
      rmSync(file, { force: true });
    } catch (error) {
      this.#onProblem(new FileError(file, 'cannot be removed', error).message);
    }
  }

  #readOffsets(): GroupOffsets | undefined {
    try {
      return readJsonFile<GroupOffsets>(path.join(this.#root, 'offsets.json'), 'The groups begin anew');
    } catch (error) {
      this.#onProblem((error as Error).message);
      return undefined;
    }
  }

  #logFiles(name: string): LogFiles {
    const handles = this.#handles;
    return {
      cache: this.#cache,
      isSynced: this.#policy === 'always',
      create: (firstOffset) => {
        const suffix = firstOffset === 0 ? '' : `-${firstOffset}`;
        const file = path.join(this.#logs, `${name}${suffix}.log`);
        // Its name tells where the log ends while it is empty, so it has to be there.
        handles.descriptor(file);
        if (this.#policy === 'always') syncDirectory(this.#logs, this.#files);
        return new AppendFile(file, 0, handles);
      },
      remove: (file) => {
        this.#schedule.forget(file);
        file.close();
        this.#remove(file.path);
      },
      replace: (file, batches) => {
        const parts = batches.map(({ bytes }) => bytes);
        file.close();
        replaceFile(file.path, parts, { files: this.#files });
        return new AppendFile(file.path, sizeOf(parts), handles);
      },
      written: (file) => {
        if (this.#policy === 'interval') this.#schedule.add(file);
      },
    };
  }

  #openSegment(
    file: string,
    expectedOffset: number,
    {
      isLast,
      problems,
      producers,
    }: { readonly isLast: boolean } & Pick<OpenedLog, 'producers'> & {
        readonly problems: string[];
      },
  ): LogSegment | undefined {
    tighten(file);
    const base = offsetInName(file);
    let bytes = readLog(file);
    let scanned = scanBatches(bytes, base);
    // Compaction had put its records into the segment before, and a crash kept it from removing this one.
    if (scanned.batches.length > 0 && scanned.batches.at(-1)!.lastOffset < expectedOffset) {
      this.#remove(file);
      return undefined;
    }
    const damaged = damageOf(scanned, bytes, isLast);
    if (damaged.length > 0) {
      const mended = this.#putAside(file, bytes, scanned, damaged);
      for (const range of damaged) problems.push(problemText(file, range, mended !== undefined));
      if (mended !== undefined) {
        bytes = mended;
        scanned = scanBatches(mended, base);
      }
    }
    const segment = new LogSegment(
      scanned.batches[0]?.baseOffset ?? Math.max(expectedOffset, base),
      new AppendFile(file, bytes.length, this.#handles),
    );
    for (const place of scanned.batches) {
      segment.note(place, place.start);
      producers.note(new RecordBatch(bytes.subarray(place.start, place.end)));
    }
    if (scanned.tornAt !== undefined) segment.file!.cutTo(scanned.tornAt);
    // Damage that could not be taken out may stand at the end; what is appended comes behind it.
    segment.sizeBytes = segment.file!.sizeBytes;
    return segment;
  }

  /**
   * Copies what cannot be read beside the file, and puts batches without records in its place, which keep the offsets
   * of those behind and the end of the log where they were.
   * @returns what is now in the file; undefined when the disk does not let it
   */
  #putAside(
    file: string,
    bytes: Uint8Array,
    { batches }: ScannedBatches,
    damaged: readonly DamagedRange[],
  ): Uint8Array | undefined {
    const fillers = damaged
      .filter(({ firstOffset, nextOffset }) => nextOffset > firstOffset)
      .map(({ start, firstOffset, nextOffset }) => ({ start, bytes: emptyBatch(firstOffset, nextOffset).bytes }));
    const kept = batches.map(({ start, end }) => ({ start, bytes: bytes.subarray(start, end) }));
    const parts = [...kept, ...fillers].sort((a, b) => a.start - b.start).map((part) => part.bytes);
    try {
      for (const { start, end } of damaged)
        appendFileSync(`${file}.damaged`, bytes.subarray(start, end), { mode: PRIVATE_FILE });
      replaceFile(file, parts, { files: this.#files });
      return Buffer.concat(parts);
    } catch {
      return undefined;
    }
  }
}

/** A last batch that is not all there is no damage where a crash may have left it: at the end of the last file. */
function damageOf(scanned: ScannedBatches, bytes: Uint8Array, isLast: boolean): readonly DamagedRange[] {
  const { batches, damaged, tornAt } = scanned;
  if (tornAt === undefined || isLast) return damaged;
  const offset = (batches.at(-1)?.lastOffset ?? -1) + 1;
  return [...damaged, { start: tornAt, end: bytes.length, firstOffset: offset, nextOffset: offset }];
}

function problemText(file: string, { start, end, firstOffset, nextOffset }: DamagedRange, wasMended: boolean): string {
  const lost =
    nextOffset > firstOffset ? `Records from offset ${firstOffset} to ${nextOffset - 1} are lost` : 'No offset is lost';
  const aside = wasMended
    ? `the damaged bytes are kept in ${file}.damaged`
    : 'the damaged bytes were left where they are';
  return `${file} is damaged from byte ${start} to ${end}. ${lost}, those behind them are read; ${aside}.`;
}

/** The log files of each partition, in the order of their offsets. */
function logFiles(directory: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const name of readdirSync(directory)) {
    const match = /^(\d+-\d+)(?:-\d+)?\.log$/.exec(name);
    if (match === null) continue;
    const names = found.get(match[1]!);
    if (names === undefined) found.set(match[1]!, [name]);
    else names.push(name);
  }
  for (const names of found.values()) names.sort((a, b) => offsetInName(a) - offsetInName(b));
  return found;
}

/** The offset of its first record, or for the first file of a log the least it can be. */
const offsetInName = (file: string): number => Number(/^\d+-\d+-(\d+)\.log$/.exec(path.basename(file))?.[1] ?? 0);

const sizeOf = (parts: readonly Uint8Array[]): number => parts.reduce((sum, { length }) => sum + length, 0);

function readLog(file: string): Uint8Array {
  try {
    return existsSync(file) ? readFileSync(file) : new Uint8Array(0);
  } catch (error) {
    throw new FileError(file, 'cannot be read', error);
  }
}
