import type { AggregateCall, Expression } from '../binding/expression.ts';
import { ExpressionIndex } from '../binding/expression-index.ts';
import { columnsOf, mapExpression, sameExpression } from '../binding/expression-tree.ts';
import { AnalysisError } from '../text/analysis-error.ts';
import type { Slot } from '../types/schema.ts';
import { BIGINT } from '../types/sql-type.ts';
import type { Grouping, QueryWindow, SelectItem } from './analyzed.ts';
import { isWindowBound } from './column-names.ts';

/**
 * While a grouped query is bound, what only exists after grouping stands in the row behind the slots of the input: the
 * window's bounds first, then one slot for each aggregate call.
 */
export const windowStartSlot = (inputLength: number): number => inputLength;
export const windowEndSlot = (inputLength: number): number => inputLength + 1;
export const aggregateSlot = (inputLength: number, call: number): number => inputLength + 2 + call;

export interface GroupingRequest {
  /** Slots of the row before grouping. */
  readonly inputLength: number;
  readonly keys: readonly Expression[];
  /** Name of each key in the result. */
  readonly keyNames: readonly string[];
  readonly aggregates: readonly AggregateCall[];
  readonly items: readonly SelectItem[];
  readonly having?: Expression;
  readonly window?: QueryWindow | undefined;
  readonly repartition: boolean;
}

export interface GroupedQuery {
  readonly grouping: Grouping;
  /** The select items over the row after grouping. */
  readonly items: readonly SelectItem[];
}

/**
 * Moves what follows GROUP BY onto the row after grouping: grouping expressions become its key slots, aggregate calls
 * the slots of their results.
 *
 * @throws AnalysisError when a select item or HAVING needs a column that is neither grouped nor aggregated
 */
export function groupQuery(request: GroupingRequest): GroupedQuery {
  const layout = groupedLayout(request);
  const keys = new ExpressionIndex<number>();
  for (const [i, key] of request.keys.entries()) keys.add(key, i);
  const items = request.items.map((item) => ({ item, regrouped: regroup(item.expression, request, keys, layout) }));
  const loose = items.filter(({ regrouped }) => regrouped === undefined).map(({ item }) => item);
  if (loose.length > 0) throw notGrouped(loose);
  const having = request.having && regroup(request.having, request, keys, layout);
  if (request.having && !having) throw havingNotGrouped(request.having, request);
  const grouping: Grouping = {
    keys: request.keys,
    ...(request.window ? { window: request.window } : {}),
    aggregates: request.aggregates,
    ...(having ? { having } : {}),
    layout,
    repartition: request.repartition,
  };
  return { grouping, items: items.map(({ item, regrouped }) => ({ ...item, expression: regrouped! })) };
}

/** A reference to a slot of the row after grouping. */
export function groupedColumn(layout: readonly Slot[], index: number, text: string): Expression {
  const { name, type } = layout[index]!;
  return { kind: 'column', index, name, type, text };
}

function groupedLayout({ keys, keyNames, aggregates, window }: GroupingRequest): readonly Slot[] {
  const slots: Slot[] = keys.map((key, i) => ({ name: keyNames[i]!, type: key.type, role: 'key' }));
  aggregates.forEach(({ type }, i) => {
    slots.push({ name: `KSQL_AGG_VARIABLE_${i}`, type, role: 'value' });
  });
  slots.push({ name: 'ROWTIME', type: BIGINT, role: 'rowtime' });
  if (window) {
    slots.push({ name: 'WINDOWSTART', type: BIGINT, role: 'windowstart' });
    slots.push({ name: 'WINDOWEND', type: BIGINT, role: 'windowend' });
  }
  return slots;
}

/** The expression over the row after grouping, or undefined if it needs a column that is not there any more. */
function regroup(
  expression: Expression,
  request: GroupingRequest,
  keys: ExpressionIndex<number>,
  layout: readonly Slot[],
): Expression | undefined {
  let complete = true;
  const result = mapExpression(expression, (part) => {
    const key = keys.get(part);
    if (key !== undefined) return groupedColumn(layout, key, part.text);
    if (part.kind !== 'column') return undefined;
    if (part.index < request.inputLength) {
      complete = false;
      return part;
    }
    return groupedColumn(layout, afterGrouping(part.index, request), part.text);
  });
  return complete ? result : undefined;
}

function afterGrouping(index: number, { inputLength, keys, aggregates }: GroupingRequest): number {
  const afterAggregates = keys.length + aggregates.length + 1;
  if (index === windowStartSlot(inputLength)) return afterAggregates;
  if (index === windowEndSlot(inputLength)) return afterAggregates + 1;
  return keys.length + (index - aggregateSlot(inputLength, 0));
}

function notGrouped(items: readonly SelectItem[]): AnalysisError {
  const message =
    `Non-aggregate SELECT expression(s) not part of GROUP BY: ${items.map(({ expression }) => expression.text).join(', ')}\n` +
    'Either add the column(s) to the GROUP BY or remove them from the SELECT.';
  return new AnalysisError('not-grouped', message, { range: items[0]!.range });
}

function havingNotGrouped(having: Expression, { keys, inputLength }: GroupingRequest): AnalysisError {
  const loose = columnsOf(having).filter(
    (column) => column.index < inputLength && !keys.some((key) => sameExpression(key, column)),
  );
  const message =
    `Non-aggregate HAVING expression not part of GROUP BY: ${loose.map(({ text }) => text).join(', ')}\n` +
    'Consider switching the HAVING clause to a WHERE clause before the GROUP BY.';
  return new AnalysisError('having-not-grouped', message, { range: loose[0]?.range ?? having.range });
}

/**
 * Refuses the bounds of the query's own window where there is no window yet: everywhere but in the SELECT list.
 *
 * @returns the expression
 */
export function withoutWindowBounds(expression: Expression, inputLength: number): Expression {
  mapExpression(expression, (part) => {
    if (part.kind === 'column' && isWindowBound(part.name) && part.index >= inputLength) {
      const message =
        `Window bounds column ${part.name} can only be used in the SELECT clause of windowed aggregations and ` +
        'can not be passed to aggregate functions.\nSee https://github.com/confluentinc/ksql/issues/4397';
      throw new AnalysisError('window-bounds', message, { range: part.range });
    }
    return undefined;
  });
  return expression;
}
