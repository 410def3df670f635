import path from 'node:path';
import * as vscode from 'vscode';
import { httpClient } from '../../engine/api/http-client.ts';
import { functionFolders } from '../statements/user-functions.ts';
import { type Connection, type EngineConnection, kafkaProperties } from './connection.ts';
import { EngineProcess, type EngineSettings } from './engine-process.ts';
import { EngineProcessError, StorageInUse, StorageUnusable } from './running-engine.ts';
import { startSandbox } from './sandbox.ts';
import { type Keeping, ServerSession } from './server-session.ts';
import { SERVICE_ID, serviceIdOf } from './service-id.ts';
import type { OpenChoice, OpenSurroundings } from './session-opening.ts';

/**
 * Records that cannot be read stand in the processing log where it stays on this machine; a cluster's log is read by
 * others.
 */
const LOGGED_ROWS = { 'ksql.logging.processing.rows.include': 'true' } as const;
/** The setting that says where the embedded engine answers clients of Kafka. */
const KAFKA_LISTEN_SETTING = 'ksql.engine.kafkaListen';
const KEPT: Keeping = { kind: 'kept' };
const IN_MEMORY: Keeping = {
  kind: 'in-memory',
  reason: vscode.l10n.t('Topics and definitions are kept in memory, as ksql.engine.storage says.'),
  isUnexpected: false,
};
const OTHER_WINDOW: Keeping = {
  kind: 'in-memory',
  reason: vscode.l10n.t(
    "Another window's engine has the storage. This window has an engine of its own in memory: what it makes ends with it.",
  ),
  isUnexpected: true,
};

/**
 * Connects to a server, or starts the engine that a connection stands for. @throws Error that says why it cannot be had
 */
export async function openSession(
  connection: Connection,
  surroundings: OpenSurroundings,
  choice: OpenChoice,
): Promise<ServerSession> {
  const { password, timeoutMs } = choice;
  if (connection.kind === 'ksqldb') {
    const timeout = timeoutMs === undefined ? {} : { timeoutMs };
    const client = httpClient({ url: connection.url, ...timeout, ...credentials(connection, password) });
    return new ServerSession({ connection, client, keeping: KEPT });
  }
  const started = await startEngine(connection, surroundings, choice);
  const session: ServerSession = new ServerSession({ connection, client: started.engine.client, ...started });
  started.engine.onExit((reason) => choice.onExit(session, reason));
  return session;
}

interface StartedEngine {
  readonly engine: EngineProcess;
  readonly keeping: Keeping;
  readonly serviceId?: string;
}

async function startEngine(
  connection: EngineConnection,
  surroundings: OpenSurroundings,
  { password, storageOnly = false, isImpatient = false, emptied = false }: OpenChoice,
): Promise<StartedEngine> {
  const { distPath, log, sandboxPage, storage, workspaceState } = surroundings;
  const own = vscode.workspace.getConfiguration('ksql.engine').get<Record<string, unknown>>('properties', {});
  const properties = Object.fromEntries(Object.entries(own).map(([name, value]) => [name, String(value)]));
  const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
  const settings: EngineSettings = {
    distPath,
    folders: [...folders, path.join(distPath, 'examples-data')],
    functionFolders: await functionFolders(),
    properties: { ...LOGGED_ROWS, ...properties },
  };
  switch (connection.kind) {
    case 'embedded': {
      const kafkaListen = vscode.workspace.getConfiguration().get<string>(KAFKA_LISTEN_SETTING, '').trim();
      const door = kafkaListen === '' ? {} : { kafkaListen };
      return startEmbedded({ ...settings, ...door, isImpatient, emptied }, log, storage, storageOnly);
    }
    case 'sandbox': {
      sandboxPage.begin();
      const sandbox = await startSandbox(distPath, log, (step) => sandboxPage.take(step));
      return startOnKafka({ ...settings, ...sandbox }, log, await serviceIdOf(connection, properties, workspaceState));
    }
    case 'kafka': {
      // The connection's own security counts: properties of a workspace must not take its protection away.
      const secured = { ...properties, ...kafkaProperties(connection, password) };
      const { schemaRegistryUrl, connectUrl } = connection;
      const registry = schemaRegistryUrl === undefined || schemaRegistryUrl === '' ? {} : { schemaRegistryUrl };
      const connect = connectUrl === undefined || connectUrl === '' ? {} : { 'ksql.connect.url': connectUrl };
      const all = { ...secured, ...connect };
      const kafka = { ...settings, properties: all, bootstrapServers: connection.url, ...registry };
      return startOnKafka(kafka, log, await serviceIdOf(connection, properties, workspaceState));
    }
    default:
      return connection satisfies never;
  }
}

async function startOnKafka(
  settings: EngineSettings,
  log: vscode.LogOutputChannel,
  serviceId: string,
): Promise<StartedEngine> {
  const properties = { ...settings.properties, [SERVICE_ID]: serviceId };
  return { engine: await EngineProcess.start({ ...settings, properties }, log), keeping: KEPT, serviceId };
}

/** On the workspace's storage, or in memory where another window's engine has that. */
async function startEmbedded(
  settings: EngineSettings,
  log: vscode.LogOutputChannel,
  storage: string | undefined,
  storageOnly: boolean,
): Promise<StartedEngine> {
  if (storage === undefined) return { engine: await EngineProcess.start(settings, log), keeping: IN_MEMORY };
  try {
    return { engine: await EngineProcess.start({ ...settings, stateFolder: storage }, log), keeping: KEPT };
  } catch (error) {
    if (!(error instanceof StorageInUse)) throw withWayOut(error);
    if (storageOnly) throw error;
    return { engine: await EngineProcess.start(settings, log), keeping: OTHER_WINDOW };
  }
}

/** A file of the storage that cannot be read, however that came, must not keep the engine from starting for good. */
function withWayOut(error: unknown): unknown {
  if (!(error instanceof StorageUnusable)) return error;
  return new EngineProcessError(
    vscode.l10n.t(
      '{0}\nThe command "KSQL: Empty the Embedded Engine\'s Storage…" starts it with nothing.',
      error.message,
    ),
  );
}

function credentials({ user }: { readonly user?: string }, password: string | undefined) {
  if (password === undefined || password === '') return {};
  return {
    credentials:
      user === undefined || user === ''
        ? ({ kind: 'bearer', token: password } as const)
        : ({ kind: 'basic', user, password } as const),
  };
}
