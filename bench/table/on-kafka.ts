import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { KafkaBroker } from '../../engine/broker/kafka/kafka-broker.ts';
import { type AnswerCheck, countedInWindows, filtered, joinedWithUsers } from './answers.ts';
import type { Run } from './figures.ts';
import { checkTopic } from './run-to-end.ts';

/** The tools that start peers and measure any server; a clone of the project alone has none of them. */
export const tools = path.join(import.meta.dirname, '../../../shared/tools');
const MINUTE_MS = 60_000;
const MAVEN_MS = 600_000;

/** Why nothing can be measured over a real Kafka here, or undefined when it can. */
export function kafkaUnavailable(): string | undefined {
  for (const program of ['java', 'mvn'])
    if (spawnSync(program, ['-version']).error !== undefined) return `needs Java: ${program} is not installed`;
  if (!existsSync(path.join(tools, 'bench-kafka.mjs'))) return `needs ${tools}, which is not there`;
  return undefined;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
  return address.port;
}

/** A Kafka of its own on this machine, from the tools. */
export class BenchKafka {
  readonly bootstrap: string;
  readonly #folder: string;

  readonly #onExit = () => this.stop();

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.bootstrap = `127.0.0.1:${port}`;
    // It would go on by itself when the benchmark is interrupted.
    process.once('exit', this.#onExit);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  }

  static async start(): Promise<BenchKafka> {
    const folder = mkdtempSync(path.join(tmpdir(), 'ksql-bench-kafka-'));
    const port = await freePort();
    execFileSync(path.join(tools, 'kafka'), ['start', '--dir', folder, '--port', String(port)], { timeout: MAVEN_MS });
    return new BenchKafka(folder, port);
  }

  stop(): void {
    process.off('exit', this.#onExit);
    execFileSync(path.join(tools, 'kafka'), ['reset', '--dir', this.#folder]);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A server that speaks ksqlDB's REST API, whose process is measured. */
interface Server {
  readonly url: string;
  readonly pid: number;
  stop(): void;
}

/** This project's engine, from its sources or from another folder's. */
async function startOwn(folder: string, bootstrap: string): Promise<Server> {
  const child: ChildProcess = spawn(
    process.execPath,
    [
      path.join(folder, 'engine/cli/main.ts'),
      'serve',
      // ksqlDB has the usual service, and does not start where somebody else writes its command topic.
      ...['--bootstrap-server', bootstrap, '--listen', '127.0.0.1:0', '--no-token', '--threads', '1'],
      ...['--service-id', 'bench_'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  for await (const line of createInterface({ input: child.stdout! })) {
    const url = /listening on (\S+)/.exec(line)?.[1];
    if (url !== undefined) return { url, pid: child.pid!, stop: () => void child.kill('SIGTERM') };
  }
  throw new Error('The server ended before it listened.');
}

async function startKsqldb(bootstrap: string): Promise<Server> {
  const port = String(await freePort());
  const program = path.join(tools, 'ksqldb/ksqldb');
  const stop = () => void spawnSync(program, ['stop', '--port', port]);
  try {
    // The server would hold a pipe open that its starter is given.
    execFileSync(program, ['start', '--bootstrap', bootstrap, '--port', port], { timeout: MAVEN_MS, stdio: 'ignore' });
  } catch {
    // One that is slow to start runs all the same.
    stop();
    throw new Error('ksqlDB could not be started');
  }
  // The tool keeps the process's id in a file.
  const home = process.env['KSQLDB_HOME'] ?? path.join(homedir(), '.cache/ksqldb-7.9.9');
  const pid = Number(readFileSync(path.join(home, 'run', port, 'pid'), 'utf8'));
  return { url: `http://127.0.0.1:${port}`, pid, stop };
}

/** The lines of `bench-kafka.mjs`, and what their answers have to be. */
export const KAFKA_LINES = {
  filter: { title: 'filter and project, Kafka to Kafka', check: filtered, flink: 'filter.sql' },
  tumbling: {
    title: 'one-minute tumbling COUNT and SUM, Kafka to Kafka',
    check: (rows: number, startMs: number) =>
      countedInWindows(rows, { startMs, everyMs: 1, sizeMs: MINUTE_MS, advanceMs: MINUTE_MS }),
    flink: 'tumbling-close.sql',
  },
  join: { title: 'stream-table left join, Kafka to Kafka', check: joinedWithUsers, flink: 'join.sql' },
} as const satisfies Record<
  string,
  { title: string; check: (rows: number, startMs: number) => AnswerCheck; flink: string }
>;
export type KafkaLine = keyof typeof KAFKA_LINES;

export const KAFKA_ENGINES = ['here', 'ksqlDB', 'Flink SQL'] as const;
export type KafkaEngine = (typeof KAFKA_ENGINES)[number];

interface Setting {
  readonly kafka: BenchKafka;
  readonly rows: number;
  /** Of the engine that is measured as `here`. */
  readonly folder: string;
}

/**
 * Measures lines by an engine that is started for it, each line twice: once to make it warm, and once that counts,
 * whose result is read back.
 * @throws Error where a result is not right
 */
export function runOnKafka(
  engine: KafkaEngine,
  lines: readonly KafkaLine[],
  setting: Setting,
): AsyncIterable<readonly [KafkaLine, Run]> {
  switch (engine) {
    case 'here':
      return runServer(startOwn(setting.folder, setting.kafka.bootstrap), lines, setting);
    case 'ksqlDB':
      return runServer(startKsqldb(setting.kafka.bootstrap), lines, setting);
    case 'Flink SQL':
      return runFlink(lines, setting);
    default:
      return engine satisfies never;
  }
}

/** What `bench-kafka.mjs` says of a line. */
const PRINTED = /: (\d+) rows in, (\d+) out .*: (\d+) rows\/s, (\d+) rows per CPU-second/;

async function* runServer(
  starting: Promise<Server>,
  lines: readonly KafkaLine[],
  { kafka: { bootstrap }, rows }: Setting,
): AsyncIterable<readonly [KafkaLine, Run]> {
  const server = await starting;
  try {
    for (const line of lines) {
      await runTool(server, bootstrap, rows, line);
      const printed = PRINTED.exec(await runTool(server, bootstrap, rows, line));
      if (printed === null) throw new Error('bench-kafka.mjs printed no figure.');
      const results = await checkNewest(bootstrap, `B_${line.toUpperCase()}_`, (startMs) =>
        KAFKA_LINES[line].check(rows, startMs),
      );
      yield [line, { value: Number(printed[4]), byTheClock: Number(printed[3]), results }];
    }
  } finally {
    server.stop();
  }
}

/** A line of what `flink-sql run` prints. */
interface FlinkFigure {
  readonly file: string;
  readonly run: number;
  readonly state: string;
  readonly rows_per_s: number;
  readonly rows_per_cpu_s: number;
}

async function* runFlink(
  lines: readonly KafkaLine[],
  { kafka: { bootstrap }, rows }: Setting,
): AsyncIterable<readonly [KafkaLine, Run]> {
  const flink = path.join(tools, 'flink');
  const env = { ...process.env, BOOTSTRAP: bootstrap };
  const run = (args: readonly string[]) =>
    execFileSync(path.join(flink, 'flink-sql'), args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  run(['bench-rows', '--rows', String(rows)]);
  const files = lines.map((line) => path.join(flink, 'sql', KAFKA_LINES[line].flink));
  const printed = run(['run', ...files, '--exclude-startup', '--create-topics', '--fresh', '--repeat', '2']);
  const figures = printed
    .split('\n')
    .filter((text) => text.startsWith('{'))
    .map((text) => JSON.parse(text) as FlinkFigure);
  for (const line of lines) {
    const figure = figures.find(({ file, run: round }) => file === KAFKA_LINES[line].flink && round === 2);
    if (figure?.rows_per_cpu_s === undefined) throw new Error(`Flink printed no figure for ${line}: ${printed}`);
    const topic = `flink_${KAFKA_LINES[line].flink.replace('.sql', '').replace('-', '_')}`;
    const results = await checkNewest(bootstrap, topic, (startMs) => {
      const check = KAFKA_LINES[line].check(rows, startMs);
      return line === 'tumbling' ? withWindowInKey(check) : check;
    });
    yield [line, { value: figure.rows_per_cpu_s, byTheClock: figure.rows_per_s, results }];
  }
}

/** Flink writes the start of a window into the value; ksqlDB's keys end with it. */
const withWindowInKey = (check: AnswerCheck): AnswerCheck => ({
  see(key, value) {
    const start = Buffer.alloc(8);
    start.writeBigInt64BE(BigInt(Date.parse(`${String(value?.['window_start']).replace(' ', 'T')}Z`)));
    check.see(Buffer.concat([key, start]), value);
  },
  end: () => check.end(),
});

/** Which versions of the peers are measured. */
export function peerVersions(engines: readonly KafkaEngine[]): Record<string, string> {
  const versions: Record<string, string> = {
    Kafka: /version=([\d.]+)/.exec(readFileSync(path.join(tools, 'kafka'), 'utf8'))?.[1] ?? 'unknown',
  };
  if (engines.includes('ksqlDB'))
    versions['ksqlDB'] = /ksqlDB ([\d.]+\d)/.exec(readFileSync(path.join(tools, 'ksqldb/ksqldb'), 'utf8'))?.[1] ?? '?';
  if (engines.includes('Flink SQL')) {
    const home = process.env['FLINK_SQL_HOME'] ?? path.join(homedir(), '.cache/flink-sql');
    const jars = existsSync(path.join(home, 'lib')) ? readdirSync(path.join(home, 'lib')) : [];
    versions['Flink'] =
      jars.flatMap((name) => /^flink-table-runtime-(.*)\.jar$/.exec(name)?.[1] ?? [])[0] ?? 'not fetched yet';
  }
  return versions;
}

async function runTool(server: Server, bootstrap: string, rows: number, line: string): Promise<string> {
  const args = ['--server', server.url, '--pid', String(server.pid), '--bootstrap', bootstrap];
  const tool = spawn(
    process.execPath,
    [path.join(tools, 'bench-kafka.mjs'), ...args, '--rows', String(rows), '--only', line],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, KAFKAJS: path.join(import.meta.dirname, '../../node_modules/kafkajs') },
    },
  );
  let printed = '';
  for await (const chunk of tool.stdout) printed += chunk;
  return printed;
}

/** Checks the topic of the last run, whose name ends with the time, and deletes all of this line's topics. */
async function checkNewest(
  bootstrap: string,
  prefix: string,
  check: (startMs: number) => AnswerCheck,
): Promise<number> {
  const broker = await KafkaBroker.connect({ bootstrapServers: [bootstrap] });
  try {
    const names = (await broker.listTopics()).map(({ name }) => name).filter((name) => name.startsWith(prefix));
    const { batches } = await broker.read({ topic: 'bench_ratings2', partition: 0, offset: 0 }, 1);
    const results = await checkTopic(broker, names.sort().at(-1)!, check(batches[0]!.baseTimestampMs));
    for (const name of names) await broker.deleteTopic(name);
    return results;
  } finally {
    await broker.close();
  }
}
