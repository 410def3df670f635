import type { ExplainStatement } from '../../../language/generated/ast.ts';
import type { DataSource } from '../../../language/metastore/metastore.ts';
import { parseScript } from '../../../language/parser/parse-script.ts';
import type { AnalyzedQuery } from '../../../language/query/analyzed.ts';
import type { Column, Slot } from '../../../language/types/schema.ts';
import { printPlan, printTopology } from '../../plan/plan-printer.ts';
import { planQuery } from '../../plan/planner.ts';
import { leftmostAlias } from '../../runtime/push-query.ts';
import { applicationId, QueryIds, transientQueryId } from '../../runtime/query-ids.ts';
import { prepareStatement } from '../preparation/prepare.ts';
import {
  type ExecutionContext,
  type PreparedStatement,
  type StatementHandler,
  statementError,
} from '../preparation/statement-handler.ts';
import { askThreads } from './other-engines.ts';
import { plannedQueryDescription, queryDescription } from './query-entities.ts';
import { withThread } from './thread-figures.ts';

/** A query that is only looked at: what it would be called, and where its results would go. */
interface ExplainedQuery {
  readonly id: string;
  readonly query: AnalyzedQuery;
  readonly sink?: DataSource;
  readonly statementText: string;
}

export const explain: StatementHandler<ExplainStatement> = {
  async execute(statement, context) {
    const { services } = context;
    const { queryId, statement: inner } = statement.node;
    if (inner === undefined) {
      const query = services.queries.get(queryId!);
      if (query === undefined) {
        const message = `Query with id:${queryId} does not exist, use SHOW QUERIES to view the full set of queries.`;
        throw statementError(statement, message);
      }
      const threads = (await askThreads(statement.text, context)).flatMap((entity) =>
        entity['@type'] === 'queryDescription' ? [entity.queryDescription] : [],
      );
      return {
        '@type': 'queryDescription',
        statementText: statement.text,
        queryDescription: threads.reduce(withThread, queryDescription(query, services.hostAndPort)),
        warnings: [],
      };
    }
    const description = plannedQueryDescription(planned(await explained(statement, context), context));
    return { '@type': 'queryDescription', statementText: statement.text, queryDescription: description, warnings: [] };
  },
};

/** Analyses the statement behind EXPLAIN. A SELECT without EMIT is explained as the push query it would be with it. */
async function explained(
  statement: PreparedStatement<ExplainStatement>,
  context: ExecutionContext,
): Promise<ExplainedQuery> {
  const { services } = context;
  const inner = statement.node.statement!;
  const statementText = statement.text.replace(/^\s*EXPLAIN\s+/i, '');
  const analyzable =
    inner.$type === 'Query' && inner.emit === undefined
      ? statementText.replace(/(\s+LIMIT\s+\d+)?\s*;\s*$/i, ' EMIT CHANGES$1;')
      : statementText;
  const [parsed] = parseScript(analyzable, { dialect: 'latest' }).statements;
  const { prepared } = await prepareStatement(parsed!, context);
  const { analyzed } = prepared;
  const ids = new QueryIds(services.queryIds.next);
  switch (analyzed.kind) {
    case 'select':
      return { id: transientQueryId(leftmostAlias(analyzed.query)), query: analyzed.query, statementText };
    case 'create-as':
      return {
        id: ids.createAs(analyzed.sink.kind, analyzed.sink.name),
        query: analyzed.query,
        sink: analyzed.sink,
        statementText,
      };
    case 'insert-select':
      return { id: analyzed.queryId ?? ids.insert(), query: analyzed.query, sink: analyzed.target, statementText };
    case 'create-source':
    case 'insert-values':
    case 'simple':
      throw statementError(statement, 'The provided statement does not run a ksql query');
    default:
      return analyzed satisfies never;
  }
}

function planned({ id, query, sink, statementText }: ExplainedQuery, { services, session }: ExecutionContext) {
  const plan = planQuery(query);
  const persistent = sink !== undefined;
  const windowType = persistent ? query.output.window?.type : undefined;
  return {
    id,
    type: persistent ? ('PERSISTENT' as const) : ('PUSH' as const),
    statementText,
    sources: plan.sources.map(({ source }) => source.name),
    columns: persistent ? query.output.schema.columns : transientColumns(query),
    overriddenProperties: session.overriddenProperties(),
    consumerGroupId: applicationId(services.serviceId, id, persistent, services.clock.nowMs()),
    executionPlan: printPlan(plan),
    topology: printTopology(plan),
    sink,
    windowType,
  };
}

/** A push query gives all its columns as values, and ksqlDB lists the key of the rows before them. */
export function transientColumns(query: AnalyzedQuery): readonly Column[] {
  const keys = keySlots(query).map(({ name, type }): Column => ({ name, type, namespace: 'key' }));
  return [...keys, ...query.output.columns.map(({ name, type }): Column => ({ name, type, namespace: 'value' }))];
}

/**
 * The key of the rows that the projection is over: that of the groups, of PARTITION BY, of the join or of the source.
 */
function keySlots({ relation, grouping, partitionBy, output }: AnalyzedQuery): readonly Pick<Slot, 'name' | 'type'>[] {
  if (grouping === undefined && partitionBy !== undefined) {
    return partitionBy.map((expression, i) => {
      const name = output.columns.find(({ keyIndex }) => keyIndex === i)?.name ?? expression.text;
      return { name, type: expression.type };
    });
  }
  const layout =
    grouping?.layout ?? (relation.kind === 'join' ? relation.layout.slice(relation.keySlot) : relation.layout);
  return layout.filter(({ role }) => role === 'key');
}
