import type { ListQueries } from '../../../language/generated/ast.ts';
import type { Warning } from '../../api/protocol.ts';
import type { RegisteredQuery } from '../../runtime/query-registry.ts';
import type { StatementHandler } from '../preparation/statement-handler.ts';
import { queryDescription, runningQuery } from './query-entities.ts';

export const listQueries: StatementHandler<ListQueries> = {
  async execute({ node, text }, { services }) {
    const queries = services.queries.all();
    if (!node.extended)
      return { '@type': 'queries', statementText: text, queries: queries.map(runningQuery), warnings: losses(queries) };
    const queryDescriptions = queries.map((query) => queryDescription(query, services.hostAndPort));
    return { '@type': 'query_descriptions', statementText: text, queryDescriptions, warnings: losses(queries) };
  },
};

/** A query whose records were lost runs like any other; who looks at it is to know. */
const losses = (queries: readonly RegisteredQuery[]): readonly Warning[] =>
  queries.flatMap(({ id, run }) =>
    run.errors.flatMap(({ type, errorMessage }) => (type === 'SYSTEM' ? { message: `${id}: ${errorMessage}` } : [])),
  );
