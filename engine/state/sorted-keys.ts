/** A block that has more keys is cut in two. */
const BLOCK_KEYS = 512;

/**
 * A set of texts in the order of their code units, in blocks, so that one more costs no more among millions than among
 * thousands.
 */
export class SortedKeys {
  /** None is empty, but where there is no key at all. */
  readonly #blocks: string[][];

  /** @param sorted the keys to begin with, in order, each once */
  constructor(sorted: readonly string[] = []) {
    this.#blocks = [];
    for (let at = 0; at < sorted.length || at === 0; at += BLOCK_KEYS)
      this.#blocks.push(sorted.slice(at, at + BLOCK_KEYS));
  }

  add(key: string): void {
    const at = this.#blockOf(key);
    const block = this.#blocks[at]!;
    const place = lowerBound(block, key);
    if (block[place] === key) return;
    block.splice(place, 0, key);
    if (block.length > BLOCK_KEYS) this.#blocks.splice(at + 1, 0, block.splice(BLOCK_KEYS >> 1));
  }

  delete(key: string): void {
    const at = this.#blockOf(key);
    const block = this.#blocks[at]!;
    const place = lowerBound(block, key);
    if (block[place] !== key) return;
    block.splice(place, 1);
    if (block.length === 0 && this.#blocks.length > 1) this.#blocks.splice(at, 1);
  }

  /**
   * The keys with from <= key < to (either end may be open). The set may be changed meanwhile; what is changed then may
   * come or not.
   */
  *range(from = '', to?: string): IterableIterator<string> {
    let at = this.#blockOf(from);
    let place = lowerBound(this.#blocks[at]!, from);
    for (;;) {
      const keys = this.#blocks[at]!.slice(place);
      for (const key of keys) {
        if (to !== undefined && key >= to) return;
        yield key;
      }
      const last = keys.at(-1);
      if (last !== undefined) {
        // The block may have been cut in two meanwhile, or be gone.
        at = this.#blockOf(last);
        const block = this.#blocks[at]!;
        place = lowerBound(block, last);
        if (block[place] === last) place++;
        if (place < block.length) continue;
      }
      if (++at >= this.#blocks.length) return;
      place = 0;
    }
  }

  /** The last block that begins with the key or before it. */
  #blockOf(key: string): number {
    let low = 0;
    let high = this.#blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#blocks[middle]![0]! <= key) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
