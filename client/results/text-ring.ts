/** Texts are written into pieces of memory of this size, which the collector of garbage never has to walk through. */
const CHUNK_BYTES = 256 * 1024;

interface Chunk {
  /** The number of its first text. */
  readonly first: number;
  readonly bytes: Buffer;
  /** Where each of its texts ends. */
  readonly ends: number[];
}

/**
 * A queue of texts as UTF-8 outside of the heap: they come in at the end, go at the start, and are found by their
 * number.
 */
export class TextRing {
  #chunks: Chunk[] = [];
  #first = 0;
  #next = 0;
  #bytes = 0;

  /** The number of the oldest text that is there. */
  get first(): number {
    return this.#first;
  }

  /** The number that the next text gets. */
  get next(): number {
    return this.#next;
  }

  /** What the texts take, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  push(text: string): void {
    const chunk = this.#chunkFor(text);
    const start = chunk.ends.at(-1) ?? 0;
    const sizeBytes = chunk.bytes.write(text, start);
    chunk.ends.push(start + sizeBytes);
    this.#next++;
    this.#bytes += sizeBytes;
  }

  /** The text of a number; undefined where it is gone or has not come. */
  at(number: number): string | undefined {
    const chunk = this.#chunkOf(number);
    if (chunk === undefined) return undefined;
    const index = number - chunk.first;
    return chunk.bytes.toString('utf8', index === 0 ? 0 : chunk.ends[index - 1], chunk.ends[index]);
  }

  /** Drops the oldest text. */
  shift(): void {
    const chunk = this.#chunks[0];
    if (chunk === undefined) return;
    const index = this.#first - chunk.first;
    this.#bytes -= chunk.ends[index]! - (index === 0 ? 0 : chunk.ends[index - 1]!);
    this.#first++;
    if (index + 1 === chunk.ends.length) this.#chunks.shift();
  }

  /** Drops all; numbers go on. */
  clear(): void {
    this.#chunks = [];
    this.#first = this.#next;
    this.#bytes = 0;
  }

  #chunkFor(text: string): Chunk {
    const last = this.#chunks.at(-1);
    const free = last === undefined ? 0 : last.bytes.length - (last.ends.at(-1) ?? 0);
    // A UTF-16 unit is at most three bytes; only near the end of a chunk has one to know.
    if (last !== undefined && (text.length * 3 <= free || Buffer.byteLength(text) <= free)) return last;
    const bytes = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, Buffer.byteLength(text)));
    const chunk = { first: this.#next, bytes, ends: [] };
    this.#chunks.push(chunk);
    return chunk;
  }

  #chunkOf(number: number): Chunk | undefined {
    if (number < this.#first || number >= this.#next) return undefined;
    let [low, high] = [0, this.#chunks.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#chunks[middle]!.first <= number) low = middle;
      else high = middle - 1;
    }
    return this.#chunks[low];
  }
}
