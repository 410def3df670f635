import { describe, expect, test } from 'vitest';
import type { AggregateCall, TableFunctionCall } from '../../../language/binding/expression.ts';
import { FUNCTIONS } from '../../../language/functions/catalogue.ts';
import type { FunctionDefinition, FunctionExample } from '../../../language/functions/function.ts';
import type { SqlValue } from '../../../language/types/sql-type.ts';
import { bindText } from '../binding/bind-fixture.ts';
import { COLUMNS, type Evaluated, evaluate, fixture, textOf } from './evaluate.ts';

/** What the examples of aggregates are over: columns name, quantity and quantities, then ROWTIME. */
const ROWS: readonly (readonly SqlValue[])[] = [
  ['a', 1, [1], 0],
  ['b', 2, [2], 1],
  ['a', 3, [3], 2],
];

const { compileExpression } = await import('../../../engine/compile/expression.ts');
const { SYSTEM_ENVIRONMENT } = await import('../../../engine/compile/function-environment.ts');

function aggregated({ call }: FunctionExample): Evaluated {
  const calls: AggregateCall[] = [];
  bindText(call, fixture, {}, calls);
  const [{ overload, site, args, initArgs, type }] = calls as [AggregateCall];
  const aggregator = overload.implement(site, initArgs, SYSTEM_ENVIRONMENT);
  const columns = args.map((arg) => compileExpression(arg, raise));
  const state = ROWS.reduce(
    (before, row) => aggregator.add(before, ...columns.map((column) => column(row as SqlValue[]))),
    aggregator.init(),
  );
  return { value: aggregator.result(state), type };
}

/** The first row that a table function gives. */
function firstRow({ call }: FunctionExample): Evaluated {
  const calls: TableFunctionCall[] = [];
  bindText(call, fixture, {
    onTableFunction: (found) => {
      calls.push(found);
      return { kind: 'column', index: 0, name: found.text, type: found.type, text: found.text };
    },
  });
  const [{ overload, site, args, type }] = calls as [TableFunctionCall];
  const values = args.map((arg) => (arg.kind === 'value' ? compileExpression(arg.expression, raise)([]) : null));
  return { value: overload.implement(site, SYSTEM_ENVIRONMENT)(...values)[0] ?? null, type };
}

const raise = (cause: unknown) => {
  throw cause;
};

function run(definition: FunctionDefinition, example: FunctionExample): Evaluated {
  switch (definition.kind) {
    case 'scalar':
      return evaluate(example.call);
    case 'aggregate':
      return aggregated(example);
    case 'table':
      return firstRow(example);
    default:
      return definition satisfies never;
  }
}

describe('the examples of the catalogue give what they say', () => {
  const examples = [...FUNCTIONS.values()].flatMap((definition) =>
    definition.examples.map((example) => [example.call, definition, example] as const),
  );

  test.each(examples)('%s', (_call, definition, example) => {
    expect(textOf(run(definition, example))).toBe(textOf(evaluate(example.result)));
  });
});

test('the catalogue is that of ksqlDB in number', () => {
  const counts = { scalar: 0, aggregate: 0, table: 0 };
  for (const { kind } of FUNCTIONS.values()) counts[kind]++;
  expect(counts).toEqual({ scalar: 129, aggregate: 18, table: 2 });
  expect(Object.keys(COLUMNS)).toHaveLength(3);
});
