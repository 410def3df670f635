import type { WaitClock } from '../../engine/broker/wait-clock.ts';

interface Sleeper {
  readonly untilMs: number;
  readonly number: number;
  wake(): void;
}

/**
 * Time that passes only when all that could happen now has happened, so that minutes of waiting take no time, in the
 * same order every time.
 */
export class VirtualClock implements WaitClock {
  #nowMs = 0;
  #sleepers: Sleeper[] = [];
  #slept = 0;

  nowMs(): number {
    return this.#nowMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        signal?.removeEventListener('abort', cancel);
        resolve();
      };
      const sleeper = { untilMs: this.#nowMs + Math.max(0, ms), number: this.#slept++, wake: done };
      const cancel = () => {
        this.#sleepers = this.#sleepers.filter((each) => each !== sleeper);
        done();
      };
      signal?.addEventListener('abort', cancel);
      this.#sleepers.push(sleeper);
    });
  }

  /** Lets time pass, by what was waited for in order. */
  async run(forMs: number): Promise<void> {
    const untilMs = this.#nowMs + forMs;
    for (;;) {
      await settled();
      const next = this.#next();
      if (next === undefined || next.untilMs > untilMs) break;
      this.#wake(next);
    }
    this.#nowMs = untilMs;
  }

  /** Lets time pass until something is done. @throws Error when nothing is waited for any more, or `mostMs` are over */
  async until<T>(done: Promise<T>, mostMs = 3_600_000): Promise<T> {
    let isDone = false;
    const finished = () => {
      isDone = true;
    };
    done.then(finished, finished);
    const endMs = this.#nowMs + mostMs;
    for (;;) {
      await settled();
      if (isDone) return done;
      const next = this.#next();
      if (next === undefined) throw new Error('It waits for something that never happens.');
      if (next.untilMs > endMs) throw new Error(`It is not done after ${mostMs} ms.`);
      this.#wake(next);
    }
  }

  #next(): Sleeper | undefined {
    return this.#sleepers.reduce<Sleeper | undefined>(
      (first, each) => (first === undefined || each.untilMs < first.untilMs ? each : first),
      undefined,
    );
  }

  #wake(sleeper: Sleeper): void {
    this.#nowMs = sleeper.untilMs;
    this.#sleepers = this.#sleepers.filter((each) => each !== sleeper);
    sleeper.wake();
  }
}

/** Waits until all promises have gone as far as they do without time. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
