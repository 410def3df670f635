import type { Expression, TableFunctionCall } from '../binding/expression.ts';
import { sameExpression } from '../binding/expression-tree.ts';
import { isInteger } from '../binding/literals.ts';
import type * as ast from '../generated/ast.ts';
import type { WindowInfo } from '../metastore/metastore.ts';
import { AnalysisError } from '../text/analysis-error.ts';
import type { TextRange } from '../text/text-range.ts';
import { AggregateCalls } from './aggregate-calls.ts';
import { groupQuery, withoutWindowBounds } from './aggregation.ts';
import type { AnalyzedQuery, QueryKind, QueryWindow, SelectItem } from './analyzed.ts';
import { GeneratedNames } from './column-names.ts';
import { bindExpression } from './expression-binding.ts';
import { analyzeGroupBy, checkAggregates, checkGrouped, groupKeyNames } from './group-by.ts';
import type { JoinTree } from './join-planning.ts';
import { analyzePartitionBy, keepsKey } from './partition-by.ts';
import { type KeyPart, projectColumns, type ResultKey } from './projection.ts';
import { analyzeRelation } from './relation-analysis.ts';
import { keyOfRelation } from './result-key.ts';
import { RowScope } from './row-scope.ts';
import { expandSelectList } from './select-list.ts';
import type { StatementContext } from './statement-context.ts';
import { analyzeWindow, windowInfo } from './window-clauses.ts';

export interface QueryRequest {
  readonly query: ast.Query;
  readonly kind: QueryKind;
  /** The sink of a persistent query, for messages. */
  readonly sinkName?: string;
}

/** A query together with what the statement around it wants to know of its FROM clause. */
export interface QueryAnalysis {
  readonly query: AnalyzedQuery;
  readonly tree: JoinTree;
}

/**
 * Analyses a query. Undefined when something was reported that leaves no meaning: an error, or sources that cannot be
 * known without a connection.
 */
export function analyzeQuery(request: QueryRequest, context: StatementContext): QueryAnalysis | undefined {
  const errorsBefore = context.errorCount;
  const tree = context.attempt(() => analyzeRelation(request.query.from, context));
  if (!tree) return undefined;
  const stages = new QueryStages(request, tree, context);
  const query = context.attempt(() => stages.analyze());
  return query && context.errorCount === errorsBefore ? { query, tree } : undefined;
}

/** From the first select item to the last. */
export function selectListRange({ items }: ast.Query, context: StatementContext): TextRange {
  return { start: context.rangeOf(items[0]).start, end: context.rangeOf(items.at(-1)).end };
}

/** The clauses of one query, analysed one after the other; what the earlier ones found is kept for the later ones. */
class QueryStages {
  readonly #request: QueryRequest;
  readonly #query: ast.Query;
  readonly #tree: JoinTree;
  readonly #context: StatementContext;
  readonly #errorsBefore: number;
  readonly #window: QueryWindow | undefined;
  /** For every clause but SELECT. */
  readonly #scope: RowScope;
  /** Has the bounds of the query's own window, even where those of a windowed source have the same names. */
  readonly #selectScope: RowScope;
  readonly #aggregates = new AggregateCalls();
  readonly #tableFunctions: TableFunctionCall[] = [];

  constructor(request: QueryRequest, tree: JoinTree, context: StatementContext) {
    this.#request = request;
    this.#query = request.query;
    this.#tree = tree;
    this.#context = context;
    this.#errorsBefore = context.errorCount;
    this.#window =
      request.query.window &&
      context.attempt(() => analyzeWindow(request.query.window!, request.query.emit === 'FINAL'));
    // Over a join ksqlDB knows no bounds of the window.
    const windowed = request.query.window !== undefined && request.query.groupBy !== undefined;
    this.#selectScope = new RowScope(tree, { windowBounds: windowed && tree.sources.length === 1 });
    this.#scope = tree.window ? new RowScope(tree) : this.#selectScope;
  }

  analyze(): AnalyzedQuery | undefined {
    this.#checkClauses();
    const where = this.#context.attempt(() => this.#bindCondition(this.#query.where, 'WHERE'));
    const partitionBy = this.#context.attempt(() =>
      analyzePartitionBy(this.#query.partitionBy, this.#tree, this.#scope, this.#context),
    );
    const groupBy = this.#context.attempt(() => analyzeGroupBy(this.#query, this.#tree, this.#scope, this.#context));
    const names = new GeneratedNames(this.#scope.schemas);
    const partition = partitionBy && this.#partitionKey(partitionBy, names);
    const items = expandSelectList(
      {
        items: this.#query.items,
        tree: this.#tree,
        scope: this.#selectScope,
        names,
        partition,
        headersFirst: this.#request.kind === 'pull' && this.#tree.kind === 'TABLE',
        bind: { aggregates: this.#aggregates, tableFunctions: this.#tableFunctions },
      },
      this.#context,
    );
    const having = this.#context.attempt(() => this.#bindCondition(this.#query.having, 'HAVING'));
    if (this.#context.errorCount > this.#errorsBefore) return undefined;
    this.#checkTableFunctions();
    const common = {
      kind: this.#request.kind,
      relation: this.#tree.relation,
      ...(where ? { where } : {}),
      tableFunctions: this.#tableFunctions,
      ...(this.#query.emit ? { emit: this.#query.emit } : {}),
      limit: this.#limit(),
    };
    return groupBy || this.#aggregates.list.length > 0
      ? this.#grouped(common, groupBy ?? [], items, having, names)
      : this.#ungrouped(common, items, partition);
  }

  #checkClauses(): void {
    const { window, groupBy, partitionBy, emit } = this.#query;
    if (window && !groupBy) {
      throw new AnalysisError('window-without-group-by', 'WINDOW clause requires a GROUP BY clause.', { node: window });
    }
    if (groupBy && partitionBy) {
      const message = 'Queries only support one of PARTITION BY and GROUP BY';
      throw new AnalysisError('group-and-partition', message, { node: partitionBy });
    }
    if (window && this.#tree.kind === 'TABLE') {
      throw new AnalysisError('window-on-table', 'Windowing not supported for table aggregations.', { node: window });
    }
    if (emit === 'FINAL') {
      const range = this.#context.rangeOfProperty(this.#query, 'emit');
      if (!window) {
        throw new AnalysisError('emit-final', 'EMIT FINAL is only supported for windowed aggregations.', { range });
      }
      if (!this.#context.isEnabled('ksql.suppress.enabled')) {
        const message = 'Suppression is currently disabled. You can enable it by setting ksql.suppress.enabled to true';
        throw new AnalysisError('emit-final', message, { range });
      }
    }
  }

  #bindCondition(node: ast.Expression | undefined, clause: 'WHERE' | 'HAVING'): Expression | undefined {
    if (!node) return undefined;
    const having = clause === 'HAVING';
    const condition = bindExpression(node, this.#scope, this.#context, {
      clause,
      condition: true,
      ...(having ? { aggregates: this.#aggregates } : {}),
    });
    return withoutWindowBounds(condition, this.#scope.width);
  }

  #partitionKey(expressions: readonly Expression[], names: GeneratedNames): readonly KeyPart[] {
    const hasStar = this.#query.items.some((item) => item.$type === 'SelectAll' || item.$type === 'SelectAllOf');
    return expressions.map((expression) => {
      const generated = () => (expression.kind === 'field' ? names.forField(expression.name) : names.nextColumn());
      const name = expression.kind === 'column' ? expression.name : hasStar ? generated() : expression.text;
      return { matches: [expression], texts: [expression.text], slot: expression, name };
    });
  }

  #checkTableFunctions(): void {
    if (this.#tableFunctions.length === 0) return;
    const range = this.#context.rangeOf(this.#query.items[0]);
    if (this.#tree.kind === 'TABLE') {
      throw new AnalysisError('table-function', 'Table source is not supported with table functions', { range });
    }
    if (this.#aggregates.list.length > 0 || this.#query.groupBy) {
      throw new AnalysisError('table-function', 'Table functions cannot be used with aggregations.', { range });
    }
  }

  #limit(): number | undefined {
    const { limit } = this.#query;
    if (limit === undefined) return undefined;
    if (!isInteger(limit)) {
      const range = this.#context.rangeOfProperty(this.#query, 'limit');
      throw new AnalysisError('not-an-integer', 'Value must be integer for command: LIMIT', { range });
    }
    return Number(limit.replace(/\s/g, ''));
  }

  #grouped(
    common: Omit<AnalyzedQuery, 'output'>,
    groupBy: readonly Expression[],
    items: readonly SelectItem[],
    having: Expression | undefined,
    names: GeneratedNames,
  ): AnalyzedQuery {
    checkAggregates(this.#query, this.#tree, this.#aggregates.list, this.#context);
    const keyNames = groupKeyNames(groupBy, items, names, this.#selectScope);
    const { grouping, items: grouped } = groupQuery({
      inputLength: this.#scope.width,
      keys: groupBy,
      keyNames,
      aggregates: this.#aggregates.list,
      items,
      ...(having ? { having } : {}),
      ...(this.#window ? { window: this.#window } : {}),
      repartition: !this.#isCurrentKey(groupBy),
    });
    checkGrouped(this.#query, this.#request.kind, this.#aggregates.list);
    const parts = groupBy.map(({ type, text }, index): KeyPart => {
      const name = keyNames[index]!;
      const slot: Expression = { kind: 'column', index, name, type, text };
      return { matches: [slot], texts: [text], slot, name };
    });
    const key: ResultKey = { term: 'grouping expression', parts };
    const window = this.#window ? windowInfo(this.#window) : this.#tree.window;
    return { ...common, grouping, output: this.#output('TABLE', grouped, key, window) };
  }

  #ungrouped(
    common: Omit<AnalyzedQuery, 'output'>,
    items: readonly SelectItem[],
    partition: readonly KeyPart[] | undefined,
  ): AnalyzedQuery {
    const current = keyOfRelation(this.#tree, items, this.#context.settings.dialect);
    const changes =
      partition &&
      !keepsKey(
        partition.map(({ slot }) => slot),
        this.#tree,
      );
    const parts = changes ? partition : this.#reordered(current, items);
    const key: ResultKey = parts ? { term: 'partitioning expression', parts } : current;
    const output = this.#output(this.#tree.kind, items, key, this.#tree.window);
    return parts ? { ...common, partitionBy: parts.map(({ slot }) => slot), output } : { ...common, output };
  }

  /** The planner that ksqlDB calls new has the columns of a key in the order in which they are selected. */
  #reordered({ parts }: ResultKey, items: readonly SelectItem[]): readonly KeyPart[] | undefined {
    const isNew = this.#context.property('ksql.new.query.planner.enabled')?.toLowerCase() === 'true';
    if (!isNew || this.#tree.kind === 'TABLE' || this.#tree.window || parts.length < 2) return undefined;
    const place = ({ slot }: KeyPart) => items.findIndex(({ expression }) => sameExpression(expression, slot));
    const selected = parts.toSorted((a, b) => place(a) - place(b));
    return selected.some((part, i) => part !== parts[i]) ? selected : undefined;
  }

  /** Whether these expressions are just what rows are keyed by already. */
  #isCurrentKey(expressions: readonly Expression[]): boolean {
    const [only] = expressions;
    return expressions.length === 1 && this.#tree.keyEquivalents.some((key) => sameExpression(key, only!));
  }

  #output(
    kind: 'STREAM' | 'TABLE',
    items: readonly SelectItem[],
    key: ResultKey,
    window: WindowInfo | undefined,
  ): AnalyzedQuery['output'] {
    const { columns, schema } = projectColumns({
      kind: this.#request.kind,
      items,
      key,
      sinkName: this.#request.sinkName ?? '',
      range: selectListRange(this.#query, this.#context),
      implicitKeys: this.#context.settings.dialect === '2018',
    });
    return { kind, schema: { columns: schema }, columns, ...(window ? { window } : {}) };
  }
}
