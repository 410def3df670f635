import type { SqlValue } from '../../language/types/sql-type.ts';
import type { MemoryAccount } from '../memory/memory-budget.ts';
import { valueBytes } from '../memory/value-bytes.ts';
import { type AggregateLayout, widthOf } from './aggregate-layout.ts';
import { FIRST_STATE, type SlotPages } from './slot-pages.ts';

/** Stands for a state that is no number, or is just one of these two: it is looked up among the exceptions. */
export const ELSEWHERE = -1.7976931348623155e308;
/** Stands for NULL. */
export const NOTHING = -1.7976931348623153e308;
/** What an exception takes besides its value. */
const EXCEPTION_BYTES = 64;

/**
 * The states of the aggregates of each entry. Numbers stand in the pages; what is of a type of numbers and is none (a
 * BIGINT beyond the safe integers) stands aside, by entry and aggregate. States of other types are values.
 */
export class StateCells {
  readonly #pages: SlotPages;
  readonly #account: MemoryAccount | undefined;
  readonly #count: number;
  /** By aggregate: its first number in the pages, and how many there are: none for one that is kept as a value. */
  readonly #fields: readonly number[];
  readonly #widths: readonly number[];
  readonly #isTuple: readonly boolean[];
  /** By aggregate and slot. */
  readonly #values: SqlValue[][];
  readonly #exceptions = new Map<number, SqlValue>();

  constructor({ states }: AggregateLayout, pages: SlotPages, account: MemoryAccount | undefined) {
    this.#pages = pages;
    this.#account = account;
    this.#count = states.length;
    this.#widths = states.map(widthOf);
    this.#isTuple = states.map((form) => form.kind === 'tuple');
    this.#values = states.map(() => []);
    let field = FIRST_STATE;
    this.#fields = this.#widths.map((width) => {
      field += width;
      return field - width;
    });
  }

  /** How many numbers the states of an entry take. */
  static width({ states }: AggregateLayout): number {
    return states.reduce((sum, form) => sum + widthOf(form), 0);
  }

  get(slot: number, index: number): SqlValue {
    if (this.#widths[index] === 0) return this.#values[index]![slot]!;
    const field = this.#fields[index]!;
    const first = this.#pages.double(slot, field);
    if (first === ELSEWHERE) return this.#exceptions.get(slot * this.#count + index)!;
    if (first === NOTHING) return null;
    return this.#isTuple[index] ? this.#tuple(slot, index, first) : first;
  }

  set(slot: number, index: number, state: SqlValue): void {
    if (this.#widths[index] === 0) {
      const values = this.#values[index]!;
      this.#account?.add(valueBytes(state) - valueBytes(values[slot]));
      values[slot] = state;
      return;
    }
    const field = this.#fields[index]!;
    if (this.#pages.double(slot, field) === ELSEWHERE) this.#forget(slot, index);
    if (state === null) this.#pages.setDouble(slot, field, NOTHING);
    else if (this.#isTuple[index] ? this.#setTuple(slot, index, state) : this.#setNumber(slot, field, state)) return;
    else this.#except(slot, index, state);
  }

  /** Forgets the states of an entry that is gone. */
  clear(slot: number): void {
    for (let index = 0; index < this.#count; index++) {
      if (this.#widths[index] === 0) this.set(slot, index, null);
      else if (this.#pages.double(slot, this.#fields[index]!) === ELSEWHERE) {
        this.#forget(slot, index);
        this.#pages.setDouble(slot, this.#fields[index]!, 0);
      }
    }
  }

  #tuple(slot: number, index: number, first: number): SqlValue {
    const width = this.#widths[index]!;
    const tuple = new Array<number>(width);
    tuple[0] = first;
    for (let i = 1; i < width; i++) tuple[i] = this.#pages.double(slot, this.#fields[index]! + i);
    return tuple;
  }

  /** @returns whether the state is a number that stands for itself */
  #setNumber(slot: number, field: number, state: SqlValue): boolean {
    if (typeof state !== 'number' || state === ELSEWHERE || state === NOTHING) return false;
    this.#pages.setDouble(slot, field, state);
    return true;
  }

  /** @returns whether the state is a tuple of numbers, of which the first stands for itself */
  #setTuple(slot: number, index: number, state: SqlValue): boolean {
    const width = this.#widths[index]!;
    if (!Array.isArray(state) || state.length !== width) return false;
    if (state[0] === ELSEWHERE || state[0] === NOTHING) return false;
    for (let i = 0; i < width; i++) if (typeof state[i] !== 'number') return false;
    for (let i = 0; i < width; i++) this.#pages.setDouble(slot, this.#fields[index]! + i, state[i] as number);
    return true;
  }

  #except(slot: number, index: number, state: SqlValue): void {
    this.#exceptions.set(slot * this.#count + index, state);
    this.#pages.setDouble(slot, this.#fields[index]!, ELSEWHERE);
    this.#account?.add(EXCEPTION_BYTES + valueBytes(state));
  }

  #forget(slot: number, index: number): void {
    const place = slot * this.#count + index;
    this.#account?.add(-EXCEPTION_BYTES - valueBytes(this.#exceptions.get(place)));
    this.#exceptions.delete(place);
  }
}
