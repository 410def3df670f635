import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { ClientError } from '../../engine/api/client.ts';
import { readFunctionsOf } from '../../engine/api/snapshot/read-functions.ts';
import { readNamesOf } from '../../engine/api/snapshot/read-names.ts';
import { clusterText, readSnapshotOf } from '../../engine/api/snapshot/read-snapshot.ts';
import type { MetastoreSnapshot } from '../../language/metastore/metastore-snapshot.ts';
import { type Connection, type ConnectionState, connectionName } from './connection.ts';
import { messageOf } from './message-of.ts';
import { StorageInUse } from './running-engine.ts';
import type { ServerSession, SessionEnd } from './server-session.ts';
import type { OpenChoice } from './session-opening.ts';

/** The end of a process is known this long after its connections broke, in milliseconds. */
const EXIT_NOTICE_MS = 1_000;

/** Statements run in trusted workspaces only. */
export class UntrustedWorkspace extends Error {
  constructor() {
    super(vscode.l10n.t('Nothing is run in a workspace that is not trusted.'));
  }
}

/** What an endpoint asks of those who hold it. */
export interface EndpointHost {
  /** Opens a session with the settings as they are now. @throws Error that says why it cannot be had */
  open(connection: Connection, choice: OpenChoice): Promise<ServerSession>;
  readonly log: Pick<vscode.LogOutputChannel, 'info' | 'warn' | 'error'>;
  password(connection: Connection): Promise<string | undefined>;
  /** Its state, or what its server has, changed. */
  changed(): void;
  /** A session has begun, and what its server has is known. */
  began(session: ServerSession): void;
  ended(session: ServerSession, end: SessionEnd): void;
}

type StorageChoice = Pick<OpenChoice, 'storageOnly' | 'emptied'>;

/**
 * A connection with what stands behind it: nothing, a server that is starting, or a session. Several live side by side.
 */
export class Endpoint {
  readonly connection: Connection;
  readonly #host: EndpointHost;
  #state: ConnectionState = { kind: 'idle' };
  #opening: Promise<ServerSession> | undefined;
  #session: ServerSession | undefined;
  /** Whether another window's engine had the storage when it was last wanted. */
  #isStorageTaken = false;

  constructor(connection: Connection, host: EndpointHost) {
    this.connection = connection;
    this.#host = host;
  }

  get name(): string {
    return connectionName(this.connection);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** What is connected now. */
  get session(): ServerSession | undefined {
    return this.#session;
  }

  /**
   * Connects, or starts what has to be started; at once where that was done already. @throws Error that says why not
   */
  open(choice: StorageChoice = {}): Promise<ServerSession> {
    if (!vscode.workspace.isTrusted) return Promise.reject(new UntrustedWorkspace());
    const opening = this.#opening ?? this.#open(choice);
    this.#opening = opening;
    return opening.catch((error: unknown) => {
      if (this.#opening === opening) this.#opening = undefined;
      // What could only be had with the storage was asked for by somebody else: this one takes what there is.
      if (error instanceof StorageInUse && !choice.storageOnly) return this.open(choice);
      throw error;
    });
  }

  /** Ends the engine, or leaves the server, until it is needed again. */
  async close(reason: string): Promise<void> {
    const session = await this.#opening?.catch(() => undefined);
    if (session !== undefined) {
      this.#end(session, { kind: 'stopped', reason });
      await session.engine?.stop();
    }
    this.#set({ kind: 'idle' });
  }

  /** Reads anew what the server has. */
  async refresh(): Promise<void> {
    const session = this.#session;
    if (session === undefined) return;
    let snapshot: MetastoreSnapshot;
    try {
      snapshot = await readSnapshotOf(session.client);
    } catch (error) {
      if (session.end !== undefined) return;
      this.#host.log.warn(`What ${this.name} has could not be read: ${messageOf(error)}`);
      if (error instanceof ClientError && error.status === 0) await this.#unreachable(session, error.message);
      return;
    }
    if (session.end !== undefined) return;
    // Several may read at the same time: the first that has an answer is the one with which the session begins.
    const isFirst = session.snapshot === undefined;
    session.snapshot = { ...snapshot, ...session.askedOnce };
    const registered = registeredSources(snapshot);
    const isRegistered = registered !== session.registeredSources;
    session.registeredSources = registered;
    if (isFirst) this.#host.began(session);
    this.#host.changed();
    if (isFirst) void this.#askOnce(session);
    else if (isRegistered) void this.#askNames(session).catch(() => undefined);
  }

  /** Waited for by nobody: a Kafka Connect that is away answers late. */
  async #askOnce(session: ServerSession): Promise<void> {
    const functions = readFunctionsOf(session.client).then((found) => this.#take(session, { functions: found }));
    await Promise.allSettled([functions, this.#askNames(session)]);
  }

  /** Asked again once other sources have schemas in a registry. @throws ClientError */
  async #askNames(session: ServerSession): Promise<void> {
    this.#take(session, { names: await readNamesOf(session.client) });
  }

  #take(session: ServerSession, part: ServerSession['askedOnce']): void {
    session.askedOnce = { ...session.askedOnce, ...part };
    if (session.snapshot === undefined || session.end !== undefined) return;
    session.snapshot = { ...session.snapshot, ...part };
    this.#host.changed();
  }

  async #open(choice: StorageChoice): Promise<ServerSession> {
    this.#set({ kind: 'starting' });
    const { log } = this.#host;
    const startedMs = performance.now();
    try {
      const password = await this.#host.password(this.connection);
      const onExit = (session: ServerSession, reason: string) => this.#lost(session, reason);
      const isImpatient = this.#isStorageTaken;
      const session = await this.#host.open(this.connection, { ...choice, isImpatient, password, onExit });
      this.#isStorageTaken = session.keeping.kind === 'in-memory' && session.keeping.isUnexpected;
      const version = await versionOf(session);
      log.info(`Connected to ${this.name} in ${Math.round(performance.now() - startedMs)} ms.`);
      this.#session = session;
      this.#set({ kind: 'connected', version });
      void this.refresh();
      return session;
    } catch (error) {
      log.error(`${this.name}: ${messageOf(error)}`);
      this.#isStorageTaken ||= error instanceof StorageInUse;
      this.#set(error instanceof StorageInUse ? { kind: 'idle' } : { kind: 'failed', reason: messageOf(error) });
      throw error;
    }
  }

  /** An engine of ours that cannot be reached has ended: how, its process tells a moment later. */
  async #unreachable(session: ServerSession, reason: string): Promise<void> {
    if (session.engine !== undefined) await Promise.race([session.whenEnded, sleep(EXIT_NOTICE_MS)]);
    this.#lost(session, reason);
  }

  #lost(session: ServerSession, reason: string): void {
    if (session.end !== undefined) return;
    this.#end(session, { kind: 'crashed', reason });
    void session.engine?.stop();
    this.#set({ kind: 'failed', reason, hasEnded: session.engine !== undefined });
  }

  #end(session: ServerSession, end: SessionEnd): void {
    session.close(end);
    if (this.#session === session) this.#session = undefined;
    this.#opening = undefined;
    this.#host.ended(session, end);
  }

  #set(state: ConnectionState): void {
    this.#state = state;
    this.#host.changed();
  }
}

/** @throws Error when it does not answer, is not ready, or does not let one in; its engine is ended then */
async function versionOf(session: ServerSession): Promise<string> {
  try {
    const answer = await session.client.info();
    const info = answer.KsqlServerInfo;
    session.askedOnce = { cluster: clusterText(answer) };
    if (info.serverStatus === 'INITIALIZING')
      throw new Error(vscode.l10n.t('The server is still starting. Try again in a moment.'));
    return info.version;
  } catch (error) {
    session.client.close();
    await session.engine?.stop();
    throw error;
  }
}

/** The sources of which a registry has schemas, as a text that is another one when they are. */
const registeredSources = ({ sources }: MetastoreSnapshot): string =>
  sources
    .filter(({ keyFormat, valueFormat }) => [keyFormat, valueFormat].some((format) => REGISTERED.has(format)))
    .map(({ name }) => name)
    .join();

const REGISTERED: ReadonlySet<string> = new Set(['AVRO', 'PROTOBUF', 'JSON_SR']);
