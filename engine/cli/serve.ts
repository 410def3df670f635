import type { EngineMessage } from '../api/engine-message.ts';
import { MemoryBroker } from '../broker/embedded/memory-broker.ts';
import { StateError } from '../files/file-error.ts';
import { StateDirectoryInUse } from '../files/state-directory-lock.ts';
import type { Engine } from '../index.ts';
import { isLoopback } from '../rest/http/browser-guard.ts';
import {
  hideSecrets,
  type ListenChoice,
  ListenOptionError,
  type ListenSettings,
  listenAddress,
  listenSettings,
} from '../rest/listen-options.ts';
import { listen, type StartingServer } from '../rest/server.ts';
import { EXIT, type ExitCode, StartError, UsageError } from '../script/exit-codes.ts';
import { type EngineChoice, openChosenEngine } from './engines/chosen-engine.ts';
import { hasParentChannel, tellParent } from './parent-process.ts';
import { StopRequest } from './stop-request.ts';

export interface ServeOptions extends EngineChoice, Omit<ListenChoice, 'property' | 'listen'> {
  readonly listen: string;
  readonly queriesFile?: string;
  /** Where the embedded broker answers clients of Kafka; absent: nowhere. */
  readonly kafkaListen?: string;
}

/**
 * `ksql serve`: the engine behind ksqlDB's REST API, until it is told to stop. The extension starts its engines with
 * it, too; whoever keeps a channel to the process is told where it listens, or why it does not, and the engine ends
 * with that process.
 */
export async function serve(given: ServeOptions): Promise<ExitCode> {
  hideSecrets(given, 'ksql serve');
  const stop = new StopRequest();
  try {
    const options = { ...given, property: { ...propertiesOf(process.env), ...given.property } };
    return await serveUntil(stop, options, settingsOf(options));
  } catch (error) {
    const { message } = error as Error;
    await tellParent({ kind: 'refused', message, reason: reasonOf(error) });
    throw error;
  } finally {
    stop.close();
  }
}

async function serveUntil(stop: StopRequest, options: ServeOptions, settings: ListenSettings): Promise<ExitCode> {
  // ksqlDB's server stays when a client has terminated its cluster, and says so; one that belongs to a window is of no
  // more use.
  const onTerminate = hasParentChannel() ? { onTerminate: () => stop.make() } : {};
  const server = await listen({ ...settings.server, ...onTerminate }).catch((error: Error) => {
    throw new UsageError(`${options.listen} cannot be listened on: ${error.message}`);
  });
  let engine: Engine | undefined;
  let door: KafkaDoor | undefined;
  let isReady = false;
  try {
    engine = await openDeployed(options);
    if (engine === undefined) return EXIT.failed;
    door = await openKafkaDoor(engine, options.kafkaListen);
    isReady = true;
  } finally {
    if (!isReady) {
      await server.close();
      await engine?.close();
    }
  }
  server.serve(engine);
  const stopped = stop.made();
  await announce(server, settings, door);
  await stopped;
  await server.close();
  await door?.close();
  await engine.close();
  return EXIT.done;
}

/**
 * Opens the engine, and has it run the statements of the deployment; undefined where those fail, which has been said.
 */
async function openDeployed(options: ServeOptions): Promise<Engine | undefined> {
  const { queriesFile } = options;
  const role = queriesFile === undefined ? 'interactive' : 'headless';
  const engine = await openChosenEngine({ ...options, role });
  if (queriesFile === undefined) return engine;
  const { runDeployment } = await import('./engines/deployment.ts');
  if (await runDeployment(engine, queriesFile)) return engine;
  await engine.close();
  return undefined;
}

async function announce(
  server: StartingServer,
  { warnings, madeUpToken }: ListenSettings,
  door: KafkaDoor | undefined,
): Promise<void> {
  for (const warning of warnings) process.stderr.write(`${warning}\n`);
  if (madeUpToken !== undefined) process.stderr.write(`token: ${madeUpToken}\n`);
  if (door !== undefined) process.stdout.write(`Kafka clients: ${door.address}\n`);
  process.stdout.write(`listening on ${server.url}\n`);
  await tellParent({ kind: 'listening', url: server.url, ...(door === undefined ? {} : { kafka: door.address }) });
}

/** Where the embedded broker of an engine answers clients of Kafka. */
interface KafkaDoor {
  /** `HOST:PORT`, with the port that was taken when 0 was asked for. */
  readonly address: string;
  close(): Promise<void>;
}

/**
 * Lets clients of Kafka in, where the options say so.
 * @param listen `HOST:PORT`; undefined: nobody is let in
 * @throws UsageError when there is no embedded broker, or the address cannot be listened on
 */
async function openKafkaDoor(engine: Engine, listen: string | undefined): Promise<KafkaDoor | undefined> {
  if (listen === undefined) return undefined;
  const { broker, memory } = engine;
  if (!(broker instanceof MemoryBroker))
    throw new UsageError(
      `--kafka-listen lets clients of Kafka read and write the embedded broker; with --bootstrap-server they go to ${broker.description}.`,
    );
  const { host, port } = addressOf(listen);
  const onProblem = (problem: string) => void process.stderr.write(`${problem}\n`);
  const { KafkaListener } = await import('../broker/listener/kafka-listener.ts');
  const listener = await KafkaListener.open(broker, { host, port, memory, onProblem }).catch((error: Error) => {
    throw new UsageError(`--kafka-listen ${listen} cannot be listened on: ${error.message}`);
  });
  if (!isLoopback(host))
    process.stderr.write(
      `warning: whoever reaches ${listen} can read, write and delete topics: there is no authentication for Kafka's protocol.\n`,
    );
  const shown = host.includes(':') ? `[${host}]` : host;
  return { address: `${shown}:${listener.port}`, close: () => listener.close() };
}

function addressOf(listen: string): { readonly host: string; readonly port: number } {
  try {
    return listenAddress(listen, '--kafka-listen');
  } catch (error) {
    if (error instanceof ListenOptionError) throw new UsageError(error.message);
    throw error;
  }
}

function reasonOf(error: unknown): Extract<EngineMessage, { kind: 'refused' }>['reason'] {
  const cause = error instanceof StartError ? error.cause : error;
  if (cause instanceof StateDirectoryInUse) return 'state-in-use';
  return cause instanceof StateError ? 'state' : 'other';
}

function settingsOf(options: ServeOptions): ListenSettings {
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
