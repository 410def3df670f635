import type { SqlValue } from '../../language/types/sql-type.ts';
import type { MemoryAccount } from '../memory/memory-budget.ts';
import { type AddInPlace, NONE } from './aggregate-store.ts';

const PAGE_BITS = 12;
const PAGE_SLOTS = 2 ** PAGE_BITS;
const IN_PAGE = PAGE_SLOTS - 1;
/** The first page grows to its size, so that a small table is small. */
const FIRST_SLOTS = 16;

/** The whole numbers of an entry: its key; its neighbours in the chains of its window's start and of its key. */
export const KEY = 0;
export const NEXT_OF_START = 1;
export const PREVIOUS_OF_START = 2;
export const NEXT_OF_KEY = 3;
export const PREVIOUS_OF_KEY = 4;
/** The commit that the entry was changed for last, see {@link ChangedSlots}. */
export const MARK = 5;
/** Where the entry stands among those whose changes are held back. */
export const PLACE = 6;
/** So many fit before the other numbers, of eight bytes each. */
const INTEGERS = 8;

/** The other numbers of an entry, before those of its states. */
export const START = 0;
export const TIME = 1;
export const FIRST_STATE = 2;

/**
 * The numbers of a table's entries. An entry is a slot: so many numbers side by side, with two aggregates as long as a
 * line of the processor's caches, in pages of bytes, which cost the collector nothing and grow without moving. Slots
 * that were left are taken again.
 */
export class SlotPages {
  readonly #integers: Int32Array[] = [];
  readonly #doubles: Float64Array[] = [];
  /** How many numbers of four bytes, and of eight, a slot has. */
  readonly #integerStride: number;
  readonly #doubleStride: number;
  readonly #account: MemoryAccount | undefined;
  #capacity = 0;
  /** Slots from here on were never used. */
  #end = 0;
  /** The slot that was left last; those before it hang on it by {@link NEXT_OF_START}. */
  #free = NONE;
  #count = 0;

  /** @param states how many numbers the states of an entry take */
  constructor(states: number, account: MemoryAccount | undefined) {
    this.#doubleStride = INTEGERS / 2 + FIRST_STATE + states;
    this.#integerStride = 2 * this.#doubleStride;
    this.#account = account;
  }

  /** Entries that are there. */
  get count(): number {
    return this.#count;
  }

  /** All slots in use are below it. */
  get end(): number {
    return this.#end;
  }

  integer(slot: number, field: number): number {
    return this.#integers[slot >> PAGE_BITS]![(slot & IN_PAGE) * this.#integerStride + field]!;
  }

  setInteger(slot: number, field: number, value: number): void {
    this.#integers[slot >> PAGE_BITS]![(slot & IN_PAGE) * this.#integerStride + field] = value;
  }

  double(slot: number, field: number): number {
    return this.#doubles[slot >> PAGE_BITS]![(slot & IN_PAGE) * this.#doubleStride + INTEGERS / 2 + field]!;
  }

  setDouble(slot: number, field: number, value: number): void {
    this.#doubles[slot >> PAGE_BITS]![(slot & IN_PAGE) * this.#doubleStride + INTEGERS / 2 + field] = value;
  }

  /** Calls a function with the numbers of a page, and where those of a slot's states begin. */
  addTo(slot: number, add: AddInPlace, values: readonly SqlValue[]): boolean {
    const at = (slot & IN_PAGE) * this.#doubleStride + INTEGERS / 2 + FIRST_STATE;
    return add(this.#doubles[slot >> PAGE_BITS]!, at, values);
  }

  isUsed(slot: number): boolean {
    return this.integer(slot, KEY) !== NONE;
  }

  take(): number {
    this.#count++;
    const free = this.#free;
    if (free !== NONE) {
      this.#free = this.integer(free, NEXT_OF_START);
      return free;
    }
    if (this.#end === this.#capacity) this.#grow();
    const slot = this.#end++;
    this.setInteger(slot, PLACE, NONE);
    return slot;
  }

  /** Leaves a slot. What it is marked with stays. */
  leave(slot: number): void {
    this.#count--;
    this.setInteger(slot, KEY, NONE);
    this.setInteger(slot, NEXT_OF_START, this.#free);
    this.#free = slot;
  }

  #grow(): void {
    const isFirst = this.#capacity < PAGE_SLOTS;
    const known = isFirst ? this.#capacity : 0;
    const slots = isFirst ? Math.max(FIRST_SLOTS, 2 * known) : PAGE_SLOTS;
    const integers = new Int32Array(slots * this.#integerStride);
    if (known > 0) {
      integers.set(this.#integers.pop()!);
      this.#doubles.pop();
    }
    this.#integers.push(integers);
    this.#doubles.push(new Float64Array(integers.buffer));
    this.#capacity += slots - known;
    this.#account?.add((slots - known) * this.#integerStride * 4);
  }
}
