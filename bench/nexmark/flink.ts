/**
 * Nexmark's queries in Flink SQL, from Kafka to Kafka on this machine, each answer checked: what the engine's own
 * figures are held against. Each query runs twice in one process, and the second run counts.
 * Needs java, mvn and the tools beside the project. Run with: node bench/nexmark/flink.ts [QUERY,… [EVENTS]]
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { KafkaBroker } from '../../engine/broker/kafka/kafka-broker.ts';
import { rounded } from '../measure.ts';
import { BenchKafka, kafkaUnavailable, peerVersions, tools } from '../table/on-kafka.ts';
import { checkTopic } from '../table/run-to-end.ts';
import { FLINK_QUERIES, flinkScript, flinkTopic } from './flink-queries.ts';
import { type NexmarkQuery, QUERIES } from './queries.ts';
import { fillTopics } from './topics.ts';

interface FlinkFigure {
  readonly run: number;
  readonly cpu_s: number;
  readonly wall_s: number;
}

/** Runs one query over topics of its own, and prints its figure. */
async function runQuery(query: NexmarkQuery, events: number, kafka: BenchKafka, folder: string): Promise<void> {
  const broker = await KafkaBroker.connect({ bootstrapServers: [kafka.bootstrap] });
  try {
    const written = await fillTopics(broker, query.reads, events);
    const flink = FLINK_QUERIES[query.name]!;
    const file = path.join(folder, `${query.name}.sql`);
    writeFileSync(file, flinkScript(query.name, query.reads, flink));
    const printed = execFileSync(
      path.join(tools, 'flink/flink-sql'),
      ['run', file, '--exclude-startup', '--create-topics', '--fresh', '--repeat', '2'],
      { encoding: 'utf8', env: { ...process.env, BOOTSTRAP: kafka.bootstrap }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const figures = printed
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as FlinkFigure);
    const figure = figures.find(({ run }) => run === 2);
    if (figure?.cpu_s === undefined) throw new Error(`Flink printed no figure: ${printed}`);
    const check = query.check(events);
    const results = await checkTopic(broker, flinkTopic(query.name), flink.adapt?.(check) ?? check);
    console.log(
      `${query.name.padEnd(3)} ${query.title.padEnd(30)} ${rounded(written / figure.cpu_s)} events per CPU-second, ${rounded(written / figure.wall_s)} by the clock, ${rounded(results)} results`,
    );
  } finally {
    const made = new Set([...query.reads, flinkTopic(query.name)]);
    for (const { name } of await broker.listTopics()) if (made.has(name)) await broker.deleteTopic(name);
    await broker.close();
  }
}

const [names, given] = process.argv.slice(2);
const wanted = names?.split(',') ?? QUERIES.map(({ name }) => name);
const unknown = wanted.filter((name) => !QUERIES.some((query) => query.name === name));
const unavailable = kafkaUnavailable();
if (unknown.length > 0) {
  console.error(`There is no query ${unknown.join(', ')}: there are ${QUERIES.map(({ name }) => name).join(', ')}.`);
  process.exitCode = 2;
} else if (unavailable !== undefined) {
  console.log(`Nexmark in Flink SQL ${unavailable}.`);
} else {
  const kafka = await BenchKafka.start();
  const folder = mkdtempSync(path.join(tmpdir(), 'ksql-bench-flink-'));
  try {
    console.log(`Flink ${peerVersions(['Flink SQL'])['Flink']}, load ${loadavg()[0]!.toFixed(1)}`);
    for (const query of QUERIES) {
      if (!wanted.includes(query.name)) continue;
      await runQuery(query, Number(given ?? query.events), kafka, folder).catch((error: unknown) => {
        console.log(`${query.name}: ${error instanceof Error ? error.message : String(error)}`);
        process.exitCode = 1;
      });
    }
  } finally {
    kafka.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
