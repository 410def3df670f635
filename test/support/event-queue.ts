interface Queued {
  readonly atMs: number;
  readonly order: number;
}

const isBefore = (one: Queued, other: Queued): boolean =>
  one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);

/** Gives what was added by its time, and at one time in its order: a heap. */
export class EventQueue<T extends Queued> {
  readonly #items: T[] = [];

  add(item: T): void {
    const items = this.#items;
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!isBefore(item, items[above]!)) break;
      items[at] = items[above]!;
      at = above;
    }
    items[at] = item;
  }

  /** Takes the first out; undefined where there is none. */
  take(): T | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (first === undefined || last === first) return first;
    this.#sink(last!);
    return first;
  }

  #sink(item: T): void {
    const items = this.#items;
    let at = 0;
    for (;;) {
      let next = 2 * at + 1;
      if (next >= items.length) break;
      if (next + 1 < items.length && isBefore(items[next + 1]!, items[next]!)) next++;
      if (!isBefore(items[next]!, item)) break;
      items[at] = items[next]!;
      at = next;
    }
    items[at] = item;
  }
}
