import { NONE } from './aggregate-store.ts';
import type { KeyIds } from './key-ids.ts';
import {
  KEY,
  NEXT_OF_KEY,
  NEXT_OF_START,
  PREVIOUS_OF_KEY,
  PREVIOUS_OF_START,
  type SlotPages,
  START,
} from './slot-pages.ts';

/**
 * Two chains through the entries of a table, newest first: those of a key, and those of a window's start, by which
 * windows close and are forgotten.
 */
export class SlotChains {
  readonly #pages: SlotPages;
  readonly #keys: KeyIds;
  /** The first entry of each start. */
  readonly #starts = new Map<number, number>();

  constructor(pages: SlotPages, keys: KeyIds) {
    this.#pages = pages;
    this.#keys = keys;
  }

  /** The starts of windows, in no order. */
  get starts(): IterableIterator<number> {
    return this.#starts.keys();
  }

  /** Puts an entry, whose key and start stand in it, at the head of its chains. */
  add(slot: number): void {
    const key = this.#pages.integer(slot, KEY);
    this.#link(slot, this.#keys.head(key), NEXT_OF_KEY, PREVIOUS_OF_KEY);
    this.#keys.setHead(key, slot);
    const startMs = this.#pages.double(slot, START);
    this.#link(slot, this.#starts.get(startMs) ?? NONE, NEXT_OF_START, PREVIOUS_OF_START);
    this.#starts.set(startMs, slot);
  }

  /** Takes an entry out. @returns whether it was the last of its key */
  delete(slot: number): boolean {
    const startMs = this.#pages.double(slot, START);
    const nextOfStart = this.#unlink(slot, NEXT_OF_START, PREVIOUS_OF_START);
    if (this.#starts.get(startMs) === slot) {
      if (nextOfStart === NONE) this.#starts.delete(startMs);
      else this.#starts.set(startMs, nextOfStart);
    }
    const key = this.#pages.integer(slot, KEY);
    const nextOfKey = this.#unlink(slot, NEXT_OF_KEY, PREVIOUS_OF_KEY);
    if (this.#keys.head(key) === slot) this.#keys.setHead(key, nextOfKey);
    return this.#keys.head(key) === NONE;
  }

  ofStart(startMs: number): number[] {
    return this.#all(this.#starts.get(startMs) ?? NONE, NEXT_OF_START);
  }

  ofKey(key: number): number[] {
    return this.#all(this.#keys.head(key), NEXT_OF_KEY);
  }

  #all(head: number, next: number): number[] {
    const slots: number[] = [];
    for (let slot = head; slot !== NONE; slot = this.#pages.integer(slot, next)) slots.push(slot);
    return slots;
  }

  #link(slot: number, head: number, next: number, previous: number): void {
    this.#pages.setInteger(slot, next, head);
    this.#pages.setInteger(slot, previous, NONE);
    if (head !== NONE) this.#pages.setInteger(head, previous, slot);
  }

  /** @returns the next one */
  #unlink(slot: number, next: number, previous: number): number {
    const after = this.#pages.integer(slot, next);
    const before = this.#pages.integer(slot, previous);
    if (before !== NONE) this.#pages.setInteger(before, next, after);
    if (after !== NONE) this.#pages.setInteger(after, previous, before);
    return after;
  }
}
