import { setTimeout as sleep } from 'node:timers/promises';
import { BrokerError } from '../../broker/broker.ts';
import type { QueryState } from './query-state.ts';
import { type ChangelogLag, ChangelogReader, type RestoreOptions, type RestoreProgress } from './restore-state.ts';

/** How often it is looked for more where there was nothing, in milliseconds. */
const POLL_MS = 100;
/** After a failure, and while memory is used up, it is waited longer. */
const RETRY_MS = 1000;
/** What was read is kept in the file so often. */
const KEEP_EVERY_MS = 30_000;

export interface StandbyOptions extends Omit<RestoreOptions, 'signal'> {
  /** Told when the state cannot be followed any more; who goes on with it reads what is missing (`restoreState`). */
  readonly onError: (error: unknown) => void;
}

/**
 * A state that follows its changelogs while another task changes it, so that little is left to read when it is taken
 * over. Its stores may be read meanwhile.
 */
export class StandbyState {
  readonly state: QueryState;
  readonly #options: StandbyOptions;
  readonly #stopping = new AbortController();
  readonly #reader: ChangelogReader;
  readonly #following: Promise<void>;
  #keptMs = performance.now();

  /** Begins to follow. */
  constructor(state: QueryState, options: StandbyOptions) {
    this.state = state;
    this.#options = options;
    this.#reader = new ChangelogReader(state, { ...options, signal: this.#stopping.signal });
    this.#following = this.#follow();
  }

  get progress(): RestoreProgress {
    return this.#reader.progress;
  }

  /** How far each changelog is read, and how long it is now. @throws BrokerError */
  lags(): Promise<ChangelogLag[]> {
    return this.#reader.lags();
  }

  /** Follows no more. What was read is kept in the file; the state stays open. @throws FileError */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#following;
    if (this.#reader.unkept > 0) await this.#reader.keep();
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        const waitMs = await this.#step();
        await sleep(waitMs, undefined, { signal });
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof BrokerError) || error.code === 'closed') {
          this.#options.onError(error);
          return;
        }
        await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** @returns how long to wait before the next one, in milliseconds */
  async #step(): Promise<number> {
    if (this.state.mustStop) return RETRY_MS;
    const { records } = this.progress;
    await this.#reader.readOn();
    if (this.#reader.unkept > 0 && performance.now() - this.#keptMs >= KEEP_EVERY_MS) {
      this.#keptMs = performance.now();
      await this.#reader.keep();
    }
    return this.progress.records === records ? POLL_MS : 0;
  }
}
