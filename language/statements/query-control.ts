import type * as ast from '../generated/ast.ts';
import type { StatementContext } from '../query/statement-context.ts';
import { AnalysisError } from '../text/analysis-error.ts';
import { analyzeCreateAs } from './create-as.ts';
import { analyzeInsertSelect } from './insert-select.ts';
import { analyzeSelect } from './select.ts';

/** Ids of push and pull queries, which the metastore does not know. */
const TRANSIENT_ID = /^(transient_|query_)/i;

/** The one form in which ksqlDB takes it for more than the id of a query: exactly so, in capitals. */
export const TERMINATE_CLUSTER = 'TERMINATE CLUSTER;';

/** Checks TERMINATE, PAUSE and RESUME: there is such a query, and it may be touched. */
export function checkQueryControl(
  node: ast.TerminateQuery | ast.PauseQuery | ast.ResumeQuery,
  context: StatementContext,
): void {
  const { metastore, settings } = context;
  const id = node.queryId;
  if (context.statement.text === TERMINATE_CLUSTER) return;
  if (node.all || id === undefined || settings.offline || settings.queriesUnknown || TRANSIENT_ID.test(id)) return;
  const range = context.rangeOfProperty(node, 'queryId');
  const query = metastore.queries.get(id);
  if (query === undefined) throw new AnalysisError('unknown-query', `Unknown queryId: ${id}`, { range });
  if (query.kind !== 'source-table') return;
  const verb = node.$type === 'TerminateQuery' ? 'terminate' : node.$type === 'PauseQuery' ? 'pause' : 'resume';
  const message = `Cannot ${verb} query '${id}' because it is linked to a source table.`;
  throw new AnalysisError('source-table-query', message, { range });
}

/** Checks EXPLAIN: of a query that runs, or of a statement that would run one. */
export function checkExplain(node: ast.ExplainStatement, context: StatementContext): void {
  const { statement, queryId } = node;
  switch (statement?.$type) {
    case undefined: {
      const { offline, queriesUnknown } = context.settings;
      if (offline || queriesUnknown || context.metastore.queries.has(queryId ?? '')) return;
      const message = `Query with id:${queryId} does not exist, use SHOW QUERIES to view the full set of queries.`;
      throw new AnalysisError('unknown-query', message, { range: context.rangeOfProperty(node, 'queryId') });
    }
    case 'Query':
      // A SELECT without EMIT is explained as the push query that it would be with it.
      analyzeSelect({ ...statement, emit: statement.emit ?? 'CHANGES' } as ast.Query, context);
      return;
    case 'CreateAs':
      analyzeCreateAs(statement, context);
      return;
    case 'InsertSelect':
      analyzeInsertSelect(statement, context);
      return;
    default:
      throw new AnalysisError('explain', 'The provided statement does not run a ksql query', { node: statement });
  }
}
