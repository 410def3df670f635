import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BrokerError } from '../../../engine/broker/broker.ts';
import { KafkaBroker } from '../../../engine/broker/kafka/kafka-broker.ts';
import { Chance } from '../../support/chance.ts';
import { EngineFleet } from '../../support/engine-fleet.ts';
import { appendKeyed } from '../../support/keyed-records.ts';
import { PacedLoad } from '../../support/paced-load.ts';
import { propertyOptions } from '../../support/served-engines.ts';
import { type Blows, ENGINES } from './blows.ts';
import { chaosProblems, writtenOrders } from './chaos-check.ts';
import { chaosOrders, chaosStatements, customerName, GROUPS, type Order } from './chaos-data.ts';

const PARTITIONS = 4;
const ORDERS_AT_ONCE = 100;
const POLL_MS = 500;
/** So often a broker that is not reached is asked again. */
const ATTEMPTS = 600;

export interface ChaosRound {
  readonly bootstrapServer: string;
  /** What is done to the engines while there is load. */
  readonly strike: (blows: Blows) => Promise<void>;
  /** After so long without a sign of life an engine is missed. */
  readonly sessionMs: number;
  readonly seed: number;
  /** How long it takes to write the orders, while engines are killed. */
  readonly loadMs: number;
  /** How long the engines may take afterwards. */
  readonly patienceMs: number;
  /** Where the logs of the engines are kept when something is wrong. */
  readonly logFolder: string;
}

export interface ChaosReport {
  /** What was done when, in the order in which it was done. */
  readonly blows: readonly string[];
  /** Orders that were written twice, because the broker was killed before it had answered. */
  readonly doubledInput: number;
  /** In sentences; empty where all is as it should be. */
  readonly problems: readonly string[];
  readonly seconds: number;
  /** From the end of the load until all was right. */
  readonly settledSeconds: number;
}

/** Engines share a chain of queries exactly once, and are killed, stopped and started by chance meanwhile. */
export async function chaosRound(round: ChaosRound): Promise<ChaosReport> {
  const beganMs = Date.now();
  const chance = new Chance(round.seed);
  const prefix = `chaos-${round.seed}-${beganMs}-`;
  const home = mkdtempSync(path.join(tmpdir(), 'ksql-chaos-'));
  writeFileSync(path.join(home, 'chaos.ksql'), chaosStatements(prefix));
  const orders = chaosOrders(chance);
  const broker = await KafkaBroker.connect({ bootstrapServers: [round.bootstrapServer] });
  const { bootstrapServer, sessionMs } = round;
  const fleet = new EngineFleet(bootstrapServer, home, ENGINES, engineOptions(chance, prefix, sessionMs));
  const blows: string[] = [];
  const say = (what: string) => void blows.push(`${((Date.now() - beganMs) / 1000).toFixed(1)} s: ${what}`);
  try {
    await prepare(broker, prefix);
    await fleet.startAll();
    const load = new PacedLoad(orders, { atOnce: ORDERS_AT_ONCE, overMs: round.loadMs }, (some) =>
      append(broker, `${prefix}orders`, some),
    );
    await round.strike({ isOver: () => load.isOver, chance, fleet, sessionMs, say });
    say('all engines are there');
    await load.written;
    const writtenMs = Date.now();
    const { orders: written, doubled } = await reached(() => writtenOrders(broker, prefix));
    const problems = await settled(broker, prefix, written, round.patienceMs);
    if (problems.length > 0) await fleet.keepLogs(round.logFolder);
    const seconds = (sinceMs: number) => (Date.now() - sinceMs) / 1000;
    return { blows, doubledInput: doubled, problems, seconds: seconds(beganMs), settledSeconds: seconds(writtenMs) };
  } finally {
    await fleet.endAll('SIGKILL');
    await broker.close();
    rmSync(home, { recursive: true, force: true });
  }
}

/** Whether there are standbys, and which engines have a state directory and several threads, is chance as well. */
function engineOptions(chance: Chance, prefix: string, sessionMs: number): (place: number) => readonly string[] {
  const settings = propertyOptions({
    'ksql.streams.auto.offset.reset': 'earliest',
    'ksql.streams.processing.guarantee': 'exactly_once_v2',
    'ksql.streams.session.timeout.ms': String(sessionMs),
    'ksql.streams.num.standby.replicas': String(chance.below(2)),
    'ksql.query.retry.backoff.initial.ms': '500',
    'ksql.query.retry.backoff.max.ms': '2000',
  });
  const keepsState = Array.from({ length: ENGINES }, () => chance.happens(0.5));
  return (place) => [
    ...['--queries-file', 'chaos.ksql', '--service-id', prefix],
    ...(keepsState[place] ? ['--state-dir', `state-${place}`] : []),
    ...['--threads', String(chance.between(1, 2))],
    ...settings,
  ];
}

async function prepare(broker: KafkaBroker, prefix: string): Promise<void> {
  await broker.createTopic({ name: `${prefix}orders`, partitions: PARTITIONS, replicas: 1 });
  await broker.createTopic({ name: `${prefix}customers`, partitions: PARTITIONS, replicas: 1 });
  const customers = Array.from({ length: GROUPS }, (_, group) => {
    const key = Buffer.alloc(4);
    key.writeInt32BE(group);
    return { key, value: Buffer.from(`{"NAME":"${customerName(group)}"}`) };
  });
  await appendKeyed(broker, `${prefix}customers`, PARTITIONS, customers);
}

/** What the broker did before it was killed may be done twice. */
const append = (broker: KafkaBroker, topic: string, orders: readonly Order[]): Promise<void> =>
  reached(() =>
    appendKeyed(
      broker,
      topic,
      PARTITIONS,
      orders.map(({ key, group, amount }) => {
        return { key: Buffer.from(key), value: Buffer.from(`{"G":${group},"AMOUNT":${amount}}`) };
      }),
    ),
  );

/** Asks again while the broker is not reached. */
async function reached<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof BrokerError) || error.code !== 'unreachable' || attempt === ATTEMPTS) throw error;
      await sleep(POLL_MS);
    }
  }
}

/** The problems that are left when all was counted, or the patience is over. */
async function settled(
  broker: KafkaBroker,
  prefix: string,
  orders: readonly Order[],
  patienceMs: number,
): Promise<readonly string[]> {
  const untilMs = Date.now() + patienceMs;
  for (;;) {
    const found = await reached(() => chaosProblems(broker, prefix, orders));
    if (found.length === 0 || Date.now() > untilMs) return found;
    await sleep(POLL_MS);
  }
}
