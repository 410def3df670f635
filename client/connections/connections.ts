import * as vscode from 'vscode';
import type { KsqlClient } from '../../engine/api/client.ts';
import type { MetastoreSnapshot } from '../../language/metastore/metastore-snapshot.ts';
import {
  CONNECTION_TRAITS,
  type Connection,
  type ConnectionState,
  connectionName,
  type NamedConnection,
} from './connection.ts';
import { Endpoint } from './endpoint.ts';
import { Passwords } from './passwords.ts';
import type { SandboxPage } from './sandbox-page.ts';
import type { ServerSession, SessionEnd } from './server-session.ts';
import type { OpenSurroundings, SessionMaker } from './session-opening.ts';

const CHOSEN = 'ksql.connection';
/** Names of the connections whose engines run, so that the next window on the workspace has them again. */
const RUNNING = 'ksql.runningEngines';
/** How long a server may take to answer a test of its connection, in milliseconds. */
const TEST_TIMEOUT_MS = 8_000;
/** After a change the sources are read again once it has been quiet this long, in milliseconds. */
const REFRESH_DELAY_MS = 150;

/** A session that has ended, and how. */
export interface EndedSession {
  readonly session: ServerSession;
  readonly end: SessionEnd;
}

/**
 * The connections, of which one is chosen: statements run on that. Choosing another leaves the engines of the others
 * running. Nothing is started before {@link open} is called, but what ran when the window was last closed.
 */
export class Connections implements vscode.Disposable {
  readonly #context: vscode.ExtensionContext;
  readonly #log: vscode.LogOutputChannel;
  readonly #sandboxPage: SandboxPage;
  readonly #sessions: SessionMaker;
  readonly #passwords: Passwords;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #began = new vscode.EventEmitter<ServerSession>();
  readonly #ended = new vscode.EventEmitter<EndedSession>();
  /** The connection, its state, or what it has, changed. */
  readonly onDidChange = this.#changed.event;
  /** A server was connected to, and what it has is known. */
  readonly onDidBegin = this.#began.event;
  /** An engine or server is gone, or was left. */
  readonly onDidEnd = this.#ended.event;
  readonly #endpoints = new Map<string, Endpoint>();
  #chosen: Endpoint;
  #refreshTimer: NodeJS.Timeout | undefined;

  constructor(
    context: vscode.ExtensionContext,
    log: vscode.LogOutputChannel,
    sandboxPage: SandboxPage,
    sessions: SessionMaker,
  ) {
    this.#sessions = sessions;
    this.#sandboxPage = sandboxPage;
    this.#context = context;
    this.#log = log;
    this.#passwords = new Passwords(context.secrets);
    this.#chosen = this.#endpoint(this.#remembered());
    this.#publish();
  }

  get connection(): Connection {
    return this.#chosen.connection;
  }

  get name(): string {
    return this.#chosen.name;
  }

  get state(): ConnectionState {
    return this.#chosen.state;
  }

  /** What is connected now; undefined while nothing is. */
  get session(): ServerSession | undefined {
    return this.#chosen.session;
  }

  /** What the server had when it was last asked; undefined while nothing is connected. */
  get snapshot(): MetastoreSnapshot | undefined {
    return this.session?.snapshot;
  }

  get distPath(): string {
    return vscode.Uri.joinPath(this.#context.extensionUri, 'dist').fsPath;
  }

  /** The connections that can be chosen. */
  get all(): readonly Connection[] {
    const named = vscode.workspace.getConfiguration('ksql').get<readonly NamedConnection[]>('connections', []);
    return [{ kind: 'embedded' }, { kind: 'sandbox' }, ...named];
  }

  /** The connections whose engines run in this window. */
  get running(): readonly Connection[] {
    return [...this.#endpoints.values()]
      .filter(({ session }) => session?.engine !== undefined)
      .map(({ connection }) => connection);
  }

  /** The chosen connection's session; the first call starts what has to be started. @throws Error that says why not */
  open(): Promise<ServerSession> {
    return this.#chosen.open();
  }

  /** The session of a connection by its name, started if need be. @throws Error that says why not */
  async openNamed(name: string): Promise<ServerSession> {
    const connection = this.all.find((each) => connectionName(each) === name);
    if (connection === undefined) throw new Error(vscode.l10n.t('There is no connection {0} any more.', name));
    const endpoint = this.#endpoint(connection);
    const session = await endpoint.open();
    await endpoint.refresh();
    return session;
  }

  /** The state of a connection by its name; undefined where there is none of that name. */
  stateOf(name: string): ConnectionState | undefined {
    const connection = this.all.find((each) => connectionName(each) === name);
    return connection && (this.#endpoints.get(name)?.state ?? { kind: 'idle' });
  }

  /** The client of the chosen connection, started if need be. @throws Error that says why not */
  async client(): Promise<KsqlClient> {
    return (await this.open()).client;
  }

  /** Chooses what statements run on, and connects to it. */
  async choose(connection: Connection): Promise<void> {
    this.#chosen = this.#endpoint(connection);
    await this.#context.workspaceState.update(CHOSEN, connection);
    this.#publish();
    await this.open().catch(() => undefined);
  }

  /** Ends the engine of a connection, or leaves the server, until it is needed again. */
  async stop(connection: Connection = this.connection): Promise<void> {
    await this.#keepRunning(connectionName(connection), false);
    await this.#endpoints.get(connectionName(connection))?.close(vscode.l10n.t('it was stopped'));
  }

  async restart(): Promise<void> {
    await this.#chosen.close(vscode.l10n.t('it was started again'));
    await this.open().catch(() => undefined);
  }

  /**
   * Starts the embedded engine with nothing in its storage. @throws StorageInUse where another window's engine has it
   */
  async emptyStorage(): Promise<void> {
    const embedded = this.#endpoint({ kind: 'embedded' });
    await embedded.close(vscode.l10n.t('its storage was emptied'));
    await embedded.open({ emptied: true, storageOnly: true });
  }

  /** Ends everything that runs. What the next window has again is started by that. */
  async closeAll(): Promise<void> {
    await Promise.all(
      [...this.#endpoints.values()].map((endpoint) => endpoint.close(vscode.l10n.t('the window was closed'))),
    );
  }

  /**
   * Starts the engines again that ran when the window was last closed, unless another window has them now, or the
   * settings do not want that.
   */
  async resume(): Promise<void> {
    if (!vscode.workspace.getConfiguration('ksql.engine').get('resume', true)) return;
    const names = this.#context.workspaceState.get<readonly string[]>(RUNNING, []);
    const isKept = this.#sessions.storageOf(this.#context) !== undefined;
    const wanted = this.all.filter((each) => {
      const { resumes } = CONNECTION_TRAITS[each.kind];
      return names.includes(connectionName(each)) && (resumes === 'always' || (isKept && resumes !== 'never'));
    });
    const opened = wanted.map((each) => this.#endpoint(each).open({ storageOnly: true }));
    await Promise.allSettled(opened);
  }

  /** Reads anew what the server has, soon; for after statements that change it. */
  refreshSoon(): void {
    clearTimeout(this.#refreshTimer);
    this.#refreshTimer = setTimeout(() => void this.refresh(), REFRESH_DELAY_MS);
  }

  /** Reads anew what the server has. */
  refresh(): Promise<void> {
    return this.#chosen.refresh();
  }

  /** Keeps a connection in the settings, its password in the secret storage. */
  async save(connection: NamedConnection, password: string | undefined): Promise<void> {
    await this.#updateNamed(connection, [connection]);
    if (password !== undefined && password !== '') await this.#passwords.keep(connection, password);
  }

  /** The password that is stored for a connection; where it was entered for another place the user is asked. */
  passwordOf(connection: NamedConnection): Promise<string | undefined> {
    return this.#passwords.for(connection);
  }

  async remove(connection: NamedConnection): Promise<void> {
    await this.#updateNamed(connection, []);
    await this.#passwords.forget(connection);
    await this.stop(connection);
    this.#endpoints.delete(connection.name);
    if (this.name === connection.name) await this.choose({ kind: 'embedded' });
  }

  /** Tries a connection for real. @throws Error with the words of the server or broker itself */
  async test(connection: NamedConnection, password: string | undefined): Promise<string> {
    const choice = { password, timeoutMs: TEST_TIMEOUT_MS, onExit: () => undefined };
    const session = await this.#sessions.open(connection, this.#surroundings(), choice);
    try {
      if (connection.kind === 'ksqldb') {
        const { KsqlServerInfo: info } = await session.client.info();
        return `ksqlDB ${info.version}`;
      }
      const [answer] = await session.client.execute('SHOW TOPICS;');
      return answer?.['@type'] === 'kafka_topics' ? `${answer.topics.length} topics` : 'connected';
    } finally {
      session.client.close();
      await session.engine?.stop();
    }
  }

  dispose(): void {
    clearTimeout(this.#refreshTimer);
    void this.closeAll();
  }

  #surroundings(): OpenSurroundings {
    const { distPath } = this;
    return {
      extensionUri: this.#context.extensionUri,
      distPath,
      log: this.#log,
      sandboxPage: this.#sandboxPage,
      storage: this.#sessions.storageOf(this.#context),
      workspaceState: this.#context.workspaceState,
    };
  }

  /** What stands behind a connection. Where its settings have changed, what ran by the old ones ends. */
  #endpoint(connection: Connection): Endpoint {
    const name = connectionName(connection);
    const known = this.#endpoints.get(name);
    if (known !== undefined && JSON.stringify(known.connection) === JSON.stringify(connection)) return known;
    void known?.close(vscode.l10n.t('its settings were changed'));
    const endpoint = new Endpoint(connection, {
      open: (each, choice) => this.#sessions.open(each, this.#surroundings(), choice),
      log: this.#log,
      password: async (each) => ('name' in each ? this.#passwords.for(each) : undefined),
      changed: () => this.#publish(),
      began: (session) => {
        if (session.engine !== undefined) void this.#keepRunning(name, true);
        this.#began.fire(session);
      },
      ended: (session, end) => this.#ended.fire({ session, end }),
    });
    this.#endpoints.set(name, endpoint);
    return endpoint;
  }

  async #keepRunning(name: string, runs: boolean): Promise<void> {
    const others = this.#context.workspaceState.get<readonly string[]>(RUNNING, []).filter((each) => each !== name);
    await this.#context.workspaceState.update(RUNNING, runs ? [...others, name] : others);
  }

  async #updateNamed(connection: NamedConnection, by: readonly NamedConnection[]): Promise<void> {
    const settings = vscode.workspace.getConfiguration('ksql');
    const others = settings
      .get<readonly NamedConnection[]>('connections', [])
      .filter(({ name }) => name !== connection.name);
    await settings.update('connections', [...others, ...by], vscode.ConfigurationTarget.Global);
  }

  #publish(): void {
    void vscode.commands.executeCommand('setContext', 'ksql.connection', this.state.kind);
    this.#changed.fire();
  }

  #remembered(): Connection {
    const chosen = this.#context.workspaceState.get<Connection>(CHOSEN, { kind: 'embedded' });
    return this.all.find((each) => connectionName(each) === connectionName(chosen)) ?? { kind: 'embedded' };
  }
}
