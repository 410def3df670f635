/** Changes held beside the entries they are made to before both are put together in a new map. */
const LAYER_SIZE = 64;

/**
 * An immutable map that is cheap to change one entry at a time: a change copies a small layer, and only now and then all entries.
 * Entries keep the order in which their keys came first.
 */
export class LayeredMap<V> implements ReadonlyMap<string, V> {
  readonly #base: ReadonlyMap<string, V>;
  /** Changed entries; undefined for those that are gone. */
  readonly #layer: ReadonlyMap<string, V | undefined>;

  private constructor(base: ReadonlyMap<string, V>, layer: ReadonlyMap<string, V | undefined>) {
    this.#base = base;
    this.#layer = layer;
  }

  /** The map with the entry set. */
  static with<V>(map: ReadonlyMap<string, V>, key: string, value: V): ReadonlyMap<string, V> {
    return LayeredMap.#changed(map, key, value);
  }

  /** The map without the entry. */
  static without<V>(map: ReadonlyMap<string, V>, key: string): ReadonlyMap<string, V> {
    return map.has(key) ? LayeredMap.#changed(map, key, undefined) : map;
  }

  static #changed<V>(map: ReadonlyMap<string, V>, key: string, value: V | undefined): ReadonlyMap<string, V> {
    const base = map instanceof LayeredMap ? (map as LayeredMap<V>).#base : map;
    const layer = new Map(map instanceof LayeredMap ? (map as LayeredMap<V>).#layer : []);
    layer.set(key, value);
    const changed = new LayeredMap(base, layer);
    return layer.size <= LAYER_SIZE ? changed : new Map(changed);
  }

  get(key: string): V | undefined {
    return this.#layer.has(key) ? this.#layer.get(key) : this.#base.get(key);
  }

  has(key: string): boolean {
    return this.#layer.has(key) ? this.#layer.get(key) !== undefined : this.#base.has(key);
  }

  get size(): number {
    let { size } = this.#base;
    for (const [key, value] of this.#layer) {
      const was = this.#base.has(key);
      if (value === undefined && was) size--;
      if (value !== undefined && !was) size++;
    }
    return size;
  }

  *entries(): MapIterator<[string, V]> {
    for (const [key, value] of this.#base) {
      const current = this.#layer.has(key) ? this.#layer.get(key) : value;
      if (current !== undefined) yield [key, current];
    }
    for (const [key, value] of this.#layer) if (value !== undefined && !this.#base.has(key)) yield [key, value];
  }

  *keys(): MapIterator<string> {
    for (const [key] of this.entries()) yield key;
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
