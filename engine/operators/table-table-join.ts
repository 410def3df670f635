import type { JoinType } from '../../language/analysis/analyzed.ts';
import type { Change, Emit, Operator, Row } from './operator.ts';
import type { JoinRow } from './stream-table-join.ts';
import type { TableLookup } from './table-source.ts';

/**
 * Two tables joined on their primary keys: each change of a side is joined with the present row of the other. The time of a
 * result is the later of the two rows' times (Kafka Streams' KTable joins).
 */
export class TableTableJoin implements Operator {
  readonly #type: JoinType;
  readonly #tables: readonly [TableLookup, TableLookup];
  readonly #joinRow: JoinRow;

  constructor(type: JoinType, left: TableLookup, right: TableLookup, joinRow: JoinRow) {
    this.#type = type;
    this.#tables = [left, right];
    this.#joinRow = joinRow;
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
