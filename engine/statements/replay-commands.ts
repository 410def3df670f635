import { TERMINATE_CLUSTER } from '../../language/statements/query-control.ts';
import { EngineError } from '../api/errors.ts';
import type { Entity } from '../api/protocol.ts';
import { BrokerError } from '../broker/broker.ts';
import type { Command, CommandLog } from '../runtime/commands/command-log.ts';
import type { EngineServices } from '../runtime/engine-services.ts';
import { Session } from '../runtime/session/session.ts';
import { handlerOf } from './handlers.ts';
import { type Preparation, parseStatements, prepareStatement } from './preparation/prepare.ts';
import type { ExecutionContext, Replay } from './preparation/statement-handler.ts';

/**
 * Executes the command log again, which brings sources, types and queries back as they were. Queries start only when
 * the end of the log is reached: one that a later command stops must not process anything more. A command that no
 * longer works (its topic was deleted by somebody else, say) is reported in the processing log, and the others go on.
 * @throws BrokerError `unreachable` where engines share the log: one that has not carried out what the others have must
 *   not go on
 */
export async function replayCommands(services: EngineServices): Promise<void> {
  const { commandLog } = services;
  for (const command of sinceTermination(commandLog)) {
    try {
      await carryOutCommand(command, services, { part: 'all', isOwn: false });
    } catch (error) {
      if (commandLog.isShared && isUnreachable(error)) throw error;
      services.processingLog.replayError(command.statement, error);
    }
  }
  if (!commandLog.isShared) services.queryIds.skipTo((commandLog.lastQueryNumber ?? -1) + 1);
  for (const query of services.queries.all()) await query.run.startAgain();
}

/** Whether it may go well when it is tried again, since the cluster has not answered. */
export const isUnreachable = (error: unknown): boolean => error instanceof BrokerError && error.code === 'unreachable';

/** A cluster that was terminated begins anew, also where its log could not be deleted. */
function sinceTermination({ commands }: CommandLog): readonly Command[] {
  return commands.slice(commands.findLastIndex(({ statement }) => statement === TERMINATE_CLUSTER) + 1);
}

/**
 * Carries out a statement that is in the log. In a log that engines share, the number of its query is the one behind
 * the command's, as in ksqlDB, unless it was noted with it: all engines give the same.
 * @throws EngineError
 */
export async function carryOutCommand(
  command: Command,
  services: EngineServices,
  { part, isOwn }: Pick<Replay, 'part' | 'isOwn'>,
): Promise<Entity | undefined> {
  const { queryId, sequence } = command;
  const session = new Session(new Map(Object.entries(command.properties)), command.properties, {});
  const number = /_(\d+)$/.exec(queryId ?? '')?.[1];
  if (number !== undefined) services.queryIds.skipTo(Number(number) + 1);
  if (services.commandLog.isShared) services.queryIds.skipTo(sequence + 1);
  const context = { services, session, replay: { queryId, sequence, part, isOwn } };
  const { prepared } = await prepareAgain(command, context);
  return await handlerOf(prepared.node)?.execute(prepared, context);
}

/** A source whose topic is gone is still a source, though it could not be created any more. */
async function prepareAgain({ statement, surroundings }: Command, context: ExecutionContext): Promise<Preparation> {
  const [parsed] = parseStatements(statement, context);
  try {
    return await prepareStatement(parsed!, context, { surroundings });
  } catch (error) {
    if (!(error instanceof EngineError) || error.diagnosticCode !== 'unknown-topic') throw error;
    return await prepareStatement(parsed!, context, { ignoreTopics: true });
  }
}
