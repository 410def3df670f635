import type { Expression } from '../binding/expression.ts';
import { columnsOf, mapExpression, withoutImplicitCast } from '../binding/expression-tree.ts';
import { numberLiteral } from '../binding/literals.ts';
import { AnalysisError } from '../text/analysis-error.ts';
import type { TextRange } from '../text/text-range.ts';
import { coercerFor } from '../types/coerce.ts';
import { type Column, columnToString, keyColumns, type Slot } from '../types/schema.ts';
import { backQuoted, isNumeric, type SqlType, typeToString } from '../types/sql-type.ts';
import type { AnalyzedQuery } from './analyzed.ts';
import type { StatementContext } from './statement-context.ts';

/** The comparisons of one alternative of a condition in disjunctive normal form. */
export type Conjunction = readonly Expression[];

/**
 * Brings the condition of a pull query on a table into disjunctive normal form: NOT moved to the leaves, BETWEEN and IN
 * written out (statements.md §4.10). An empty list of alternatives stands for no condition. ksqlDB takes comparisons
 * and LIKE at the leaves, and NOT before LIKE alone.
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
    case 'comparison': {
      // IS NOT DISTINCT FROM is NOT before IS DISTINCT FROM to ksqlDB.
      const hasNot = condition.operator === 'IS NOT DISTINCT FROM';
      const plain = hasNot ? compare('IS DISTINCT FROM', condition.left, condition.right) : condition;
      if (hasNot !== negated) throw unsupported(`(NOT ${plain.text})`, condition);
      return [[plain]];
    }
    case 'like':
      return [[negated ? { ...condition, negated: !condition.negated } : condition]];
    default:
      throw unsupported(condition.text, condition);
  }
}

function unsupported(text: string, { range }: Expression): AnalysisError {
  return new AnalysisError('pull-condition', `Unsupported expression in WHERE clause: ${text}.${helpFor(false)}`, {
    range,
  });
}

/** What ksqlDB adds to every refusal of a condition. */
function helpFor(isWindowed: boolean): string {
  const bounds = isWindowed
    ? '\n - (optionally) limits the time bounds of the windowed table.\n\t Bounds on [`WINDOWSTART`, `WINDOWEND`] are supported' +
      '\n\t Supported operators are [EQUAL, GREATER_THAN, GREATER_THAN_OR_EQUAL, LESS_THAN, LESS_THAN_OR_EQUAL]'
    : '';
  return (
    '  See https://cnfl.io/queries for more info.\nAdd EMIT CHANGES if you intended to issue a push query.\n' +
    'Pull queries require a WHERE clause that:\n' +
    ' - includes a key equality expression, e.g. `SELECT * FROM X WHERE <key-column> = Y;`.\n' +
    ' - in the case of a multi-column key, is a conjunction of equality expressions that cover all key columns.\n' +
    ' - to support range expressions, e.g.,  SELECT * FROM X WHERE <key-column> < Y;`, range scans need to be enabled by ' +
    `setting ksql.query.pull.range.scan.enabled=true${bounds}\n` +
    'If more flexible queries are needed, , table scans can be enabled by setting ksql.query.pull.table.scan.enabled=true.'
  );
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
  // The binder brings operand and list to one type; the key is compared by its own.
  const own = withoutImplicitCast(operand);
  return list
    .map((item): Expression => compare('=', own, withoutImplicitCast(item)))
    .reduce((left, right) => ({ kind: 'or', left, right, type, text }));
}

/**
 * Checks the condition of a pull query on a table: its form, its window bounds, its keys, and, where scans of tables
 * are off, that it says which rows to look up.
 *
 * @param range where the condition stands
 */
export function checkPullCondition(query: AnalyzedQuery, range: TextRange, context: StatementContext): void {
  if (query.relation.kind !== 'source') return;
  const { source, layout } = query.relation;
  const settings: PullSettings = {
    keys: keyColumns(source.schema),
    layout,
    isWindowed: source.window !== undefined,
    scans: context.isEnabled('ksql.query.pull.table.scan.enabled'),
    ranges: context.isEnabled('ksql.query.pull.range.scan.enabled'),
    range,
  };
  if (query.where === undefined) {
    if (!settings.scans) throw refusal('Missing WHERE clause.', settings);
    return;
  }
  const disjuncts = disjunctsOf(query.where);
  for (const conjunction of disjuncts) {
    for (const part of conjunction) if (part.kind === 'like') checkPattern(part, settings);
    const comparisons = conjunction.filter((part) => part.kind === 'comparison').map(columnFirst);
    if (!settings.scans) checkLookup(conjunction, comparisons, settings);
    checkWindowBounds(comparisons, settings);
    for (const comparison of comparisons) {
      if (roleOf(comparison.left, settings) === 'key') checkKeyValue(comparison, settings);
    }
  }
  if (!settings.scans && !isLookup(disjuncts, settings)) {
    const reason = 'Query requires table scan to be enabled.';
    const advice = 'Table scans can be enabled by setting ksql.query.pull.table.scan.enabled=true';
    throw new AnalysisError('pull-condition', `${reason} ${advice}`, { range });
  }
}

interface PullSettings {
  readonly keys: readonly Column[];
  readonly layout: readonly Slot[];
  readonly isWindowed: boolean;
  readonly scans: boolean;
  readonly ranges: boolean;
  readonly range: TextRange;
}

const refusal = (reason: string, { isWindowed, range }: PullSettings, at: TextRange | undefined = range) =>
  new AnalysisError('pull-condition', reason + helpFor(isWindowed), { range: at });

const roleOf = (expression: Expression, { layout }: PullSettings): Slot['role'] | undefined =>
  expression.kind === 'column' ? layout[expression.index]?.role : undefined;

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

/** A key is compared with a value that its type holds, and never with NULL. */
function checkKeyValue({ left, right, operator }: Of<'comparison'>, { keys }: PullSettings): void {
  const value = withoutImplicitCast(right);
  if (left.kind !== 'column' || columnsOf(value).length > 0 || UNEQUAL.has(operator)) return;
  const { range } = right;
  if (value.kind !== 'literal') {
    if (coercerFor(value.type, left.type, 'STRICT') !== undefined) return;
    const message = `Expected type ${typeToString(left.type)} for field ${backQuoted(left.name)} but got ${typeToString(value.type)}`;
    throw new AnalysisError('pull-key-type', message, { range });
  }
  if (value.value === null) {
    const message = `Primary key columns can not be NULL: (${left.name} = null)`;
    throw new AnalysisError('pull-key-null', message, { range });
  }
  const writtenAsText = value.text.startsWith("'");
  if (writtenAsText ? !(isNumeric(left.type) || left.type.kind === 'BOOLEAN') : holds(left.type, asWritten(value)))
    return;
  const column = columnToString(keys.find(({ name }) => name === left.name)!).replaceAll('`', '');
  const text = writtenAsText ? value.text : `'${value.text}'`;
  const message = `${text} can not be converted to the type of the key column: ${column}`;
  throw new AnalysisError('pull-key-type', message, { range });
}

/** A number with the type that its own text has, which it loses beside others in a list. */
function asWritten(literal: Of<'literal'>): Expression {
  return isNumeric(literal.type) ? withoutImplicitCast(numberLiteral(literal.text, {})) : literal;
}

function holds(type: SqlType, literal: Expression): boolean {
  if (literal.kind !== 'literal') return true;
  const coerce = coercerFor(literal.type, type, 'STRICT');
  if (coerce === undefined) return false;
  try {
    coerce(literal.value);
    return true;
  } catch {
    return false;
  }
}

/**
 * ksqlDB interprets the expressions of pull queries, and takes LIKE for a STRING where AND or OR has it.
 *
 * @throws AnalysisError for such a LIKE, while the interpreter is on
 */
export function checkInterpreted(expression: Expression, context: StatementContext): void {
  if (!context.isEnabled('ksql.query.pull.interpreter.enabled')) return;
  mapExpression(expression, (part) => {
    if (part.kind !== 'and' && part.kind !== 'or') return undefined;
    const types = [part.left, part.right].map((side) => (isLike(side) ? 'STRING' : 'BOOLEAN'));
    if (!types.includes('STRING')) return undefined;
    const message =
      `Invalid expression: Logical binary expects two boolean values. Actual ${types.join(' and ')}. expression: ${part.text}\n` +
      'A pull query takes LIKE alone, or with ksql.query.pull.interpreter.enabled=false.';
    throw new AnalysisError('pull-like', message, { range: part.range });
  });
}

const isLike = (expression: Expression): boolean =>
  expression.kind === 'like' || (expression.kind === 'not' && isLike(expression.operand));

const UNEQUAL: ReadonlySet<string> = new Set(['<>', 'IS DISTINCT FROM']);

function checkPattern({ operand, pattern }: Of<'like'>, settings: PullSettings): void {
  if (operand.kind === 'column' && pattern.kind !== 'literal' && pattern.kind !== 'column') {
    throw refusal('Like condition on a pattern that is neither a text nor a column.', settings, pattern.range);
  }
  if (!settings.scans && operand.kind !== 'column') throw refusal('Like condition must be between strings.', settings);
}

/** Where scans are off, an alternative must say which keys, or which range of keys, to look up. */
function checkLookup(conjunction: Conjunction, comparisons: readonly Of<'comparison'>[], settings: PullSettings): void {
  const { keys } = settings;
  const names = new Set<string>();
  for (const { left, right, operator } of comparisons) {
    if (left.kind !== 'column') throw refusal('A comparison must directly reference a key column.', settings);
    if (columnsOf(right).length > 0) {
      throw refusal('A comparison must be between a key column and a resolvable expression.', settings);
    }
    if (roleOf(left, settings) !== 'key') continue;
    if (UNEQUAL.has(operator)) {
      const expected = keys.map(columnToString).join(', ');
      throw refusal(`Bound on key columns '[${expected}]' must currently be '='.`, settings);
    }
    if (names.has(left.name)) {
      const reason =
        'A comparison condition on the key column cannot be combined with other comparisons such as an IN predicate';
      throw refusal(`${reason}.`, settings);
    }
    names.add(left.name);
  }
  if (names.size === 0) {
    const disjunct = conjunction.map(({ text }) => text).join(' AND ');
    throw refusal(`WHERE clause missing key column for disjunct: ${disjunct}.`, settings);
  }
  if (names.size < keys.length) {
    const expected = keys.map(columnToString).join(', ');
    const reason =
      'Multi-column sources must specify every key in the WHERE clause. ' +
      `Specified: [${[...names].map(backQuoted).join(', ')}] Expected: [${expected}].`;
    throw refusal(reason, settings);
  }
}

/** Whether the rows are found by key: by equality in every alternative, or by one range of a table without windows. */
function isLookup(disjuncts: readonly Conjunction[], settings: PullSettings): boolean {
  const keyed = (conjunction: Conjunction) =>
    conjunction
      .filter((part) => part.kind === 'comparison')
      .map(columnFirst)
      .filter(({ left }) => roleOf(left, settings) === 'key');
  if (disjuncts.every((conjunction) => keyed(conjunction).every(({ operator }) => operator === '='))) return true;
  return (
    disjuncts.length === 1 && settings.ranges && !settings.isWindowed && isKeyRange(keyed(disjuncts[0]!), settings)
  );
}

/** A range of the only key, of a type whose bytes sort as its values do. */
function isKeyRange(onKeys: readonly Of<'comparison'>[], { keys }: PullSettings): boolean {
  const { kind } = keys[0]!.type;
  return onKeys.length === 1 && keys.length === 1 && (kind === 'STRING' || kind === 'BYTES');
}

const BOUND_NAMES: Readonly<Record<string, string>> = {
  '=': 'EQUAL',
  '<>': 'NOT_EQUAL',
  '>': 'GREATER_THAN',
  '>=': 'GREATER_THAN_OR_EQUAL',
  '<': 'LESS_THAN',
  '<=': 'LESS_THAN_OR_EQUAL',
  'IS DISTINCT FROM': 'IS_DISTINCT_FROM',
};

const BOUND_TYPES: ReadonlySet<string> = new Set(['INTEGER', 'BIGINT', 'STRING']);

/** Each bound of a window is given once: by equality, or from below and from above. */
function checkWindowBounds(comparisons: readonly Of<'comparison'>[], settings: PullSettings): void {
  for (const [role, name] of [
    ['windowstart', '`WINDOWSTART`'],
    ['windowend', '`WINDOWEND`'],
  ] as const) {
    const bounds = comparisons.filter(({ left }) => roleOf(left, settings) === role);
    const seen = new Map<string, string>();
    for (const { operator, right, text, range } of bounds) {
      const fail = (reason: string) =>
        new AnalysisError('pull-window-bounds', reason + helpFor(settings.isWindowed), { range });
      if (UNEQUAL.has(operator)) throw fail(`Unsupported ${name} bounds: ${BOUND_NAMES[operator]}.`);
      if (columnsOf(right).length > 0) continue;
      if (!BOUND_TYPES.has(right.type.kind))
        throw fail('Window bounds must resolve to an INT, BIGINT, or STRING containing a datetime..');
      const twice = seen.get(operator[0]!);
      if (twice !== undefined) throw fail(`Duplicate ${name} bounds on: ${BOUND_NAMES[twice]}.`);
      if (seen.size > 0 && (operator === '=' || seen.has('=')))
        throw fail(`\`${text}\` cannot be combined with other ${name} bounds.`);
      seen.set(operator[0]!, operator);
    }
  }
}
