import { EngineError } from '../api/errors.ts';
import type { Command } from '../runtime/commands/command-log.ts';
import type { EngineServices } from '../runtime/engine-services.ts';
import { Session } from '../runtime/session/session.ts';
import { handlerOf } from './handlers.ts';
import { type Preparation, parseStatements, prepareStatement } from './preparation/prepare.ts';
import type { ExecutionContext } from './preparation/statement-handler.ts';

/**
 * Executes the command log again, which brings sources, types and queries back as they were. Queries start only when
 * the end of the log is reached: one that a later command stops must not process anything more. A command that no
 * longer works (its topic was deleted by somebody else, say) is reported in the processing log, and the others go on.
 */
export async function replayCommands(services: EngineServices): Promise<void> {
  for (const command of services.commandLog.commands) {
    try {
      await replay(command, services);
    } catch (error) {
      services.processingLog.replayError(command.statement, error);
    }
  }
  services.queryIds.skipTo((services.commandLog.lastQueryNumber ?? -1) + 1);
  for (const query of services.queries.all()) await query.run.startAgain();
}

async function replay(command: Command, services: EngineServices): Promise<void> {
  const { queryId } = command;
  const session = new Session(new Map(Object.entries(command.properties)), command.properties, {});
  const number = /_(\d+)$/.exec(queryId ?? '')?.[1];
  if (number !== undefined) services.queryIds.skipTo(Number(number) + 1);
  const context = { services, session, replay: queryId === undefined ? {} : { queryId } };
  const { prepared } = await prepareAgain(command, context);
  await handlerOf(prepared.node)?.execute(prepared, context);
}

/** A source whose topic is gone is still a source, though it could not be created any more. */
async function prepareAgain({ statement }: Command, context: ExecutionContext): Promise<Preparation> {
  const [parsed] = parseStatements(statement, context);
  try {
    return await prepareStatement(parsed!, context);
  } catch (error) {
    if (!(error instanceof EngineError) || error.diagnosticCode !== 'unknown-topic') throw error;
    return await prepareStatement(parsed!, context, { ignoreTopics: true });
  }
}
