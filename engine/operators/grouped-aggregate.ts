import type { Aggregator } from '../../language/functions/function.ts';
import type { SqlValue } from '../../language/types/sql-type.ts';
import { type AddInPlace, type AggregateStore, NONE } from '../state/aggregate-store.ts';
import type { Row } from './operator.ts';

/** One aggregate of a GROUP BY: its function, and how its arguments come out of the input row. */
export interface AggregateStep {
  readonly aggregator: Aggregator;
  /** Column arguments, in their order. */
  readonly args: readonly ((row: Row) => SqlValue)[];
}

/** The states of all aggregates of one group. */
export type States = readonly SqlValue[];

/** The aggregates of a GROUP BY taken together: what the aggregating operators have in common. */
export class AggregateSet {
  readonly #steps: readonly AggregateStep[];
  /** What {@link argumentsOf} and {@link addTo} gave last. */
  readonly #arguments: SqlValue[];
  readonly #next: SqlValue[];
  readonly #addInPlace: AddInPlace | undefined;

  /** @param addInPlace does what adding the steps' arguments one by one does */
  constructor(steps: readonly AggregateStep[], addInPlace?: AddInPlace) {
    this.#addInPlace = addInPlace;
    this.#steps = steps;
    this.#arguments = new Array<SqlValue>(steps.reduce((sum, { args }) => sum + args.length, 0)).fill(null);
    this.#next = new Array<SqlValue>(steps.length).fill(null);
  }

  init(): States {
    return this.#steps.map(({ aggregator }) => aggregator.init());
  }

  add(states: States, row: Row): States {
    const next = new Array<SqlValue>(states.length);
    for (let i = 0; i < states.length; i++) {
      const { aggregator, args } = this.#steps[i]!;
      next[i] =
        args.length === 1
          ? aggregator.add(states[i]!, args[0]!(row))
          : aggregator.add(states[i]!, ...args.map((arg) => arg(row)));
    }
    return next;
  }

  /** The arguments of all aggregates for a row, one behind the other. Valid until the next call. */
  argumentsOf(row: Row): readonly SqlValue[] {
    let at = 0;
    for (let i = 0; i < this.#steps.length; i++) {
      const { args } = this.#steps[i]!;
      for (let arg = 0; arg < args.length; arg++) this.#arguments[at++] = args[arg]!(row);
    }
    return this.#arguments;
  }

  /** Adds a row's arguments to an entry that is there, where that is all there is to it. False: nothing was done. */
  addInPlace(table: AggregateStore, slot: number, values: readonly SqlValue[], timeMs: number): boolean {
    return this.#addInPlace !== undefined && table.addInPlace(slot, this.#addInPlace, values, timeMs);
  }

  /**
   * The states of an entry when a row has been added; valid until the next call. The entry stays as it is: a function
   * may fail.
   *
   * @param slot NONE: a new one
   * @param values the row's arguments
   */
  addTo(table: AggregateStore, slot: number, values: readonly SqlValue[]): States {
    const next = this.#next;
    let at = 0;
    for (let i = 0; i < next.length; i++) {
      const { aggregator, args } = this.#steps[i]!;
      const state = slot === NONE ? aggregator.init() : table.stateOf(slot, i);
      next[i] =
        args.length === 1
          ? aggregator.add(state, values[at]!)
          : aggregator.add(state, ...values.slice(at, at + args.length));
      at += args.length;
    }
    return next;
  }

  /** The states of an entry. */
  statesOf(table: AggregateStore, slot: number): States {
    return this.#steps.map((_, i) => table.stateOf(slot, i));
  }

  /** What an aggregate gives for an entry. */
  resultOf(table: AggregateStore, slot: number, index: number): SqlValue {
    return this.#steps[index]!.aggregator.result(table.stateOf(slot, index));
  }

  /** The row of an entry, see {@link row}. */
  rowOf(table: AggregateStore, slot: number, endMs: number | undefined): Row {
    const row: SqlValue[] = table.keyOf(slot).slice();
    for (let i = 0; i < this.#steps.length; i++) row.push(this.#steps[i]!.aggregator.result(table.stateOf(slot, i)));
    row.push(table.timeOf(slot));
    if (endMs !== undefined) row.push(table.startOf(slot), endMs);
    return row;
  }

  /**
   * The row that a group is taken to have had before its first record, which HAVING may keep: Kafka Streams forwards
   * what the initializer made as the old value (KStreamAggregate). The key is not in it.
   */
  initialRow(key: Row, timeMs: number, startMs?: number, endMs?: number): Row {
    const unknown = key.map(() => null);
    return this.row(unknown, this.init(), timeMs, startMs, endMs);
  }

  /** The opposite of `add`; every function must know it, which the analyser has checked. */
  remove(states: States, row: Row): States {
    return this.#steps.map(({ aggregator, args }, i) => aggregator.remove!(states[i]!, ...args.map((arg) => arg(row))));
  }

  merge(first: States, second: States): States {
    return this.#steps.map(({ aggregator }, i) => aggregator.merge(first[i]!, second[i]!));
  }

  /** The row after aggregation: keys, results, ROWTIME, and the window's bounds where there is one. */
  row(key: Row, states: States, timeMs: number, startMs?: number, endMs?: number): Row {
    const row: SqlValue[] = key.slice();
    for (let i = 0; i < states.length; i++) row.push(this.#steps[i]!.aggregator.result(states[i]!));
    row.push(timeMs);
    if (startMs !== undefined && endMs !== undefined) row.push(startMs, endMs);
    return row;
  }
}

/** Gives the group that a row belongs to; null when it belongs to none (a NULL or failing expression). */
export type GroupOf = (row: Row) => Row | null;
