import type {
  Entity,
  QueryDescription,
  QueryState,
  RunningQuery,
  SourceDescription,
  Statistic,
} from '../../api/protocol.ts';
import { worstState } from '../../api/worst-state.ts';

/** A line of SHOW QUERIES, with the states that the query has in other threads of the host. */
export function ofHost(query: RunningQuery, there: readonly RunningQuery[]): RunningQuery {
  const states = [query, ...there.filter(({ id }) => id === query.id)];
  const [own, ...others] = states.flatMap(({ statusCount }) => Object.keys(statusCount) as QueryState[]);
  if (own === undefined) return query;
  const state = worstState(own, ...others);
  return states.find(({ statusCount }) => statusCount[state] !== undefined) ?? query;
}

/** Adds what another thread of the same host has of a query: its tasks, and its state where that is worse. */
export function withThread(query: QueryDescription, there: QueryDescription): QueryDescription {
  const [[host, own] = []] = Object.entries(query.ksqlHostQueryStatus);
  const [other] = Object.values(there.ksqlHostQueryStatus);
  const state = own === undefined || other === undefined ? own : worstState(own, other);
  return {
    ...query,
    ...(host === undefined || state === undefined ? {} : { ksqlHostQueryStatus: { [host]: state } }),
    state: there.state === 'ERROR' ? there.state : query.state,
    queryErrors: [...query.queryErrors, ...there.queryErrors],
    tasksMetadata: [...query.tasksMetadata, ...there.tasksMetadata],
  };
}

/** What DESCRIBE tells of a source, with what queries have read and written of it in other threads of the host. */
export function withThreads(source: SourceDescription, threads: readonly Entity[]): SourceDescription {
  return threads
    .flatMap(descriptionsOf)
    .filter(({ name }) => name === source.name)
    .reduce(together, source);
}

function descriptionsOf(entity: Entity): readonly SourceDescription[] {
  if (entity['@type'] === 'sourceDescription') return [entity.sourceDescription];
  return entity['@type'] === 'source_descriptions' ? entity.sourceDescriptions : [];
}

function together(source: SourceDescription, there: SourceDescription): SourceDescription {
  const clusterStatistics = added(source.clusterStatistics, there.clusterStatistics);
  const written = clusterStatistics.find(({ name }) => name === TOTAL_WRITTEN)?.value ?? 0;
  return {
    ...source,
    readQueries: source.readQueries.map((query) => ofHost(query, there.readQueries)),
    writeQueries: source.writeQueries.map((query) => ofHost(query, there.writeQueries)),
    statistics: source.extended ? statisticsText(written) : '',
    clusterStatistics,
    clusterErrorStats: added(source.clusterErrorStats, there.clusterErrorStats),
  };
}

/** The name of the figure that DESCRIBE … EXTENDED repeats as a text. */
export const TOTAL_WRITTEN = 'total-messages';

/** How many records were written, as DESCRIBE … EXTENDED says it. */
export const statisticsText = (written: number): string => (written === 0 ? '' : `${TOTAL_WRITTEN}: ${written}`);

/** All of them are counts, or counts a second. */
function added(own: readonly Statistic[], there: readonly Statistic[]): readonly Statistic[] {
  const sums = own.map((each) => ({
    ...each,
    value: each.value + (there.find(({ name }) => name === each.name)?.value ?? 0),
  }));
  return [...sums, ...there.filter(({ name }) => own.every((each) => each.name !== name))];
}
