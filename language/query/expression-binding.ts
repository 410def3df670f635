import type { BindContext } from '../binding/bind-context.ts';
import { bindExpression as bindTyped } from '../binding/binder.ts';
import type { AggregateCall, Expression, TableFunctionCall } from '../binding/expression.ts';
import type { ErrorCode } from '../diagnostics/diagnostic-codes.ts';
import type * as ast from '../generated/ast.ts';
import { AnalysisError } from '../text/analysis-error.ts';
import { BOOLEAN, typeToString } from '../types/sql-type.ts';
import type { AggregateCalls } from './aggregate-calls.ts';
import type { RowScope } from './row-scope.ts';
import type { StatementContext } from './statement-context.ts';

export interface BindOptions {
  /** How messages call the place of the expression: SELECT, WHERE, GROUP BY … */
  readonly clause: string;
  /** The expression is WHERE or HAVING: it must be BOOLEAN, and texts compared with times are timestamps. */
  readonly condition?: boolean;
  /** Collects the aggregate calls; where it is absent, aggregates cannot be called. */
  readonly aggregates?: AggregateCalls;
  /** Collects the calls of table functions. */
  readonly tableFunctions?: TableFunctionCall[];
}

/**
 * The typed form of an expression of a query. Aggregates and table functions become columns behind the row of the FROM
 * clause.
 *
 * @throws AnalysisError for whatever is wrong with it
 */
export function bindExpression(
  node: ast.Expression,
  scope: RowScope,
  context: StatementContext,
  options: BindOptions,
): Expression {
  const { clause, condition, aggregates, tableFunctions } = options;
  const bindContext: BindContext = {
    functions: context.functions,
    types: context.metastore.types,
    lambdas: context.isEnabled('ksql.lambdas.enabled'),
    properties: context.settings.properties,
    ...(condition ? { timestampLiterals: true } : {}),
    ...(aggregates ? { onAggregate: (call) => aggregateColumn(call, aggregates, scope) } : {}),
    ...(tableFunctions ? { onTableFunction: (call) => tableFunctionColumn(call, tableFunctions, scope) } : {}),
    onTyped: (typed, expression) => context.expressions.set(typed, expression),
  };
  const bind = () => bindTyped(node, scope.with({ clause }), bindContext);
  return condition ? bindCondition(node, clause, bind) : bind();
}

/** WHERE and HAVING: faults say which clause they are in, and the result is a BOOLEAN. */
function bindCondition(node: ast.Expression, clause: string, bind: () => Expression): Expression {
  const condition = inClause(clause, bind);
  if (condition.type.kind === BOOLEAN.kind) return condition;
  const message =
    `Type error in ${clause} expression: Should evaluate to boolean but is ${condition.text} ` +
    `(${typeToString(condition.type)}) instead.`;
  throw new AnalysisError('condition-not-boolean', message, { node });
}

/** Codes of faults whose message names the clause already. */
const CLAUSE_IN_MESSAGE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'unknown-column',
  'ambiguous-column',
  'unknown-qualifier',
  'invalid-timestamp',
  'window-bounds',
]);

function inClause(clause: string, bind: () => Expression): Expression {
  try {
    return bind();
  } catch (error) {
    if (!(error instanceof AnalysisError) || CLAUSE_IN_MESSAGE.has(error.code)) throw error;
    throw new AnalysisError(error.code, `Error in ${clause} expression: ${error.message}`, {
      range: error.range,
      fixes: error.fixes,
      stage: error.stage,
    });
  }
}

function aggregateColumn(call: AggregateCall, aggregates: AggregateCalls, scope: RowScope): Expression {
  const { text, type } = call;
  return { kind: 'column', index: scope.aggregateSlot(aggregates.add(call)), name: text, type, text };
}

function tableFunctionColumn(call: TableFunctionCall, calls: TableFunctionCall[], scope: RowScope): Expression {
  const { text, type } = call;
  return { kind: 'column', index: scope.width + calls.push(call) - 1, name: text, type, text };
}
