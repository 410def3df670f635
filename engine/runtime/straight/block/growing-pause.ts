/**
 * How many records to leave alone after one that a fast way has not taken: the more of them in a row, the more, so that
 * what it never takes costs next to nothing.
 */
export class GrowingPause {
  readonly #most: number;
  #left = 0;
  #next = 0;

  /** @param most so many at most, before it is tried again */
  constructor(most: number) {
    this.#most = most;
  }

  /** Whether the next record is to be left alone; counts it. */
  get goesOn(): boolean {
    if (this.#left === 0) return false;
    this.#left--;
    return true;
  }

  /** A record was taken. */
  taken(): void {
    this.#next = 0;
  }

  /** One was not. */
  refused(): void {
    this.#left = this.#next;
    this.#next = Math.min(2 * this.#next + 1, this.#most);
  }
}
