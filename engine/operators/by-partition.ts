import type { Change, Emit, Operator } from './operator.ts';

/**
 * An operator for each partition of the keys, as Kafka Streams runs a task for each: stream time goes on in every partition by
 * itself, and with it what is late, which windows are closed and what is kept (execution-semantics §6).
 */
export class ByPartition implements Operator {
  readonly #partitionOf: (change: Change, input: number) => number;
  readonly #make: (partition: number) => Operator;
  readonly #parts: (Operator | undefined)[] = [];

  constructor(partitionOf: (change: Change, input: number) => number, make: (partition: number) => Operator) {
    this.#partitionOf = partitionOf;
    this.#make = make;
  }

  process(change: Change, input: number, emit: Emit): void {
    const partition = this.#partitionOf(change, input);
    this.#parts[partition] ??= this.#make(partition);
    this.#parts[partition].process(change, input, emit);
  }
}
