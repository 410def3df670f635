import type { Expression } from '../binding/expression.ts';
import { shiftColumns } from '../binding/expression-tree.ts';
import type * as ast from '../generated/ast.ts';
import type { DataSource } from '../metastore/metastore.ts';
import { AnalysisError } from '../text/analysis-error.ts';
import type { QuickFix } from '../text/diagnostic.ts';
import type { TextRange } from '../text/text-range.ts';
import { rowLayout } from '../types/schema.ts';
import type { JoinType } from './analyzed.ts';
import { bindExpression } from './expression-binding.ts';
import { checkNotYetJoined, type JoinClause, type JoinTree, joinSource, treeOfSource } from './join-planning.ts';
import { RowScope } from './row-scope.ts';
import type { StatementContext } from './statement-context.ts';
import { analyzeWithin } from './window-clauses.ts';

/** A source of a FROM clause, found in the metastore. */
interface FoundSource {
  readonly node: ast.AliasedSource;
  readonly source: DataSource;
  readonly alias: string;
  /** The join that adds it; absent for the first. */
  readonly join?: ast.Join;
}

/**
 * The FROM clause: its sources and joins. Undefined when a source, or its columns, cannot be known without a
 * connection; that has been reported then, and nothing else can be said of the query.
 *
 * @throws AnalysisError for unknown sources and unsupported joins
 */
export function analyzeRelation(from: ast.Relation, context: StatementContext): JoinTree | undefined {
  const found = flattenRelation(from).map(({ node, join }) => {
    const source = context.findSource(node.name, { node, property: 'name' }, `${node.name} does not exist.`);
    return source && { node, source, alias: node.alias ?? node.name, ...(join ? { join } : {}) };
  });
  const sources: readonly FoundSource[] = found.flatMap((entry) =>
    entry === undefined || entry.source.incomplete ? [] : [entry],
  );
  if (sources.length < found.length) return undefined;
  checkAliases(sources);
  if (sources.length > 1) rejectKafkaValues(sources, 'JOIN');
  const [first, ...joined] = sources;
  const tree = treeOfSource(
    first!.source,
    first!.alias,
    rowLayout(first!.source.schema, first!.source.window !== undefined),
  );
  return joined.reduce((left, next) => addJoin(left, next, sources, context), tree);
}

/** The sources of a FROM clause in the order in which they are written. */
export function flattenRelation(
  relation: ast.Relation,
): readonly { readonly node: ast.AliasedSource; readonly join?: ast.Join }[] {
  if (relation.$type === 'AliasedSource') return [{ node: relation }];
  return [...flattenRelation(relation.left), { node: relation.right, join: relation }];
}

function checkAliases(sources: readonly FoundSource[]): void {
  const seen = new Map<string, FoundSource>();
  for (const entry of sources) {
    const earlier = seen.get(entry.alias);
    if (earlier && earlier.source.name !== entry.source.name) {
      const message = `Duplicate alias '${entry.alias}': each source of a query needs an alias of its own.`;
      throw new AnalysisError('duplicate-alias', message, { node: entry.node });
    }
    seen.set(entry.alias, entry);
  }
}

/** The KAFKA value format cannot carry what joins and groupings write between their steps. */
export function rejectKafkaValues(
  sources: readonly { readonly source: DataSource; readonly alias: string }[],
  clause: 'JOIN' | 'GROUP BY',
  range?: TextRange,
): void {
  const names = sources.filter(({ source }) => source.valueFormat.name === 'KAFKA').map(({ alias }) => alias);
  if (names.length === 0) return;
  const message =
    `Source(s) ${names.join(', ')} are using the 'KAFKA' value format. This format does not yet support ${clause}.\n` +
    'The KAFKA format is primarily intended for use as a key format. It can be used as a value format, but can not be used in ' +
    'any operation that requires a repartition or changelog topic.\n' +
    "Read the source(s) into another format first: CREATE STREAM … WITH (VALUE_FORMAT='JSON') AS SELECT * FROM …";
  throw new AnalysisError('kafka-value-format', message, { range });
}

function addJoin(left: JoinTree, next: FoundSource, all: readonly FoundSource[], context: StatementContext): JoinTree {
  const join = next.join!;
  const range = joinRange(join, context);
  checkNotYetJoined(left, next.source, range);
  const layout = rowLayout(next.source.schema, next.source.window !== undefined);
  const on = equalityOf(join.criteria, left, next, all, context);
  const clause: JoinClause = {
    type: joinType(join),
    source: next.source,
    alias: next.alias,
    layout,
    on,
    ...(join.within ? { within: analyzeWithin(join.within) } : {}),
    range,
    undeclaredKeys: context.settings.dialect === '2018',
  };
  return joinSource(left, clause);
}

function joinType(join: ast.Join): JoinType {
  const [first] = (join.type ?? 'INNER').toUpperCase().split(/\s+/);
  return first as JoinType;
}

/** From the joined source to the end of the join. */
function joinRange(join: ast.Join, context: StatementContext): TextRange {
  return { start: context.rangeOf(join.right).start, end: context.rangeOf(join).end };
}

/** The two sides of ON, over the left row and then the joined source. */
function equalityOf(
  criteria: ast.Expression,
  left: JoinTree,
  next: FoundSource,
  all: readonly FoundSource[],
  context: StatementContext,
): JoinClause['on'] {
  const range = context.rangeOf(criteria);
  const scope = new RowScope(treeWith(left, next));
  const bind = (node: ast.Expression): Expression => bindExpression(node, scope, context, { clause: 'JOIN ON' });
  const condition = withoutParentheses(criteria);
  if (condition.$type === 'LogicalExpression') {
    const message = `Invalid join condition: joins on multiple conditions are not yet supported. Got ${bind(condition).text}.`;
    throw new AnalysisError('join-condition', message, { range });
  }
  if (condition.$type !== 'Comparison') {
    throw new AnalysisError('join-condition', `Unsupported join expression: ${bind(condition).text}`, { range });
  }
  if (condition.operator !== '=') {
    throw new AnalysisError('join-condition', 'Only equality join criteria is supported.', { range });
  }
  try {
    return { left: bind(condition.left), right: bind(condition.right), range };
  } catch (error) {
    throw withAliasFix(error, all, context);
  }
}

const withoutParentheses = (node: ast.Expression): ast.Expression =>
  node.$type === 'Parenthesized' ? withoutParentheses(node.expression) : node;

/** A tree that has the next source beside the left row, only to find names in. */
function treeWith(left: JoinTree, { source, alias }: FoundSource): JoinTree {
  const layout = rowLayout(source.schema, source.window !== undefined);
  const offset = left.relation.layout.length;
  const right = treeOfSource(source, alias, layout);
  const relation = { ...right.relation, layout: [...left.relation.layout, ...layout] };
  const keyEquivalents = right.keyEquivalents.map((key) => shiftColumns(key, offset));
  return { ...right, relation, sources: [...left.sources, { source, alias, layout, offset }], keyEquivalents };
}

/**
 * A qualifier that names no source, where sources have no alias and one of them begins with it, looks like a forgotten
 * alias: offers to add the aliases.
 */
function withAliasFix(error: unknown, all: readonly FoundSource[], context: StatementContext): unknown {
  if (!(error instanceof AnalysisError) || error.code !== 'unknown-qualifier') return error;
  const { subject: qualifier = '' } = error;
  const edits = all.flatMap(({ node, source }) => {
    if (node.alias !== undefined || qualifier.length >= source.name.length) return [];
    const { end } = context.rangeOf(node);
    return [{ range: { start: end, end }, text: ` ${source.name.slice(0, qualifier.length)}` }];
  });
  const aliases = edits.map(({ text }) => text.trim());
  if (!aliases.includes(qualifier) || new Set(aliases).size < aliases.length) return error;
  const fix: QuickFix = { title: `Add the aliases ${aliases.join(' and ')}`, edits };
  return new AnalysisError(error.code, error.message, { range: error.range, fixes: [fix, ...error.fixes] });
}
