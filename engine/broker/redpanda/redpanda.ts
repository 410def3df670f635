import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ContainerRuntimeClient,
  GenericContainer,
  getContainerRuntimeClient,
  ImageName,
  Wait,
} from 'testcontainers';
import { testKafkaConnection } from '../kafka/kafka-broker.ts';
import { checkContainerRuntime } from './container-runtime-check.ts';

export interface ContainerSettings {
  readonly image: string;
  /** The port of this machine that Kafka is to answer on. */
  readonly kafkaPort: number;
  /** The port of this machine that the schema registry is to answer on. */
  readonly registryPort: number;
  /** How long the container may take until Kafka and the registry answer, in ms. */
  readonly startTimeoutMs: number;
}

/** What is not given is as in {@link DEFAULT_SANDBOX}. */
export type SandboxSettings = { readonly [K in keyof ContainerSettings]?: ContainerSettings[K] | undefined };

/** What is checked one after the other when the container is started. */
export type SandboxStepName =
  | 'program'
  | 'answer'
  | 'permission'
  | 'image'
  | 'ports'
  | 'container'
  | 'kafka'
  | 'registry';

export interface SandboxStep {
  readonly name: SandboxStepName;
  readonly title: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
  /** What was found, or for a failed step what to do. */
  readonly detail?: string;
}

/** Where a running container answers. */
export interface Sandbox {
  readonly containerId: string;
  readonly image: string;
  readonly bootstrapServer: string;
  readonly registryUrl: string;
}

export type SandboxStatus =
  | ({ readonly kind: 'running' } & Sandbox)
  | { readonly kind: 'stopped' }
  | { readonly kind: 'unavailable'; readonly reason: string };

/** The container could not be started; the message says at which step and what to do. */
export class SandboxError extends Error {
  readonly step: SandboxStepName;

  constructor(step: SandboxStepName, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SandboxError';
    this.step = step;
  }
}

export const DEFAULT_SANDBOX = {
  image: 'docker.redpanda.com/redpandadata/redpanda:latest',
  kafkaPort: 19092,
  registryPort: 18081,
  startTimeoutMs: 90_000,
} as const satisfies ContainerSettings;

/** By this label a later process finds the container again. */
const LABEL = 'ksql-workbench.sandbox';
const KAFKA_LABEL = 'ksql-workbench.bootstrap-server';
const REGISTRY_LABEL = 'ksql-workbench.registry-url';
const INNER_KAFKA_PORT = 9092;
const INNER_REGISTRY_PORT = 8081;

const TITLES: Readonly<Record<SandboxStepName, string>> = {
  program: 'Docker or Podman is installed',
  answer: 'It answers',
  permission: 'This user may use it',
  image: 'The image is there',
  ports: 'The ports are free',
  container: 'The container runs',
  kafka: 'Kafka answers',
  registry: 'The schema registry answers',
};

/** All steps in their order, before any of them. */
export const SANDBOX_STEPS: readonly SandboxStep[] = Object.entries(TITLES).map(([name, title]) => ({
  name: name as SandboxStepName,
  title,
  state: 'waiting',
}));

type OnStep = (step: SandboxStep) => void;

/**
 * Starts the container and waits until Kafka and the registry answer. One that runs already is used. It keeps running
 * when this process ends.
 * @param onStep hears of every step as it begins and as it ends
 * @throws SandboxError
 */
export async function startSandbox(settings: SandboxSettings = {}, onStep: OnStep = () => undefined): Promise<Sandbox> {
  const {
    image = DEFAULT_SANDBOX.image,
    kafkaPort = DEFAULT_SANDBOX.kafkaPort,
    registryPort = DEFAULT_SANDBOX.registryPort,
    startTimeoutMs = DEFAULT_SANDBOX.startTimeoutMs,
  } = settings;
  const steps = new Steps(onStep);
  const client = await connectRuntime(steps);
  const found = await findSandbox(client);
  if (found?.isRunning) {
    for (const name of ['image', 'ports', 'container'] as const) steps.skip(name, 'it runs already');
    await awaitAnswers(found.sandbox, startTimeoutMs, steps);
    return found.sandbox;
  }
  if (found !== undefined) await remove(client, found.sandbox.containerId);
  await steps.run('image', () => provideImage(client, image));
  await steps.run('ports', () => checkPorts({ kafkaPort, registryPort }));
  const sandbox = await steps.run('container', () =>
    startContainer(client, { image, kafkaPort, registryPort, startTimeoutMs }),
  );
  try {
    await awaitAnswers(sandbox, startTimeoutMs, steps);
  } catch (error) {
    await remove(client, sandbox.containerId);
    throw error;
  }
  return sandbox;
}

/** Stops the container and removes it with its data. Gives whether there was one. @throws SandboxError */
export async function stopSandbox(): Promise<boolean> {
  const client = await connectRuntime(new Steps(() => undefined));
  const found = await findSandbox(client);
  if (found === undefined) return false;
  await remove(client, found.sandbox.containerId);
  return true;
}

/** What there is at the moment, whichever process started it. */
export async function sandboxStatus(): Promise<SandboxStatus> {
  try {
    const found = await findSandbox(await connectRuntime(new Steps(() => undefined)));
    return found?.isRunning ? { kind: 'running', ...found.sandbox } : { kind: 'stopped' };
  } catch (error) {
    if (error instanceof SandboxError) return { kind: 'unavailable', reason: error.message };
    throw error;
  }
}

/** Tells how each step goes and turns its failure into a SandboxError. */
class Steps {
  readonly #onStep: OnStep;

  constructor(onStep: OnStep) {
    this.#onStep = onStep;
  }

  /** A step that was done before. */
  skip(name: SandboxStepName, detail: string): void {
    this.#onStep({ name, title: TITLES[name], state: 'done', detail });
  }

  async run<T>(name: SandboxStepName, action: () => T | Promise<T>): Promise<T> {
    const title = TITLES[name];
    this.#onStep({ name, title, state: 'running' });
    try {
      const result = await action();
      this.#onStep({ name, title, state: 'done' });
      return result;
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      this.#onStep({ name, title, state: 'failed', detail });
      throw new SandboxError(name, detail, { cause: error });
    }
  }
}

async function connectRuntime(steps: Steps): Promise<ContainerRuntimeClient> {
  const check = await checkContainerRuntime();
  const failIf = (kind: typeof check.kind) => () => {
    if (check.kind === kind && check.kind !== 'answers') throw new Error(check.message);
  };
  await steps.run('program', failIf('missing'));
  await steps.run('answer', failIf('silent'));
  await steps.run('permission', failIf('forbidden'));
  // The container library looks for Docker's sockets only; Podman's it takes from the environment.
  if (check.kind === 'answers' && check.address?.program === 'podman') process.env['DOCKER_HOST'] ??= check.address.url;
  try {
    return await getContainerRuntimeClient();
  } catch (error) {
    throw new SandboxError(
      'answer',
      `The container program does not answer as it should: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
}

interface FoundSandbox {
  readonly isRunning: boolean;
  readonly sandbox: Sandbox;
}

async function findSandbox(client: ContainerRuntimeClient): Promise<FoundSandbox | undefined> {
  const container = await client.container.fetchByLabel(LABEL, 'true', {
    status: ['created', 'running', 'paused', 'exited'],
  });
  if (container === undefined) return undefined;
  const { State, Config } = await client.container.inspect(container);
  const sandbox = {
    containerId: container.id,
    image: Config.Image,
    bootstrapServer: Config.Labels[KAFKA_LABEL] ?? '',
    registryUrl: Config.Labels[REGISTRY_LABEL] ?? '',
  };
  return { isRunning: State.Running, sandbox };
}

async function remove(client: ContainerRuntimeClient, containerId: string): Promise<void> {
  await client.container.getById(containerId).remove({ force: true, v: true });
}

async function provideImage(client: ContainerRuntimeClient, name: string): Promise<void> {
  const image = ImageName.fromString(name);
  if (await client.image.exists(image)) return;
  try {
    await client.image.pull(image);
    // A failure may stand in the stream that follows the answer, which the client does not read; it then takes the
    // image for existing.
    await client.container.dockerode
      .getImage(name)
      .inspect()
      .catch(() => pullForReason(client, name));
  } catch (error) {
    throw new Error(
      `The image ${name} could not be fetched: ${(error as Error).message}. Check the network, or name another image in the settings (ksql.sandbox.image, --image).`,
      { cause: error },
    );
  }
}

async function pullForReason({ container: { dockerode } }: ContainerRuntimeClient, name: string): Promise<void> {
  const stream = await dockerode.pull(name);
  await new Promise<void>((resolve, reject) => {
    dockerode.modem.followProgress(stream, (error, events: readonly { readonly error?: string }[]) => {
      const reason = events?.find((event) => event.error !== undefined)?.error;
      if (error !== null || reason !== undefined) reject(error ?? new Error(reason));
      else resolve();
    });
  });
}

async function checkPorts(ports: Readonly<Record<'kafkaPort' | 'registryPort', number>>): Promise<void> {
  for (const [setting, port] of Object.entries(ports)) {
    if (await isFree(port)) continue;
    const option = setting === 'kafkaPort' ? '--kafka-port' : '--registry-port';
    throw new Error(
      `Port ${port} is taken by another program. End it, or give another port (ksql.sandbox.${setting}, ${option}).`,
    );
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

async function startContainer(client: ContainerRuntimeClient, settings: ContainerSettings): Promise<Sandbox> {
  const { image, kafkaPort, registryPort, startTimeoutMs } = settings;
  const runtimeHost = client.info.containerRuntime.host;
  const host = runtimeHost === 'localhost' ? '127.0.0.1' : runtimeHost;
  const bootstrapServer = `${host}:${kafkaPort}`;
  const registryUrl = `http://${host}:${registryPort}`;
  // Two listeners: what runs inside the container cannot use the address that clients outside need.
  const container = new GenericContainer(image)
    .withLabels({ [LABEL]: 'true', [KAFKA_LABEL]: bootstrapServer, [REGISTRY_LABEL]: registryUrl })
    .withExposedPorts({ container: kafkaPort, host: kafkaPort }, { container: INNER_REGISTRY_PORT, host: registryPort })
    .withCommand([
      ...['redpanda', 'start', '--mode', 'dev-container', '--smp', '1'],
      ...['--kafka-addr', `internal://0.0.0.0:${INNER_KAFKA_PORT},external://0.0.0.0:${kafkaPort}`],
      ...['--advertise-kafka-addr', `internal://127.0.0.1:${INNER_KAFKA_PORT},external://${bootstrapServer}`],
      ...['--schema-registry-addr', `0.0.0.0:${INNER_REGISTRY_PORT}`],
    ])
    .withAutoCleanup(false)
    .withWaitStrategy(Wait.forLogMessage(/Successfully started Redpanda!/))
    .withStartupTimeout(startTimeoutMs);
  try {
    const started = await container.start();
    return { containerId: started.getId(), image, bootstrapServer, registryUrl };
  } catch (error) {
    const found = await findSandbox(client);
    const log = found === undefined ? '' : await lastLines(client, found.sandbox.containerId);
    if (found !== undefined) await remove(client, found.sandbox.containerId);
    throw new Error(`The container did not start: ${(error as Error).message}${log}`, { cause: error });
  }
}

async function lastLines(client: ContainerRuntimeClient, containerId: string): Promise<string> {
  const log = await client.container.getById(containerId).logs({ stdout: true, stderr: true, tail: 10 });
  // Each piece of the log has a header of control bytes.
  const lines = log.toString().replaceAll(/[\0-\x08\x0e-\x1f]/g, '');
  return lines.trim() === '' ? '' : `\nThe last lines of its log:\n${lines}`;
}

async function awaitAnswers(sandbox: Sandbox, timeoutMs: number, steps: Steps): Promise<void> {
  await steps.run('kafka', () => awaitKafka(sandbox, timeoutMs));
  await steps.run('registry', () => awaitRegistry(sandbox, timeoutMs));
}

async function awaitKafka({ bootstrapServer }: Sandbox, timeoutMs: number): Promise<void> {
  await awaitAnswer(timeoutMs, async () => {
    const problem = await testKafkaConnection({ bootstrapServers: [bootstrapServer] });
    return problem && `Kafka does not answer at ${bootstrapServer}: ${problem.message}`;
  });
}

async function awaitRegistry({ registryUrl }: Sandbox, timeoutMs: number): Promise<void> {
  await awaitAnswer(timeoutMs, async () => {
    try {
      const response = await fetch(`${registryUrl}/subjects`, { signal: AbortSignal.timeout(2000) });
      return response.ok ? undefined : `The schema registry at ${registryUrl} answers with status ${response.status}.`;
    } catch (error) {
      return `The schema registry does not answer at ${registryUrl}: ${(error as Error).message}`;
    }
  });
}

/** Asks until there is no problem any more. @throws Error with the last problem when the time is over */
async function awaitAnswer(timeoutMs: number, problemOf: () => Promise<string | undefined>): Promise<void> {
  const deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    const problem = await problemOf();
    if (problem === undefined) return;
    if (Date.now() > deadlineMs) throw new Error(problem);
    await sleep(200);
  }
}
