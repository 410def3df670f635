import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import type { TopicSpec } from './broker.ts';
import { type RecordBatch, splitBatches } from './record-batch.ts';
import type { LogFile } from './topic-log.ts';

/** What the directory says about its topics and groups, next to the logs. */
export interface BrokerMetadata {
  readonly clusterId: string;
  readonly topics: readonly (TopicSpec & { readonly id: number })[];
  readonly groups: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/**
 * The embedded broker's state directory: `metadata.json`, and a log file for each partition that holds its batches one after
 * the other. Whole batches are appended; a tail that a crash cut off is found by its checksum and dropped when it is opened.
 */
export class BrokerDirectory {
  readonly #root: string;
  readonly #open = new Map<string, AppendFile>();

  constructor(root: string) {
    this.#root = root;
    mkdirSync(path.join(root, 'logs'), { recursive: true });
  }

  readMetadata(): BrokerMetadata | undefined {
    const file = path.join(this.#root, 'metadata.json');
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as BrokerMetadata) : undefined;
  }

  /** Replaces the metadata as a whole: a reader sees the old or the new, never a half. */
  writeMetadata(metadata: BrokerMetadata): void {
    const file = path.join(this.#root, 'metadata.json');
    const next = `${file}.next`;
    writeFileSync(next, JSON.stringify(metadata));
    renameSync(next, file);
  }

  /** The batches of a partition that were written whole, and the file to append to. */
  openLog(topicId: number, partition: number): { batches: RecordBatch[]; file: LogFile } {
    const name = path.join(this.#root, 'logs', `${topicId}-${partition}.log`);
    let batches: RecordBatch[] = [];
    if (existsSync(name)) {
      const bytes = readFileSync(name);
      const whole = splitBatches(bytes);
      const torn = whole.findIndex((batch) => !batch.isIntact);
      batches = torn < 0 ? whole : whole.slice(0, torn);
      const length = batches.reduce((sum, batch) => sum + batch.sizeBytes, 0);
      if (length < bytes.length) truncateSync(name, length);
    }
    const file = new AppendFile(name);
    this.#open.set(name, file);
    return { batches, file };
  }

  removeLogs(topicId: number): void {
    const logs = path.join(this.#root, 'logs');
    for (const name of readdirSync(logs).filter((each) => each.startsWith(`${topicId}-`))) {
      const file = path.join(logs, name);
      this.#open.get(file)?.close();
      this.#open.delete(file);
      rmSync(file);
    }
  }

  close(): void {
    for (const file of this.#open.values()) file.close();
    this.#open.clear();
  }
}

class AppendFile implements LogFile {
  readonly #name: string;
  #descriptor: number;

  constructor(name: string) {
    this.#name = name;
    this.#descriptor = openSync(name, 'a');
  }

  append(batches: readonly RecordBatch[]): void {
    for (const batch of batches) writeSync(this.#descriptor, batch.bytes);
  }

  replace(batches: readonly RecordBatch[]): void {
    const next = `${this.#name}.next`;
    const descriptor = openSync(next, 'w');
    for (const batch of batches) writeSync(descriptor, batch.bytes);
    fsyncSync(descriptor);
    closeSync(descriptor);
    closeSync(this.#descriptor);
    renameSync(next, this.#name);
    this.#descriptor = openSync(this.#name, 'a');
  }

  close(): void {
    fsyncSync(this.#descriptor);
    closeSync(this.#descriptor);
  }
}
