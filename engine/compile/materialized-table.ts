import { windowTimes } from '../../language/query/window-clauses.ts';
import type { Change, Emit, Row, Window } from '../operators/operator.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import { storeKey, windowKey, windowRange } from '../state/key-codec.ts';
import type { StateStore } from '../state/state-store.ts';
import type { StateStores } from '../state/state-stores.ts';

/** A row of a table as pull queries see it. */
export interface MaterializedRow {
  readonly key: Row;
  /** The value columns of the table, then its header columns. */
  readonly row: Row;
  readonly timeMs: number;
  readonly window?: Window;
}

/** The present rows of a table that a query keeps up to date. */
export interface MaterializedTable {
  readonly size: number;
  /** Makes ready, in slices, what `scan` needs, and for windowed tables `get`. */
  prepare(): Promise<void>;
  /** The rows of a key, by window start where the table is windowed; bounds are inclusive. */
  get(key: Row, fromMs?: number, toMs?: number): Iterable<MaterializedRow>;
  scan(): Iterable<MaterializedRow>;
  /** Whether there is a row where a change is: of its key, and of just its window. */
  has(change: Change): boolean;
}

type Entry = readonly [timeMs: number, key: Row, row: Row, startMs: number | null, endMs: number | null];

/** The store of a table that is kept beside what operators keep. */
export const MATERIALIZED = 'Materialized';

/** Whether a query keeps what it sends to its sink. */
export const keepsTable = ({ output, persistent }: LogicalPlan): boolean => output.kind === 'TABLE' && persistent;

/** The table that a store holds of a query, which another task may be changing. */
export function storedTable(plan: LogicalPlan, stores: Pick<StateStores, 'open'>): MaterializedTable {
  return new StoredTable(stores.open(MATERIALIZED), plan.output.window !== undefined);
}

/** Keeps what a query sends to its sink as a table. */
export function materialize(
  plan: LogicalPlan,
  stores: StateStores,
): { readonly table: MaterializedTable; recording(emit: Emit): Emit } {
  const store = stores.open(MATERIALIZED);
  const expiry = new WindowExpiry(store, retentionOf(plan));
  return {
    table: new StoredTable(store, plan.output.window !== undefined),
    recording: (emit) => (change) => {
      record(store, change);
      if (change.window !== undefined) expiry.advance(change.window.startMs);
      emit(change);
    },
  };
}

function record(store: StateStore, { key, after, timeMs, window }: Change): void {
  if (key === null) return;
  const text = window === undefined ? storeKey(key) : windowKey(storeKey(key), window.startMs);
  if (after === null) store.delete(text);
  else store.put(text, [timeMs, key, after, window?.startMs ?? null, window?.endMs ?? null] satisfies Entry);
}

function retentionOf(plan: LogicalPlan): number | undefined {
  for (
    let node: LogicalPlan['root']['input'] = plan.root;
    node.kind !== 'source' && node.kind !== 'join';
    node = node.input
  ) {
    if (node.kind === 'aggregate' && node.window !== undefined) return windowTimes(node.window, node.final).retentionMs;
  }
  return undefined;
}

/** Forgets windows beyond the retention, a batch at a time. */
class WindowExpiry {
  readonly #store: StateStore;
  readonly #retentionMs: number | undefined;
  #latestMs = Number.NEGATIVE_INFINITY;
  #sweptMs = Number.NEGATIVE_INFINITY;

  constructor(store: StateStore, retentionMs: number | undefined) {
    this.#store = store;
    this.#retentionMs = retentionMs;
  }

  advance(startMs: number): void {
    if (this.#retentionMs === undefined || startMs <= this.#latestMs) return;
    this.#latestMs = startMs;
    if (this.#sweptMs === Number.NEGATIVE_INFINITY) this.#sweptMs = startMs;
    if (startMs - this.#sweptMs < this.#retentionMs) return;
    this.#sweptMs = startMs;
    for (const [key, entry] of this.#store.entries()) {
      if ((entry as unknown as Entry)[3]! < startMs - this.#retentionMs) this.#store.delete(key);
    }
  }
}

class StoredTable implements MaterializedTable {
  readonly #store: StateStore;
  readonly #windowed: boolean;

  constructor(store: StateStore, windowed: boolean) {
    this.#store = store;
    this.#windowed = windowed;
  }

  get size(): number {
    return this.#store.size;
  }

  prepare(): Promise<void> {
    return this.#store.prepareScan();
  }

  *get(key: Row, fromMs?: number, toMs?: number): Iterable<MaterializedRow> {
    const text = storeKey(key);
    if (!this.#windowed) {
      const entry = this.#store.get(text);
      if (entry !== undefined) yield toRow(entry as unknown as Entry);
      return;
    }
    for (const [, entry] of this.#store.scan(...windowRange(text, fromMs, toMs)))
      yield toRow(entry as unknown as Entry);
  }

  has({ key, window }: Change): boolean {
    if (key === null) return false;
    const text = storeKey(key);
    if (window === undefined) return this.#store.get(text) !== undefined;
    const entry = this.#store.get(windowKey(text, window.startMs)) as Entry | undefined;
    return entry !== undefined && entry[4] === window.endMs;
  }

  *scan(): Iterable<MaterializedRow> {
    for (const [, entry] of this.#store.scan()) yield toRow(entry as unknown as Entry);
  }
}

function toRow([timeMs, key, row, startMs, endMs]: Entry): MaterializedRow {
  return startMs === null || endMs === null ? { key, row, timeMs } : { key, row, timeMs, window: { startMs, endMs } };
}
