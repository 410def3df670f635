import path from 'node:path';
import * as vscode from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import { registerSandboxCommands } from '../commands/sandbox-commands.ts';
import { engineStorage } from '../connections/engine-storage.ts';
import { openSession } from '../connections/open-session.ts';
import { type OpenLanguageClient, withOwnMessages } from '../language-client.ts';
import type { Platform } from '../platform.ts';
import { UserFunctionDeclarations } from '../statements/user-functions.ts';
import { registerMakeTest } from '../testing/make-test.ts';
import { registerTestCommands } from '../testing/test-commands.ts';
import { TestFiles } from '../testing/test-files.ts';
import { registerModelTools } from '../tools/model-tools.ts';

const ProcessClient = withOwnMessages(LanguageClient);

/** The language server in a process of its own. */
const openLanguageClient: OpenLanguageClient = ({ fsPath }, name, options) => {
  const module = path.join(fsPath, 'dist', 'server.mjs');
  const run = { module, transport: TransportKind.ipc };
  return new ProcessClient(
    'ksql',
    name,
    { run, debug: { ...run, options: { execArgv: ['--inspect=6019'] } } },
    options,
  );
};

/** A machine with processes and files: a desktop, or what a desktop is connected to. */
export const DESKTOP: Platform = {
  sessions: { open: openSession, storageOf: engineStorage },
  openLanguageClient,
  watchFunctions: ({ connections, log }, tell, onChanged) =>
    new UserFunctionDeclarations(connections.distPath, log, tell, onChanged),
  registerOwn: (context, { connections, sandboxPage, log, panelOf }) =>
    vscode.Disposable.from(
      registerModelTools(context, connections),
      registerSandboxCommands(connections, sandboxPage, log),
      registerMakeTest(connections),
      registerTestCommands(new TestFiles(connections.distPath, log), panelOf),
    ),
};
