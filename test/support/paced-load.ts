import { setTimeout as sleep } from 'node:timers/promises';

/** Writes items in their order, some at once, evenly over a time. */
export class PacedLoad<T> {
  /** @throws what the writing of some threw, after which no more are written */
  readonly written: Promise<void>;
  isOver = false;
  /** What comes before the next are written. */
  #before: Promise<void> = Promise.resolve();
  #writing: Promise<unknown> = Promise.resolve();

  /** Begins. */
  constructor(
    items: readonly T[],
    { atOnce, overMs }: { readonly atOnce: number; readonly overMs: number },
    write: (some: readonly T[]) => Promise<unknown>,
  ) {
    this.written = this.#write(items, atOnce, (overMs * atOnce) / items.length, write).finally(() => {
      this.isOver = true;
    });
    // Who waits for it is told.
    this.written.catch(() => undefined);
  }

  /** Does something while nothing is being written, so that nothing is written twice because its answer was lost. */
  async pauseFor(action: () => Promise<void>): Promise<void> {
    const done = this.#writing.then(action);
    this.#before = done;
    await done;
  }

  async #write(
    items: readonly T[],
    atOnce: number,
    pauseMs: number,
    write: (some: readonly T[]) => Promise<unknown>,
  ): Promise<void> {
    const beganMs = performance.now();
    for (let from = 0; from < items.length; from += atOnce) {
      await this.#before;
      this.#writing = write(items.slice(from, from + atOnce));
      await this.#writing;
      const dueMs = beganMs + (from / atOnce + 1) * pauseMs;
      await sleep(Math.max(1, dueMs - performance.now()));
    }
  }
}
