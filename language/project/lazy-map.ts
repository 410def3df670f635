/** A map whose values are found out when they are asked for. */
export class LazyMap<V> implements ReadonlyMap<string, V> {
  readonly #find: (key: string) => V | undefined;
  readonly #names: () => ReadonlySet<string>;

  /**
   * @param find what a key stands for
   * @param names the keys that may stand for something
   */
  constructor(find: (key: string) => V | undefined, names: () => ReadonlySet<string>) {
    this.#find = find;
    this.#names = names;
  }

  get(key: string): V | undefined {
    return this.#find(key);
  }

  has(key: string): boolean {
    return this.#find(key) !== undefined;
  }

  /** How many keys may stand for something. */
  get size(): number {
    return this.#names().size;
  }

  /** The keys that may stand for something: to name them costs nothing. */
  keys(): MapIterator<string> {
    return this.#names().values();
  }

  *entries(): MapIterator<[string, V]> {
    for (const key of this.#names()) {
      const value = this.#find(key);
      if (value !== undefined) yield [key, value];
    }
  }

  *values(): MapIterator<V> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): MapIterator<[string, V]> {
    return this.entries();
  }

  forEach(visit: (value: V, key: string, map: ReadonlyMap<string, V>) => void): void {
    for (const [key, value] of this.entries()) visit(value, key, this);
  }
}
