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

  /** The items in an order by chance. */
  shuffled<T>(items: readonly T[]): T[] {
    const result = [...items];
    for (let i = result.length - 1; i > 0; i--) {
      const other = this.below(i + 1);
      [result[i], result[other]] = [result[other]!, result[i]!];
    }
    return result;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }
}
