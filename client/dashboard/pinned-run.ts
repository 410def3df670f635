import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { ClientError } from '../../engine/api/client.ts';
import type { AnswerKey } from '../../language/script/answer-key.ts';
import type { AnswerKeyParams } from '../../server/protocol.ts';
import type { Connections } from '../connections/connections.ts';
import type { ServerSession } from '../connections/server-session.ts';
import { type QueryEnd, runPrint, runQuery } from '../results/query-run.ts';
import type { Result } from '../results/result.ts';
import { scriptDialect } from '../statements/script-dialect.ts';
import type { PinnedChart } from './tile.ts';

/** How long it may take until it is known that a server has ended, in milliseconds. */
const END_NOTICE_MS = 2_000;

/** Asks the language server which columns of an answer are its key. */
export type AskKey = (params: AnswerKeyParams) => Promise<AnswerKey | null>;

/**
 * Runs the query of a pinned chart on its connection, which is started if need be, until the query ends.
 * @throws Error that says why it cannot run
 */
export async function runPinned(
  { statement, connection, settings }: PinnedChart,
  result: Result,
  connections: Connections,
  askKey: AskKey,
): Promise<void> {
  const session = await connections.openNamed(connection);
  const { client, snapshot } = session;
  // It may be stopped before there is a query that could be.
  let isStopped = false;
  void result.whenEnded.then(() => {
    isStopped = true;
  });
  const onRows = () => {
    if (isStopped) result.query?.stop();
  };
  const asked = { sql: statement, dialect: scriptDialect(), ...settings };
  const key =
    snapshot === undefined ? undefined : ((await askKey({ ...asked, snapshot }).catch(() => null)) ?? undefined);
  if (isStopped) return;
  const end = await ended(
    /^\s*PRINT\b/i.test(statement)
      ? runPrint(client, statement, result, { ...settings, onRows })
      : runQuery(client, statement, result, { ...settings, records: session.isOurEngine, key, onRows }),
    session,
  );
  if (end.kind === 'failed') return result.end('failed', end.message);
  if (end.kind === 'ended' && session.end !== undefined)
    return result.end('failed', vscode.l10n.t('It ended with its engine: {0}.', session.end.reason));
  result.end(end.kind);
}

/** A connection breaks a moment before it is known that the server behind it has ended. */
async function ended(running: Promise<QueryEnd>, session: ServerSession): Promise<QueryEnd> {
  try {
    return await running;
  } catch (error) {
    // A server that has refused something has answered.
    if (error instanceof ClientError && error.status !== 0) throw error;
    await Promise.race([session.whenEnded, sleep(END_NOTICE_MS)]);
    if (session.end === undefined) throw error;
    return { kind: 'ended' };
  }
}
