import type { ListQueries } from '../../../language/generated/ast.ts';
import type { Entity, QueryDescription, QueryState, RunningQuery, Warning } from '../../api/protocol.ts';
import type { RegisteredQuery } from '../../runtime/query-registry.ts';
import type { StatementHandler } from '../preparation/statement-handler.ts';
import { askOthers, askThreads, type OtherAnswer } from './other-engines.ts';
import { queryDescription, runningQuery } from './query-entities.ts';
import { ofHost, withThread } from './thread-figures.ts';

export const listQueries: StatementHandler<ListQueries> = {
  async execute({ node, text }, context) {
    const { services } = context;
    const [others, threads] = await Promise.all([askOthers(text, context), askThreads(text, context)]);
    const queries = services.queries.all();
    if (!node.extended) {
      const there = threads.flatMap((entity) => (entity['@type'] === 'queries' ? entity.queries : []));
      const own = queries.map((query) => ofHost(runningQuery(query), there));
      return { '@type': 'queries', statementText: text, queries: withCounts(own, others), warnings: losses(queries) };
    }
    const own = queries.map((query) => withThreads(queryDescription(query, services.hostAndPort), threads));
    const queryDescriptions = withDescriptions(own, others);
    return { '@type': 'query_descriptions', statementText: text, queryDescriptions, warnings: losses(queries) };
  },
};

const withThreads = (query: QueryDescription, threads: readonly Entity[]): QueryDescription =>
  threads
    .flatMap((entity) => (entity['@type'] === 'query_descriptions' ? entity.queryDescriptions : []))
    .filter(({ id }) => id === query.id)
    .reduce(withThread, query);

/** A query whose records were lost runs like any other; who looks at it is to know. */
const losses = (queries: readonly RegisteredQuery[]): readonly Warning[] =>
  queries.flatMap(({ id, run }) =>
    run.errors.flatMap(({ type, errorMessage }) => (type === 'SYSTEM' ? { message: `${id}: ${errorMessage}` } : [])),
  );

/**
 * Adds what other engines have: each counts for a query in the state that it has there, one that does not answer as
 * UNRESPONSIVE for the queries that all have, and their push queries stand behind the rest.
 */
function withCounts(own: readonly RunningQuery[], others: readonly OtherAnswer[]): readonly RunningQuery[] {
  const byId = new Map(own.map((query) => [query.id, query]));
  for (const { entities } of others) {
    const there = entities && listed(entities);
    if (there === undefined) {
      for (const query of own)
        if (query.queryType === 'PERSISTENT') byId.set(query.id, sum(byId.get(query.id)!, { UNRESPONSIVE: 1 }));
      continue;
    }
    for (const query of there) {
      const known = byId.get(query.id);
      byId.set(query.id, known === undefined ? query : sum(known, query.statusCount));
    }
  }
  return [...byId.values()];
}

type StatusCount = RunningQuery['statusCount'];

function sum(query: RunningQuery, more: StatusCount): RunningQuery {
  const statusCount: Partial<Record<QueryState, number>> = { ...query.statusCount };
  for (const [state, count] of Object.entries(more) as [QueryState, number][])
    statusCount[state] = (statusCount[state] ?? 0) + count;
  return { ...query, statusCount, state: statusCount.ERROR === undefined ? query.state : 'ERROR' };
}

function listed(entities: readonly Entity[]): readonly RunningQuery[] | undefined {
  const [entity] = entities;
  return entity?.['@type'] === 'queries' ? entity.queries : undefined;
}

/** The same of SHOW QUERIES EXTENDED: the states by host, and the tasks of all. */
function withDescriptions(own: readonly QueryDescription[], others: readonly OtherAnswer[]) {
  const byId = new Map(own.map((query) => [query.id, query]));
  for (const { host, entities } of others) {
    const [entity] = entities ?? [];
    if (entity?.['@type'] !== 'query_descriptions') {
      for (const { id, queryType } of own) {
        const query = byId.get(id)!;
        const ksqlHostQueryStatus = { ...query.ksqlHostQueryStatus, [host]: 'UNRESPONSIVE' as const };
        if (queryType === 'PERSISTENT') byId.set(id, { ...query, ksqlHostQueryStatus });
      }
      continue;
    }
    for (const query of entity.queryDescriptions) {
      const known = byId.get(query.id);
      byId.set(query.id, known === undefined ? query : together(known, query));
    }
  }
  return [...byId.values()];
}

const together = (one: QueryDescription, other: QueryDescription): QueryDescription => ({
  ...one,
  ksqlHostQueryStatus: { ...one.ksqlHostQueryStatus, ...other.ksqlHostQueryStatus },
  queryErrors: [...one.queryErrors, ...other.queryErrors],
  tasksMetadata: [...one.tasksMetadata, ...other.tasksMetadata],
  state: other.state === 'ERROR' ? 'ERROR' : one.state,
});
