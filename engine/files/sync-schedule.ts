import type { AppendFile } from './append-file.ts';

const INTERVAL_MS = 1000;

/** Flushes files to the disk some time after they were written to. */
export class SyncSchedule {
  readonly #waiting = new Set<AppendFile>();
  readonly #onProblem: (problem: string) => void;
  #timer: NodeJS.Timeout | undefined;

  /** @param onProblem told of what could not be flushed: nobody waits for it */
  constructor(onProblem: (problem: string) => void) {
    this.#onProblem = onProblem;
  }

  add(file: AppendFile): void {
    this.#waiting.add(file);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#flush();
    }, INTERVAL_MS).unref();
  }

  forget(file: AppendFile): void {
    this.#waiting.delete(file);
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#flush();
  }

  async #flush(): Promise<void> {
    const files = [...this.#waiting];
    this.#waiting.clear();
    for (const file of files) await file.sync().catch((error: Error) => this.#onProblem(error.message));
  }
}
