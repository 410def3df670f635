import type { MemoryAccount } from '../memory/memory-budget.ts';
import { NONE } from './aggregate-store.ts';

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
const INTEGERS = 7;

/** The other numbers of an entry, before those of its states. */
export const START = 0;
export const TIME = 1;
export const FIRST_STATE = 2;

/**
 * The numbers of a table's entries. An entry is a slot: so many numbers side by side, in pages of typed arrays, which
 * cost the collector nothing and grow without moving. Slots that were left are taken again.
 */
export class SlotPages {
  readonly #integers: Int32Array[] = [];
  readonly #doubles: Float64Array[] = [];
  readonly #width: number;
  readonly #account: MemoryAccount | undefined;
  #capacity = 0;
  /** Slots from here on were never used. */
  #end = 0;
  /** The slot that was left last; those before it hang on it by {@link NEXT_OF_START}. */
  #free = NONE;
  #count = 0;

  /** @param states how many numbers the states of an entry take */
  constructor(states: number, account: MemoryAccount | undefined) {
    this.#width = FIRST_STATE + states;
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
    return this.#integers[slot >> PAGE_BITS]![(slot & IN_PAGE) * INTEGERS + field]!;
  }

  setInteger(slot: number, field: number, value: number): void {
    this.#integers[slot >> PAGE_BITS]![(slot & IN_PAGE) * INTEGERS + field] = value;
  }

  double(slot: number, field: number): number {
    return this.#doubles[slot >> PAGE_BITS]![(slot & IN_PAGE) * this.#width + field]!;
  }

  setDouble(slot: number, field: number, value: number): void {
    this.#doubles[slot >> PAGE_BITS]![(slot & IN_PAGE) * this.#width + field] = value;
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
    const integers = new Int32Array(slots * INTEGERS);
    const doubles = new Float64Array(slots * this.#width);
    if (known > 0) {
      integers.set(this.#integers.pop()!);
      doubles.set(this.#doubles.pop()!);
    }
    this.#integers.push(integers);
    this.#doubles.push(doubles);
    this.#capacity += slots - known;
    this.#account?.add((slots - known) * (INTEGERS * 4 + this.#width * 8));
  }
}
