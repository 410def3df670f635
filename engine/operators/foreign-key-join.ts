import { joinKeys, partRange, storeKey } from '../state/key-codec.ts';
import type { StateStore } from '../state/state-store.ts';
import type { Change, Emit, Operator, Row } from './operator.ts';
import type { JoinRow } from './stream-table-join.ts';
import type { RowLookup } from './table-source.ts';

/**
 * A table joined through one of its columns with the primary key of another. The store holds, under each foreign key,
 * the keys of the left rows that refer to it.
 *
 * What is sent when follows Kafka Streams' subscription messages: a left row whose foreign key changed tells even of no
 * match, one that keeps its foreign key only of a match (execution-semantics §8 and the observed corrections).
 */
export class ForeignKeyJoin implements Operator {
  readonly #foreignKeyOf: (row: Row) => Row;
  readonly #left: RowLookup;
  readonly #right: RowLookup;
  readonly #subscriptions: StateStore;
  readonly #joinRow: JoinRow;
  readonly #isLeft: boolean;
  readonly #orderOf: (key: Row) => string;

  constructor(options: {
    readonly foreignKeyOf: (row: Row) => Row;
    readonly left: RowLookup;
    readonly right: RowLookup;
    readonly subscriptions: StateStore;
    readonly joinRow: JoinRow;
    readonly isLeft: boolean;
    /** The order of keys as bytes, in which the left rows of a foreign key are visited. */
    readonly orderOf: (key: Row) => string;
  }) {
    this.#foreignKeyOf = options.foreignKeyOf;
    this.#left = options.left;
    this.#right = options.right;
    this.#subscriptions = options.subscriptions;
    this.#joinRow = options.joinRow;
    this.#isLeft = options.isLeft;
    this.#orderOf = options.orderOf;
  }

  process(change: Change, input: number, emit: Emit): void {
    if (change.key === null) return;
    if (input === 0) this.#changeLeft(change, change.key, emit);
    else this.#changeRight(change, change.key, emit);
  }

  #changeLeft(change: Change, key: Row, emit: Emit): void {
    const before = change.before ?? null;
    const { after } = change;
    if (before === null && after === null) return;
    const oldKey = before === null ? null : this.#keyIn(before);
    const newKey = after === null ? null : this.#keyIn(after);
    const sameKey = oldKey === null || newKey === null ? oldKey === newKey : storeKey(oldKey) === storeKey(newKey);
    if (oldKey !== null && !sameKey) this.#subscriptions.delete(this.#subscription(oldKey, key));
    if (newKey !== null) this.#subscriptions.put(this.#subscription(newKey, key), [key as Row]);

    // The answer comes from the new foreign key's place and is as late as the row there. Of a deletion an INNER join
    // tells the old foreign key's place; a LEFT join asks nowhere.
    const asked = after === null && !this.#isLeft ? oldKey : newKey;
    const there = asked === null ? undefined : this.#right.get(asked);
    const timeMs = there === undefined ? change.timeMs : Math.max(change.timeMs, there[0]);
    const send = (row: Row | null) => emit({ ...change, before: undefined, after: row, timeMs });
    if (after === null) {
      if (oldKey !== null || this.#isLeft) send(null);
    } else if (there !== undefined || this.#isLeft) {
      send(this.#joinRow(after, there?.[1] ?? null, key));
    } else if (before !== null && !sameKey) {
      send(null);
    }
  }

  #changeRight(change: Change, rightKey: Row, emit: Emit): void {
    const subscribers: { readonly key: Row; readonly order: string }[] = [];
    for (const [, entry] of this.#subscriptions.scan(...partRange(storeKey(rightKey)))) {
      const key = (entry as readonly Row[])[0]!;
      subscribers.push({ key, order: this.#orderOf(key) });
    }
    subscribers.sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0));
    for (const { key } of subscribers) {
      const left = this.#left.get(key);
      if (left === undefined) continue;
      const joined = change.after !== null || this.#isLeft ? this.#joinRow(left[1], change.after, key) : null;
      emit({ ...change, key, before: undefined, after: joined });
    }
  }

  #keyIn(row: Row): Row | null {
    const key = this.#foreignKeyOf(row);
    return key[0] === null ? null : key;
  }

  #subscription(foreignKey: Row, leftKey: Row): string {
    return joinKeys(storeKey(foreignKey), storeKey(leftKey));
  }
}
