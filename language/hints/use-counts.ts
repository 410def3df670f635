/** What a statement uses. */
export interface UsedNames {
  /** Of the names. */
  readonly keys: ReadonlySet<string>;
  /** Sources of which something needs all columns, or may. */
  readonly whole: ReadonlySet<string>;
}

/**
 * How many statements of a script use each name. It goes on from the script as it was before: a keystroke costs the
 * statement that has changed.
 */
export class UseCounts {
  readonly #keys = new Map<string, number>();
  readonly #whole = new Map<string, number>();
  #statements: ReadonlyMap<UsedNames, number> = new Map();

  /** Takes over what the statements use; a statement that uses what it did has the same object. */
  update(statements: readonly UsedNames[]): void {
    const before = this.#statements;
    const now = new Map<UsedNames, number>();
    for (const used of statements) add(now, used, 1);
    for (const [used, count] of now) this.#count(used, count - (before.get(used) ?? 0));
    for (const [used, count] of before) if (!now.has(used)) this.#count(used, -count);
    this.#statements = now;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** Whether some statement needs all columns of a source. */
  isWhole(source: string): boolean {
    return this.#whole.has(source);
  }

  #count({ keys, whole }: UsedNames, by: number): void {
    if (by === 0) return;
    for (const key of keys) add(this.#keys, key, by);
    for (const source of whole) add(this.#whole, source, by);
  }
}

function add<K>(counts: Map<K, number>, key: K, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
