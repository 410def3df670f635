/** A view holds at most so many records: sixty megabytes. */
export const MAX_VIEW_RECORDS = 3_000_000;
const FIRST_CAPACITY = 1024;
/** An offset and a time as doubles, and a partition. */
const RECORD_BYTES = 20;

/** Where the records of a view stand, by their place in it. */
export class ViewIndex {
  #offsets = new Float64Array(FIRST_CAPACITY);
  #times = new Float64Array(FIRST_CAPACITY);
  #partitions = new Int32Array(FIRST_CAPACITY);
  #length = 0;
  readonly #grown: (bytes: number) => void;

  /** @param grown told how many bytes more it takes */
  constructor(grown: (bytes: number) => void) {
    this.#grown = grown;
    grown(FIRST_CAPACITY * RECORD_BYTES);
  }

  get length(): number {
    return this.#length;
  }

  add(partition: number, offset: number, timeMs: number): void {
    if (this.#length === this.#offsets.length) this.#grow();
    this.#offsets[this.#length] = offset;
    this.#times[this.#length] = timeMs;
    this.#partitions[this.#length++] = partition;
  }

  offsetAt(place: number): number {
    return this.#offsets[place]!;
  }

  partitionAt(place: number): number {
    return this.#partitions[place]!;
  }

  /** The first place from one on whose record has this offset or a later one, in one partition or any. */
  findOffset(from: number, offset: number, partition: number | undefined): number | undefined {
    for (let place = from; place < this.#length; place++)
      if (this.#offsets[place]! >= offset && (partition === undefined || this.#partitions[place] === partition))
        return place;
    return undefined;
  }

  /** The first place from one on whose record is of this time or later. */
  findTime(from: number, timeMs: number): number | undefined {
    for (let place = from; place < this.#length; place++) if (this.#times[place]! >= timeMs) return place;
    return undefined;
  }

  #grow(): void {
    const capacity = Math.min(MAX_VIEW_RECORDS, this.#length * 2);
    const offsets = new Float64Array(capacity);
    offsets.set(this.#offsets);
    const times = new Float64Array(capacity);
    times.set(this.#times);
    const partitions = new Int32Array(capacity);
    partitions.set(this.#partitions);
    [this.#offsets, this.#times, this.#partitions] = [offsets, times, partitions];
    this.#grown((capacity - this.#length) * RECORD_BYTES);
  }
}
