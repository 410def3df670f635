import type { JavaRegex } from '../../language/java/regex/java-regex.ts';
import { EMPTY_METASTORE } from '../../language/metastore/metastore.ts';
import type { CommandStatus, Entity } from '../api/protocol.ts';
import type { EngineServices } from '../runtime/engine-services.ts';

export const TERMINATE_CLUSTER_ID = 'terminate/CLUSTER/execute';

/**
 * Stops all queries, deletes the topics of sources that match a pattern, and forgets all statements. Whoever serves the
 * engine ends with its answer: see `EngineServices.isTerminated`.
 * @throws EvaluationError, before anything is done, when a pattern takes too many steps
 */
export async function terminateCluster(services: EngineServices, patterns: readonly JavaRegex[]): Promise<Entity> {
  const doomed = topicsMatching(services, patterns);
  await endCluster(services);
  await deleteTopics(services, doomed);
  await services.commandLog.clear();
  return terminationEntity(services, services.commandLog.lastSequence);
}

/** The topics of sources that match a pattern. @throws EvaluationError when a pattern takes too many steps */
export function topicsMatching({ metastore }: EngineServices, patterns: readonly JavaRegex[]): readonly string[] {
  const topics = new Set([...metastore.sources.values()].map(({ topic }) => topic));
  return [...topics].filter((topic) => patterns.some((pattern) => pattern.test(topic)));
}

/** Stops all queries of this engine, and forgets what statements have made. */
export async function endCluster(services: EngineServices): Promise<void> {
  for (const query of services.queries.all()) await services.queries.remove(query.id, { deleteState: true });
  const { functions } = services.metastore;
  services.metastore = functions === undefined ? EMPTY_METASTORE : { ...EMPTY_METASTORE, functions };
  services.isTerminated = true;
}

export async function deleteTopics({ broker }: EngineServices, topics: readonly string[]): Promise<void> {
  for (const topic of topics) await broker.deleteTopic(topic).catch(() => undefined);
}

export function terminationEntity({ commandStatuses }: EngineServices, commandSequenceNumber: number): Entity {
  const commandStatus: CommandStatus = {
    status: 'QUEUED',
    message: 'Statement written to command topic',
    queryId: null,
  };
  commandStatuses.set(TERMINATE_CLUSTER_ID, commandStatus);
  return {
    '@type': 'currentStatus',
    statementText: 'TERMINATE CLUSTER;',
    commandId: TERMINATE_CLUSTER_ID,
    commandStatus,
    commandSequenceNumber,
    warnings: [],
  };
}
