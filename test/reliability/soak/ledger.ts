/** A row's number among those of its writer. */
export type RowNumber = number;

/** What became of the rows that were written, as read back. */
export interface Reckoning {
  readonly acknowledged: number;
  /** Acknowledged and not there. */
  readonly lost: number;
  /** There more than once, counting each further time. */
  readonly doubled: number;
}

/** The rows that were acknowledged, by writer. Rows whose answer never came may be there or not. */
export class Ledger {
  readonly #acknowledged = new Map<string, Set<RowNumber>>();

  acknowledge(writer: string, row: RowNumber): void {
    let rows = this.#acknowledged.get(writer);
    if (rows === undefined) {
      rows = new Set();
      this.#acknowledged.set(writer, rows);
    }
    rows.add(row);
  }

  get acknowledged(): number {
    let count = 0;
    for (const rows of this.#acknowledged.values()) count += rows.size;
    return count;
  }

  /** Holds what was read against what was acknowledged. */
  reckon(found: Iterable<readonly [writer: string, row: RowNumber]>): Reckoning {
    const times = new Map<string, number>();
    let doubled = 0;
    for (const [writer, row] of found) {
      const key = `${writer} ${row}`;
      const seen = times.get(key) ?? 0;
      if (seen > 0) doubled++;
      times.set(key, seen + 1);
    }
    let lost = 0;
    for (const [writer, rows] of this.#acknowledged) for (const row of rows) if (!times.has(`${writer} ${row}`)) lost++;
    return { acknowledged: this.acknowledged, lost, doubled };
  }
}
