import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A real Apache Kafka (KRaft, one node) for the suites that need one, from the jars that Maven Central has. Needs
 * `java` and `mvn`; the jars are fetched once and kept in `~/.cache/ksql-workbench`.
 */
export interface KafkaServer {
  readonly bootstrapServer: string;
  /**
   * A listener that asks for SASL: PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512 (user `alice`, password `alice-secret`), and
   * OAUTHBEARER, with tokens that are not signed.
   */
  readonly saslBootstrapServer: string;
  /** One with TLS that asks for a client's certificate, and one with SASL over TLS; where they were asked for. */
  readonly tls?: { readonly bootstrapServer: string; readonly saslBootstrapServer: string } | undefined;
  /** Confluent's registry API, when it was asked for. */
  readonly registryUrl?: string | undefined;
  /** The REST API of a Kafka Connect worker, when it was asked for. */
  readonly connectUrl?: string | undefined;
  /** Ends Kafka as a crash would, and starts it again on the same data. */
  restart(): Promise<void>;
  /** Another broker of the cluster, which holds every replica, too; where it was asked for. */
  readonly second?: { kill(): Promise<void>; start(): Promise<void> } | undefined;
  stop(): Promise<void>;
}

const KAFKA_VERSION = '4.1.1';
const APICURIO_VERSION = '2.5.11.Final';
const START_TIMEOUT_MS = 180_000;
const cache = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'ksql-workbench');

/** Why no Kafka can be started here, or undefined when it can. */
export const kafkaMissing: string | undefined = ['java', 'mvn'].find(
  (name) => spawnSync(name, ['-version']).error !== undefined,
);
if (kafkaMissing !== undefined)
  console.warn(`Skipped: suites over a real Kafka need java and mvn; ${kafkaMissing} is not installed.`);

const POM_HEAD =
  '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>local</groupId>' +
  '<artifactId>jars</artifactId><version>1</version><dependencies>';

function maven(args: readonly string[], cwd: string): void {
  const { status, stdout, stderr } = spawnSync('mvn', ['-q', '-B', ...args], { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`mvn ${args.join(' ')} failed:\n${stdout}${stderr}`);
}

/** Fills a folder of the cache once, even when two suites start at the same time. */
async function cached(name: string, fill: (folder: string) => void): Promise<string> {
  const folder = path.join(cache, name);
  const complete = path.join(folder, '.complete');
  const lock = `${folder}.lock`;
  mkdirSync(folder, { recursive: true });
  while (!existsSync(complete)) {
    try {
      mkdirSync(lock);
    } catch {
      await sleep(200);
      continue;
    }
    try {
      if (!existsSync(complete)) {
        fill(folder);
        writeFileSync(complete, '');
      }
    } finally {
      rmdirSync(lock);
    }
  }
  return folder;
}

/** The folder with the jars of these artifacts and of all that they need. */
const mavenJars = (name: string, artifacts: readonly (readonly [group: string, artifact: string, version: string])[]) =>
  cached(name, (folder) => {
    const build = mkdtempSync(path.join(tmpdir(), 'ksql-pom-'));
    const dependencies = artifacts.map(
      ([group, artifact, version]) =>
        `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`,
    );
    writeFileSync(path.join(build, 'pom.xml'), `${POM_HEAD}${dependencies.join('')}</dependencies></project>`);
    maven(['dependency:copy-dependencies', `-DoutputDirectory=${folder}`], build);
    rmSync(build, { recursive: true });
  });

const SLF4J = ['org.slf4j', 'slf4j-simple', '1.7.36'] as const;

const kafkaJars = (): Promise<string> =>
  mavenJars(`kafka-connect-${KAFKA_VERSION}`, [
    ['org.apache.kafka', 'kafka_2.13', KAFKA_VERSION],
    ['org.apache.kafka', 'connect-runtime', KAFKA_VERSION],
    ['org.apache.kafka', 'connect-file', KAFKA_VERSION],
    ['org.apache.kafka', 'connect-json', KAFKA_VERSION],
    SLF4J,
  ]);

/** Kafka's own clients, with its console and performance tools. */
export const kafkaToolJars = (): Promise<string> =>
  mavenJars(`kafka-tools-${KAFKA_VERSION}`, [['org.apache.kafka', 'kafka-tools', KAFKA_VERSION], SLF4J]);

const registryJar = async (): Promise<string> => {
  const folder = await cached(`apicurio-${APICURIO_VERSION}`, (into) => {
    const artifact = `io.apicurio:apicurio-registry-app:${APICURIO_VERSION}:tar.gz:all`;
    maven(['dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${into}`], into);
    const archive = path.join(into, `apicurio-registry-app-${APICURIO_VERSION}-all.tar.gz`);
    const { status, stderr } = spawnSync('tar', ['xzf', archive, '-C', into], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`Unpacking ${archive} failed:\n${stderr}`);
    rmSync(archive);
  });
  return path.join(folder, `apicurio-registry-app-${APICURIO_VERSION}-runner.jar`);
};

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** A Java program that is up when its port answers. */
class JavaProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #onExit = () => this.#child.kill('SIGKILL');

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#exited = new Promise((resolve) => child.once('exit', () => resolve()));
    process.once('exit', this.#onExit);
  }

  static async start(args: readonly string[], port: number, log: string): Promise<JavaProcess> {
    const output = openSync(log, 'a');
    const java = new JavaProcess(spawn('java', args, { stdio: ['ignore', output, output] }));
    closeSync(output);
    const deadlineMs = Date.now() + START_TIMEOUT_MS;
    while (!(await answers(port))) {
      if (java.#child.exitCode !== null || Date.now() > deadlineMs) {
        await java.kill();
        throw new Error(`Nothing answers on port ${port}:\n${readFileSync(log, 'utf8').slice(-2000)}`);
      }
      await sleep(50);
    }
    return java;
  }

  async kill(): Promise<void> {
    process.removeListener('exit', this.#onExit);
    this.#child.kill('SIGKILL');
    await this.#exited;
  }
}

function serverProperties(
  folder: string,
  ports: { kafka: number; controller: number; sasl: number },
  brokers: number,
  tls: TlsPorts | undefined,
): string {
  const login = 'org.apache.kafka.common.security';
  const listeners = [
    `PLAINTEXT://127.0.0.1:${ports.kafka},SASL://127.0.0.1:${ports.sasl}`,
    ...(tls === undefined ? [] : [`TLS://127.0.0.1:${tls.tls},SASLTLS://127.0.0.1:${tls.sasl}`]),
  ].join(',');
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${ports.controller}
listeners=${listeners},CONTROLLER://127.0.0.1:${ports.controller}
advertised.listeners=${listeners}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_PLAINTEXT,TLS:SSL,SASLTLS:SASL_SSL
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER
listener.name.sasl.plain.sasl.jaas.config=${login}.plain.PlainLoginModule required user_alice="alice-secret";
listener.name.sasl.scram-sha-256.sasl.jaas.config=${login}.scram.ScramLoginModule required;
listener.name.sasl.scram-sha-512.sasl.jaas.config=${login}.scram.ScramLoginModule required;
listener.name.sasl.oauthbearer.sasl.jaas.config=${login}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";
listener.name.sasl.oauthbearer.connections.max.reauth.ms=4000
${tls === undefined ? '' : tlsProperties(login)}log.dirs=${folder}/data
${replication(brokers)}group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
auto.create.topics.enable=false
`;
}

interface TlsPorts {
  readonly tls: number;
  readonly sasl: number;
}

/** Certificates that an authority of the tests has signed, for a broker at 127.0.0.1 and for a client. */
export const CERTIFICATES = path.join(import.meta.dirname, '../fixtures/tls/authority');

function tlsProperties(login: string): string {
  const inline = (name: string) => readFileSync(path.join(CERTIFICATES, name), 'utf8').trim().replaceAll('\n', ' \\\n');
  return `ssl.keystore.type=PEM
ssl.truststore.type=PEM
ssl.keystore.key=${inline('broker-key.pem')}
ssl.keystore.certificate.chain=${inline('broker.pem')}
ssl.truststore.certificates=${inline('ca.pem')}
listener.name.tls.ssl.client.auth=required
listener.name.sasltls.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.sasltls.scram-sha-512.sasl.jaas.config=${login}.scram.ScramLoginModule required;
`;
}

const replication = (brokers: number): string => `default.replication.factor=${brokers}
offsets.topic.replication.factor=${brokers}
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=${brokers}
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
transaction.abort.timed.out.transaction.cleanup.interval.ms=500
${brokers > 1 ? 'broker.session.timeout.ms=6000\nbroker.heartbeat.interval.ms=1000\n' : ''}`;

/** A broker beside the one that is the controller, too. */
const secondProperties = (folder: string, port: number, controller: number): string => `process.roles=broker
node.id=2
controller.quorum.voters=1@127.0.0.1:${controller}
listeners=PLAINTEXT://127.0.0.1:${port}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=${folder}/data-2
${replication(2)}auto.create.topics.enable=false
`;

const QUIET = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn';

function format(classPath: string, properties: string, features: Readonly<Record<string, number>>): void {
  const scram = (bits: number) => ['--add-scram', `SCRAM-SHA-${bits}=[name=alice,password=alice-secret]`];
  const id = 'a3NxbC13b3JrYmVuY2gtMQ';
  const args = [
    QUIET,
    '-cp',
    classPath,
    'kafka.tools.StorageTool',
    'format',
    '-t',
    id,
    '-c',
    properties,
    ...scram(256),
    ...scram(512),
    ...Object.entries(features).flatMap(([name, level]) => ['--feature', `${name}=${level}`]),
  ];
  const { status, stdout, stderr } = spawnSync('java', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`Preparing Kafka's data folder failed:\n${stdout}${stderr}`);
}

function connectProperties(folder: string, jars: string, kafkaPort: number, port: number): string {
  const storage = ['config', 'offset', 'status'].map(
    (name) => `${name}.storage.topic=connect-${name}\n${name}.storage.replication.factor=1\n`,
  );
  mkdirSync(path.join(folder, 'plugins'));
  const plugin = `connect-file-${KAFKA_VERSION}.jar`;
  copyFileSync(path.join(jars, plugin), path.join(folder, 'plugins', plugin));
  return `bootstrap.servers=127.0.0.1:${kafkaPort}
group.id=connect
listeners=http://127.0.0.1:${port}
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.json.JsonConverter
value.converter.schemas.enable=false
plugin.path=${folder}/plugins
${storage.join('')}`;
}

/**
 * Starts Kafka on free ports, with a schema registry or a Connect worker if asked for. The first time it fetches the
 * jars.
 */
export async function startKafka(
  options: {
    readonly registry?: boolean;
    readonly connect?: boolean;
    readonly second?: boolean;
    readonly tls?: boolean;
    /** Levels of features that are not the newest, such as `transaction.version`. */
    readonly features?: Readonly<Record<string, number>>;
  } = {},
): Promise<KafkaServer> {
  const jars = await kafkaJars();
  const classPath = path.join(jars, '*');
  const folder = mkdtempSync(path.join(tmpdir(), 'ksql-kafka-'));
  const ports = { kafka: await freePort(), controller: await freePort(), sasl: await freePort() };
  const properties = path.join(folder, 'server.properties');
  const tls = options.tls ? { tls: await freePort(), sasl: await freePort() } : undefined;
  writeFileSync(properties, serverProperties(folder, ports, options.second ? 2 : 1, tls));
  format(classPath, properties, options.features ?? {});
  const startBroker = (file: string, port: number) =>
    JavaProcess.start(['-Xmx512m', QUIET, '-cp', classPath, 'kafka.Kafka', file], port, file.replace(/\w+$/, 'log'));
  const start = () => startBroker(properties, ports.kafka);
  let kafka = await start();
  let second: JavaProcess | undefined;
  const secondPort = await freePort();
  const startSecond = () => startBroker(path.join(folder, 'second.properties'), secondPort);
  if (options.second) {
    const file = path.join(folder, 'second.properties');
    writeFileSync(file, secondProperties(folder, secondPort, ports.controller));
    format(classPath, file, options.features ?? {});
    second = await startSecond();
  }
  let registry: JavaProcess | undefined;
  let registryUrl: string | undefined;
  if (options.registry) {
    const port = await freePort();
    const args = [
      '-Xmx256m',
      '-Dquarkus.http.host=127.0.0.1',
      `-Dquarkus.http.port=${port}`,
      '-jar',
      await registryJar(),
    ];
    registry = await JavaProcess.start(args, port, path.join(folder, 'registry.log'));
    registryUrl = `http://127.0.0.1:${port}/apis/ccompat/v7`;
  }
  let connect: JavaProcess | undefined;
  let connectUrl: string | undefined;
  if (options.connect) {
    const port = await freePort();
    const file = path.join(folder, 'connect.properties');
    writeFileSync(file, connectProperties(folder, jars, ports.kafka, port));
    const args = ['-Xmx256m', QUIET, '-cp', classPath, 'org.apache.kafka.connect.cli.ConnectDistributed', file];
    connect = await JavaProcess.start(args, port, path.join(folder, 'connect.log'));
    connectUrl = `http://127.0.0.1:${port}`;
  }
  return {
    bootstrapServer: `127.0.0.1:${ports.kafka}`,
    saslBootstrapServer: `127.0.0.1:${ports.sasl}`,
    tls: tls && { bootstrapServer: `127.0.0.1:${tls.tls}`, saslBootstrapServer: `127.0.0.1:${tls.sasl}` },
    registryUrl,
    connectUrl,
    restart: async () => {
      await kafka.kill();
      kafka = await start();
    },
    second: options.second
      ? {
          kill: async () => second?.kill(),
          start: async () => {
            second = await startSecond();
          },
        }
      : undefined,
    stop: async () => {
      await Promise.all([kafka.kill(), second?.kill(), registry?.kill(), connect?.kill()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
