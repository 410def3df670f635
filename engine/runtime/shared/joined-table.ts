import type { MaterializedRow, MaterializedTable } from '../../compile/materialized-table.ts';
import type { Change, Row } from '../../operators/operator.ts';

/** A table of which each of several tasks keeps a part: the parts that are here. */
export class JoinedTable implements MaterializedTable {
  readonly #parts: () => readonly MaterializedTable[];

  /** @param parts those that are here now */
  constructor(parts: () => readonly MaterializedTable[]) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#parts().reduce((sum, part) => sum + part.size, 0);
  }

  async prepare(): Promise<void> {
    for (const part of this.#parts()) await part.prepare();
  }

  *get(key: Row, fromMs?: number, toMs?: number): Iterable<MaterializedRow> {
    for (const part of this.#parts()) yield* part.get(key, fromMs, toMs);
  }

  *scan(): Iterable<MaterializedRow> {
    for (const part of this.#parts()) yield* part.scan();
  }

  has(change: Change): boolean {
    return this.#parts().some((part) => part.has(change));
  }
}
