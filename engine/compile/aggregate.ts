import type { Aggregator } from '../../language/functions/function.ts';
import type { QueryWindow } from '../../language/query/analyzed.ts';
import { windowTimes } from '../../language/query/window-clauses.ts';
import { AggregateResults } from '../operators/aggregate-results.ts';
import { AggregateSet, type AggregateStep, type GroupOf } from '../operators/grouped-aggregate.ts';
import type { Change, Operator, ProcessingLog, Row } from '../operators/operator.ts';
import { SessionAggregate } from '../operators/session-aggregate.ts';
import { StreamAggregate } from '../operators/stream-aggregate.ts';
import { TableAggregate } from '../operators/table-aggregate.ts';
import { WindowedAggregate, type WindowedAggregateOptions } from '../operators/windowed-aggregate.ts';
import type { AggregateNode, LogicalPlan } from '../plan/logical-plan.ts';
import { type AggregateLayout, aggregateLayout } from '../state/aggregate-layout.ts';
import type { AggregateStore } from '../state/aggregate-store.ts';
import { compileAddInPlace } from './add-in-place.ts';
import { type CompileContext, forEachPartition, SILENT } from './compile-context.ts';
import { compileExpression } from './expression.ts';
import { SYSTEM_ENVIRONMENT } from './function-environment.ts';

/** Compiles GROUP BY: the operator that fits its source and its window. */
export function compileAggregate(node: AggregateNode, context: CompileContext): Operator {
  const steps = node.aggregates.map((call) => compileStep(node, call, context));
  const aggregates = new AggregateSet(steps, compileAddInPlace(steps));
  const groupOf = compileGroup(node, context.log);
  const withBefore = node.grouping.having !== undefined && !node.final;
  if (node.window !== undefined)
    return compileWindowed(node, node.window, { aggregates, groupOf, withBefore }, context);
  const table = context.stores.openTable(node.store, layoutOf(node));
  const options = { groupOf, aggregates, table, withBefore, fold: context.entryFold };
  if (node.input.output === 'TABLE') {
    const ofTable = new TableAggregate(options);
    context.onAggregate(ofTable.results);
    return ofTable;
  }
  const ofStream = new StreamAggregate(options);
  context.onAggregate(ofStream.results);
  context.onKeyed(() => ofStream);
  return ofStream;
}

/**
 * What the tables of a plan's aggregate are made of, by the names of its stores; undefined for a store of another kind.
 */
export function aggregateLayouts({ root }: LogicalPlan): (store: string) => AggregateLayout | undefined {
  const node = root.input.kind === 'filter' ? root.input.input : root.input;
  if (node.kind !== 'aggregate' || node.window?.type === 'SESSION') return () => undefined;
  const layout = layoutOf(node);
  const { store } = node;
  return (name) => {
    const isTable = name === store || (name.startsWith(store) && PARTITION.test(name.slice(store.length)));
    return isTable ? layout : undefined;
  };
}

/** What a table holds of an aggregate that some other task may be changing: to be read, not to be added to. */
export function keptResults(node: AggregateNode, table: AggregateStore): AggregateResults {
  const aggregates = new AggregateSet(node.aggregates.map((call) => ({ aggregator: implement(call), args: [] })));
  const window = node.window && windowTimes(node.window, node.final);
  return new AggregateResults({ table, aggregates, windowMs: window?.sizeMs, withBefore: false });
}

/** What the name of a partition's store ends with. */
const PARTITION = /^-\d+$/;

function layoutOf(node: AggregateNode): AggregateLayout {
  const types = node.aggregates.map((call) => implement(call).stateType);
  return aggregateLayout(types, node.window !== undefined);
}

function compileWindowed(
  node: AggregateNode,
  window: QueryWindow,
  parts: Pick<WindowedAggregateOptions, 'aggregates' | 'groupOf' | 'withBefore'>,
  context: CompileContext,
): Operator {
  const { stores, orderOf, onLate, entryFold: fold, onAggregate, onKeyed } = context;
  const { sizeMs, graceMs, retentionMs } = windowTimes(window, node.final);
  const keyBytes = () => {
    const groupOf = compileGroup(node, SILENT);
    return ({ after }: Change) => {
      const key = after && groupOf(after);
      return key ? orderOf(key) : undefined;
    };
  };
  const common = { ...parts, final: node.final, orderOf, onLate };
  const times = { graceMs, retentionMs };
  const storeOf = (suffix: string) => `${node.store}${suffix}`;
  const timeStoreOf = (suffix: string) => stores.open(`${storeOf(suffix)}-time`);
  if (window.type === 'SESSION') {
    const windows = { gapMs: window.gapMs, ...times };
    return forEachPartition(context, node.store, keyBytes, (suffix) => {
      const timeStore = timeStoreOf(suffix);
      return new SessionAggregate({ ...common, timeStore, store: stores.open(storeOf(suffix)), windows });
    });
  }
  const windows = { sizeMs, advanceMs: window.type === 'HOPPING' ? window.advanceMs : sizeMs, ...times };
  const make = (suffix: string) => {
    const timeStore = timeStoreOf(suffix);
    const table = stores.openTable(storeOf(suffix), layoutOf(node));
    const operator = new WindowedAggregate({ ...common, timeStore, table, windows, fold });
    onAggregate(operator.results);
    return operator;
  };
  return forEachPartition(context, node.store, keyBytes, make, (partOf) =>
    onKeyed((key) => partOf(() => orderOf(key))),
  );
}

const implement = ({ overload, site, initArgs }: AggregateNode['aggregates'][number]): Aggregator =>
  overload.implement(site, initArgs, SYSTEM_ENVIRONMENT);

function compileStep(
  node: AggregateNode,
  call: AggregateNode['aggregates'][number],
  { log }: CompileContext,
): AggregateStep {
  const args = call.args.map((argument) =>
    compileExpression(argument, (cause, row) =>
      log.recordProcessingError(
        node.context,
        `Error computing expression ${argument.text} for ${call.text}`,
        cause,
        row,
      ),
    ),
  );
  return { aggregator: implement(call), args };
}

/** The group of a row; a NULL or failing expression leaves the row out, and the processing log says so. */
export function compileGroup(
  node: { readonly grouping: Pick<AggregateNode['grouping'], 'keys'> },
  log: ProcessingLog,
): GroupOf {
  const step = 'Aggregate/GroupBy';
  let failed = false;
  const parts = node.grouping.keys.map((key, index) =>
    compileExpression(key, (cause, row) => {
      failed = true;
      log.recordProcessingError(
        step,
        `Error calculating group-by column with index ${index}. The source row will be excluded from the table.`,
        cause,
        row,
      );
    }),
  );
  return (row: Row) => {
    const key = new Array(parts.length);
    for (let i = 0; i < parts.length; i++) {
      failed = false;
      const value = parts[i]!(row);
      if (value === null) {
        if (!failed)
          log.recordProcessingError(
            step,
            `Group-by column with index ${i} resolved to null. The source row will be excluded from the table.`,
            undefined,
            row,
          );
        return null;
      }
      key[i] = value;
    }
    return key;
  };
}
