import { AstUtils } from 'langium';
import { rejectDuplicateParameters, rejectTakenParameters } from '../binding/lambda-parameters.ts';
import { isInteger, numberLiteral } from '../binding/literals.ts';
import { checkEscape } from '../binding/operators.ts';
import { bindType } from '../binding/type-names.ts';
import { printExpression } from '../format/expression-text.ts';
import type * as ast from '../generated/ast.ts';
import type { DataSource, Metastore, SourceKind } from '../metastore/metastore.ts';
import type { ParsedStatement } from '../parser/parse-script.ts';
import { flattenRelation } from '../query/relation-analysis.ts';
import { ambiguousColumn, unknownQualifier } from '../query/row-scope.ts';
import { type AnalysisSettings, StatementContext } from '../query/statement-context.ts';
import { durationMs } from '../query/window-clauses.ts';
import { rejectLimit } from '../statements/create-as.ts';
import { checkInsertSelectTarget } from '../statements/insert-select.ts';
import { checkValueCount } from '../statements/insert-values.ts';
import { checkPrint } from '../statements/print.ts';
import { checkKeyWords, writtenColumns } from '../statements/source-columns.ts';
import { checkSourceName } from '../statements/source-name.ts';
import { withClause } from '../statements/with-entries.ts';
import { AnalysisError, rangeOf } from '../text/analysis-error.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import { rowLayout } from '../types/schema.ts';

/**
 * The steps by which ksqlDB comes to a statement that it can analyse: it builds the statement from what was parsed, and
 * then finds the sources that the names in it stand for.
 */
export type PreparationStep = 'build' | 'sanitize';

export interface PreparationProblem {
  readonly step: PreparationStep;
  readonly diagnostic: Diagnostic;
}

/**
 * What ksqlDB finds while it prepares a statement, before it is analysed; undefined when that is nothing. Analysis
 * finds all of it as well, but among other things: a server prepares statements that it does not carry out, and speaks
 * of what it finds by then first.
 */
export function preparationProblem(
  statement: ParsedStatement,
  metastore: Metastore,
  settings: AnalysisSettings,
): PreparationProblem | undefined {
  const { node } = statement;
  if (node === undefined) return undefined;
  const context = new StatementContext(statement, metastore, settings, new Map());
  for (const [step, take] of [
    ['build', buildStatement],
    ['sanitize', sanitizeStatement],
  ] as const) {
    context.attempt(() => take(node, context));
    const diagnostic = context.diagnostics.find(({ severity }) => severity === 'error');
    if (diagnostic !== undefined) return { step, diagnostic };
  }
  return undefined;
}

function buildStatement(node: ast.Statement, context: StatementContext): void {
  const query = queryOf(node);
  const qualifiers = query === undefined ? NONE : qualifiersOf(query, context);
  switch (node.$type) {
    case 'CreateSource':
      return buildCreateSource(node, context);
    case 'CreateAs':
      buildQuery(node.query, qualifiers, context);
      rejectLimit(node, context);
      checkSourceName(node, 'name', node.name, context);
      withClause(node.properties, 'create-as', context);
      return;
    case 'InsertSelect':
      checkSourceName(node, 'target', node.target, context);
      buildQuery(node.query, qualifiers, context);
      withClause(node.properties, 'insert', context);
      return;
    case 'InsertValues':
      checkSourceName(node, 'target', node.target, context);
      for (const value of node.values) buildExpressions(value, NONE, context);
      return checkValueCount(node);
    case 'Query':
      return buildQuery(node, qualifiers, context);
    case 'ExplainStatement':
      return node.statement && buildStatement(node.statement, context);
    case 'PrintTopic':
      return checkPrint(node, context);
    case 'AlterSource':
      checkSourceName(node, 'name', node.name, context);
      for (const change of node.changes) bindType(change.type, context.metastore.types);
      return;
    case 'DropSource':
    case 'DescribeSource':
      return checkSourceName(node, 'name', node.name, context);
    case 'CreateType':
      bindType(node.type, context.metastore.types);
      return;
    default:
  }
}

function buildCreateSource(node: ast.CreateSource, context: StatementContext): void {
  for (const { type } of node.elements) bindType(type, context.metastore.types);
  checkSourceName(node, 'name', node.name, context);
  writtenColumns(node.elements, context);
  withClause(node.properties, 'create', context);
  checkKeyWords(node.elements, node.kind as SourceKind);
}

const NONE: ReadonlySet<string> = new Set();

function queryOf(node: ast.Statement): ast.Query | undefined {
  switch (node.$type) {
    case 'Query':
      return node;
    case 'CreateAs':
    case 'InsertSelect':
      return node.query;
    default:
      return undefined;
  }
}

/** What can stand before a column of a query: the names of its sources, and their aliases. */
function qualifiersOf({ from }: ast.Query, context: StatementContext): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { node } of flattenRelation(from)) {
    checkSourceName(node, 'name', node.name, context);
    names.add(node.name);
    if (node.alias === undefined) continue;
    checkSourceName(node, 'alias', node.alias, context);
    names.add(node.alias);
  }
  return names;
}

/** The clauses in the order in which ksqlDB builds them. */
function buildQuery(query: ast.Query, qualifiers: ReadonlySet<string>, context: StatementContext): void {
  const { from, items, limit, window, where, groupBy, partitionBy, having } = query;
  if (from.$type === 'Join') buildExpressions(from, qualifiers, context);
  for (const item of items) buildExpressions(item, qualifiers, context);
  if (limit !== undefined && !isInteger(limit)) {
    const range = context.rangeOfProperty(query, 'limit');
    throw new AnalysisError('not-an-integer', 'Value must be integer for command: LIMIT', { range });
  }
  for (const clause of [window, where, groupBy, partitionBy, having])
    if (clause !== undefined) buildExpressions(clause, qualifiers, context);
  rejectDuplicateKeys(groupBy, 'duplicate-group-by', 'GROUP BY');
  rejectDuplicateKeys(partitionBy, 'duplicate-partition-by', 'PARTITION BY');
}

function rejectDuplicateKeys(
  clause: ast.GroupBy | ast.PartitionBy | undefined,
  code: 'duplicate-group-by' | 'duplicate-partition-by',
  name: string,
): void {
  const seen = new Set<string>();
  for (const key of clause?.keys ?? []) {
    const text = printExpression(key);
    if (seen.size === seen.add(text).size)
      throw new AnalysisError(code, `Duplicate ${name} expression: ${text}`, { node: key });
  }
}

/** Looks at each part of a clause by itself. */
function buildExpressions(
  clause: Parameters<typeof AstUtils.streamAst>[0],
  qualifiers: ReadonlySet<string>,
  context: StatementContext,
): void {
  for (const part of AstUtils.streamAst(clause) as Iterable<ClausePart>) {
    switch (part.$type) {
      case 'QualifiedReference':
        checkQualifier(part.qualifier, part, qualifiers);
        break;
      case 'SelectAllOf':
        checkQualifier(part.source, part, qualifiers);
        break;
      case 'NumberLiteral':
        numberLiteral(isNegated(part) ? `-${part.value}` : part.value, part);
        break;
      case 'Cast':
        bindType(part.type, context.metastore.types);
        break;
      case 'Like':
        checkEscape(part);
        break;
      case 'Lambda':
        rejectDuplicateParameters(part);
        break;
      case 'MapConstructor':
        rejectDuplicateEntries(part);
        break;
      case 'Duration':
        durationMs(part);
        break;
      default:
    }
  }
}

/** The smallest BIGINT is a literal only together with its sign. */
const isNegated = ({ $container: container }: ast.NumberLiteral): boolean =>
  container?.$type === 'UnaryExpression' && (container as ast.UnaryExpression).operator === '-';

type ClausePart =
  | ast.QualifiedReference
  | ast.SelectAllOf
  | ast.Literal
  | ast.Cast
  | ast.Like
  | ast.Lambda
  | ast.MapConstructor
  | ast.Duration
  | ast.ColumnReference;

function checkQualifier(qualifier: string, node: ClausePart, qualifiers: ReadonlySet<string>): void {
  if (!qualifiers.has(qualifier)) throw new AnalysisError('unknown-qualifier', unknownQualifier(qualifier), { node });
}

function rejectDuplicateEntries(node: ast.MapConstructor): void {
  const seen = new Map<string, ast.MapEntry>();
  for (const entry of node.entries) {
    const key = printExpression(entry.key);
    const earlier = seen.get(key);
    if (earlier !== undefined) {
      const message = `Multiple entries with same key: ${key}=${printExpression(entry.value)} and ${key}=${printExpression(earlier.value)}`;
      throw new AnalysisError('duplicate-map-key', message, { node: entry });
    }
    seen.set(key, entry);
  }
}

function sanitizeStatement(node: ast.Statement, context: StatementContext): void {
  if (node.$type === 'ExplainStatement') return node.statement && sanitizeStatement(node.statement, context);
  const query = queryOf(node);
  if (query === undefined) return;
  const columns = flattenRelation(query.from).map(({ node: source }) => {
    const found = context.findSource(source.name, { node: source, property: 'name' }, `${source.name} does not exist.`);
    return { alias: source.alias ?? source.name, names: columnNames(found) };
  });
  if (node.$type === 'InsertSelect') checkInsertSelectTarget(node, context);
  const { items, from, where, groupBy, partitionBy, having } = query;
  for (const clause of [...items, from, where, groupBy, partitionBy, having])
    if (clause !== undefined) new NameFinder(columns).check(clause);
}

const columnNames = (source: DataSource | undefined): ReadonlySet<string> =>
  new Set(source && rowLayout(source.schema, source.window !== undefined).map(({ name }) => name));

interface NamedColumns {
  readonly alias: string;
  readonly names: ReadonlySet<string>;
}

/** Finds the sources of columns that are named without one. */
class NameFinder {
  readonly #sources: readonly NamedColumns[];
  readonly #parameters: string[] = [];

  constructor(sources: readonly NamedColumns[]) {
    this.#sources = sources;
  }

  /**
   * @throws AnalysisError for a name that several sources have, and for a parameter of a lambda that has another's name
   */
  check(node: Parameters<typeof AstUtils.streamContents>[0]): void {
    const part = node as ClausePart;
    if (part.$type === 'Lambda') {
      const outer = { has: (name: string) => this.#parameters.includes(name) };
      rejectTakenParameters(part, outer, (name) => this.#sources.some(({ names }) => names.has(name)));
      this.#parameters.push(...part.parameters);
      this.check(part.body);
      this.#parameters.length -= part.parameters.length;
      return;
    }
    if (part.$type === 'ColumnReference') this.#checkColumn(part);
    for (const child of AstUtils.streamContents(node)) this.check(child);
  }

  #checkColumn(node: ast.ColumnReference): void {
    if (this.#parameters.includes(node.name)) return;
    const owners = this.#sources.filter(({ names }) => names.has(node.name)).map(({ alias }) => alias);
    if (owners.length > 1) throw ambiguousColumn(node.name, owners, rangeOf(node));
  }
}
