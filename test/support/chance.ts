import { SeededRandom } from '../../engine/connectors/datagen/random.ts';

/** Chooses at random, and the same again with the same seed. */
export class Chance extends SeededRandom {
  /** A whole number from 0 up to, and without, `end`. */
  below(end: number): number {
    return this.between(0, end - 1);
  }

  /** Whether something of this likelihood happens. */
  happens(likelihood: number): boolean {
    return this.next() < likelihood;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }
}
