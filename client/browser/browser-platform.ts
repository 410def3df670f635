import * as vscode from 'vscode';
import {
  BrowserMessageReader,
  BrowserMessageWriter,
  LanguageClient,
  type MessageTransports,
} from 'vscode-languageclient/browser';
import { type Connection, connectionName } from '../connections/connection.ts';
import { type Keeping, ServerSession } from '../connections/server-session.ts';
import type { OpenChoice, OpenSurroundings } from '../connections/session-opening.ts';
import { withOwnMessages } from '../language-client.ts';
import type { Platform } from '../platform.ts';
import { EngineWorker } from './engine-worker.ts';
import { startWorker } from './start-worker.ts';

const WorkerClient = withOwnMessages(LanguageClient);

const IN_MEMORY: Keeping = {
  kind: 'in-memory',
  reason: vscode.l10n.t('In a browser topics and definitions are kept in memory, until the window is closed.'),
  isUnexpected: false,
};

async function openSession(
  connection: Connection,
  { log, extensionUri }: OpenSurroundings,
  { onExit }: OpenChoice,
): Promise<ServerSession> {
  if (connection.kind !== 'embedded') throw new Error(needsDesktop(connectionName(connection)));
  const own = vscode.workspace.getConfiguration('ksql.engine').get<Record<string, unknown>>('properties', {});
  const properties = Object.fromEntries(Object.entries(own).map(([name, value]) => [name, String(value)]));
  const logged = { 'ksql.logging.processing.rows.include': 'true', ...properties };
  const engine = await EngineWorker.start(extensionUri, logged, log);
  const session = new ServerSession({ connection, client: engine.client, engine, keeping: IN_MEMORY });
  engine.onExit((reason) => onExit(session, reason));
  return session;
}

/** What VS Code gives extensions for a worker is none by its class, so the client would not know what to do with it. */
async function connectServer(extensionUri: vscode.Uri): Promise<MessageTransports> {
  const worker = await startWorker(extensionUri, 'server.js');
  return { reader: new BrowserMessageReader(worker), writer: new BrowserMessageWriter(worker) };
}

/** What only a machine can do that has processes and connections to others. */
const needsDesktop = (what: string): string =>
  vscode.l10n.t(
    '{0}: this needs VS Code on the desktop. In a browser, statements run on the embedded engine alone.',
    what,
  );

const refuse = (command: string, what: string): vscode.Disposable =>
  vscode.commands.registerCommand(command, () => vscode.window.showInformationMessage(needsDesktop(what)));

/** A browser: what runs beside the extension's host are workers, and files are those that VS Code reads. */
export const BROWSER: Platform = {
  sessions: { open: openSession, storageOf: () => undefined },
  openLanguageClient: (extensionUri, name, options) =>
    new WorkerClient('ksql', name, () => connectServer(extensionUri), options),
  watchFunctions: ({ log }) => ({
    async load() {
      const found = await vscode.workspace.findFiles('functions/*.{js,mjs,ts,mts}', undefined, 1);
      if (found.length > 0) log.warn(needsDesktop(vscode.l10n.t('Functions of your own')));
    },
    dispose: () => undefined,
  }),
  registerOwn: () =>
    vscode.Disposable.from(
      ...['start', 'stop', 'status'].map((action) =>
        refuse(`ksql.sandbox.${action}`, vscode.l10n.t('The Redpanda container')),
      ),
      refuse('ksql.runTest', vscode.l10n.t('Running tests')),
      refuse('ksql.makeTest', vscode.l10n.t('Running tests')),
    ),
};
