import type { StateStore } from '../state/state-store.ts';

const KEY = 'stream-time';

/** The highest time an operator has seen, kept with its state so that a restart does not make late records early. */
export class StreamTime {
  readonly #store: StateStore;
  #timeMs: number;

  constructor(store: StateStore) {
    this.#store = store;
    this.#timeMs = (store.get(KEY) as number | undefined) ?? Number.NEGATIVE_INFINITY;
  }

  get timeMs(): number {
    return this.#timeMs;
  }

  /** Moves on to a record's time, never back. */
  advance(timeMs: number): void {
    if (timeMs <= this.#timeMs) return;
    this.#timeMs = timeMs;
    this.#store.put(KEY, timeMs);
  }
}
