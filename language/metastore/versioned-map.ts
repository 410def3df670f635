/** One value of a key; undefined where it was taken out. */
interface Change<V> {
  readonly version: number;
  readonly value: V | undefined;
}

/** What all versions of a map share. */
interface History<V> {
  readonly base: ReadonlyMap<string, V>;
  /** By key, in the order of their versions. */
  readonly changes: Map<string, Change<V>[]>;
  latest: number;
}

/**
 * An immutable map of which a new version, changed in one entry, costs the same however large the map is: all versions
 * share one history of changes. Only a change to a version that has been changed before copies the entries.
 */
export class VersionedMap<V> implements ReadonlyMap<string, V> {
  readonly #history: History<V>;
  readonly #version: number;
  readonly size: number;

  private constructor(history: History<V>, version: number, size: number) {
    this.#history = history;
    this.#version = version;
    this.size = size;
  }

  /** The map with the entry set. */
  static with<V>(map: ReadonlyMap<string, V>, key: string, value: V): ReadonlyMap<string, V> {
    return VersionedMap.#changed(map, key, value);
  }

  /** The map without the entry. */
  static without<V>(map: ReadonlyMap<string, V>, key: string): ReadonlyMap<string, V> {
    return map.has(key) ? VersionedMap.#changed(map, key, undefined) : map;
  }

  static #changed<V>(map: ReadonlyMap<string, V>, key: string, value: V | undefined): ReadonlyMap<string, V> {
    const history = VersionedMap.#continued(map);
    const size = map.size + (value === undefined ? 0 : 1) - (map.has(key) ? 1 : 0);
    const version = ++history.latest;
    const changes = history.changes.get(key);
    if (changes === undefined) history.changes.set(key, [{ version, value }]);
    else changes.push({ version, value });
    return new VersionedMap(history, version, size);
  }

  /**
   * The history that the next change goes to: the map's own, unless another version has gone on with it, or it has
   * grown long.
   */
  static #continued<V>(map: ReadonlyMap<string, V>): History<V> {
    if (!(map instanceof VersionedMap)) return { base: map, changes: new Map(), latest: 0 };
    const versioned = map as VersionedMap<V>;
    const history = versioned.#history;
    const isLong = history.latest > 64 + 2 * (history.base.size + versioned.size);
    if (history.latest === versioned.#version && !isLong) return history;
    return { base: new Map(versioned), changes: new Map(), latest: 0 };
  }

  get(key: string): V | undefined {
    const { base, changes } = this.#history;
    const own = changes.get(key);
    if (own === undefined) return base.get(key);
    let low = 0;
    let high = own.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (own[middle]!.version <= this.#version) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? base.get(key) : own[low - 1]!.value;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** Those of the first version first, then the others in the order in which they came. */
  *entries(): MapIterator<[string, V]> {
    const { base, changes } = this.#history;
    for (const [key, value] of base) {
      const current = changes.has(key) ? this.get(key) : value;
      if (current !== undefined) yield [key, current];
    }
    for (const key of changes.keys()) {
      const value = base.has(key) ? undefined : this.get(key);
      if (value !== undefined) yield [key, value];
    }
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
