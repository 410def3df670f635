import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Broker, FetchedBatches, Isolation } from '../../broker/broker.ts';
import { byteText } from '../../memory/byte-text.ts';
import { type MemoryBudget, WHAT_TO_DO } from '../../memory/memory-budget.ts';
import { DELETE_RETENTION_MS } from './changelog-topics.ts';
import type { QueryState } from './query-state.ts';

/** How much of a changelog is asked for at once. */
const FETCH_BYTES = 4 * 1024 * 1024;
/** How long entries are taken in before other work of the process gets its turn. */
const SLICE_MS = 5;
/**
 * What was deleted in the changelog after an older file was written may be forgotten there; clocks differ by less than
 * an hour.
 */
const MAX_FILE_AGE_MS = DELETE_RETENTION_MS - 3600 * 1000;
/** How long it is waited for transactions to end before it is looked again. */
const POLL_MS = 50;
/** After so many entries what was read is kept in the file: a restore that is broken off goes on from there. */
const CHECKPOINT_ENTRIES = 500_000;

export interface RestoreOptions {
  readonly broker: Pick<Broker, 'offsets' | 'read'>;
  /** `uncommitted`: no transaction ever writes to the changelogs, so none has to be waited for; else `committed`. */
  readonly isolation?: Isolation | undefined;
  /** The budget that the state is counted in: what does not fit into it is not read to its end. */
  readonly memory?: MemoryBudget | undefined;
  /** Told after each of the parts that are fetched. */
  readonly onProgress?: ((progress: RestoreProgress) => void) | undefined;
  /** Told what of a local file could not be used, and why. */
  readonly onNotice?: ((text: string) => void) | undefined;
  /** Breaks the restore off; it fails with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface RestoreProgress {
  readonly records: number;
  /** Of the batches as they came, compressed or not. */
  readonly bytes: number;
  readonly ms: number;
}

/** How far one changelog is read. */
export interface ChangelogLag {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** The offset that the next record will get. */
  readonly endOffset: number;
}

/**
 * Brings a state up to the end of its changelogs, from where its file stands. No record is processed meanwhile, nor has
 * been since the state was opened.
 *
 * @throws BrokerError; FileError; Error where something else than entries stands in a changelog, or the state does not
 *   fit into the memory. What was read so far stays, and another restore goes on behind it
 */
export async function restoreState(state: QueryState, options: RestoreOptions): Promise<RestoreProgress> {
  const reader = new ChangelogReader(state, options);
  await reader.readToEnd();
  return reader.progress;
}

/** Reads the changelogs of a state into it. */
export class ChangelogReader {
  readonly #state: QueryState;
  readonly #options: RestoreOptions;
  /** Where each topic is read next; absent before its first read. */
  readonly #offsets = new Map<string, number>();
  #records = 0;
  #bytes = 0;
  #ms = 0;
  #sinceCheckpoint = 0;
  #turnEndsMs = 0;

  constructor(state: QueryState, options: RestoreOptions) {
    this.#state = state;
    this.#options = options;
  }

  get progress(): RestoreProgress {
    return { records: this.#records, bytes: this.#bytes, ms: this.#ms };
  }

  /** Entries that are in the state, but not kept in its file yet. */
  get unkept(): number {
    return this.#sinceCheckpoint;
  }

  /**
   * Reads to what the topics hold at the call: of transactions that are open then it waits until they have ended.
   * @throws see {@link restoreState}
   */
  async readToEnd(): Promise<void> {
    await this.#begin();
    for (const topic of this.#topics) await this.#timed(() => this.#readTopic(topic, true));
    await this.keep();
  }

  /** Reads what there is now, and waits for nothing. @throws see {@link restoreState} */
  async readOn(): Promise<void> {
    await this.#begin();
    for (const topic of this.#topics) await this.#timed(() => this.#readTopic(topic, false));
    if (this.#sinceCheckpoint >= CHECKPOINT_ENTRIES) await this.keep();
  }

  /** Keeps what was read in the file of the state. @throws FileError */
  async keep(): Promise<void> {
    await this.#state.checkpoint(new Map(this.#offsets));
    this.#sinceCheckpoint = 0;
  }

  /** How far each changelog is read, and how long it is now. @throws BrokerError */
  lags(): Promise<ChangelogLag[]> {
    return Promise.all(
      this.#topics.map(async (topic) => {
        const { endOffset } = await this.#bounds(topic, this.#isolation);
        const offset = this.#offsets.get(topic) ?? 0;
        return { topic, partition: this.#partition, offset, endOffset: Math.max(offset, endOffset) };
      }),
    );
  }

  get #topics(): readonly string[] {
    return this.#state.changelog?.topics ?? [];
  }

  get #partition(): number {
    return this.#state.changelog!.partition;
  }

  get #isolation(): Isolation {
    return this.#options.isolation ?? 'committed';
  }

  async #begin(): Promise<void> {
    for (const topic of this.#topics) if (!this.#offsets.has(topic)) this.#offsets.set(topic, await this.#start(topic));
  }

  async #timed(read: () => Promise<void>): Promise<void> {
    const startMs = performance.now();
    try {
      await read();
    } finally {
      this.#ms += performance.now() - startMs;
    }
  }

  /** @param waits until all is committed that is written; else what is committed now is enough */
  async #readTopic(topic: string, waits: boolean): Promise<void> {
    const { endOffset } = await this.#bounds(topic, waits ? 'uncommitted' : this.#isolation);
    let ahead: Promise<FetchedBatches> | undefined;
    try {
      while (this.#offsets.get(topic)! < endOffset) {
        this.#options.signal?.throwIfAborted();
        const fetched = await (ahead ?? this.#fetch(topic));
        ahead = undefined;
        const last = fetched.batches.at(-1);
        if (last === undefined) {
          if (!(await this.#isAtEnd(topic, endOffset)) && waits) await sleep(POLL_MS);
          else if (!waits) return;
          continue;
        }
        // The next part is on its way while this one is taken in.
        if (last.lastOffset + 1 < endOffset) ahead = this.#fetch(topic, last.lastOffset + 1);
        await this.#apply(fetched);
      }
    } finally {
      // What was asked for and is not wanted any more may fail.
      ahead?.catch(() => undefined);
    }
  }

  /** Where the file stands, if the topic still has what came after that; else the stores are made anew. */
  async #start(topic: string): Promise<number> {
    const { earliest, endOffset } = await this.#bounds(topic, 'uncommitted');
    const kept = this.#state.changelogOffsets.get(topic);
    const isYoung = Date.now() - this.#state.committedMs < MAX_FILE_AGE_MS;
    if (this.#state.damage === undefined && kept !== undefined && kept >= earliest && kept <= endOffset && isYoung)
      return kept;
    if (this.#state.damage !== undefined)
      this.#options.onNotice?.(`${this.#state.damage} The stores are made anew from ${topic}.`);
    else if (kept !== undefined)
      this.#options.onNotice?.(
        `What the state file holds stands at offset ${kept} of ${topic}-${this.#partition}${isYoung ? `, which has offsets ${earliest} to ${endOffset} now` : ' for longer than deletions are kept there'}. It is made anew from the changelog.`,
      );
    await this.#state.forget(topic);
    return earliest;
  }

  /** Whether nothing readable stands before an offset: compaction may leave offsets without records at the end. */
  async #isAtEnd(topic: string, endOffset: number): Promise<boolean> {
    const stable = await this.#bounds(topic, this.#isolation);
    if (stable.endOffset < endOffset) return false;
    const { batches } = await this.#fetch(topic);
    if (batches.length === 0) this.#offsets.set(topic, endOffset);
    return batches.length === 0;
  }

  async #apply({ topic, batches, skippedFrom, release }: FetchedBatches): Promise<void> {
    if (skippedFrom !== undefined) {
      // What was deleted before it was read may have changed anything that is in the stores.
      this.#options.onNotice?.(
        `${topic}-${this.#partition} has no offset ${skippedFrom} any more: its stores are made anew from offset ${batches[0]!.baseOffset} on.`,
      );
      await this.#state.forget(topic);
    }
    for (const batch of batches) {
      const count = this.#applyBatch(topic, batch);
      this.#records += count;
      this.#sinceCheckpoint += count;
      this.#bytes += batch.sizeBytes;
      this.#offsets.set(topic, batch.lastOffset + 1);
      await this.#makeRoom();
      if (performance.now() < this.#turnEndsMs) continue;
      await nextTurn();
      this.#options.signal?.throwIfAborted();
      this.#turnEndsMs = performance.now() + SLICE_MS;
    }
    // Keys and values of the state are made anew from their bytes.
    release?.();
    this.#checkMemory();
    this.#options.onProgress?.(this.progress);
    if (this.#sinceCheckpoint >= CHECKPOINT_ENTRIES) await this.keep();
  }

  #applyBatch(topic: string, batch: FetchedBatches['batches'][number]): number {
    try {
      return this.#state.applyChangelog(topic, batch);
    } catch (error) {
      throw new Error(
        `The changelog ${topic}-${this.#partition} cannot be read at offset ${batch.baseOffset}: ${(error as Error).message}.`,
        { cause: error },
      );
    }
  }

  /** What is on a disk need not be in memory. */
  async #makeRoom(): Promise<void> {
    const state = this.#state;
    if (!state.isOnDisk || !state.mustStop) return;
    await this.keep();
    state.giveUp(state.sizeBytes);
  }

  #checkMemory(): void {
    const { memory } = this.#options;
    if (memory?.overflows)
      throw new Error(
        `The state in the changelogs does not fit into the memory budget of ${byteText(memory.limitBytes)}. ${WHAT_TO_DO}`,
      );
  }

  #fetch(topic: string, offset = this.#offsets.get(topic)!): Promise<FetchedBatches> {
    return this.#options.broker.read({ topic, partition: this.#partition, offset }, FETCH_BYTES, this.#isolation);
  }

  async #bounds(topic: string, isolation: Isolation): Promise<{ earliest: number; endOffset: number }> {
    const partition = this.#partition;
    const [bounds] = await this.#options.broker.offsets(topic, { isolation, partition });
    if (bounds === undefined) throw new Error(`Changelog topic ${topic} has no partition ${partition}.`);
    return { earliest: bounds.earliest, endOffset: bounds.latest };
  }
}
