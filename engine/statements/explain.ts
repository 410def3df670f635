import type { AnalyzedQuery } from '../../language/analysis/analyzed.ts';
import type { ExplainStatement } from '../../language/generated/ast.ts';
import { parseScript } from '../../language/parser/parse-script.ts';
import { badStatement } from '../errors.ts';
import { printPlan, printTopology } from '../plan/plan-printer.ts';
import { planQuery } from '../plan/planner.ts';
import { prepareStatement } from './prepare.ts';
import { plannedQueryDescription, queryDescription } from './query-entities.ts';
import { type StatementHandler, statementError } from './statement-handler.ts';

export const explain: StatementHandler<ExplainStatement> = {
  async execute(statement, { services, session }) {
    const { queryId, statement: inner } = statement.node;
    if (inner === undefined) {
      const query = services.queries.get(queryId!);
      if (query === undefined)
        throw statementError(
          statement,
          `Query with id:${queryId} does not exist, use SHOW QUERIES to view the full set of queries.`,
        );
      return {
        '@type': 'queryDescription',
        statementText: statement.text,
        queryDescription: queryDescription(query, services.hostAndPort),
        warnings: [],
      };
    }
    const text = statement.text.replace(/^\s*EXPLAIN\s+/i, '');
    const pushText =
      inner.$type === 'Query' && inner.emit === undefined
        ? text.replace(/(\s+LIMIT\s+\d+)?\s*;\s*$/i, ' EMIT CHANGES$1;')
        : text;
    const [parsed] = parseScript(pushText, { dialect: 'latest' }).statements;
    const { prepared } = await prepareStatement(parsed!, services.metastore, services, session);
    const { analyzed } = prepared;
    if (analyzed.kind !== 'select' && analyzed.kind !== 'create-as' && analyzed.kind !== 'insert-select')
      throw badStatement('The provided statement does not run a ksql query', statement.text);
    const description = plannedQueryDescription(planned(analyzed.query, text));
    return { '@type': 'queryDescription', statementText: statement.text, queryDescription: description, warnings: [] };
  },
};

function planned(query: AnalyzedQuery, statementText: string) {
  const plan = planQuery(query);
  const windowType = query.output.window?.type;
  return {
    id: '',
    type: query.kind === 'persistent' ? ('PERSISTENT' as const) : ('PUSH' as const),
    statementText,
    sources: plan.sources.map(({ source }) => source.name),
    columns: query.output.schema.columns,
    overriddenProperties: {},
    consumerGroupId: '',
    executionPlan: printPlan(plan),
    topology: printTopology(plan),
    ...(windowType === undefined ? {} : { windowType }),
  };
}
