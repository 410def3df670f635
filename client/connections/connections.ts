import path from 'node:path';
import * as vscode from 'vscode';
import { ClientError, KsqlClient } from '../../engine/rest/client.ts';
import type { MetastoreSnapshot } from '../../language/analysis/metastore-snapshot.ts';
import { EngineProcess } from '../engine-process.ts';
import { functionsFolder } from '../user-functions.ts';
import {
  type Connection,
  type ConnectionState,
  connectionName,
  kafkaProperties,
  type NamedConnection,
} from './connection.ts';
import { readSnapshotOf } from './read-snapshot.ts';
import { startSandbox } from './sandbox.ts';
import type { SandboxPage } from './sandbox-page.ts';
import { placeOf, readPassword, secretKey, storedForm } from './stored-password.ts';

const CHOSEN = 'ksql.connection';
/** How long a server may take to answer a test of its connection, in milliseconds. */
const TEST_TIMEOUT_MS = 8_000;
/** After a change the sources are read again once it has been quiet this long, in milliseconds. */
const REFRESH_DELAY_MS = 150;

/**
 * The connection that statements run on, and what is known of it. Nothing is started before {@link client} is called.
 */
export class Connections implements vscode.Disposable {
  readonly #context: vscode.ExtensionContext;
  readonly #log: vscode.LogOutputChannel;
  readonly #sandboxPage: SandboxPage;
  readonly #changed = new vscode.EventEmitter<void>();
  /** The connection, its state, or what it has, changed. */
  readonly onDidChange = this.#changed.event;
  #connection: Connection;
  #state: ConnectionState = { kind: 'idle' };
  #engine: EngineProcess | undefined;
  #client: Promise<KsqlClient> | undefined;
  #snapshot: MetastoreSnapshot | undefined;
  #refreshTimer: NodeJS.Timeout | undefined;

  constructor(context: vscode.ExtensionContext, log: vscode.LogOutputChannel, sandboxPage: SandboxPage) {
    this.#sandboxPage = sandboxPage;
    this.#context = context;
    this.#log = log;
    this.#connection = this.#remembered();
    this.#publish();
  }

  get connection(): Connection {
    return this.#connection;
  }

  get name(): string {
    return connectionName(this.#connection);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** What the server had when it was last asked; undefined while nothing is connected. */
  get snapshot(): MetastoreSnapshot | undefined {
    return this.#snapshot;
  }

  get distPath(): string {
    return path.join(this.#context.extensionPath, 'dist');
  }

  /** The connections that can be chosen. */
  get all(): readonly Connection[] {
    const named = vscode.workspace.getConfiguration('ksql').get<readonly NamedConnection[]>('connections', []);
    return [{ kind: 'embedded' }, { kind: 'sandbox' }, ...named];
  }

  /** The client of the chosen connection; the first call starts what has to be started. @throws Error that says why not */
  client(): Promise<KsqlClient> {
    this.#client ??= this.#open();
    return this.#client;
  }

  /** The client, if one is connected already. */
  get connected(): Promise<KsqlClient> | undefined {
    return this.#state.kind === 'connected' ? this.#client : undefined;
  }

  /** Chooses what statements run on, and connects to it. */
  async choose(connection: Connection): Promise<void> {
    await this.close();
    this.#connection = connection;
    await this.#context.workspaceState.update(CHOSEN, connection);
    this.#publish();
    await this.client().catch(() => undefined);
  }

  /** Ends the engine, or leaves the server, until it is needed again. */
  async close(): Promise<void> {
    const engine = this.#engine;
    const client = await this.#client?.catch(() => undefined);
    this.#engine = undefined;
    this.#client = undefined;
    this.#snapshot = undefined;
    client?.close();
    await engine?.stop();
    this.#set({ kind: 'idle' });
  }

  async restart(): Promise<void> {
    await this.close();
    await this.client().catch(() => undefined);
  }

  /** Reads anew what the server has, soon; for after statements that change it. */
  refreshSoon(): void {
    clearTimeout(this.#refreshTimer);
    this.#refreshTimer = setTimeout(() => void this.refresh(), REFRESH_DELAY_MS);
  }

  /** Reads anew what the server has. */
  async refresh(): Promise<void> {
    const client = await this.connected;
    if (client === undefined) return;
    try {
      this.#snapshot = await readSnapshotOf(client);
    } catch (error) {
      this.#log.warn(`What ${this.name} has could not be read: ${messageOf(error)}`);
      if (error instanceof ClientError && error.status === 0) this.#lost(error.message);
    }
    this.#publish();
  }

  /** Keeps a connection in the settings, its password in the secret storage. */
  async save(connection: NamedConnection, password: string | undefined): Promise<void> {
    const settings = vscode.workspace.getConfiguration('ksql');
    const others = settings
      .get<readonly NamedConnection[]>('connections', [])
      .filter(({ name }) => name !== connection.name);
    await settings.update('connections', [...others, connection], vscode.ConfigurationTarget.Global);
    if (password !== undefined && password !== '') await this.#keepPassword(connection, password);
  }

  async remove(connection: NamedConnection): Promise<void> {
    const settings = vscode.workspace.getConfiguration('ksql');
    const others = settings
      .get<readonly NamedConnection[]>('connections', [])
      .filter(({ name }) => name !== connection.name);
    await settings.update('connections', others, vscode.ConfigurationTarget.Global);
    await this.#context.secrets.delete(secretKey(connection));
    if (connectionName(this.#connection) === connection.name) await this.choose({ kind: 'embedded' });
  }

  /** Tries a connection for real. @throws Error with the words of the server or broker itself */
  async test(connection: NamedConnection, password: string | undefined): Promise<string> {
    if (connection.kind === 'ksqldb') {
      const client = new KsqlClient({
        url: connection.url,
        timeoutMs: TEST_TIMEOUT_MS,
        ...credentials(connection, password),
      });
      const { KsqlServerInfo: info } = await client.info();
      client.close();
      return `ksqlDB ${info.version}`;
    }
    const engine = await this.#startEngine(connection, password, () => undefined);
    try {
      const [answer] = await engine.client.execute('SHOW TOPICS;');
      return answer?.['@type'] === 'kafka_topics' ? `${answer.topics.length} topics` : 'connected';
    } finally {
      await engine.stop();
    }
  }

  dispose(): void {
    clearTimeout(this.#refreshTimer);
    void this.#engine?.stop();
  }

  async #open(): Promise<KsqlClient> {
    if (!vscode.workspace.isTrusted) {
      this.#client = undefined;
      throw new Error('Nothing is run in a workspace that is not trusted.');
    }
    this.#set({ kind: 'starting' });
    const started = performance.now();
    try {
      const connection = this.#connection;
      const client = await this.#clientFor(connection);
      const { KsqlServerInfo: info } = await client.info();
      this.#log.info(`Connected to ${this.name} in ${Math.round(performance.now() - started)} ms.`);
      this.#set({ kind: 'connected', version: info.version });
      void this.refresh();
      return client;
    } catch (error) {
      this.#log.error(`${this.name}: ${messageOf(error)}`);
      this.#client = undefined;
      this.#set({ kind: 'failed', reason: messageOf(error) });
      throw error;
    }
  }

  async #clientFor(connection: Connection): Promise<KsqlClient> {
    const password = 'name' in connection ? await this.#passwordFor(connection) : undefined;
    if (connection.kind === 'ksqldb')
      return new KsqlClient({ url: connection.url, ...credentials(connection, password) });
    this.#engine = await this.#startEngine(connection, password, (reason) => this.#lost(reason));
    return this.#engine.client;
  }

  async #keepPassword(connection: NamedConnection, password: string): Promise<void> {
    await this.#context.secrets.store(secretKey(connection), storedForm(connection, password));
  }

  /**
   * The password that was entered for the place that the connection names. Where its settings have changed since, the user is asked
   * whether it may go there, by entering it again. @throws Error when the user does not
   */
  async #passwordFor(connection: NamedConnection): Promise<string | undefined> {
    const lookup = readPassword(connection, await this.#context.secrets.get(secretKey(connection)));
    if (lookup.kind === 'none') return undefined;
    if (lookup.kind === 'found') return lookup.password;
    const place = placeOf(connection);
    const before = lookup.place === undefined ? 'before its address was kept with it' : `for ${lookup.place}`;
    const password = await vscode.window.showInputBox({
      title: `Password of ${connection.name}`,
      prompt: `It was saved ${before}. Enter it again to send it to ${place}; Escape sends nothing.`,
      password: true,
      ignoreFocusOut: true,
    });
    if (password === undefined || password === '')
      throw new Error(
        `The password of ${connection.name} was saved ${before}, and was not sent to ${place}. Choose the connection again to enter it for there.`,
      );
    await this.#keepPassword(connection, password);
    return password;
  }

  async #startEngine(
    connection: Exclude<Connection, { readonly kind: 'ksqldb' }>,
    password: string | undefined,
    onExit: (reason: string) => void,
  ): Promise<EngineProcess> {
    const own = vscode.workspace.getConfiguration('ksql.engine').get<Record<string, unknown>>('properties', {});
    const properties = Object.fromEntries(Object.entries(own).map(([name, value]) => [name, String(value)]));
    const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
    const settings = {
      distPath: this.distPath,
      folders: [...folders, path.join(this.distPath, 'examples-data')],
      ...functionsSetting(),
      properties,
    };
    switch (connection.kind) {
      case 'embedded':
        return EngineProcess.start({ ...settings, properties: { ...LOGGED_ROWS, ...properties } }, this.#log, onExit);
      case 'sandbox': {
        this.#sandboxPage.begin();
        const sandbox = await startSandbox(this.distPath, this.#log, (step) => this.#sandboxPage.take(step));
        return EngineProcess.start(
          { ...settings, ...sandbox, properties: { ...LOGGED_ROWS, ...properties } },
          this.#log,
          onExit,
        );
      }
      case 'kafka': {
        // The connection's own security counts: properties of a workspace must not take its protection away.
        const secured = { ...properties, ...kafkaProperties(connection, password) };
        const { schemaRegistryUrl } = connection;
        const registry = schemaRegistryUrl === undefined || schemaRegistryUrl === '' ? {} : { schemaRegistryUrl };
        const kafka = { ...settings, properties: secured, bootstrapServers: connection.url, ...registry };
        return EngineProcess.start(kafka, this.#log, onExit);
      }
      default:
        return connection satisfies never;
    }
  }

  #lost(reason: string): void {
    this.#engine = undefined;
    this.#client = undefined;
    this.#snapshot = undefined;
    this.#set({ kind: 'failed', reason });
  }

  #set(state: ConnectionState): void {
    this.#state = state;
    this.#publish();
  }

  #publish(): void {
    void vscode.commands.executeCommand('setContext', 'ksql.connection', this.#state.kind);
    this.#changed.fire();
  }

  #remembered(): Connection {
    const chosen = this.#context.workspaceState.get<Connection>(CHOSEN, { kind: 'embedded' });
    return this.all.find((each) => connectionName(each) === connectionName(chosen)) ?? { kind: 'embedded' };
  }
}

/** Records that cannot be read stand in the processing log where it stays on this machine; a cluster's log is read by others. */
const LOGGED_ROWS = { 'ksql.logging.processing.rows.include': 'true' } as const;

function credentials({ user }: { readonly user?: string }, password: string | undefined) {
  if (password === undefined || password === '') return {};
  return {
    credentials:
      user === undefined || user === ''
        ? ({ kind: 'bearer', token: password } as const)
        : ({ kind: 'basic', user, password } as const),
  };
}

/** What a thrown value says. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function functionsSetting(): { readonly functionsFolder?: string } {
  const folder = functionsFolder();
  return folder === undefined ? {} : { functionsFolder: folder };
}
