import type { Expression } from '../binding/expression.ts';
import { columnsOf } from '../binding/expression-tree.ts';
import type { ErrorCode } from '../diagnostics/diagnostic-codes.ts';
import type * as ast from '../generated/ast.ts';
import type { DataSource } from '../metastore/metastore.ts';
import type { AnalyzedQuery, AnalyzedSelect } from '../query/analyzed.ts';
import { checkInterpreted, checkPullCondition } from '../query/pull-condition.ts';
import { analyzeQuery } from '../query/query-analysis.ts';
import type { StatementContext } from '../query/statement-context.ts';
import { AnalysisError } from '../text/analysis-error.ts';
import type { QuickFix, TextEdit } from '../text/diagnostic.ts';

/** Analyses a SELECT that stands by itself: a push query with EMIT, else a pull query. */
export function analyzeSelect(node: ast.Query, context: StatementContext): AnalyzedSelect | undefined {
  const continuous = node.emit !== undefined || context.settings.dialect === '2018';
  if (!continuous) checkPullClauses(node, context);
  const analysis = analyzeQuery({ query: node, kind: continuous ? 'push' : 'pull' }, context);
  if (analysis === undefined) {
    if (!continuous && !context.failed) checkUnknownTable(node, context);
    return undefined;
  }
  const { query } = analysis;
  if (!continuous) checkPull(node, query, context);
  return { kind: 'select', query, statementText: context.statement.text };
}

const SEE = ' See https://cnfl.io/queries for more info.\nAdd EMIT CHANGES if you intended to issue a push query.';

/** The quick fix that every error of a pull query offers. */
function emitChanges(node: ast.Query, context: StatementContext): QuickFix {
  const place = placeOfEmit(node, context);
  return {
    title: node.emit === undefined ? 'Add EMIT CHANGES' : 'Emit changes',
    edits: [place],
  };
}

/** EMIT stands at the end, but before LIMIT. */
function placeOfEmit(node: ast.Query, context: StatementContext): TextEdit {
  if (node.limit === undefined) {
    const { end } = context.rangeOf(node);
    return { range: { start: end, end }, text: ' EMIT CHANGES' };
  }
  const before = context.statement.text.slice(0, context.rangeOfProperty(node, 'limit').start);
  const at = before.toUpperCase().lastIndexOf('LIMIT');
  return { range: { start: at, end: at }, text: 'EMIT CHANGES ' };
}

function refuse(
  node: ast.Query,
  context: StatementContext,
  code: ErrorCode,
  message: string,
  at?: { readonly $cstNode?: { offset: number; end: number } | undefined },
): never {
  const range = at?.$cstNode ? { start: at.$cstNode.offset, end: at.$cstNode.end } : context.statementRange;
  throw new AnalysisError(code, message + SEE, { range, fixes: [emitChanges(node, context)] });
}

/** What a pull query cannot have, as far as its clauses tell. */
function checkPullClauses(node: ast.Query, context: StatementContext): void {
  if (!context.isEnabled('ksql.pull.queries.enable')) {
    refuse(node, context, 'pull-disabled', 'Pull queries are disabled.');
  }
  const clauses: readonly (readonly [object | string | undefined, string])[] = [
    [node.from.$type === 'Join' ? node.from : undefined, 'JOIN'],
    [node.window, 'WINDOW'],
    [node.groupBy, 'GROUP BY'],
    [node.partitionBy, 'PARTITION BY'],
    [node.having, 'HAVING'],
  ];
  const found = clauses.find(([clause]) => clause !== undefined);
  if (found !== undefined)
    refuse(node, context, 'pull-clause', `Pull queries don't support ${found[1]} clauses.`, found[0] as ast.Expression);
  const hasStar = node.items.some(({ $type }) => $type === 'SelectAll' || $type === 'SelectAllOf');
  if (hasStar && node.items.length > 1 && !readsStream(node, context)) {
    refuse(
      node,
      context,
      'pull-wildcard',
      'Pull queries only support wildcards in the projects if they are the only expression',
      node.items[0],
    );
  }
}

/** A pull query on a stream is a push query that ends, and selects what a push query can. */
const readsStream = ({ from }: ast.Query, { metastore }: StatementContext): boolean =>
  from.$type === 'AliasedSource' && metastore.sources.get(from.name)?.kind === 'STREAM';

function checkPull(node: ast.Query, query: AnalyzedQuery, context: StatementContext): void {
  if (query.grouping !== undefined)
    refuse(node, context, 'pull-clause', "Pull queries don't support GROUP BY clauses.");
  if (query.limit !== undefined) {
    if (query.limit < 0)
      refuse(node, context, 'invalid-limit', "Pull queries don't support negative integers in the LIMIT clause.");
    if (!context.isEnabled('ksql.query.pull.limit.clause.enabled')) {
      throw new AnalysisError(
        'pull-limit',
        'LIMIT clause in pull queries is currently disabled. You can enable them by setting ksql.query.pull.limit.clause.enabled=true',
        { range: context.rangeOfProperty(node, 'limit') },
      );
    }
  }
  checkSystemColumns(node, query, context);
  const source = query.relation.kind === 'source' ? query.relation.source : undefined;
  if (source?.kind === 'STREAM') {
    if (context.isEnabled('ksql.query.pull.stream.enabled')) return;
    const message =
      "Pull queries on streams are disabled. To create a push query on the stream, add EMIT CHANGES to the end. To enable pull queries on streams, set the ksql.query.pull.stream.enabled config to 'true'.";
    throw new AnalysisError('pull-stream', message, {
      range: context.rangeOf(node.from),
      fixes: [emitChanges(node, context)],
    });
  }
  checkQueryable(node, source!, context);
  checkPullCondition(query, context.rangeOf(node.where ?? node.from), context);
  if (query.where !== undefined) checkInterpreted(query.where, context);
  for (const { expression } of query.output.columns) checkInterpreted(expression, context);
}

function checkSystemColumns(node: ast.Query, query: AnalyzedQuery, context: StatementContext): void {
  const { layout } = query.relation;
  const forbidden = (slots: ReadonlySet<number>) =>
    [...slots]
      .map((slot) => layout[slot])
      .filter((slot) => slot?.role === 'rowpartition' || slot?.role === 'rowoffset')
      .map((slot) => `\`${slot!.name}\``);
  const slotsOf = (expression: Expression) => columnsOf(expression).map(({ index }) => index);
  const selected = new Set(query.output.columns.flatMap(({ expression }) => slotsOf(expression)));
  const filtered = new Set(query.where === undefined ? [] : slotsOf(query.where));
  for (const [names, clause, at] of [
    [forbidden(selected), 'SELECT', node.items[0]],
    [forbidden(filtered), 'WHERE', node.where],
  ] as const) {
    if (names.length > 0)
      refuse(
        node,
        context,
        'pull-system-column',
        `Pull queries don't support the following columns in ${clause} clauses: ${names.join(', ')}`,
        at,
      );
  }
}

function checkQueryable(node: ast.Query, source: DataSource, context: StatementContext): void {
  const { queries, madeByFiles } = context.metastore;
  const writers = [...queries.values()].filter((query) => query.sink === source.name && query.kind !== 'insert');
  if (writers.length === 1) return;
  // Without a connection the running queries are not known, nor are those of statements in other files; a table made by
  // a SELECT, or a SOURCE TABLE, will have its query.
  const { offline, queriesUnknown } = context.settings;
  const isOpen = offline || queriesUnknown || madeByFiles?.has(source.name);
  if (isOpen && (source.createdAs || source.readOnly)) return;
  const fixes = [emitChanges(node, context), ...sourceTableFix(source, context)];
  const message = `The \`${source.name}\` table isn't queryable. To derive a queryable table, you can do 'CREATE TABLE QUERYABLE_${source.name} AS SELECT * FROM ${source.name}'.`;
  throw new AnalysisError('not-queryable', message + SEE, { range: context.rangeOf(node.from), fixes });
}

/** A table over a topic is not queryable, whatever its columns may be. */
function checkUnknownTable(node: ast.Query, context: StatementContext): void {
  if (node.from.$type !== 'AliasedSource') return;
  const source = context.metastore.sources.get(node.from.name);
  if (source?.kind === 'TABLE') checkQueryable(node, source, context);
}

/** Where the script itself makes the table over its topic, SOURCE makes it queryable. */
function sourceTableFix({ name }: DataSource, context: StatementContext): readonly QuickFix[] {
  const declaration = context.settings.declarations?.get(name);
  const start = /^\s*CREATE\s+(?=TABLE\b)/i.exec(declaration?.text ?? '');
  if (declaration === undefined || start === null) return [];
  const at = declaration.offset + start[0].length - context.statement.offset;
  return [{ title: `Make ${name} a SOURCE TABLE`, edits: [{ range: { start: at, end: at }, text: 'SOURCE ' }] }];
}
