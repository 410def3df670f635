import type { JavaRegex } from '../../language/java/regex/java-regex.ts';
import { EMPTY_METASTORE } from '../../language/metastore/metastore.ts';
import type { CommandStatus, Entity } from '../api/protocol.ts';
import type { EngineServices } from '../runtime/engine-services.ts';

/**
 * Stops all queries, deletes the topics of sources that match a pattern, and forgets all statements. Whoever serves the
 * engine ends with its answer: see `EngineServices.isTerminated`.
 * @throws EvaluationError, before anything is done, when a pattern takes too many steps
 */
export async function terminateCluster(services: EngineServices, patterns: readonly JavaRegex[]): Promise<Entity> {
  const topics = new Set([...services.metastore.sources.values()].map(({ topic }) => topic));
  const doomed = [...topics].filter((topic) => patterns.some((pattern) => pattern.test(topic)));
  for (const query of services.queries.all()) await services.queries.remove(query.id, { deleteState: true });
  for (const topic of doomed) await services.broker.deleteTopic(topic).catch(() => undefined);
  const { functions } = services.metastore;
  services.metastore = functions === undefined ? EMPTY_METASTORE : { ...EMPTY_METASTORE, functions };
  await services.commandLog.clear();
  services.isTerminated = true;
  return terminationEntity(services);
}

function terminationEntity({ commandStatuses, commandLog }: EngineServices): Entity {
  const commandId = 'terminate/CLUSTER/execute';
  const commandStatus: CommandStatus = {
    status: 'QUEUED',
    message: 'Statement written to command topic',
    queryId: null,
  };
  commandStatuses.set(commandId, commandStatus);
  return {
    '@type': 'currentStatus',
    statementText: 'TERMINATE CLUSTER;',
    commandId,
    commandStatus,
    commandSequenceNumber: commandLog.lastSequence,
    warnings: [],
  };
}
