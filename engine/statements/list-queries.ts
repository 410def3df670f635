import type { ListQueries } from '../../language/generated/ast.ts';
import { queryDescription, runningQuery } from './query-entities.ts';
import type { StatementHandler } from './statement-handler.ts';

export const listQueries: StatementHandler<ListQueries> = {
  async execute({ node, text }, { services }) {
    const queries = services.queries.all();
    if (!node.extended)
      return { '@type': 'queries', statementText: text, queries: queries.map(runningQuery), warnings: [] };
    const queryDescriptions = queries.map((query) => queryDescription(query, services.hostAndPort));
    return { '@type': 'query_descriptions', statementText: text, queryDescriptions, warnings: [] };
  },
};
