import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';

/** The tools that start Kafka and the peers; a clone of the project alone has none of them. */
export const tools = path.join(import.meta.dirname, '../../../shared/tools');
/** The first start of a tool fetches its jars. */
export const MAVEN_MS = 600_000;

export const KAFKA_ENGINES = ['here', 'ksqlDB', 'Flink SQL'] as const;
export type KafkaEngine = (typeof KAFKA_ENGINES)[number];

/** Why nothing can be measured over a real Kafka here, or undefined when it can. */
export function kafkaUnavailable(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux, whose /proc tells what a process has used';
  for (const program of ['java', 'mvn'])
    if (spawnSync(program, ['-version']).error !== undefined) return `needs Java: ${program} is not installed`;
  if (!existsSync(path.join(tools, 'kafka'))) return `needs ${tools}, which is not there`;
  return undefined;
}

export async function freePort(): Promise<number> {
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

/** Which versions of Kafka and the peers are measured. */
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
