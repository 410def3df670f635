import type { Measure } from './chart-types.ts';

/** Values that are made one, slot by slot: as many slots as series, or as points of all series. */
export class Measured {
  readonly #measure: Measure;
  readonly #values: Float64Array;
  readonly #counts: Uint32Array;
  /** Where the newest value of a slot is from left to right. */
  readonly #newest: Float64Array;

  constructor(measure: Measure, slots: number) {
    this.#measure = measure;
    this.#values = new Float64Array(slots);
    this.#counts = new Uint32Array(slots);
    this.#newest = new Float64Array(measure === 'last' ? slots : 0);
  }

  /** Takes one value more into a slot. Of those at the same place the last that comes is the newest. */
  add(slot: number, value: number, at: number): void {
    const isFirst = this.#counts[slot]!++ === 0;
    switch (this.#measure) {
      case 'count':
        return;
      case 'average':
      case 'sum':
        this.#values[slot]! += value;
        return;
      case 'lowest':
        if (isFirst || value < this.#values[slot]!) this.#values[slot] = value;
        return;
      case 'highest':
        if (isFirst || value > this.#values[slot]!) this.#values[slot] = value;
        return;
      case 'last':
        if (!isFirst && at < this.#newest[slot]!) return;
        this.#newest[slot] = at;
        this.#values[slot] = value;
        return;
      default:
        this.#measure satisfies never;
    }
  }

  /** What a slot holds; null where nothing fell into it. */
  value(slot: number): number | null {
    const count = this.#counts[slot]!;
    if (count === 0) return null;
    if (this.#measure === 'count') return count;
    return this.#measure === 'average' ? this.#values[slot]! / count : this.#values[slot]!;
  }
}
