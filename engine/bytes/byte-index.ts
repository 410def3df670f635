const FIRST_PLACES = 256;
/** With so many texts, or so many bytes of them, it begins anew. */
const MOST = 2 ** 15;
const MOST_BYTES = 2 ** 20;

/**
 * Short runs of bytes, numbered as they come: a hash table with open addressing, whose runs stand one behind the other.
 * It takes a few megabytes at most; when it is full it forgets all.
 */
export class ByteIndex {
  /** Changes when all numbers are given anew. */
  generation = 0;
  #count = 0;
  /** Numbers, one more than they are; 0 is an empty place. */
  #places = new Int32Array(FIRST_PLACES);
  /** Where each run begins; the last one ends where the next would begin. */
  #starts = new Int32Array(FIRST_PLACES);
  #bytes = new Uint8Array(16 * FIRST_PLACES);

  get count(): number {
    return this.#count;
  }

  /** The number of a run; -1 for one that is not there. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const last = this.#places.length - 1;
    for (let place = hashOf(bytes, start, end) & last; ; place = (place + 1) & last) {
      const number = this.#places[place]! - 1;
      if (number < 0 || this.#isSame(number, bytes, start, end)) return number;
    }
  }

  /** Adds a run that is not there. @returns its number; -1 where it is too long */
  add(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if (length > MOST_BYTES) return -1;
    if (this.#count === MOST || this.#starts[this.#count]! + length > MOST_BYTES) this.#beginAnew();
    const number = this.#count++;
    const from = this.#starts[number]!;
    if (from + length > this.#bytes.length)
      this.#bytes = grown(this.#bytes, new Uint8Array(Math.max(2 * this.#bytes.length, from + length)));
    for (let i = 0; i < length; i++) this.#bytes[from + i] = bytes[start + i]!;
    if (number + 2 > this.#starts.length) this.#starts = grown(this.#starts, new Int32Array(2 * this.#starts.length));
    this.#starts[number + 1] = from + length;
    if (2 * this.#count > this.#places.length) this.#placeAnew();
    else this.#place(number);
    return number;
  }

  #isSame(number: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.#starts[number]!;
    const length = end - start;
    if (this.#starts[number + 1]! - from !== length) return false;
    for (let i = 0; i < length; i++) if (this.#bytes[from + i] !== bytes[start + i]) return false;
    return true;
  }

  #place(number: number): void {
    const last = this.#places.length - 1;
    let place = hashOf(this.#bytes, this.#starts[number]!, this.#starts[number + 1]!) & last;
    while (this.#places[place] !== 0) place = (place + 1) & last;
    this.#places[place] = number + 1;
  }

  #placeAnew(): void {
    this.#places = new Int32Array(2 * this.#places.length);
    for (let number = 0; number < this.#count; number++) this.#place(number);
  }

  #beginAnew(): void {
    this.generation++;
    this.#count = 0;
    this.#places.fill(0);
  }
}

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  return hash ^ (hash >>> 15);
}

function grown<T extends Uint8Array | Int32Array>(known: T, larger: T): T {
  larger.set(known);
  return larger;
}
