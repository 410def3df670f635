/** What is read of a row for a chart. */
export interface Point {
  /** Where it is from left to right; NaN where the row does not say. */
  readonly at: number;
  readonly series: string;
  readonly value: number;
}

const FIRST_CAPACITY = 1024;
/** How much room there is for each point that is kept. */
const GROWTH = 1.25;

/**
 * The points of a chart, packed: three numbers each instead of an object, because a chart is drawn anew twice a second
 * over all that is kept. They stand in the order in which they came.
 */
export class Points {
  #at = new Float64Array(FIRST_CAPACITY);
  #values = new Float64Array(FIRST_CAPACITY);
  #series = new Uint32Array(FIRST_CAPACITY);
  #sequences = new Float64Array(FIRST_CAPACITY);
  #start = 0;
  #end = 0;
  #names: string[] = [];
  #numbers = new Map<string, number>();
  /** Of points that stand for a key: their places. */
  #places = new Map<string, number>();

  /** The place of the first point. */
  get start(): number {
    return this.#start;
  }

  /** The place after the last point. */
  get end(): number {
    return this.#end;
  }

  /** Names of the series by their numbers; some may have no point any more. */
  get names(): readonly string[] {
    return this.#names;
  }

  at(place: number): number {
    return this.#at[place]!;
  }

  /** NaN for what was taken back. */
  value(place: number): number {
    return this.#values[place]!;
  }

  series(place: number): number {
    return this.#series[place]!;
  }

  /** @param sequence the number of its row, ascending */
  push(sequence: number, point: Point): void {
    if (this.#end === this.#at.length) this.#makeRoom();
    this.#sequences[this.#end] = sequence;
    this.#write(this.#end++, point);
  }

  /** Takes the place of the point that stood for the key before; without a point, the key is gone. */
  put(key: string, point: Point | undefined): void {
    const place = this.#places.get(key);
    if (place !== undefined && point !== undefined) return this.#write(place, point);
    if (place !== undefined) {
      this.#values[place] = Number.NaN;
      this.#places.delete(key);
    } else if (point !== undefined) {
      if (this.#end === this.#at.length) this.#makeRoom();
      this.#places.set(key, this.#end);
      this.#write(this.#end++, point);
    }
  }

  /** Lets go those of rows before a sequence number. */
  dropBefore(sequence: number): void {
    while (this.#start < this.#end && this.#sequences[this.#start]! < sequence) this.#start++;
  }

  #write(place: number, { at, series, value }: Point): void {
    let number = this.#numbers.get(series);
    if (number === undefined) {
      number = this.#names.push(series) - 1;
      this.#numbers.set(series, number);
    }
    this.#at[place] = at;
    this.#values[place] = value;
    this.#series[place] = number;
  }

  /** Points that are gone make room, and names with them; there is always a quarter more room than is needed. */
  #makeRoom(): void {
    const [at, values, series, sequences] = [this.#at, this.#values, this.#series, this.#sequences];
    const [names, from, to] = [this.#names, this.#start, this.#end];
    const keys = new Map([...this.#places].map(([key, place]) => [place, key]));
    let kept = 0;
    for (let place = from; place < to; place++) if (!Number.isNaN(values[place]!)) kept++;
    const capacity = Math.max(FIRST_CAPACITY, Math.ceil(kept * GROWTH));
    this.#at = new Float64Array(capacity);
    this.#values = new Float64Array(capacity);
    this.#series = new Uint32Array(capacity);
    this.#sequences = new Float64Array(capacity);
    [this.#names, this.#numbers, this.#start, this.#end] = [[], new Map(), 0, 0];
    for (let place = from; place < to; place++) {
      const value = values[place]!;
      if (Number.isNaN(value)) continue;
      const key = keys.get(place);
      if (key !== undefined) this.#places.set(key, this.#end);
      this.#sequences[this.#end] = sequences[place]!;
      this.#write(this.#end++, { at: at[place]!, series: names[series[place]!]!, value });
    }
  }
}
