export interface CommitScheduleOptions {
  readonly intervalMs: number;
  /** Whether nothing is being processed. */
  readonly isQuiet: () => boolean;
  /** Whether everything that was processed has been written, so that a commit cannot lose anything. */
  readonly isFlushed: () => boolean;
  /** Called when a commit is due, nothing is being processed, and something has yet to be written. */
  readonly flush: () => void;
  readonly commit: () => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/** When a query commits: some time after it has processed something, and one commit at a time. */
export class CommitSchedule {
  readonly #options: CommitScheduleOptions;
  #timer: NodeJS.Timeout | undefined;
  #isDue = false;
  #running: Promise<void> | undefined;

  constructor(options: CommitScheduleOptions) {
    this.#options = options;
  }

  /** Whether a commit waits for everything that was processed to be written. */
  get isDue(): boolean {
    return this.#isDue;
  }

  /** Resolves when no commit is being written. */
  async whenDone(): Promise<void> {
    await this.#running;
  }

  /** The next commit is due, without waiting for the interval. */
  now(): void {
    this.#isDue = true;
  }

  /** Something was processed. */
  soon(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#isDue = true;
      const { isQuiet, isFlushed, flush } = this.#options;
      if (!isQuiet()) return;
      if (isFlushed()) this.ifDue();
      else flush();
    }, this.#options.intervalMs);
    this.#timer.unref();
  }

  /** To be called where everything that was processed may have been written. */
  ifDue(): void {
    const { commit, isQuiet, isFlushed, onError } = this.#options;
    if (!this.#isDue || this.#running !== undefined || !isFlushed()) return;
    this.#isDue = false;
    this.#running = commit()
      .catch(onError)
      .finally(() => {
        this.#running = undefined;
        if (isQuiet()) this.ifDue();
      });
  }

  /** Ends the schedule. Resolves when no commit is being written any more. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isDue = false;
    await this.whenDone();
  }
}
