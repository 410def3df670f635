import type { JoinType } from '../../language/query/analyzed.ts';
import type { Change, Emit, Operator, Row } from './operator.ts';
import type { JoinRow } from './stream-table-join.ts';
import type { RowLookup, TableEntry } from './table-source.ts';

/**
 * Two tables joined on their primary keys: each change of a side is joined with the present row of the other. The time
 * of a result is the later of the two rows' times (Kafka Streams' KTable joins).
 */
export class TableTableJoin implements Operator, RowLookup {
  readonly #type: JoinType;
  readonly #tables: readonly [RowLookup, RowLookup];
  readonly #joinRow: JoinRow;

  constructor(type: JoinType, left: RowLookup, right: RowLookup, joinRow: JoinRow) {
    this.#type = type;
    this.#tables = [left, right];
    this.#joinRow = joinRow;
  }

  /**
   * The present joined row. It is joined anew from the present rows of both sides, so it is only as late as they are: a
   * row that was deleted from a side, and made a result when it was, has no time any more.
   */
  get(key: Row, windowStartMs?: number): TableEntry | undefined {
    const left = this.#tables[0].get(key, windowStartMs);
    const right = this.#tables[1].get(key, windowStartMs);
    if (left === undefined && (right === undefined || this.#type === 'INNER' || this.#type === 'LEFT'))
      return undefined;
    if (right === undefined && (this.#type === 'INNER' || this.#type === 'RIGHT')) return undefined;
    const timeMs = Math.max(left?.[0] ?? Number.NEGATIVE_INFINITY, right?.[0] ?? Number.NEGATIVE_INFINITY);
    return [timeMs, this.#joinRow(left?.[1] ?? null, right?.[1] ?? null, key), key, left?.[3] ?? right?.[3] ?? null];
  }

  process(change: Change, input: number, emit: Emit): void {
    const { key } = change;
    if (key === null) return;
    const other = this.#tables[input === 0 ? 1 : 0]!.get(key, change.window?.startMs);
    const before = change.before ?? null;
    // Whether a row of this side is kept without one of the other side, and the other way round.
    const padsOwn = this.#type === 'FULL' || this.#type === (input === 0 ? 'LEFT' : 'RIGHT');
    const padsOther = this.#type === 'FULL' || this.#type === (input === 0 ? 'RIGHT' : 'LEFT');
    if (other === undefined && (!padsOwn || (change.after === null && before === null))) return;
    const join = (own: Row | null): Row | null => {
      if (own === null && (other === undefined || !padsOther)) return null;
      const otherRow = other?.[1] ?? null;
      return input === 0 ? this.#joinRow(own, otherRow, key) : this.#joinRow(otherRow, own, key);
    };
    const timeMs = other === undefined ? change.timeMs : Math.max(change.timeMs, other[0]);
    emit({ ...change, before: join(before), after: join(change.after), timeMs });
  }
}
