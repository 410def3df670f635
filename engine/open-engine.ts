import path from 'node:path';
import type { Broker } from './broker/broker.ts';
import { MemoryBroker } from './broker/memory-broker.ts';
import { badRequest } from './errors.ts';
import type { UserFunctions } from './functions/user-functions.ts';
import { Engine, type EngineOptions } from './index.ts';
import { parseBytes } from './memory/byte-text.ts';
import { defaultMemoryBytes } from './memory/default-memory.ts';
import { MemoryBudget } from './memory/memory-budget.ts';
import { FileRegistry } from './runtime/file-registry.ts';
import { MemoryRegistry } from './serde/memory-registry.ts';
import type { SchemaRegistry } from './serde/schema-registry.ts';

/** What an engine is opened over, as a command line or a connection says it. */
export interface OpenOptions
  extends Pick<
    EngineOptions,
    'serviceId' | 'connectUrl' | 'stateDir' | 'folders' | 'drive' | 'clock' | 'resumesQueries' | 'onNotice'
  > {
  /** A Kafka cluster instead of the embedded broker; further settings of the client are taken from the properties. */
  readonly bootstrapServers?: string;
  /** A schema registry instead of the one in the process. */
  readonly schemaRegistryUrl?: string;
  readonly properties?: Readonly<Record<string, string>>;
  /** A folder with functions of the user's own; `ksql.extension.dir` names one, too. */
  readonly functionsFolder?: string | undefined;
  /** What the engine may take of memory, in bytes; absent: `ksql.workbench.memory.max.bytes`, or half of what there is. */
  readonly memoryBytes?: number;
  /** Told of what is wrong with files in it. */
  readonly onFunctionProblem?: (problem: string) => void;
}

/** Opens an engine over the broker and the registry that the options name. @throws BrokerError when a cluster cannot be reached */
export async function openEngine(options: OpenOptions): Promise<Engine> {
  const properties = new Map(Object.entries(options.properties ?? {}));
  const bootstrapServers = options.bootstrapServers ?? properties.get('bootstrap.servers');
  if (bootstrapServers === undefined && !properties.has('ksql.logging.processing.stream.auto.create')) {
    // In the sandbox, what goes wrong with records should be a SELECT away.
    properties.set('ksql.logging.processing.topic.auto.create', 'true');
    properties.set('ksql.logging.processing.stream.auto.create', 'true');
  }
  const { serviceId, connectUrl, stateDir, folders, drive, clock, onFunctionProblem, resumesQueries, onNotice } =
    options;
  const own = await loadFunctions(options.functionsFolder ?? properties.get('ksql.extension.dir'), onFunctionProblem);
  const memory = openBudget(options, properties);
  return Engine.open({
    broker: await openBroker(bootstrapServers, stateDir, properties, memory),
    memory,
    registry: await openRegistry(
      options.schemaRegistryUrl ?? properties.get('ksql.schema.registry.url'),
      stateDir,
      properties,
    ),
    properties,
    ...(serviceId === undefined ? {} : { serviceId }),
    ...(connectUrl === undefined ? {} : { connectUrl }),
    ...(stateDir === undefined ? {} : { stateDir }),
    ...(folders === undefined ? {} : { folders }),
    ...(drive === undefined ? {} : { drive }),
    ...(clock === undefined ? {} : { clock }),
    ...(resumesQueries === undefined ? {} : { resumesQueries }),
    ...(onNotice === undefined ? {} : { onNotice }),
    ...(own === undefined ? {} : { functions: own.definitions, onClose: () => own.close() }),
  });
}

async function loadFunctions(
  folder: string | undefined,
  onProblem: (problem: string) => void = () => undefined,
): Promise<UserFunctions | undefined> {
  if (folder === undefined || folder === '') return undefined;
  const { problemText, UserFunctions: Functions } = await import('./functions/user-functions.ts');
  const functions = new Functions(folder);
  for (const problem of functions.problems) onProblem(problemText(functions.folder, problem));
  return functions;
}

const MEMORY_PROPERTY = 'ksql.workbench.memory.max.bytes';

function openBudget({ memoryBytes }: OpenOptions, properties: ReadonlyMap<string, string>): MemoryBudget {
  const text = properties.get(MEMORY_PROPERTY);
  const set = text === undefined ? undefined : parseBytes(text);
  if (text !== undefined && set === undefined)
    throw badRequest(`${MEMORY_PROPERTY} takes a size such as 512MB or 2GB, not ${text}.`);
  return new MemoryBudget(memoryBytes ?? set ?? defaultMemoryBytes());
}

/** Kafka's client is loaded only where there is a Kafka: the sandbox starts without it. */
async function openBroker(
  bootstrapServers: string | undefined,
  stateDir: string | undefined,
  properties: ReadonlyMap<string, string>,
  memory: MemoryBudget,
): Promise<Broker> {
  if (bootstrapServers === undefined)
    return new MemoryBroker({ memory, ...(stateDir === undefined ? {} : { stateDir: path.join(stateDir, 'broker') }) });
  const [{ KafkaBroker }, { kafkaSettings }] = await Promise.all([
    import('./broker/kafka-broker.ts'),
    import('./broker/kafka-settings.ts'),
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
  const { HttpRegistry } = await import('./serde/http-registry.ts');
  const [user, ...password] = (properties.get('ksql.schema.registry.basic.auth.user.info') ?? '').split(':');
  return new HttpRegistry({
    urls: url.split(',').map((part) => part.trim()),
    ...(user ? { basicAuth: { user, password: password.join(':') } } : {}),
  });
}
