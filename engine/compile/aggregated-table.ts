import type { Expression } from '../../language/binding/expression.ts';
import type { AggregateResults } from '../operators/aggregate-results.ts';
import { type Change, RESTORED_AT_ONCE, type Row } from '../operators/operator.ts';
import type { AggregateNode, LogicalPlan } from '../plan/logical-plan.ts';
import type { AggregateEntry } from '../state/aggregate-store.ts';
import { storeKey } from '../state/key-codec.ts';
import type { StateStore } from '../state/state-store.ts';
import type { StateStores } from '../state/state-stores.ts';
import { aggregateLayouts, keptResults } from './aggregate.ts';
import { compileProjection } from './expression.ts';
import { keepsTable, type MaterializedRow, type MaterializedTable, storedTable } from './materialized-table.ts';

/**
 * The aggregate whose entries are the rows of the query's table: nothing comes between but a projection that gives the
 * same whenever it is asked, and cannot fail. Undefined where there is none.
 */
export function ownAggregate({ root, output, persistent }: LogicalPlan): AggregateNode | undefined {
  if (!persistent || output.kind !== 'TABLE' || root.kind !== 'project') return undefined;
  const { input, columns } = root;
  if (input.kind !== 'aggregate') return undefined;
  if (input.final || input.window?.type === 'SESSION') return undefined;
  return columns.every(({ expression }) => isPassedOn(expression)) ? input : undefined;
}

/** Whether a value is passed on as it is, which AS_VALUE does, too. */
function isPassedOn(expression: Expression): boolean {
  if (expression.kind !== 'call') return expression.kind === 'column' || expression.kind === 'literal';
  const { definition, args } = expression;
  return definition.name === 'AS_VALUE' && args.every((arg) => arg.kind === 'value' && isPassedOn(arg.expression));
}

/** The table of a query as its aggregate keeps it, an operator for each partition of the keys. */
export class AggregatedTable implements MaterializedTable {
  readonly #partsNow: () => readonly AggregateResults[];
  readonly #select: (row: Row) => Row;

  /**
   * @param plan whose last step makes rows of the table of those of the aggregate
   * @param partsNow what there is, partition by partition
   */
  constructor({ root }: LogicalPlan, partsNow: () => readonly AggregateResults[]) {
    const columns = root.columns.map(({ expression }) => expression);
    this.#select = compileProjection(columns, () => {});
    this.#partsNow = partsNow;
  }

  get #parts(): readonly AggregateResults[] {
    return this.#partsNow();
  }

  get size(): number {
    return this.#parts.reduce((sum, { table }) => sum + table.size, 0);
  }

  async prepare(): Promise<void> {
    for (const { table } of this.#parts) await table.prepareScan();
  }

  *get(key: Row, fromMs = Number.NEGATIVE_INFINITY, toMs = Number.POSITIVE_INFINITY): Iterable<MaterializedRow> {
    const text = storeKey(key);
    for (const part of this.#parts) {
      for (const entry of part.table.entriesOfKey(text)) {
        const startMs = entry[3];
        if (startMs === undefined || (startMs >= fromMs && startMs <= toMs)) yield this.#row(part, entry);
      }
    }
  }

  has({ key, window }: Change): boolean {
    const rows = key === null ? [] : this.get(key, window?.startMs, window?.startMs);
    return [...rows].length > 0;
  }

  /** The rows of all partitions in the order of their keys. */
  *scan(): Iterable<MaterializedRow> {
    const heads = this.#parts.map((part) => {
      const entries = part.table.entriesInOrder();
      return { part, entries, next: entries.next() };
    });
    for (;;) {
      let first: (typeof heads)[number] | undefined;
      for (const head of heads)
        if (!head.next.done && (first === undefined || head.next.value[0] < first.next.value[0])) first = head;
      if (first === undefined) return;
      yield this.#row(first.part, first.next.value[1]);
      first.next = first.entries.next();
    }
  }

  #row(part: AggregateResults, entry: AggregateEntry): MaterializedRow {
    const { key, after, timeMs, window } = part.changeOf(entry);
    const row = this.#select(after!);
    return window === undefined ? { key: key!, row, timeMs } : { key: key!, row, timeMs, window };
  }
}

/** A state whose stores are asked for by name. */
interface NamedStores extends Pick<StateStores, 'open' | 'openTable'> {
  readonly names: Iterable<string>;
}

/** The table that a state holds of a query, which another task may be changing; undefined where it keeps none. */
export function keptTable(plan: LogicalPlan, stores: NamedStores): MaterializedTable | undefined {
  if (!keepsTable(plan)) return undefined;
  const node = ownAggregate(plan);
  if (node === undefined) return storedTable(plan, stores);
  const layoutOf = aggregateLayouts(plan);
  const parts = new Map<string, AggregateResults>();
  return new AggregatedTable(plan, () => {
    for (const name of stores.names) {
      const layout = layoutOf(name);
      if (layout !== undefined && !parts.has(name)) parts.set(name, keptResults(node, stores.openTable(name, layout)));
    }
    return [...parts.values()];
  });
}

/** Removes what a store holds, in slices: an engine of before kept the rows of the table there a second time. */
export function* emptied(store: StateStore): Iterable<void> {
  let count = 0;
  for (const [key] of store.entries()) {
    store.delete(key);
    if (++count % RESTORED_AT_ONCE === 0) yield;
  }
}
