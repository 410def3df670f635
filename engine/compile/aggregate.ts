import type { QueryWindow } from '../../language/query/analyzed.ts';
import { windowTimes } from '../../language/query/window-clauses.ts';
import { AggregateSet, type AggregateStep, type GroupOf } from '../operators/grouped-aggregate.ts';
import type { Change, Operator, ProcessingLog, Row } from '../operators/operator.ts';
import { SessionAggregate } from '../operators/session-aggregate.ts';
import { StreamAggregate } from '../operators/stream-aggregate.ts';
import { TableAggregate } from '../operators/table-aggregate.ts';
import { WindowedAggregate, type WindowedAggregateOptions } from '../operators/windowed-aggregate.ts';
import type { AggregateNode } from '../plan/logical-plan.ts';
import { type CompileContext, forEachPartition, SILENT } from './compile-context.ts';
import { compileExpression } from './expression.ts';
import { SYSTEM_ENVIRONMENT } from './function-environment.ts';

/** Compiles GROUP BY: the operator that fits its source and its window. */
export function compileAggregate(node: AggregateNode, context: CompileContext): Operator {
  const aggregates = new AggregateSet(node.aggregates.map((call) => compileStep(node, call, context)));
  const groupOf = compileGroup(node, context.log);
  const withBefore = node.grouping.having !== undefined && !node.final;
  if (node.window !== undefined)
    return compileWindowed(node, node.window, { aggregates, groupOf, withBefore }, context);
  const store = context.stores.open(node.store);
  return node.input.output === 'TABLE'
    ? new TableAggregate(groupOf, aggregates, store, withBefore)
    : new StreamAggregate(groupOf, aggregates, store, withBefore);
}

function compileWindowed(
  node: AggregateNode,
  window: QueryWindow,
  parts: Pick<WindowedAggregateOptions, 'aggregates' | 'groupOf' | 'withBefore'>,
  context: CompileContext,
): Operator {
  const { stores, orderOf, onLate } = context;
  const { sizeMs, graceMs, retentionMs } = windowTimes(window, node.final);
  const keyBytes = () => {
    const groupOf = compileGroup(node, SILENT);
    return ({ after }: Change) => {
      const key = after && groupOf(after);
      return key ? orderOf(key) : undefined;
    };
  };
  return forEachPartition(context, node.store, keyBytes, (suffix) => {
    const common = {
      ...parts,
      store: stores.open(`${node.store}${suffix}`),
      timeStore: stores.open(`${node.store}${suffix}-time`),
      final: node.final,
      orderOf,
      onLate,
    };
    const times = { graceMs, retentionMs };
    switch (window.type) {
      case 'SESSION':
        return new SessionAggregate({ ...common, windows: { gapMs: window.gapMs, ...times } });
      case 'TUMBLING':
        return new WindowedAggregate({ ...common, windows: { sizeMs, advanceMs: sizeMs, ...times } });
      case 'HOPPING':
        return new WindowedAggregate({ ...common, windows: { sizeMs, advanceMs: window.advanceMs, ...times } });
      default:
        return window satisfies never;
    }
  });
}

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
  return { aggregator: call.overload.implement(call.site, call.initArgs, SYSTEM_ENVIRONMENT), args };
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
