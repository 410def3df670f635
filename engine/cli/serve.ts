import type { EngineMessage } from '../api/engine-message.ts';
import { StateError } from '../files/file-error.ts';
import { StateDirectoryInUse } from '../files/state-directory-lock.ts';
import type { Engine } from '../index.ts';
import { defaultMemoryBytes } from '../memory/default-memory.ts';
import { memorySetting } from '../memory/memory-setting.ts';
import { metricsPage } from '../metrics/metrics-page.ts';
import {
  hideSecrets,
  type ListenChoice,
  ListenOptionError,
  type ListenSettings,
  listenSettings,
} from '../rest/listen-options.ts';
import { listen, type StartingServer } from '../rest/server.ts';
import { EXIT, type ExitCode, StartError, UsageError } from '../script/exit-codes.ts';
import { type EngineChoice, openChosenEngine } from './engines/chosen-engine.ts';
import { peerClients } from './engines/peer-clients.ts';
import { type KafkaDoor, openKafkaDoor } from './kafka-door.ts';
import { hasParentChannel, tellParent } from './parent-process.ts';
import { type LogFormat, ServerLog } from './server-log.ts';
import { StopRequest } from './stop-request.ts';
import type { EngineThreads } from './threads/engine-threads.ts';
import type { ThreadChoice } from './threads/kept-thread.ts';
import { saidOnce } from './threads/said-once.ts';
import { threadCount } from './threads/thread-count.ts';

export interface ServeOptions extends EngineChoice, Omit<ListenChoice, 'property' | 'listen'> {
  /** Absent: as the property `listeners` says. */
  readonly listen?: string;
  readonly queriesFile?: string;
  /** Where the embedded broker answers clients of Kafka; absent: nowhere. */
  readonly kafkaListen?: string;
  /** How many engines share the queries of the service in this process, each in a thread; absent: see `threadCount`. */
  readonly threads?: number;
  readonly logFormat: LogFormat;
}

/** With where it listens, and how many threads it has. */
type ReadyOptions = ServeOptions & Pick<ListenChoice, 'listen'> & { readonly threads: number };

/**
 * `ksql serve`: the engine behind ksqlDB's REST API, until it is told to stop. The extension starts its engines with
 * it, too; whoever keeps a channel to the process is told where it listens, or why it does not, and the engine ends
 * with that process.
 */
export async function serve(given: ServeOptions): Promise<ExitCode> {
  hideSecrets(given, 'ksql serve');
  const stop = new StopRequest();
  try {
    const property = { ...propertiesOf(process.env), ...given.property };
    const listen = given.listen ?? firstListener(property);
    const options = { ...given, property, listen, ...threadsOf(given, property) };
    return await serveUntil(stop, options, settingsOf(options), new ServerLog(options.logFormat));
  } catch (error) {
    const { message } = error as Error;
    await tellParent({ kind: 'refused', message, reason: reasonOf(error) });
    throw error;
  } finally {
    stop.close();
  }
}

async function serveUntil(
  stop: StopRequest,
  options: ReadyOptions,
  settings: ListenSettings,
  log: ServerLog,
): Promise<ExitCode> {
  // ksqlDB's server stays when a client has terminated its cluster, and says so; one that belongs to a window is of no
  // more use.
  const onTerminate = hasParentChannel() ? { onTerminate: () => stop.make() } : {};
  const server = await listen({ ...settings.server, ...onTerminate, metrics: metricsPage('process') }).catch(
    (error: Error) => {
      throw new UsageError(`${options.listen} cannot be listened on: ${error.message}`);
    },
  );
  let engine: Engine | undefined;
  let door: KafkaDoor | undefined;
  let threads: EngineThreads | undefined;
  let isReady = false;
  try {
    const say = (notice: string) => log.info(notice);
    const choice = engineChoice(options, server.url, options.threads === 1 ? say : saidOnce(say));
    engine = await openDeployed(choice);
    if (engine === undefined) return EXIT.failed;
    threads = await startThreads(choice, options.threads, engine);
    // A window's engine is there for more than that, and the window says what is the matter.
    door = await openKafkaDoor(engine, options.kafkaListen, log, hasParentChannel());
    isReady = true;
  } finally {
    if (!isReady) {
      await server.close();
      await engine?.close();
      await threads?.close();
    }
  }
  server.serve(engine);
  engine.openCluster(peerClients(settings.server, options.property ?? {}), threads?.clients);
  const stopped = stop.made();
  await announce(server, settings, log, door);
  await stopped;
  await server.close();
  await door?.close();
  await Promise.all([engine.close(), threads?.close()]);
  return EXIT.done;
}

/** How many threads there are, and what each may take of memory. @throws UsageError @throws EngineError */
function threadsOf(
  { threads: asked, memory: given, bootstrapServer }: ServeOptions,
  property: Readonly<Record<string, string>>,
): { readonly threads: number; readonly memory?: number } {
  const memory = given ?? memorySetting((name) => property[name]);
  const isOnKafka = (bootstrapServer ?? property['bootstrap.servers']) !== undefined;
  const wanted = { threads: asked, property, isOnKafka, isOfWindow: hasParentChannel() };
  const threads = threadCount({ ...wanted, memoryBytes: memory });
  if (memory !== undefined) return { threads, memory: Math.floor(memory / threads) };
  return threads === 1 ? { threads } : { threads, memory: defaultMemoryBytes(threads) };
}

function engineChoice(options: ReadyOptions, endpoint: string, onNotice: (notice: string) => void): ThreadChoice {
  const role = options.queriesFile === undefined ? 'interactive' : 'headless';
  return { ...options, role, endpoint, onNotice };
}

/**
 * Opens the engine, and has it run the statements of the deployment; undefined where those fail, which has been said.
 */
async function openDeployed({ queriesFile, ...choice }: ThreadChoice): Promise<Engine | undefined> {
  const engine = await openChosenEngine(choice);
  if (queriesFile === undefined) return engine;
  const { runDeployment } = await import('./engines/deployment.ts');
  if (await runDeployment(engine, queriesFile)) return engine;
  await engine.close();
  return undefined;
}

/** The engines in further threads, where there are to be any. */
async function startThreads(choice: ThreadChoice, count: number, main: Engine): Promise<EngineThreads | undefined> {
  if (count === 1) return undefined;
  const { EngineThreads } = await import('./threads/engine-threads.ts');
  return EngineThreads.start(count - 1, choice, main);
}

async function announce(
  server: StartingServer,
  { warnings, madeUpToken }: ListenSettings,
  log: ServerLog,
  door: KafkaDoor | undefined,
): Promise<void> {
  for (const warning of warnings) log.warn(warning);
  if (madeUpToken !== undefined) log.info(`token: ${madeUpToken}`);
  if (door?.state.kind === 'open') log.open('Kafka clients:', door.state.address);
  log.open('listening on', server.url);
  await tellParent({ kind: 'listening', url: server.url, ...(door === undefined ? {} : { kafka: door.state }) });
}

function reasonOf(error: unknown): Extract<EngineMessage, { kind: 'refused' }>['reason'] {
  const cause = error instanceof StartError ? error.cause : error;
  if (cause instanceof StateDirectoryInUse) return 'state-in-use';
  return cause instanceof StateError ? 'state' : 'other';
}

/** ksqlDB's servers listen at several addresses; the first is the one that others know. */
const firstListener = ({ listeners }: Readonly<Record<string, string>>): string =>
  listeners?.split(',')[0]?.trim() || '127.0.0.1:8088';

function settingsOf(options: ReadyOptions): ListenSettings {
  try {
    return listenSettings(options, process.env);
  } catch (error) {
    if (error instanceof ListenOptionError) throw new UsageError(error.message);
    throw error;
  }
}

/** Settings from the environment as a JSON object: passwords on a command line would be there for everyone to read. */
function propertiesOf({ KSQL_PROPERTIES: text }: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  if (text === undefined) return {};
  try {
    return Object.fromEntries(Object.entries(JSON.parse(text)).map(([name, value]) => [name, String(value)]));
  } catch {
    // What stands there is not repeated: it may hold passwords.
    throw new UsageError('KSQL_PROPERTIES: give a JSON object, such as {"auto.offset.reset":"earliest"}.');
  }
}
