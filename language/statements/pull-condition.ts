import { AnalysisError } from '../analysis/analysis-error.ts';
import type { AnalyzedQuery } from '../analysis/analyzed.ts';
import type { Expression, TextRange } from '../analysis/expression.ts';
import { columnsOf } from '../analysis/expression-tree.ts';
import type { StatementContext } from '../analysis/statement-context.ts';
import { type Column, columnToString, keyColumns } from '../types/schema.ts';
import { isNumeric } from '../types/sql-type.ts';

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
      throw new AnalysisError('pull-condition', `Unsupported expression in WHERE clause: ${condition.text}.`, {
        range: condition.range,
      });
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

/**
 * Checks the condition of a pull query on a table: its form, its window bounds, its keys.
 *
 * @param range where the condition stands
 */
export function checkPullCondition(query: AnalyzedQuery, range: TextRange, context: StatementContext): void {
  if (query.relation.kind !== 'source') return;
  const { source, layout } = query.relation;
  const settings = {
    keys: keyColumns(source.schema),
    scans: context.isEnabled('ksql.query.pull.table.scan.enabled'),
    ranges: context.isEnabled('ksql.query.pull.range.scan.enabled'),
    range,
  };
  if (query.where === undefined) {
    if (!settings.scans) throw needsScan('Missing WHERE clause.', settings);
    return;
  }
  const roleOf = (expression: Expression) =>
    expression.kind === 'column' ? layout[expression.index]?.role : undefined;
  for (const conjunction of disjunctsOf(query.where)) {
    checkWindowBounds(conjunction, roleOf);
    const comparisons = conjunction.filter((part) => part.kind === 'comparison').map(columnFirst);
    const onKeys = comparisons.filter(({ left }) => roleOf(left) === 'key');
    for (const comparison of onKeys) checkKeyValue(comparison, settings);
    if (!settings.scans) checkLookup(conjunction, comparisons, onKeys, settings);
  }
}

interface PullSettings {
  readonly keys: readonly Column[];
  readonly scans: boolean;
  readonly ranges: boolean;
  readonly range: TextRange;
}

const SCAN_HELP =
  ' See https://cnfl.io/queries for more info.\nIf more flexible queries are needed, table scans can be enabled by setting ' +
  'ksql.query.pull.table.scan.enabled=true.';

const needsScan = (reason: string, { range }: PullSettings): AnalysisError =>
  new AnalysisError('pull-condition', reason + SCAN_HELP, { range });

const MIRRORED = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
  'IS DISTINCT FROM': 'IS DISTINCT FROM',
  'IS NOT DISTINCT FROM': 'IS NOT DISTINCT FROM',
} as const;

/** The comparison with the column, where there is one, on its left. The text stays as it is written. */
function columnFirst(comparison: Of<'comparison'>): Of<'comparison'> {
  const { left, right, operator } = comparison;
  return left.kind === 'column' || right.kind !== 'column'
    ? comparison
    : { ...comparison, left: right, right: left, operator: MIRRORED[operator] };
}

/** A key is compared with a value of its own type, and never with NULL. */
function checkKeyValue({ left, right, operator }: Of<'comparison'>, { keys }: PullSettings): void {
  if (right.kind !== 'literal' || left.kind !== 'column') return;
  const { range } = right;
  if (right.value === null && operator === '=') {
    const message = `Primary key columns can not be NULL: (${left.name} = null)`;
    throw new AnalysisError('pull-key-null', message, { range });
  }
  const writtenAsText = right.text.startsWith("'");
  if (!writtenAsText || !(isNumeric(left.type) || left.type.kind === 'BOOLEAN')) return;
  const column = columnToString(keys.find(({ name }) => name === left.name)!).replaceAll('`', '');
  const message = `${right.text} can not be converted to the type of the key column: ${column}`;
  throw new AnalysisError('pull-key-type', message, { range });
}

/** Where scans are off, an alternative must say which keys, or which range of keys, to look up. */
function checkLookup(
  conjunction: Conjunction,
  comparisons: readonly Of<'comparison'>[],
  onKeys: readonly Of<'comparison'>[],
  settings: PullSettings,
): void {
  const { keys } = settings;
  if (comparisons.some(({ left }) => left.kind !== 'column')) {
    throw needsScan('A comparison must directly reference a key column.', settings);
  }
  if (onKeys.some(({ right }) => columnsOf(right).length > 0)) {
    throw needsScan('A comparison must be between a key column and a resolvable expression.', settings);
  }
  const names = onKeys.map(({ left }) => (left as Of<'column'>).name);
  if (new Set(names).size < names.length) {
    const reason =
      'A comparison condition on the key column cannot be combined with other comparisons such as an IN predicate';
    throw needsScan(reason, settings);
  }
  if (names.length === 0) {
    const disjunct = conjunction.map(({ text }) => text).join(' AND ');
    throw needsScan(`WHERE clause missing key column for disjunct: ${disjunct}`, settings);
  }
  if (names.length < keys.length) {
    const expected = keys.map(columnToString).join(', ');
    const reason =
      'Multi-column sources must specify every key in the WHERE clause. ' +
      `Specified: [${names.join(', ')}] Expected: [${expected}].`;
    throw needsScan(reason, settings);
  }
  if (onKeys.every(({ operator }) => operator === '=') || isKeyRange(onKeys, settings)) return;
  throw needsScan('Query requires table scan to be enabled', settings);
}

/** A range of the only key, of a type whose bytes sort as its values do. */
function isKeyRange([first]: readonly Of<'comparison'>[], { keys, ranges }: PullSettings): boolean {
  const { kind } = keys[0]!.type;
  const sorted = kind === 'STRING' || kind === 'BYTES';
  return ranges && keys.length === 1 && sorted && ['<', '<=', '>', '>='].includes(first!.operator);
}

type Role = string | undefined;

const BOUND_NAMES: Readonly<Record<string, string>> = {
  '=': 'EQUAL',
  '<>': 'NOT_EQUAL',
  '>': 'GREATER_THAN',
  '>=': 'GREATER_THAN_OR_EQUAL',
  '<': 'LESS_THAN',
  '<=': 'LESS_THAN_OR_EQUAL',
};

const BOUND_TYPES: ReadonlySet<string> = new Set(['INTEGER', 'BIGINT', 'STRING']);

function checkWindowBounds(conjunction: Conjunction, roleOf: (expression: Expression) => Role): void {
  const comparisons = conjunction.filter((part) => part.kind === 'comparison').map(columnFirst);
  for (const [role, name] of [
    ['windowstart', '`WINDOWSTART`'],
    ['windowend', '`WINDOWEND`'],
  ] as const) {
    const bounds = comparisons.filter(({ left }) => roleOf(left) === role);
    const operators = bounds.map(({ operator }) => operator);
    const fail = (message: string) => new AnalysisError('pull-window-bounds', message, { range: bounds[0]!.range });
    const odd = operators.find((operator) => operator === '<>' || operator.startsWith('IS'));
    if (odd !== undefined) throw fail(`Unsupported ${name} bounds: ${BOUND_NAMES[odd] ?? odd}`);
    const twice = operators.find((operator, i) => operators.indexOf(operator) < i);
    if (twice !== undefined) throw fail(`Duplicate ${name} bounds on: ${BOUND_NAMES[twice]}`);
    if (bounds.some(({ right }) => !BOUND_TYPES.has(right.type.kind)))
      throw fail('Window bounds must resolve to an INT, BIGINT, or STRING containing a datetime.');
    const equality = bounds.find(({ operator }) => operator === '=');
    if (equality && bounds.length > 1) {
      throw fail(`\`${equality.text}\` cannot be combined with other ${name} bounds`);
    }
  }
}
