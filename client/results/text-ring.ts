/** Texts are written into pieces of memory of this size, which the collector of garbage never has to walk through. */
const CHUNK_BYTES = 256 * 1024;

interface Chunk {
  /** The number of its first text. */
  first: number;
  readonly bytes: Buffer;
  /** Where each of its texts ends. */
  readonly ends: number[];
}

/** Where a text stands in bytes. */
interface TextSource {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/**
 * A queue of texts as UTF-8 outside of the heap: they come in at the end, go at the start, and are found by their
 * number.
 */
export class TextRing {
  #chunks: Chunk[] = [];
  /** The last chunk that was emptied. It is filled again, so that a full queue needs no more memory to go on. */
  #spare: Chunk | undefined;
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

  /**
   * Takes a copy of UTF-8.
   * @param source from `start` to `end`
   * @param note ASCII to put after it
   */
  push({ bytes, start, end }: TextSource, note = ''): void {
    const sizeBytes = end - start + note.length;
    const chunk = this.#chunkFor(sizeBytes);
    const at = chunk.ends.at(-1) ?? 0;
    bytes.copy(chunk.bytes, at, start, end);
    if (note !== '') chunk.bytes.write(note, at + end - start, 'latin1');
    chunk.ends.push(at + sizeBytes);
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
    if (index + 1 < chunk.ends.length) return;
    this.#chunks.shift();
    if (chunk.bytes.length === CHUNK_BYTES) this.#spare = chunk;
  }

  /** Drops all; numbers go on. */
  clear(): void {
    this.#chunks = [];
    this.#spare = undefined;
    this.#first = this.#next;
    this.#bytes = 0;
  }

  #chunkFor(sizeBytes: number): Chunk {
    const last = this.#chunks.at(-1);
    if (last !== undefined && (last.ends.at(-1) ?? 0) + sizeBytes <= last.bytes.length) return last;
    const chunk = this.#emptyChunk(sizeBytes);
    this.#chunks.push(chunk);
    return chunk;
  }

  #emptyChunk(sizeBytes: number): Chunk {
    const spare = this.#spare;
    if (spare === undefined || sizeBytes > CHUNK_BYTES)
      return { first: this.#next, bytes: Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, sizeBytes)), ends: [] };
    this.#spare = undefined;
    spare.first = this.#next;
    spare.ends.length = 0;
    return spare;
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
