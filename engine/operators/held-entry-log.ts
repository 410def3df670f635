import type { Header, HeldEntries } from './operator.ts';

const FIRST_PLACES = 256;
const NO_HEADERS: readonly Header[] = [];

/**
 * Entries of tables that have changed and were not made into rows yet, in the order in which they changed last: each
 * change takes the next place, and who has a later one leaves that before.
 */
export class HeldEntryLog {
  readonly #tables: HeldEntries[] = [];
  #slots = new Int32Array(FIRST_PLACES);
  /** By place: which of the tables. */
  #tableAt = new Int32Array(FIRST_PLACES);
  readonly #headers = new Map<number, readonly Header[]>();
  #length = 0;

  /** Changes since the last release, those included that later ones have replaced. */
  get length(): number {
    return this.#length;
  }

  add(table: HeldEntries, slot: number, headers: readonly Header[]): void {
    const place = this.#length++;
    if (place === this.#slots.length) this.#grow();
    this.#slots[place] = slot;
    this.#tableAt[place] = this.#numberOf(table);
    if (headers.length > 0) this.#headers.set(place, headers);
    table.setPlace(slot, place);
  }

  release(): void {
    this.#take((table, slot, place) =>
      table.letGo(slot, this.#headers.size === 0 ? NO_HEADERS : (this.#headers.get(place) ?? NO_HEADERS)),
    );
    for (const table of this.#tables) table.letGoDone();
  }

  /** Forgets what is held. */
  clear(): void {
    this.#take(() => {});
  }

  #take(use: (table: HeldEntries, slot: number, place: number) => void): void {
    const length = this.#length;
    this.#length = 0;
    for (let place = 0; place < length; place++) {
      const slot = this.#slots[place]!;
      const table = this.#tables[this.#tableAt[place]!]!;
      if (table.placeOf(slot) !== place) continue;
      table.setPlace(slot, -1);
      use(table, slot, place);
    }
    this.#headers.clear();
  }

  #numberOf(table: HeldEntries): number {
    const last = this.#length > 1 ? this.#tableAt[this.#length - 2]! : 0;
    if (this.#tables[last] === table) return last;
    const known = this.#tables.indexOf(table);
    return known >= 0 ? known : this.#tables.push(table) - 1;
  }

  #grow(): void {
    const [slots, tableAt] = [new Int32Array(2 * this.#slots.length), new Int32Array(2 * this.#slots.length)];
    slots.set(this.#slots);
    tableAt.set(this.#tableAt);
    this.#slots = slots;
    this.#tableAt = tableAt;
  }
}
