const SPAN_SECONDS = 10;

/** Counts events, and how many a second there were lately. */
export class RateMeter {
  total = 0;
  /** Events of each of the last seconds, by the second modulo the span. */
  readonly #buckets = new Float64Array(SPAN_SECONDS);
  #second = 0;

  add(count: number, nowMs: number): void {
    this.total += count;
    this.#advance(nowMs);
    this.#buckets[this.#second % SPAN_SECONDS]! += count;
  }

  /** The mean over the last full seconds. */
  perSecond(nowMs: number): number {
    this.#advance(nowMs);
    let sum = 0;
    for (let i = 0; i < SPAN_SECONDS; i++) if (i !== this.#second % SPAN_SECONDS) sum += this.#buckets[i]!;
    return sum / (SPAN_SECONDS - 1);
  }

  #advance(nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    if (second <= this.#second) return;
    const steps = Math.min(second - this.#second, SPAN_SECONDS);
    for (let i = 1; i <= steps; i++) this.#buckets[(this.#second + i) % SPAN_SECONDS] = 0;
    if (steps === SPAN_SECONDS) this.#buckets.fill(0);
    this.#second = second;
  }
}
