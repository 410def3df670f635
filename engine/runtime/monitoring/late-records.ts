import type { LateRecord } from '../../api/protocol.ts';

/** How many are kept; older ones are only counted. */
const KEPT_RECORDS = 1000;

/** The records that one query dropped because they were late. ksqlDB only counts them. */
export class LateRecords {
  #count = 0;
  #newest: LateRecord[] = [];

  add(record: LateRecord): void {
    this.#count++;
    this.#newest.push(record);
    if (this.#newest.length > 2 * KEPT_RECORDS) this.#newest = this.newest;
  }

  get count(): number {
    return this.#count;
  }

  /** The newest, oldest first. */
  get newest(): LateRecord[] {
    return this.#newest.slice(-KEPT_RECORDS);
  }
}
