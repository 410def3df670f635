import type { Expression } from '../binding/expression.ts';
import { columnsOf } from '../binding/expression-tree.ts';
import type { DataSource, FormatInfo, QueryStep } from '../metastore/metastore.ts';
import type { AnalyzedQuery, Grouping, JoinRelation, Relation } from '../query/analyzed.ts';

/** Why a query cannot take the place of a running one, and the clause of the query that says so. */
export interface UpgradeProblem {
  readonly message: string;
  readonly clause: QueryStep['clause'];
}

const known = new WeakMap<AnalyzedQuery, readonly QueryStep[]>();

/**
 * The steps of ksqlDB's plan of a query, from the last one before the sink to the source, or to the join of sources.
 */
export function planSteps(query: AnalyzedQuery): readonly QueryStep[] {
  const steps = known.get(query) ?? readSteps(query);
  known.set(query, steps);
  return steps;
}

function readSteps(query: AnalyzedQuery): readonly QueryStep[] {
  const { relation, grouping, partitionBy, where, tableFunctions, emit } = query;
  const ofTable = inputKind(relation) === 'TABLE';
  const passive = (type: string, clause: QueryStep['clause']): QueryStep => ({
    type,
    clause,
    role: 'passive',
    must: {},
  });
  const resultKind = grouping !== undefined || ofTable ? 'Table' : 'Stream';
  const steps: QueryStep[] = [];
  if (emit === 'FINAL') steps.push({ type: 'TableSuppress', clause: 'items', role: 'unsupported', must: {} });
  steps.push(passive(`${resultKind}Select`, 'items'));
  const kind = ofTable ? 'Table' : 'Stream';
  if (grouping !== undefined) {
    if (grouping.having !== undefined) steps.push(passive('TableFilter', 'having'));
    steps.push(...groupingSteps(grouping, kind, where), passive(`${kind}Select`, 'items'));
  } else if (partitionBy !== undefined) {
    steps.push(
      matched(`${kind}SelectKey`, 'partitionBy', { keyExpressions: partitionBy.map(({ text }) => text).join(', ') }),
    );
  }
  if (tableFunctions.length > 0) steps.push({ type: 'StreamFlatMap', clause: 'items', role: 'unsupported', must: {} });
  if (where !== undefined) steps.push(passive(`${kind}Filter`, 'where'));
  steps.push(relationStep(relation));
  return steps;
}

const matched = (type: string, clause: QueryStep['clause'], must: QueryStep['must']): QueryStep => ({
  type,
  clause,
  role: 'matched',
  must,
});

const inputKind = (relation: Relation) => (relation.kind === 'source' ? relation.source.kind : relation.resultKind);

function groupingSteps(
  grouping: Grouping,
  kind: 'Stream' | 'Table',
  where: Expression | undefined,
): readonly QueryStep[] {
  const { keys, aggregates, window, repartition } = grouping;
  const texts = (expressions: readonly { readonly text: string }[]) => expressions.map(({ text }) => text).join(', ');
  if (kind === 'Table' || window !== undefined) {
    const type = kind === 'Table' ? 'TableAggregate' : 'StreamWindowedAggregate';
    return [{ type, clause: window === undefined ? 'groupBy' : 'window', role: 'unsupported', must: {} }];
  }
  // What only the filter before it reads goes through the aggregation as well.
  const read = [...keys, ...aggregates.flatMap(({ args }) => args), ...(where === undefined ? [] : [where])];
  return [
    matched('StreamAggregate', 'groupBy', {
      'columns not part of aggregate': columnNames(read),
      'aggregate functions': texts(aggregates),
    }),
    repartition
      ? matched('StreamGroupBy', 'groupBy', { 'group by clause': texts(keys) })
      : matched('StreamGroupByKey', 'groupBy', {}),
  ];
}

const columnNames = (expressions: readonly Expression[]): string =>
  [...new Set(expressions.flatMap((expression) => columnsOf(expression).map(({ name }) => name)))].join(', ');

function relationStep(relation: Relation): QueryStep {
  if (relation.kind === 'join')
    return { type: JOIN_STEPS[relation.join], clause: 'from', role: 'unsupported', isJoin: true, must: {} };
  const { kind, topic, window, keyFormat, valueFormat, timestamp } = relation.source;
  const type = kind === 'STREAM' ? 'StreamSource' : 'TableSource';
  if (window !== undefined) return { type: `Windowed${type}`, clause: 'from', role: 'unsupported', must: {} };
  const must = {
    topicName: topic,
    formats: `${formatText(keyFormat)}, ${formatText(valueFormat)}`,
    timestampColumn: timestampText(timestamp),
  };
  return { type, clause: 'from', role: 'source', must };
}

const formatText = ({ name, delimiter, schemaFullName, nullableRepresentation }: FormatInfo): string =>
  [name, delimiter, schemaFullName, nullableRepresentation].filter((part) => part !== undefined).join(' ');

const timestampText = (timestamp: DataSource['timestamp']): string =>
  timestamp === undefined ? '' : [timestamp.column, timestamp.format].filter((part) => part !== undefined).join(' ');

const JOIN_STEPS: Readonly<Record<JoinRelation['join'], string>> = {
  'stream-stream': 'StreamStreamJoin',
  'stream-table': 'StreamTableJoin',
  'table-table': 'TableTableJoin',
  'foreign-key': 'ForeignKeyTableTableJoin',
};

/**
 * Why a query cannot go on with the state of a running one, or undefined where it can. Walks both plans from the sink
 * as ksqlDB's ExecutionStep.validateUpgrade does: a step that must be matched takes whatever step of the other plan is
 * at the same place, a passive one hands over to the other plan, against what is below it; only sources pass over
 * passive steps.
 */
export function queryUpgradeProblem(
  running: readonly QueryStep[],
  replacement: readonly QueryStep[],
): UpgradeProblem | undefined {
  let [mine, other] = [
    { steps: running, at: 0 },
    { steps: replacement, at: 0 },
  ];
  for (;;) {
    const [step, to] = [mine.steps[mine.at]!, other.steps[other.at]!];
    const clause = (mine.steps === replacement ? step : to).clause;
    switch (step.role) {
      case 'unsupported':
        return unsupported(step);
      case 'passive':
        [mine, other] = [other, { steps: mine.steps, at: mine.at + 1 }];
        break;
      case 'matched': {
        const problem = mismatch(step, to, clause);
        if (problem !== undefined) return problem;
        [mine, other] = [
          { steps: mine.steps, at: mine.at + 1 },
          { steps: other.steps, at: other.at + 1 },
        ];
        break;
      }
      case 'source':
        return sourceProblem(step, other.steps.slice(other.at), other.steps === replacement);
      default:
        return step.role satisfies never;
    }
  }
}

/** Whether the steps of the other plan lead to the same source with nothing in between that counts. */
function sourceProblem(source: QueryStep, others: readonly QueryStep[], areNew: boolean): UpgradeProblem | undefined {
  const placeOf = (step: QueryStep) => (areNew ? step : source).clause;
  for (const to of others) {
    if (to.type === source.type) return mismatch(source, to, placeOf(to));
    if (to.isJoin) return refused('Cannot change a non-join source into a join source.', placeOf(to));
    if (to.role === 'unsupported') return unsupported(to);
    if (to.role === 'matched')
      return refused(`Cannot add a ${to.type} step that is not in the original query plan.`, placeOf(to));
  }
  const last = others.at(-1)!;
  return refused(
    `The root source node of the upgrade tree must be ${source.type}, but was ${last.type}.`,
    placeOf(last),
  );
}

function mismatch(step: QueryStep, to: QueryStep, clause: QueryStep['clause']): UpgradeProblem | undefined {
  const differ = (property: string, before: string | undefined, after: string | undefined): UpgradeProblem =>
    refused(
      `Plan step of type ${step.type} must have matching ${property}. Values differ: ${before || 'none'} vs. ${after || 'none'}`,
      clause,
    );
  if (step.type !== to.type) return differ('class', step.type, to.type);
  for (const [property, value] of Object.entries(step.must))
    if (to.must[property] !== value) return differ(property, value, to.must[property]);
  return undefined;
}

const unsupported = ({ type, clause }: QueryStep): UpgradeProblem => ({
  message: `Upgrades not yet supported for ${type}`,
  clause,
});

const refused = (reason: string, clause: QueryStep['clause']): UpgradeProblem => ({
  message: `Query is not upgradeable. ${reason}\nDrop it and create it anew, or give the new query a name of its own.`,
  clause,
});
