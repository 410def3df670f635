import type { QueryDescription, QueryState, RunningQuery, TaskMetadata } from '../../api/protocol.ts';
import type { PlannedQuery, RegisteredQuery } from '../../runtime/query-registry.ts';
import { fieldInfo } from './schema-info.ts';

/**
 * One line of SHOW QUERIES. A paused query still has the state RUNNING; only the count of states says that it is
 * paused.
 */
export function runningQuery(query: RegisteredQuery): RunningQuery {
  const state = query.run.state;
  return {
    queryString: query.statementText,
    sinks: query.sink ? [query.sink.name] : [],
    sinkKafkaTopics: query.sink ? [query.sink.topic] : [],
    id: query.id,
    statusCount: { [state]: 1 },
    queryType: query.type,
    state: aggregateState(state),
  };
}

const aggregateState = (state: QueryState): string => (state === 'ERROR' ? 'ERROR' : 'RUNNING');

/** What EXPLAIN and SHOW QUERIES EXTENDED tell about a running query. */
export function queryDescription(query: RegisteredQuery, hostAndPort: string): QueryDescription {
  return {
    ...describedQuery(query),
    ksqlHostQueryStatus: { [hostAndPort]: query.run.state },
    queryErrors: query.run.errors,
    tasksMetadata: query.type === 'PERSISTENT' ? tasksMetadata(query) : [],
    state: aggregateState(query.run.state),
  };
}

/** What EXPLAIN tells about a query that does not run. */
export function plannedQueryDescription(query: PlannedQuery): QueryDescription {
  return { ...describedQuery(query), ksqlHostQueryStatus: {}, queryErrors: [], tasksMetadata: [], state: null };
}

function describedQuery(query: PlannedQuery) {
  return {
    id: query.id,
    statementText: query.statementText,
    windowType: query.windowType ?? null,
    fields: query.columns.map(fieldInfo),
    sources: query.sources,
    sinks: query.sink ? [query.sink.name] : [],
    topology: query.topology,
    executionPlan: query.executionPlan,
    overriddenProperties: query.overriddenProperties,
    queryType: query.type,
    consumerGroupId: query.consumerGroupId,
  };
}

/** The tasks that run here: those of several that are shared, or one a partition, as Kafka Streams would divide it. */
function tasksMetadata({ shared, run }: RegisteredQuery): readonly TaskMetadata[] {
  const tasks =
    shared === undefined
      ? [...Map.groupBy(run.positions, ({ partition }) => partition)].map(
          ([partition, positions]) => [`0_${partition}`, positions] as const,
        )
      : shared.local.filter(({ isActive }) => isActive).map(({ id, positions }) => [id, positions] as const);
  return tasks.map(([taskId, positions]) => ({
    taskId,
    topicOffsets: positions.map(({ topic, partition, committedOffset, endOffset }) => ({
      topicPartitionEntity: { topic, partition },
      endOffset: endOffset - 1,
      committedOffset,
    })),
    timeCurrentIdlingStarted: null,
  }));
}
