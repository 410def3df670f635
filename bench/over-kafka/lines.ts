import type { Broker } from '../../engine/broker/broker.ts';
import { FLINK_QUERIES, flinkScript, flinkTopic } from '../nexmark/flink-queries.ts';
import { type NexmarkQuery, QUERIES } from '../nexmark/queries.ts';
import { fillTopics, topicOf } from '../nexmark/topics.ts';
import { type AnswerCheck, countedInWindows } from '../table/answers.ts';
import { LINES, type Line } from '../table/lines.ts';
import { fillRatings, START_MS } from '../table/rows.ts';
import { FLINK_LINES, flinkLineScript, flinkLineTopic } from './flink-lines.ts';
import type { KafkaEngine } from './peers.ts';
import type { ServerSetup } from './server.ts';

/** What Flink runs for a line, where its result goes, and how that becomes what the check expects. */
export interface FlinkJob {
  readonly script: string;
  readonly topic: string;
  readonly adapt?: ((check: AnswerCheck) => AnswerCheck) | undefined;
}

/** A query that is measured from Kafka to Kafka. */
export interface KafkaLine {
  readonly name: string;
  readonly title: string;
  /** What is counted. */
  readonly unit: 'rows' | 'events';
  /** By whom it is measured. */
  readonly engines: readonly KafkaEngine[];
  readonly setup: ServerSetup;
  readonly rows: number;
  /** Whether its figure is that of the clock, not of CPU time. */
  readonly byTheClock?: boolean;
  /** Writes the topics that the query reads, where they are not there yet. @returns how many rows count */
  fill(broker: Broker, rows: number): Promise<number>;
  /** Declares them. */
  declare(rows: number): string;
  /** Makes `result`. */
  readonly query: string;
  /** How many results there are, where that is known. */
  results?(rows: number): number;
  check(rows: number): AnswerCheck;
  flink?(rows: number): FlinkJob;
}

const ROWS = 1_000_000;
const ALL: readonly KafkaEngine[] = ['here', 'ksqlDB', 'Flink SQL'];
const lineOf = (name: string): Line => LINES.find((line) => line.name === name)!;

/** A line of the table in process, over Kafka. */
function overKafka(name: string): KafkaLine {
  const { title, fill, declare, query, check, results } = lineOf(name);
  const flink = FLINK_LINES[name]!;
  return {
    name: `kafka-${name}`,
    title: `${title}, Kafka to Kafka`,
    unit: 'rows',
    engines: ALL,
    setup: {},
    rows: ROWS,
    async fill(broker, rows) {
      await fill(broker, rows);
      return rows;
    },
    declare: () => declare,
    query,
    check,
    ...(results === undefined ? {} : { results }),
    flink: () => ({ script: flinkLineScript(name, flink), topic: flinkLineTopic(name), adapt: flink.adapt }),
  };
}

/** The same with `processing.guarantee = exactly_once_v2`; Flink writes here without transactions. */
const exactlyOnce = (line: KafkaLine): KafkaLine => ({
  ...line,
  name: `${line.name}-exactly-once`,
  title: `${line.title}, exactly once`,
  engines: ['here', 'ksqlDB'],
  setup: { exactlyOnce: true },
});

const PARTITIONS = 4;
const WINDOW = { sizeMs: 60_000, advanceMs: 2000 };

/** A query on some threads, by the clock: thirty windows a row, so that its work is the engine's, not the broker's. */
function onThreads(threads: number): KafkaLine {
  const topic = `ratings_of_${PARTITIONS}`;
  return {
    name: `kafka-threads-${threads}`,
    title: `hopping, thirty windows a row, ${PARTITIONS} partitions, Kafka to Kafka, ${threads === 1 ? 'one thread' : `${threads} threads`}`,
    unit: 'rows',
    engines: ['here'],
    setup: { threads },
    rows: 300_000,
    byTheClock: true,
    async fill(broker, rows) {
      await fillRatings(broker, rows, { topic, partitions: PARTITIONS });
      return rows;
    },
    declare: () => lineOf('hopping').declare.replace("'ratings'", `'${topic}'`),
    query: `CREATE TABLE result AS SELECT user_id, COUNT(*) AS n, SUM(stars) AS s FROM ratings
      WINDOW HOPPING (SIZE 1 MINUTE, ADVANCE BY 2 SECONDS) GROUP BY user_id;`,
    check: (rows) => countedInWindows(rows, { startMs: START_MS, everyMs: 1, ...WINDOW }),
  };
}

/** A query of Nexmark over Kafka; its topics are called after how many events the site had. */
const nexmark = ({ name, title, reads, events, declare, query, check }: NexmarkQuery): KafkaLine => ({
  name: `kafka-nexmark-${name}`,
  title: `Nexmark ${name}, ${title}, Kafka to Kafka`,
  unit: 'events',
  engines: ['here', 'Flink SQL'],
  setup: {},
  rows: events,
  fill: (broker, count) => fillTopics(broker, reads, count, (kind) => topicOf(kind, count)),
  declare: (count) => reads.reduce((text, kind) => text.replace(`'${kind}'`, `'${topicOf(kind, count)}'`), declare),
  query,
  check,
  flink: (count) => ({
    script: flinkScript(name, reads, FLINK_QUERIES[name]!, (kind) => topicOf(kind, count)),
    topic: flinkTopic(name),
    adapt: FLINK_QUERIES[name]!.adapt,
  }),
});

const PLAIN = ['filter', 'tumbling', 'join'].map(overKafka);

export const KAFKA_LINES: readonly KafkaLine[] = [
  ...PLAIN,
  overKafka('stream-join'),
  ...PLAIN.map(exactlyOnce),
  ...[1, 2].map(onThreads),
  ...QUERIES.map(nexmark),
];
