import type { AggregateCall, Expression } from '../../language/binding/expression.ts';
import { columnsOf, sameExpression } from '../../language/binding/expression-tree.ts';
import type { OutputColumn } from '../../language/query/analyzed.ts';
import type { Slot } from '../../language/types/schema.ts';
import type { AggregateNode } from './logical-plan.ts';
import { columnNames, keyFormatOf, leftmostSource, type SlotColumn, slotColumn } from './plan-columns.ts';
import { type Passage, passageThrough } from './repartition-topic.ts';

/** The name of the topic of a GROUP BY, without the application id. */
export const GROUPING_TOPIC = 'Aggregate-GroupBy-repartition';

/** Whether its rows go through a topic: those of a table always do. */
export const isRepartitioned = ({ grouping, input }: Pick<AggregateNode, 'grouping' | 'input'>): boolean =>
  grouping.repartition || input.output === 'TABLE';

/** What a GROUP BY is behind its topic, where its rows come with their group as their key. */
export interface GroupingPassage extends Passage {
  /** Both over the row of the source. */
  readonly keys: readonly Expression[];
  readonly aggregates: readonly AggregateCall[];
}

/**
 * The topic of a GROUP BY. Its values have the columns that ksqlDB's step Aggregate/Prepare gives: those of the
 * grouping expressions, of the aggregates and of WHERE, then the arguments that are no columns. Behind it, a row has
 * these, and then the key.
 */
export function groupingTopic(node: AggregateNode, applicationId: string): GroupingPassage {
  const { input, grouping } = node;
  const prepared = new PreparedColumns(columnNames(input));
  for (const key of grouping.keys) prepared.addColumnsOf(key);
  for (const { args } of node.aggregates) for (const argument of args) prepared.addColumnsOf(argument);
  for (let step = input; step.kind === 'filter'; step = step.input) prepared.addColumnsOf(step.predicate);
  const aggregates = node.aggregates.map((call) => prepared.call(call));
  const { columns } = prepared;
  const keyNames = groupNames(grouping.keys, columnNames(input));
  const keySlots = grouping.keys.map(({ type }, i): Slot => ({ name: keyNames[i]!, type, role: 'key' }));
  const passage = passageThrough({
    name: GROUPING_TOPIC,
    applicationId,
    step: 'Aggregate/GroupBy',
    formats: { keyFormat: keyFormatOf(input), valueFormat: leftmostSource(input).valueFormat },
    keyNames,
    repartition: { context: 'Aggregate/Prepare', input, keys: grouping.keys, columns, isGrouping: true },
    layout: [...columns.map(({ name, type }): Slot => ({ name, type, role: 'value' })), ...keySlots],
    needed: [...columns.map((_, i) => prepared.isArgument(i)), ...keySlots.map(() => true)],
    carriesOldRows: input.output === 'TABLE',
    row: {
      valueSlots: columns.map((_, i) => (prepared.isArgument(i) ? i : undefined)),
      keySlot: columns.length,
      copies: [],
    },
  });
  return { ...passage, keys: keySlots.map((slot, i) => slotColumn(columns.length + i, slot)), aggregates };
}

/** The columns of the prepared rows, as they are asked for. */
class PreparedColumns {
  readonly columns: OutputColumn[] = [];
  readonly #names: readonly string[];
  readonly #arguments = new Set<number>();

  /** @param names those of the columns before, by their slots */
  constructor(names: readonly string[]) {
    this.#names = names;
  }

  addColumnsOf(expression: Expression): void {
    for (const column of columnsOf(expression)) this.#place(column);
  }

  /** The call over the prepared rows. */
  call(call: AggregateCall): AggregateCall {
    const args = call.args.map((argument) => {
      const index = this.#place(argument);
      this.#arguments.add(index);
      return slotColumn(index, this.columns[index]!);
    });
    for (const [i, value] of call.initArgs.entries()) {
      const type = call.site.argumentTypes[args.length + i];
      if (type != null) this.#place({ kind: 'literal', value, type, text: String(value) });
    }
    return { ...call, args };
  }

  /** Whether an aggregate reads the column. */
  isArgument(index: number): boolean {
    return this.#arguments.has(index);
  }

  #place(expression: Expression): number {
    const name = expression.kind === 'column' ? this.#names[expression.index]! : undefined;
    const known = this.columns.findIndex((column) =>
      name === undefined ? sameExpression(column.expression, expression) : column.name === name,
    );
    if (known >= 0) return known;
    const { length } = this.columns;
    const { type } = expression;
    this.columns.push({ name: name ?? `KSQL_INTERNAL_COL_${length}`, type, expression });
    return length;
  }
}

/** A grouping column keeps its name, a field of a STRUCT has its own; other expressions are numbered. */
function groupNames(keys: readonly Expression[], names: readonly string[]): readonly string[] {
  const used = new Set<string>();
  const unused = (name: string | undefined): string => {
    for (let number = 0; name === undefined || used.has(name); number++) name = `KSQL_COL_${number}`;
    used.add(name);
    return name;
  };
  return keys.map((key) =>
    unused(key.kind === 'column' ? names[(key as SlotColumn).index] : key.kind === 'field' ? key.name : undefined),
  );
}
