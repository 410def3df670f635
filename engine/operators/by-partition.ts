import type { Change, Emit, Operator } from './operator.ts';

/**
 * An operator for each partition of the keys, as Kafka Streams runs a task for each: stream time goes on in every
 * partition by itself, and with it what is late, which windows are closed and what is kept (execution-semantics §6).
 */
export class ByPartition<O extends Operator> implements Operator {
  readonly #partitionOf: (change: Change, input: number) => number;
  readonly #make: (partition: number) => O;
  readonly #known: readonly number[];
  readonly #parts: (O | undefined)[] = [];

  /** @param known the partitions of which there is state of earlier runs */
  constructor(
    partitionOf: (change: Change, input: number) => number,
    make: (partition: number) => O,
    known: readonly number[],
  ) {
    this.#partitionOf = partitionOf;
    this.#make = make;
    this.#known = known;
  }

  *restore(): Iterable<void> {
    for (const partition of this.#known) yield* this.part(partition).restore?.() ?? [];
  }

  process(change: Change, input: number, emit: Emit): void {
    this.part(this.#partitionOf(change, input)).process(change, input, emit);
  }

  /** The operator of a partition. */
  part(partition: number): O {
    this.#parts[partition] ??= this.#make(partition);
    return this.#parts[partition];
  }
}
