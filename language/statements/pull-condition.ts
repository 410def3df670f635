import { AnalysisError } from '../analysis/analysis-error.ts';
import type { AnalyzedQuery } from '../analysis/analyzed.ts';
import type { Expression } from '../analysis/expression.ts';
import type { StatementContext } from '../analysis/statement-context.ts';
import { keyColumns } from '../types/schema.ts';

/** The comparisons of one alternative of a condition in disjunctive normal form. */
export type Conjunction = readonly Expression[];

/**
 * Brings the condition of a pull query on a table into disjunctive normal form: NOT moved to the leaves, BETWEEN and IN written
 * out (statements.md §4.10). An empty list of alternatives stands for no condition.
 *
 * @throws AnalysisError for what ksqlDB does not take in such a condition
 */
export function disjunctsOf(condition: Expression, negated = false): readonly Conjunction[] {
  switch (condition.kind) {
    case 'not':
      return disjunctsOf(condition.operand, !negated);
    case 'and':
    case 'or': {
      const left = disjunctsOf(condition.left, negated);
      const right = disjunctsOf(condition.right, negated);
      const isOr = (condition.kind === 'or') !== negated;
      return isOr ? [...left, ...right] : left.flatMap((a) => right.map((b) => [...a, ...b]));
    }
    case 'between':
      return disjunctsOf(betweenAsComparisons(condition), negated !== condition.negated);
    case 'in':
      return disjunctsOf(inAsComparisons(condition), negated !== condition.negated);
    case 'comparison':
    case 'like':
      return [[negated ? negate(condition) : condition]];
    default:
      throw new AnalysisError('pull-condition', `Unsupported expression in WHERE clause: ${condition.text}.`);
  }
}

type Of<K extends Expression['kind']> = Extract<Expression, { kind: K }>;

const compare = (operator: Of<'comparison'>['operator'], left: Expression, right: Expression): Of<'comparison'> => ({
  kind: 'comparison',
  operator,
  left,
  right,
  type: { kind: 'BOOLEAN' },
  text: `(${left.text} ${operator} ${right.text})`,
});

function betweenAsComparisons({ operand, low, high, type, text }: Of<'between'>): Expression {
  return { kind: 'and', left: compare('>=', operand, low), right: compare('<=', operand, high), type, text };
}

function inAsComparisons({ operand, list, type, text }: Of<'in'>): Expression {
  return list
    .map((item): Expression => compare('=', operand, item))
    .reduce((left, right) => ({ kind: 'or', left, right, type, text }));
}

const OPPOSITES = {
  '=': '<>',
  '<>': '=',
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
  'IS DISTINCT FROM': 'IS NOT DISTINCT FROM',
  'IS NOT DISTINCT FROM': 'IS DISTINCT FROM',
} as const;

function negate(condition: Of<'comparison'> | Of<'like'>): Expression {
  return condition.kind === 'like'
    ? { ...condition, negated: !condition.negated }
    : compare(OPPOSITES[condition.operator], condition.left, condition.right);
}

/** Checks the condition of a pull query on a table: its form, its window bounds, and, where scans are off, its keys. */
export function checkPullCondition(query: AnalyzedQuery, context: StatementContext): void {
  if (query.relation.kind !== 'source') return;
  const { source, layout } = query.relation;
  const scans = context.isEnabled('ksql.query.pull.table.scan.enabled');
  if (query.where === undefined) {
    if (!scans)
      throw new AnalysisError('pull-condition', `Missing WHERE clause.${SCAN_HELP}`, { range: context.statementRange });
    return;
  }
  const keys = keyColumns(source.schema).map(({ name }) => name);
  for (const conjunction of disjunctsOf(query.where)) {
    const roleOf = (expression: Expression) =>
      expression.kind === 'column' ? layout[expression.index]?.role : undefined;
    checkWindowBounds(conjunction, roleOf);
    const equal = conjunction.flatMap((part) => keyOf(part, roleOf));
    for (const { literal, name } of equal) {
      if (literal.kind === 'literal' && literal.value === null)
        throw new AnalysisError('pull-key-null', `Primary key columns can not be NULL: (${name} = null)`, {
          range: literal.range,
        });
    }
    if (scans) continue;
    const missing = keys.filter((key) => !equal.some(({ name }) => name === key));
    if (missing.length === 0) continue;
    const message =
      equal.length === 0
        ? `WHERE clause missing key column for disjunct: ${conjunction.map(({ text }) => text).join(' AND ')}`
        : `Multi-column sources must specify every key in the WHERE clause. Specified: [${equal.map(({ name }) => name).join(', ')}] Expected: [${keys.join(', ')}]`;
    throw new AnalysisError('pull-condition', message + SCAN_HELP, { range: context.statementRange });
  }
}

const SCAN_HELP =
  ' See https://cnfl.io/queries for more info.\nIf more flexible queries are needed, table scans can be enabled by setting ksql.query.pull.table.scan.enabled=true.';

type Role = string | undefined;

/** The key columns that a comparison binds with `=`. */
function keyOf(
  part: Expression,
  roleOf: (expression: Expression) => Role,
): readonly { readonly name: string; readonly literal: Expression }[] {
  if (part.kind !== 'comparison' || part.operator !== '=') return [];
  const [column, literal] = part.left.kind === 'column' ? [part.left, part.right] : [part.right, part.left];
  return column.kind === 'column' && roleOf(column) === 'key' ? [{ name: column.name, literal }] : [];
}

const BOUND_NAMES: Readonly<Record<string, string>> = {
  '=': 'EQUAL',
  '<>': 'NOT_EQUAL',
  '>': 'GREATER_THAN',
  '>=': 'GREATER_THAN_OR_EQUAL',
  '<': 'LESS_THAN',
  '<=': 'LESS_THAN_OR_EQUAL',
};

function checkWindowBounds(conjunction: Conjunction, roleOf: (expression: Expression) => Role): void {
  for (const [role, name] of [
    ['windowstart', 'WINDOWSTART'],
    ['windowend', 'WINDOWEND'],
  ] as const) {
    const bounds = conjunction.filter(
      (part): part is Of<'comparison'> =>
        part.kind === 'comparison' && (roleOf(part.left) === role || roleOf(part.right) === role),
    );
    const operators = bounds.map(({ operator }) => operator);
    const odd = operators.find((operator) => operator === '<>' || operator.startsWith('IS'));
    if (odd !== undefined)
      throw new AnalysisError('window-bounds', `Unsupported \`${name}\` bounds: ${BOUND_NAMES[odd] ?? odd}`, {
        range: bounds[0]!.range,
      });
    const twice = operators.find((operator, i) => operators.indexOf(operator) < i);
    if (twice !== undefined)
      throw new AnalysisError('window-bounds', `Duplicate \`${name}\` bounds on: ${BOUND_NAMES[twice]}`, {
        range: bounds[0]!.range,
      });
    if (operators.includes('=') && operators.length > 1) {
      throw new AnalysisError(
        'window-bounds',
        `\`${bounds.find(({ operator }) => operator === '=')!.text}\` cannot be combined with other \`${name}\` bounds`,
        { range: bounds[0]!.range },
      );
    }
  }
}
