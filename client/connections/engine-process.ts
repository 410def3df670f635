import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import * as l10n from '@vscode/l10n';
import type { LogOutputChannel } from 'vscode';
import type { KsqlClient } from '../../engine/api/client.ts';
import type { EngineMessage, KafkaDoorState } from '../../engine/api/engine-message.ts';
import { httpClient } from '../../engine/api/http-client.ts';
import { EngineProcessError, type RunningEngine, StorageInUse, StorageUnusable } from './running-engine.ts';

/** The engine may take this long until it listens, in milliseconds; connecting to a Kafka cluster is part of it. */
const START_TIMEOUT_MS = 30_000;
/** And this long where it goes on with what it kept: a large state takes its time to read. */
const RESTART_TIMEOUT_MS = 600_000;
/**
 * After being told to stop the engine gets this long before it is killed, in milliseconds: VS Code waits five seconds.
 */
const STOP_TIMEOUT_MS = 4_000;
/** The window before this one, and its engine, may take so long to leave the state directory, in seconds. */
const STATE_WAIT_SECONDS = 12;
const KEPT_ERROR_LINES = 12;

export interface EngineSettings {
  /** The folder of the bundles. */
  readonly distPath: string;
  /** Folders that file sources may read. */
  readonly folders: readonly string[];
  /** Where the user's own functions are. */
  readonly functionFolders: readonly string[];
  /** Where it keeps topics, definitions and offsets; absent: in memory. */
  readonly stateFolder?: string;
  /** Another engine that has the folder is not waited for: it was before, and did not go. */
  readonly isImpatient?: boolean;
  /** What the folder holds is deleted first. */
  readonly emptied?: boolean;
  readonly bootstrapServers?: string;
  readonly schemaRegistryUrl?: string | undefined;
  readonly properties: Readonly<Record<string, string>>;
  /** Where the embedded broker answers clients of Kafka; absent: nowhere. */
  readonly kafkaListen?: string | undefined;
}

/**
 * The engine in a process of its own, listening on a free port of this machine, with a token that only this process
 * knows. It ends with the extension host, because the channel between them closes.
 */
export class EngineProcess implements RunningEngine {
  readonly client: KsqlClient;
  /** Whether clients of Kafka reach it; undefined where they are not to. */
  readonly kafka: KafkaDoorState | undefined;
  readonly #child: ChildProcess;
  readonly #exited = Promise.withResolvers<string>();
  #stopping = false;

  private constructor(child: ChildProcess, client: KsqlClient, kafka: KafkaDoorState | undefined) {
    this.#child = child;
    this.client = client;
    this.kafka = kafka;
  }

  /**
   * Starts an engine and waits until it listens.
   * @throws StorageInUse when another engine has its state folder
   * @throws EngineProcessError with the engine's last words when it does not come up
   */
  static async start(settings: EngineSettings, log: LogOutputChannel): Promise<EngineProcess> {
    const token = randomBytes(24).toString('base64url');
    const child = spawn(process.execPath, engineArguments(settings), {
      env: {
        ...process.env,
        // The extension host of a desktop VS Code is Electron; with this it runs a script as Node would.
        ELECTRON_RUN_AS_NODE: '1',
        KSQL_TOKEN: token,
        KSQL_PROPERTIES: JSON.stringify(settings.properties),
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const lastLines: string[] = [];
    const remember = (line: string) => {
      lastLines.push(line);
      if (lastLines.length > KEPT_ERROR_LINES) lastLines.shift();
    };
    eachLine(child.stderr!, (line) => {
      remember(line);
      log.warn(line);
    });
    const timeoutMs = settings.stateFolder === undefined ? START_TIMEOUT_MS : RESTART_TIMEOUT_MS;
    eachLine(child.stdout!, (line) => log.info(line));
    const { url, kafka } = await whenListening(child, lastLines, timeoutMs);
    const engine = new EngineProcess(child, httpClient({ url, credentials: { kind: 'bearer', token } }), kafka);
    // Once its output is read to the end, for the line that says why.
    child.once('close', (code, signal) => {
      log.info(`The engine ended (${signal ?? exitText(code)}).`);
      engine.#exited.resolve(signal === null ? (lastLines.at(-1) ?? exitText(code)) : l10n.t('killed by {0}', signal));
    });
    return engine;
  }

  /** Calls back, with what ended it or its last words, when it ends without having been told to. */
  onExit(act: (reason: string) => void): void {
    void this.#exited.promise.then((reason) => {
      if (!this.#stopping) act(reason);
    });
  }

  /** Ends the engine; resolves when it is gone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.client.close();
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill();
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await gone;
    clearTimeout(timer);
  }
}

function engineArguments(settings: EngineSettings): string[] {
  const optional = (name: string, value: string | undefined) => (value === undefined ? [] : [name, value]);
  return [
    path.join(settings.distPath, 'ksql.mjs'),
    'serve',
    '--listen',
    '127.0.0.1:0',
    // A folder of the workspace may be gone, or be elsewhere; the command line takes that for a slip.
    ...settings.folders.filter((folder) => existsSync(folder)).flatMap((folder) => ['--files', folder]),
    ...settings.functionFolders.flatMap((folder) => ['--functions', folder]),
    ...optional('--state-dir', settings.stateFolder),
    ...(settings.stateFolder === undefined || settings.isImpatient ? [] : ['--state-wait', String(STATE_WAIT_SECONDS)]),
    ...(settings.emptied ? ['--empty-state'] : []),
    ...optional('--bootstrap-server', settings.bootstrapServers),
    ...optional('--schema-registry', settings.schemaRegistryUrl),
    ...optional('--kafka-listen', settings.kafkaListen),
  ];
}

type Listening = Extract<EngineMessage, { kind: 'listening' }>;

/** Where the engine listens, as it tells over the channel. */
function whenListening(child: ChildProcess, lastLines: readonly string[], timeoutMs: number): Promise<Listening> {
  const { promise, resolve, reject } = Promise.withResolvers<Listening>();
  const fail = (reason: string) => reject(new EngineProcessError(lastLines.length > 0 ? lastLines.join('\n') : reason));
  const timer = setTimeout(() => {
    child.kill('SIGKILL');
    fail(l10n.t('The engine did not listen within {0} s.', timeoutMs / 1000));
  }, timeoutMs);
  child.once('error', (error) => fail(error.message));
  child.once('close', (code, signal) => fail(l10n.t('The engine ended with {0}.', signal ?? exitText(code))));
  child.on('message', (message) => {
    const told = message as EngineMessage;
    if (told.kind === 'listening') resolve(told);
    else reject(refusal(told));
  });
  return promise.finally(() => clearTimeout(timer));
}

const exitText = (code: number | null): string => l10n.t('exit code {0}', String(code));

function refusal({ reason, message }: Extract<EngineMessage, { kind: 'refused' }>): EngineProcessError {
  switch (reason) {
    case 'state-in-use':
      return new StorageInUse(message);
    case 'state':
      return new StorageUnusable(message);
    case 'other':
      return new EngineProcessError(message);
    default:
      return reason satisfies never;
  }
}

/** Calls back for each complete line that a stream brings. */
export function eachLine(stream: NodeJS.ReadableStream, take: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line.trim() !== '') take(line.trimEnd());
  });
}
