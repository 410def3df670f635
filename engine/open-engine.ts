import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import type { Broker, ServiceHold } from './broker/broker.ts';
import { MemoryBroker } from './broker/embedded/memory-broker.ts';
import { engineProperties } from './engine-properties.ts';
import { StateDirectoryLock } from './files/state-directory-lock.ts';
import { SYNC_PROPERTY, syncPolicy } from './files/sync-policy.ts';
import type { FunctionFolders } from './functions/function-folders.ts';
import { Engine, type EngineOptions } from './index.ts';
import { defaultMemoryBytes } from './memory/default-memory.ts';
import { MemoryBudget } from './memory/memory-budget.ts';
import { memorySetting } from './memory/memory-setting.ts';
import type { CommandLog } from './runtime/commands/command-log.ts';
import { FileCommandLog } from './runtime/commands/file-command-log.ts';
import type { WorkSharing } from './runtime/shared/work-sharing.ts';
import type { SchemaRegistry } from './serde/registry/schema-registry.ts';
import { FileRegistry } from './serde/schemas/file-registry.ts';
import { MemoryRegistry } from './serde/schemas/memory-registry.ts';

/** What an engine is opened over, as a command line or a connection says it. */
export interface OpenOptions
  extends Pick<EngineOptions, 'serviceId' | 'connectUrl' | 'stateDir' | 'folders' | 'drive' | 'clock' | 'onNotice'> {
  /** A Kafka cluster instead of the embedded broker; further settings of the client are taken from the properties. */
  readonly bootstrapServers?: string | undefined;
  /** A schema registry instead of the one in the process. */
  readonly schemaRegistryUrl?: string | undefined;
  /** A registry that is open already, which counts before any other. */
  readonly registry?: SchemaRegistry | undefined;
  readonly properties?: Readonly<Record<string, string>> | undefined;
  /**
   * How it serves others. `interactive`: over REST; on Kafka its statements are kept in the command topic of its
   * service. `headless`: it runs the statements of a file, the same at each start. Absent: it is somebody's own, and
   * nothing is kept of its statements but in a state directory. Those that serve on Kafka with one service id share its
   * queries.
   */
  readonly role?: 'interactive' | 'headless' | undefined;
  /** Where it will listen, for those who find it in their way. */
  readonly listen?: string | undefined;
  /** Where it listens already, as a URL, so that engines that share its work find it. */
  readonly endpoint?: string | undefined;
  /** The id by which the engines that share its work know it; absent: one that is made up. */
  readonly process?: string | undefined;
  /** How long another engine may take to leave the state directory, in milliseconds. */
  readonly stateWaitMs?: number | undefined;
  /** Deletes what the state directory holds before it is read. */
  readonly emptyState?: boolean | undefined;
  /** Folders with functions of the user's own; without any, `ksql.extension.dir` may name one. */
  readonly functionFolders?: readonly string[] | undefined;
  /**
   * What the engine may take of memory, in bytes; absent: `ksql.workbench.memory.max.bytes`, or half of what there is.
   */
  readonly memoryBytes?: number | undefined;
  /** Told of what is wrong with files in it. */
  readonly onFunctionProblem?: (problem: string) => void;
}

/**
 * Opens an engine over the broker and the registry that the options name.
 * @throws BrokerError when a cluster cannot be reached
 * @throws StateDirectoryInUse when another engine has the state directory
 * @throws Error when a file in it cannot be read
 */
export async function openEngine(options: OpenOptions): Promise<Engine> {
  if (options.stateDir === undefined) return openUnlocked(options);
  const lock = await StateDirectoryLock.acquire(options.stateDir, options.stateWaitMs);
  try {
    if (options.emptyState) lock.emptyDirectory();
    return await openUnlocked(options, () => lock.release());
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function openUnlocked(options: OpenOptions, onClosed: () => void = () => undefined): Promise<Engine> {
  const bootstrapServers = options.bootstrapServers ?? options.properties?.['bootstrap.servers'];
  const properties = engineProperties(options.properties ?? {}, bootstrapServers === undefined);
  const { serviceId, connectUrl, stateDir, folders, drive, clock, onFunctionProblem, role, onNotice } = options;
  const extensions = properties.get('ksql.extension.dir') ?? '';
  const named = options.functionFolders ?? [];
  const own = await loadFunctions(named.length > 0 || extensions === '' ? named : [extensions], onFunctionProblem);
  const memory = openBudget(options, properties);
  const broker = await openBroker(options, bootstrapServers, properties, memory);
  const hold = holdOf(broker, options, properties);
  const sharing = sharingOf(broker, options, properties);
  const commandLog = await openShared(broker, sharing, options, properties).catch(async (error: unknown) => {
    await broker.close();
    throw error;
  });
  return Engine.open({
    broker,
    memory,
    // Who shares its queries with others runs what their groups give it.
    hold: sharing === undefined ? hold : undefined,
    sharing,
    commandLog,
    resumesQueries: role === 'headless',
    registry:
      options.registry ??
      (await openRegistry(
        options.schemaRegistryUrl ?? properties.get('ksql.schema.registry.url'),
        stateDir,
        properties,
      )),
    properties,
    serviceId,
    connectUrl,
    stateDir,
    folders,
    drive,
    clock,
    onNotice,
    functions: own?.definitions,
    async onClose() {
      own?.close();
      onClosed();
    },
  }).catch(async (error: unknown) => {
    await broker.close();
    throw error;
  });
}

const serviceIdOf = ({ serviceId }: OpenOptions, properties: ReadonlyMap<string, string>): string =>
  serviceId ?? properties.get('ksql.service.id') ?? 'default_';

/** Engines that serve share their work, where there is a broker that several of them reach. */
function sharingOf(
  broker: Broker,
  { role, endpoint, process = randomUUID() }: OpenOptions,
  properties: ReadonlyMap<string, string>,
): WorkSharing | undefined {
  if (role === undefined || broker.joinGroup === undefined) return undefined;
  const reached = properties.get('ksql.advertised.listener') ?? endpoint;
  return { process, capacity: 1, endpoint: () => reached && reachableUrl(reached) };
}

/** Of an engine that listens everywhere others know the host alone. */
function reachableUrl(text: string): string {
  const url = new URL(text);
  const isEverywhere = url.hostname === '0.0.0.0' || url.hostname === '[::]';
  return `${url.protocol}//${isEverywhere ? hostname() : url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`;
}

/** Takes the right to run the service's queries when it is first asked for, and again after a refusal. */
function holdOf(
  broker: Broker,
  options: OpenOptions,
  properties: ReadonlyMap<string, string>,
): () => Promise<ServiceHold | undefined> {
  const { listen, onNotice = () => undefined } = options;
  const engine = `${listen === undefined ? '' : `at ${listen}, `}pid ${process.pid} on ${hostname()}`;
  let hold: Promise<ServiceHold | undefined> | undefined;
  return () => {
    hold ??= Promise.resolve(broker.holdService?.(serviceIdOf(options, properties), engine, onNotice)).catch(
      (error: unknown) => {
        hold = undefined;
        throw error;
      },
    );
    return hold;
  };
}

/** Waits for an engine that has the service for itself, and opens what those share that serve. @throws BrokerError */
async function openShared(
  broker: Broker,
  sharing: WorkSharing | undefined,
  options: OpenOptions,
  properties: ReadonlyMap<string, string>,
): Promise<CommandLog | undefined> {
  const { onNotice = () => undefined } = options;
  if (sharing !== undefined) await broker.whenServiceFree?.(serviceIdOf(options, properties), onNotice);
  return openCommandLog(broker, sharing, options, properties);
}

/**
 * The command topic of an interactive engine on Kafka. Statements that a state directory has kept before it go there.
 */
async function openCommandLog(
  broker: Broker,
  sharing: WorkSharing | undefined,
  options: OpenOptions,
  properties: ReadonlyMap<string, string>,
): Promise<CommandLog | undefined> {
  if (options.role !== 'interactive' || sharing === undefined) return undefined;
  const { TopicCommandLog } = await import('./runtime/commands/topic-command-log.ts');
  const log = await TopicCommandLog.open({
    broker,
    serviceId: serviceIdOf(options, properties),
    replicas: Number(properties.get('ksql.internal.topic.replicas') ?? -1),
  });
  const { stateDir, onNotice } = options;
  const file = stateDir === undefined ? undefined : path.join(stateDir, 'commands.jsonl');
  const kept = file !== undefined && existsSync(file) ? new FileCommandLog(file).commands : [];
  if (log.commands.length === 0 && (await log.begin(kept.map((command) => ({ ...command, commandId: 'kept' }))))) {
    onNotice?.(`The statements in ${file} were copied to topic ${log.topic}, which keeps them from now on.`);
  } else if (log.commands.length > 0) {
    onNotice?.(`The ${log.commands.length} statements of command topic ${log.topic} are carried out again.`);
  }
  return log;
}

async function loadFunctions(
  folders: readonly string[],
  onProblem: (problem: string) => void = () => undefined,
): Promise<FunctionFolders | undefined> {
  if (folders.length === 0) return undefined;
  const { loadFunctionFolders } = await import('./functions/function-folders.ts');
  const functions = loadFunctionFolders(folders);
  for (const problem of functions.problems) onProblem(problem);
  return functions;
}

function openBudget({ memoryBytes }: OpenOptions, properties: ReadonlyMap<string, string>): MemoryBudget {
  return new MemoryBudget(memoryBytes ?? memorySetting((name) => properties.get(name)) ?? defaultMemoryBytes());
}

/** Kafka's client is loaded only where there is a Kafka: the sandbox starts without it. */
async function openBroker(
  { stateDir, onNotice }: OpenOptions,
  bootstrapServers: string | undefined,
  properties: ReadonlyMap<string, string>,
  memory: MemoryBudget,
): Promise<Broker> {
  if (bootstrapServers === undefined)
    return new MemoryBroker({
      memory,
      sync: syncPolicy(properties.get(SYNC_PROPERTY)),
      stateDir: stateDir === undefined ? undefined : path.join(stateDir, 'broker'),
      onProblem: onNotice,
    });
  const [{ KafkaBroker }, { kafkaSettings }] = await Promise.all([
    import('./broker/kafka/kafka-broker.ts'),
    import('./broker/kafka/settings.ts'),
  ]);
  return KafkaBroker.connect(
    kafkaSettings({ ...Object.fromEntries(properties), 'bootstrap.servers': bootstrapServers }),
  );
}

async function openRegistry(
  url: string | undefined,
  stateDir: string | undefined,
  properties: ReadonlyMap<string, string>,
): Promise<SchemaRegistry> {
  if (url === undefined || url === '') {
    return stateDir === undefined ? new MemoryRegistry() : new FileRegistry(path.join(stateDir, 'schemas.json'));
  }
  const [{ HttpRegistry }, { registrySettings }] = await Promise.all([
    import('./serde/registry/http-registry.ts'),
    import('./serde/registry/registry-settings.ts'),
  ]);
  return new HttpRegistry(registrySettings(url, Object.fromEntries(properties)));
}
