export interface WorkLoopOptions {
  /** Whether work may begin now. */
  readonly mayWork: () => boolean;
  /** Works until there is nothing more to do. */
  readonly work: () => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/**
 * Does a kind of work whenever it is woken, and never twice at once: what wakes it meanwhile makes it begin once more.
 */
export class WorkLoop {
  readonly #options: WorkLoopOptions;
  #isWorking = false;
  #isWanted = false;
  /** What runs, or ran last. */
  #run: Promise<void> | undefined;

  constructor(options: WorkLoopOptions) {
    this.#options = options;
  }

  /** Something is there to be done, or may be. */
  wake(): void {
    this.#isWanted = true;
    const { mayWork, work, onError } = this.#options;
    if (this.#isWorking || !mayWork()) return;
    // Work may wake its own loop before it first waits for anything.
    this.#isWorking = true;
    this.#isWanted = false;
    this.#run = work()
      .catch(onError)
      .finally(() => {
        this.#isWorking = false;
        if (this.#isWanted) this.wake();
      });
  }

  /** To be called by the work where it looks at everything anew: what has woken it so far is seen then. */
  looksAnew(): void {
    this.#isWanted = false;
  }

  get isIdle(): boolean {
    return !this.#isWorking;
  }

  /** Resolves when what runs now has ended. */
  async whenIdle(): Promise<void> {
    await this.#run;
  }
}
