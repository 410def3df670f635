import { setTimeout as sleep } from 'node:timers/promises';
import { ClientError, type RequestOptions } from '../../engine/api/client.ts';
import type { CommandStatusEntity, Entity } from '../../engine/api/protocol.ts';
import type { ServerSession } from '../connections/server-session.ts';

/** A command on a server of ksqlDB's own is followed until it is executed, asked for this often, in milliseconds. */
const STATUS_INTERVAL_MS = 100;
const STATUS_TIMEOUT_MS = 60_000;
/** ksqlDB's code for a command that a statement was told to wait for, and that the server does not have. */
const SEQUENCE_TIMEOUT = 50301;

/**
 * Executes statements that are no queries, and follows those that are commands until they have the status they end
 * with.
 * @throws ClientError
 */
export async function executeStatements(
  session: ServerSession,
  sql: string,
  options: RequestOptions,
): Promise<readonly Entity[]> {
  const answers: Entity[] = [];
  for (const entity of await executeAfterLast(session, sql, options))
    answers.push(entity['@type'] === 'currentStatus' ? await executed(session, entity) : entity);
  return answers;
}

/**
 * Executes statements once the last command of the session was. A server that was started anew behind its address
 * counts from the beginning: it does not have that command, and need not be waited for.
 */
async function executeAfterLast(
  session: ServerSession,
  sql: string,
  options: RequestOptions,
): Promise<readonly Entity[]> {
  const { client, commandSequenceNumber } = session;
  if (commandSequenceNumber === undefined) return client.execute(sql, options);
  try {
    return await client.execute(sql, { ...options, commandSequenceNumber });
  } catch (error) {
    if (!(error instanceof ClientError) || error.code !== SEQUENCE_TIMEOUT) throw error;
    session.commandSequenceNumber = undefined;
    return client.execute(sql, options);
  }
}

/** A command with the status it has once it was executed. */
async function executed(session: ServerSession, entity: CommandStatusEntity): Promise<CommandStatusEntity> {
  session.commandSequenceNumber = entity.commandSequenceNumber;
  let { commandStatus } = entity;
  const until = performance.now() + STATUS_TIMEOUT_MS;
  while (!isFinal(commandStatus.status) && performance.now() < until) {
    await sleep(STATUS_INTERVAL_MS);
    const { queryId } = commandStatus;
    commandStatus = await session.client.commandStatus(entity.commandId);
    commandStatus = { ...commandStatus, queryId: commandStatus.queryId ?? queryId };
  }
  return { ...entity, commandStatus };
}

const isFinal = (status: string): boolean => status === 'SUCCESS' || status === 'ERROR' || status === 'TERMINATED';
