import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { KafkaBroker } from '../../../engine/broker/kafka/kafka-broker.ts';
import { partitionOf } from '../../../engine/broker/murmur2.ts';
import { RecordBatchBuilder } from '../../../engine/broker/record-batch.ts';
import type { SeededRandom } from '../../../engine/connectors/datagen/random.ts';
import type { Served } from '../../support/ksql-command.ts';
import { propertyOptions, ServedEngines } from '../../support/served-engines.ts';
import { topicRecords } from '../../support/topic-records.ts';
import {
  expectedStats,
  expectedWindows,
  KEYS,
  SMOKE_STATEMENTS,
  type SmokeRecord,
  smokeRecords,
  VALUES_PER_KEY,
} from './smoke-data.ts';

const PARTITIONS = 4;
const ENGINES = 3;
const RECORDS_AT_ONCE = 100;
/** The last eight bytes of a windowed key are the start of the window. */
const WINDOW_BYTES = 8;

export interface SmokeRound {
  readonly bootstrapServer: string;
  readonly guarantee: 'at_least_once' | 'exactly_once_v2';
  /** How long it takes to write the records, while engines are killed. */
  readonly loadMs: number;
  /** From one kill to the next. */
  readonly killEveryMs: number;
  /** Kills the broker and starts it again, after the first kill of an engine; absent: it lives. */
  readonly restartBroker?: (() => Promise<void>) | undefined;
  /** How long the engines may take afterwards. */
  readonly patienceMs: number;
  readonly random: SeededRandom;
}

export interface SmokeReport {
  readonly kills: number;
  /** In sentences; empty where all is as it should be. */
  readonly problems: readonly string[];
  readonly seconds: number;
}

type Rows = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/**
 * Kafka Streams' smoke test: three engines share queries over 20,000 records, and one after the other is killed and
 * started anew while the records come.
 */
export async function smokeRound(round: SmokeRound): Promise<SmokeReport> {
  const startMs = Date.now();
  const home = mkdtempSync(path.join(tmpdir(), 'ksql-smoke-'));
  writeFileSync(path.join(home, 'smoke.ksql'), SMOKE_STATEMENTS);
  const broker = await KafkaBroker.connect({ bootstrapServers: [round.bootstrapServer] });
  const service = `smoke-${startMs}`;
  const engines = new ServedEngines();
  const start = () => startEngine(engines, round, service, home);
  const inTurn: Served[] = [];
  const records = smokeRecords(round.random, startMs);
  let kills = 0;
  try {
    await removeTopics(broker);
    await broker.createTopic({ name: 'data', partitions: PARTITIONS, replicas: 1 });
    for (let i = 0; i < ENGINES; i++) inTurn.push(await start());
    const load = new Load(broker, records, round.loadMs);
    for (let turn = 0; !load.isOver; turn = (turn + 1) % ENGINES) {
      await sleep(round.killEveryMs);
      await engines.end(inTurn[turn]!, 'SIGKILL');
      kills++;
      if (kills === 1 && round.restartBroker !== undefined) await load.pauseFor(round.restartBroker);
      inTurn[turn] = await start();
    }
    await load.written;
    const problems = await settled(broker, round, records);
    return { kills, problems, seconds: (Date.now() - startMs) / 1000 };
  } finally {
    await engines.endAll('SIGTERM');
    await broker.close();
    rmSync(home, { recursive: true, force: true });
  }
}

/** The problems that are left when everything has been counted, or the patience is over. */
async function settled(
  broker: KafkaBroker,
  { guarantee, patienceMs }: SmokeRound,
  records: readonly SmokeRecord[],
): Promise<readonly string[]> {
  const untilMs = Date.now() + patienceMs;
  for (;;) {
    const found = await problemsOf(broker, guarantee, records);
    if (found.length === 0 || Date.now() > untilMs) return found;
    await sleep(500);
  }
}

/**
 * Of tables of the stream the newest row of each key is right with either guarantee: at least once, rows may be there
 * twice, but state and positions are one (`engine/runtime/shared/task-commit.ts`). The table of a table counts what
 * goes from one group to another through a topic, which at least once may be there twice, as in Kafka Streams.
 */
async function problemsOf(
  broker: KafkaBroker,
  guarantee: SmokeRound['guarantee'],
  records: readonly SmokeRecord[],
): Promise<readonly string[]> {
  const stats = await newestRows(broker, 'stats', (key) => key.toString());
  const windowed = await newestRows(broker, 'windowed', (key) => {
    const end = key.length - WINDOW_BYTES;
    return `${key.subarray(0, end)}@${key.readBigInt64BE(end)}`;
  });
  const problems = [
    ...differences('stats', expectedStats(), stats),
    ...differences('windowed', expectedWindows(records), windowed),
  ];
  if (guarantee === 'at_least_once') return problems;
  const tagg = await newestRows(broker, 'tagg', (key) => key.readBigInt64BE().toString());
  return [...problems, ...differences('tagg', new Map([[String(VALUES_PER_KEY), { KEYS }]]), withoutEmpty(tagg))];
}

/** Groups that every key has left have a count of zero. */
const withoutEmpty = (rows: Rows): Rows => new Map([...rows].filter(([, row]) => row['KEYS'] !== 0));

function* differences(table: string, expected: ReadonlyMap<string, object>, found: Rows): Iterable<string> {
  for (const [key, row] of expected)
    if (!isDeepStrictEqual(found.get(key), row))
      yield `${table} ${key}: ${JSON.stringify(found.get(key))} instead of ${JSON.stringify(row)}`;
  for (const [key, row] of found)
    if (!expected.has(key)) yield `${table} ${key}: ${JSON.stringify(row)} should not be there`;
}

async function newestRows(broker: KafkaBroker, topic: string, keyText: (key: Buffer) => string): Promise<Rows> {
  const rows = new Map<string, Readonly<Record<string, unknown>>>();
  for (const { key, value } of await topicRecords(broker, topic)) {
    const text = keyText(Buffer.from(key!, 'latin1'));
    if (value === null) rows.delete(text);
    else rows.set(text, JSON.parse(value));
  }
  return rows;
}

async function removeTopics(broker: KafkaBroker): Promise<void> {
  const names = ['data', 'stats', 'windowed', 'tagg'];
  const known = new Set((await broker.listTopics()).map(({ name }) => name));
  for (const name of names) if (known.has(name)) await broker.deleteTopic(name);
  while ((await broker.listTopics()).some(({ name }) => names.includes(name))) await sleep(100);
}

function startEngine(
  engines: ServedEngines,
  { bootstrapServer, guarantee }: SmokeRound,
  service: string,
  home: string,
): Promise<Served> {
  const settings = propertyOptions({
    'ksql.streams.auto.offset.reset': 'earliest',
    'ksql.streams.processing.guarantee': guarantee,
    'ksql.streams.session.timeout.ms': '6000',
    'ksql.streams.commit.interval.ms': '200',
  });
  const file = ['--queries-file', 'smoke.ksql', '--service-id', service];
  return engines.start(bootstrapServer, home, ...file, ...settings);
}

/** Writes the records, evenly over a time. */
class Load {
  readonly written: Promise<void>;
  isOver = false;
  /** What comes before the next records are written. */
  #before: Promise<void> = Promise.resolve();
  #appending: Promise<unknown> = Promise.resolve();

  constructor(broker: KafkaBroker, records: readonly SmokeRecord[], loadMs: number) {
    this.written = this.#write(broker, records, loadMs).finally(() => {
      this.isOver = true;
    });
    // Who waits for it is told.
    this.written.catch(() => undefined);
  }

  /** Does something while nothing is being written, so that no record is written twice because its answer was lost. */
  async pauseFor(action: () => Promise<void>): Promise<void> {
    const done = this.#appending.then(action);
    this.#before = done;
    await done;
  }

  async #write(broker: KafkaBroker, records: readonly SmokeRecord[], loadMs: number): Promise<void> {
    const pauseMs = (loadMs * RECORDS_AT_ONCE) / records.length;
    for (let from = 0; from < records.length; from += RECORDS_AT_ONCE) {
      await this.#before;
      this.#appending = append(broker, records.slice(from, from + RECORDS_AT_ONCE));
      await this.#appending;
      await sleep(pauseMs);
    }
  }
}

async function append(broker: KafkaBroker, records: readonly SmokeRecord[]): Promise<void> {
  const builders = new Map<number, RecordBatchBuilder>();
  for (const { key, value, timeMs } of records) {
    const bytes = Buffer.from(key);
    const partition = partitionOf(bytes, PARTITIONS);
    const builder = builders.get(partition) ?? new RecordBatchBuilder();
    builders.set(partition, builder);
    builder.append(bytes, Buffer.from(`{"V":${value}}`), timeMs);
  }
  await Promise.all([...builders].map(([partition, builder]) => broker.append('data', partition, [builder.build()])));
}
