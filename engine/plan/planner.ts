import type { Expression } from '../../language/binding/expression.ts';
import type { AnalyzedQuery, JoinRelation, Relation, SourceRelation } from '../../language/query/analyzed.ts';
import { rowLayout, type Slot } from '../../language/types/schema.ts';
import { markColumns } from './column-usage.ts';
import { GROUPING_TOPIC, isRepartitioned } from './grouping-topic.ts';
import { joinTopicName, repartitionedSides } from './join-topic.ts';
import type { AggregateNode, JoinNode, LogicalPlan, PlanNode, ProjectNode, SourceNode } from './logical-plan.ts';

/**
 * Plans a query: the order of its steps, their names, their stores, and which columns of each source are read at all.
 */
export function planQuery(query: AnalyzedQuery): LogicalPlan {
  const needed = new Set<number>();
  collectNeeded(query, needed);
  const sources: SourceNode[] = [];
  const repartitions: string[] = [];
  const planner = new RelationPlanner(query, needed, sources, repartitions);
  let node: PlanNode = planner.plan();
  if (query.where !== undefined) {
    node = {
      kind: 'filter',
      context: 'WhereFilter',
      output: node.output,
      layout: node.layout,
      input: node,
      predicate: query.where,
    };
  }
  if (query.tableFunctions.length > 0) {
    const added: Slot[] = query.tableFunctions.map(({ text, type }) => ({ name: text, type, role: 'value' }));
    node = {
      kind: 'flat-map',
      context: 'FlatMap',
      output: 'STREAM',
      layout: [...node.layout, ...added],
      input: node,
      functions: query.tableFunctions,
    };
  }
  if (query.grouping !== undefined) {
    node = planGrouping(query, node, repartitions);
  } else if (query.partitionBy !== undefined) {
    node = {
      kind: 'select-key',
      context: 'PartitionBy',
      output: 'STREAM',
      layout: node.layout,
      input: node,
      keys: query.partitionBy,
    };
  }
  return {
    root: planProjection(query, node),
    sources,
    output: query.output,
    persistent: query.kind === 'persistent',
    repartitions,
  };
}

function planGrouping(query: AnalyzedQuery, input: PlanNode, repartitions: string[]): PlanNode {
  const grouping = query.grouping!;
  if (isRepartitioned({ grouping, input })) repartitions.push(GROUPING_TOPIC);
  const aggregate: AggregateNode = {
    kind: 'aggregate',
    context: 'Aggregate/Aggregate',
    output: 'TABLE',
    layout: grouping.layout,
    input,
    grouping,
    aggregates: grouping.aggregates,
    window: grouping.window,
    final: query.emit === 'FINAL',
    store: 'Aggregate-Aggregate-Materialize',
  };
  if (grouping.having === undefined) return aggregate;
  return {
    kind: 'filter',
    context: 'Aggregate/HavingFilter',
    output: 'TABLE',
    layout: grouping.layout,
    input: aggregate,
    predicate: grouping.having,
  };
}

/** A persistent query writes the key from the change itself, so only its value columns are computed. */
function planProjection(query: AnalyzedQuery, input: PlanNode): ProjectNode {
  const { columns, kind, schema } = query.output;
  const computed = query.kind === 'persistent' ? columns.filter((column) => column.keyIndex === undefined) : columns;
  return {
    kind: 'project',
    context: query.grouping === undefined ? 'Project' : 'Aggregate/Project',
    output: kind,
    layout: rowLayout(schema, query.output.window !== undefined),
    input,
    columns: computed,
  };
}

/** The slots of the whole relation's layout that any later step reads. */
function collectNeeded(query: AnalyzedQuery, needed: Set<number>): void {
  const mark = (expression: Expression | undefined) => expression && markColumns(expression, needed);
  mark(query.where);
  for (const call of query.tableFunctions) {
    for (const argument of call.args) {
      if (argument.kind === 'value') mark(argument.expression);
      else if (argument.kind === 'lambda') mark(argument.body);
    }
  }
  for (const key of query.partitionBy ?? []) mark(key);
  if (query.grouping === undefined) {
    for (const column of query.output.columns) mark(column.expression);
    return;
  }
  for (const key of query.grouping.keys) mark(key);
  for (const aggregate of query.grouping.aggregates) for (const argument of aggregate.args) mark(argument);
}

/** Plans the sources and joins of a query, left-deep, with ksqlDB's names for their steps. */
class RelationPlanner {
  readonly #query: AnalyzedQuery;
  readonly #needed: ReadonlySet<number>;
  readonly #sources: SourceNode[];
  readonly #repartitions: string[];

  constructor(query: AnalyzedQuery, needed: ReadonlySet<number>, sources: SourceNode[], repartitions: string[]) {
    this.#query = query;
    this.#needed = needed;
    this.#sources = sources;
    this.#repartitions = repartitions;
  }

  plan(): PlanNode {
    return this.#plan(this.#query.relation, this.#needed, '', 'KsqlTopic');
  }

  #plan(relation: Relation, needed: ReadonlySet<number>, prefix: string, sourceContext: string): PlanNode {
    return relation.kind === 'source'
      ? this.#source(relation, needed, sourceContext)
      : this.#join(relation, needed, prefix);
  }

  #source({ source, alias, layout }: SourceRelation, needed: ReadonlySet<number>, context: string): SourceNode {
    const node: SourceNode = {
      kind: 'source',
      context: `${context}/Source`,
      output: source.kind,
      layout,
      source,
      alias,
      needed: layout.map((_, i) => needed.has(i)),
      ...(source.kind === 'TABLE' ? { store: `${context}-Reduce` } : {}),
    };
    this.#sources.push(node);
    return node;
  }

  #join(relation: JoinRelation, needed: ReadonlySet<number>, prefix: string): JoinNode {
    const leftWidth = relation.left.layout.length;
    const leftNeeded = new Set<number>();
    const rightNeeded = new Set<number>();
    for (const slot of needed) {
      if (slot < leftWidth) leftNeeded.add(slot);
      else if (slot < leftWidth + relation.right.layout.length) rightNeeded.add(slot - leftWidth);
    }
    markColumns(relation.leftKey, leftNeeded);
    markColumns(relation.rightKey, rightNeeded);
    const context = `${prefix}Join`;
    for (const side of repartitionedSides({ relation }))
      this.#repartitions.push(joinTopicName({ context, relation }, side));
    const left = this.#plan(relation.left, leftNeeded, `L_${prefix}`, `KafkaTopic_${prefix}Left`);
    const right = this.#plan(relation.right, rightNeeded, `L_${prefix}`, `KafkaTopic_${prefix}Right`);
    return {
      kind: 'join',
      context,
      output: relation.resultKind,
      layout: relation.layout,
      relation,
      left,
      right,
      store: `${prefix}Join`,
      // GROUP BY takes the old row out of its group, a further join looks rows up: a foreign-key join alone knows
      // neither.
      keepsResult: relation.join === 'foreign-key' && (prefix !== '' || this.#query.grouping !== undefined),
    };
  }
}
