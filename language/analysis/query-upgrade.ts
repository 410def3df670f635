import type { AnalyzedQuery, Grouping, JoinRelation, Relation } from './analyzed.ts';
import type { QueryStep } from './metastore.ts';

/** Why a query cannot take the place of a running one, and the clause of the query that says so. */
export interface UpgradeProblem {
  readonly message: string;
  readonly clause: QueryStep['clause'];
}

/**
 * The steps of a query that hold state or decide keys, last first: a query that takes its place must have the same. Filters and
 * projections are none of them.
 */
export function keptSteps(query: AnalyzedQuery): readonly QueryStep[] {
  const steps = relationSteps(query.relation);
  if (query.tableFunctions.length > 0)
    steps.unshift({ type: 'StreamFlatMap', clause: 'items', fixed: true, properties: {} });
  if (query.grouping !== undefined) {
    steps.unshift(
      aggregateStep(query.grouping, query.output.kind === 'TABLE' && inputKind(query.relation) === 'TABLE'),
    );
  } else if (query.partitionBy !== undefined) {
    const keyExpressions = query.partitionBy.map(({ text }) => text).join(', ');
    steps.unshift({ type: 'StreamSelectKey', clause: 'partitionBy', properties: { keyExpressions } });
  }
  return steps;
}

const inputKind = (relation: Relation) => (relation.kind === 'source' ? relation.source.kind : relation.resultKind);

function aggregateStep(grouping: Grouping, ofTable: boolean): QueryStep {
  if (ofTable) return { type: 'TableAggregate', clause: 'groupBy', fixed: true, properties: {} };
  if (grouping.window !== undefined)
    return { type: 'StreamWindowedAggregate', clause: 'window', fixed: true, properties: {} };
  return {
    type: 'StreamAggregate',
    clause: 'groupBy',
    properties: {
      groupByExpressions: grouping.keys.map(({ text }) => text).join(', '),
      aggregationFunctions: grouping.aggregates.map(({ text }) => text).join(', '),
      having: grouping.having?.text ?? '',
    },
  };
}

function relationSteps(relation: Relation): QueryStep[] {
  if (relation.kind === 'join') {
    const join: QueryStep = { type: JOIN_STEPS[relation.join], clause: 'from', fixed: true, properties: {} };
    return [join, ...relationSteps(relation.left), ...relationSteps(relation.right)];
  }
  const { kind, topic } = relation.source;
  const type = kind === 'STREAM' ? 'StreamSource' : 'TableSource';
  return [{ type, clause: 'from', properties: { topicName: topic } }];
}

const JOIN_STEPS: Readonly<Record<JoinRelation['join'], string>> = {
  'stream-stream': 'StreamStreamJoin',
  'stream-table': 'StreamTableJoin',
  'table-table': 'TableTableJoin',
  'foreign-key': 'ForeignKeyTableTableJoin',
};

/**
 * Why a query cannot go on with the state of a running one, or undefined where it can: filters and projections may come, go and
 * change; sources, keys and aggregates must stay (execution-semantics §14.2, ksqlDB's ExecutionStep.validateUpgrade).
 */
export function queryUpgradeProblem(
  running: readonly QueryStep[],
  replacement: readonly QueryStep[],
): UpgradeProblem | undefined {
  const unsupported = ({ type, clause }: QueryStep): UpgradeProblem => ({
    message: `Upgrades not yet supported for ${type}`,
    clause,
  });
  const fixed = running.find((step) => step.fixed);
  if (fixed !== undefined) return unsupported(fixed);
  for (let i = 0; i < Math.max(running.length, replacement.length); i++) {
    const [old, next] = [running[i], replacement[i]];
    if (next === undefined)
      return refused(`Cannot remove the ${old!.type} step of the original query plan.`, old!.clause);
    if (old?.type !== next.type) {
      if (next.clause === 'from' && next.fixed)
        return refused('Cannot change a non-join source into a join source.', 'from');
      if (next.fixed) return unsupported(next);
      if (old === undefined || replacement.length > running.length)
        return refused(`Cannot add a ${next.type} step that is not in the original query plan.`, next.clause);
      return refused(`Plan step ${old.type} cannot become ${next.type}.`, next.clause);
    }
    for (const [property, value] of Object.entries(next.properties)) {
      const before = old.properties[property];
      if (before === value) continue;
      const message = `Plan step of type ${old.type} must have matching ${property}. Values differ: ${before || 'none'} vs. ${value || 'none'}`;
      return refused(message, next.clause);
    }
  }
  return undefined;
}

const refused = (reason: string, clause: QueryStep['clause']): UpgradeProblem => ({
  message: `Query is not upgradeable. ${reason}\nDrop it and create it anew, or give the new query a name of its own.`,
  clause,
});
