import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaBroker } from '../../../engine/broker/kafka/kafka-broker.ts';
import { Chance } from '../../support/chance.ts';
import { EngineFleet } from '../../support/engine-fleet.ts';
import { appendKeyed } from '../../support/keyed-records.ts';
import { propertyOptions } from '../../support/served-engines.ts';

const PARTITIONS = 4;
const ENGINES = 3;
const KEYS = Array.from({ length: 16 }, (_, i) => `k${i}`);
const WRITE_EVERY_MS = 20;
const ASKERS = 4;
const ASK_EVERY_MS = 25;
/** What ksqlDB answers where no host has a partition, or the one that had it failed meanwhile. */
const REFUSAL = /^Unable to execute pull query\. |failed while it answered/;

const STATEMENTS = `
  CREATE STREAM clicks (k STRING KEY, v INT) WITH (KAFKA_TOPIC = 'clicks', VALUE_FORMAT = 'JSON');
  CREATE TABLE counts AS SELECT k, COUNT(*) AS n, SUM(v) AS total FROM clicks GROUP BY k;`;

export interface MovingPulls {
  readonly bootstrapServer: string;
  readonly seed: number;
  /** How often an engine is killed, stopped or made stand still, each time after a pause. */
  readonly moves: number;
  readonly sessionMs: number;
}

export interface PullReport {
  readonly answers: number;
  /** Questions that were refused, in ksqlDB's words. */
  readonly refusals: number;
  /** Those that an engine could not answer because it was killed. */
  readonly broken: number;
  readonly moves: readonly string[];
  /** In sentences: answers that were never true, or not any more. */
  readonly wrong: readonly string[];
}

type Row = readonly [key: string, n: number, total: number];

/** What may be answered: each key is written with 0, 1, 2 …, so a count tells its sum. */
class Truth {
  /** So many records of each key were being written at most. */
  begun = 0;
  /** What each key was answered to have, at least. */
  readonly #seen = new Map<string, number>();

  /** What has been answered so far: an answer to a question that is asked now is no older. */
  seen(): ReadonlyMap<string, number> {
    return new Map(this.#seen);
  }

  /** @returns what is wrong with an answer to a question about some keys, if anything */
  problem(keys: readonly string[], rows: readonly Row[], before: ReadonlyMap<string, number>): string | undefined {
    for (const [key, n, total] of rows) {
      if (total !== (n * (n - 1)) / 2) return `${key} was never (${n}, ${total})`;
      if (n > this.begun) return `${key} is ${n}, and ${this.begun} were written`;
      if (n < (before.get(key) ?? 0)) return `${key} went back from ${before.get(key)} to ${n}`;
      this.#seen.set(key, Math.max(n, this.#seen.get(key) ?? 0));
    }
    const answered = rows.map(([key]) => key);
    if (new Set(answered).size < answered.length) return `a key is there twice: ${answered.join(', ')}`;
    const missing = keys.find((key) => before.has(key) && !answered.includes(key));
    return missing === undefined ? undefined : `${missing} is missing in ${answered.join(', ')}`;
  }
}

/** All keys are asked for continually, at all engines, while these come and go. */
export async function movingPulls(options: MovingPulls): Promise<PullReport> {
  const { bootstrapServer, sessionMs } = options;
  const home = mkdtempSync(path.join(tmpdir(), 'ksql-pulls-'));
  writeFileSync(path.join(home, 'clicks.ksql'), STATEMENTS);
  const broker = await KafkaBroker.connect({ bootstrapServers: [bootstrapServer] });
  const settings = propertyOptions({
    'ksql.streams.auto.offset.reset': 'earliest',
    'ksql.streams.commit.interval.ms': '500',
    'ksql.streams.session.timeout.ms': String(sessionMs),
    'ksql.streams.transaction.timeout.ms': String(sessionMs),
    'ksql.streams.num.standby.replicas': '1',
    'ksql.heartbeat.enable': 'true',
  });
  const file = ['--queries-file', 'clicks.ksql', '--service-id', 'pulls_'];
  const fleet = new EngineFleet(bootstrapServer, home, ENGINES, () => [...file, ...settings]);
  const end = new AbortController();
  const truth = new Truth();
  const report = { answers: 0, refusals: 0, broken: 0, moves: [] as string[], wrong: [] as string[] };
  try {
    await broker.createTopic({ name: 'clicks', partitions: PARTITIONS, replicas: 1 });
    await fleet.startAll();
    const chance = new Chance(options.seed);
    const writing = write(broker, truth, end.signal);
    const asking = Array.from({ length: ASKERS }, (_, i) =>
      askUntil(fleet, truth, new Chance(options.seed + i + 1), report, end.signal),
    );
    await move(fleet, chance, options, report.moves);
    end.abort();
    await Promise.all([writing, ...asking]);
    return report;
  } finally {
    end.abort();
    await fleet.endAll('SIGKILL');
    await broker.close();
    rmSync(home, { recursive: true, force: true });
  }
}

async function write(broker: KafkaBroker, truth: Truth, signal: AbortSignal): Promise<void> {
  for (let v = 0; !signal.aborted; v++) {
    truth.begun = v + 1;
    const records = KEYS.map((key) => ({ key: Buffer.from(key), value: Buffer.from(`{"V":${v}}`) }));
    await appendKeyed(broker, 'clicks', PARTITIONS, records);
    await sleep(WRITE_EVERY_MS);
  }
}

/** Asks for one key, some, or all, at an engine by chance. */
async function askUntil(
  fleet: EngineFleet,
  truth: Truth,
  chance: Chance,
  report: { answers: number; refusals: number; broken: number; readonly wrong: string[] },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await sleep(ASK_EVERY_MS);
    if (fleet.running.length === 0) continue;
    const { url } = chance.pick(fleet.running);
    const keys = chance.pick([[chance.pick(KEYS)], KEYS.filter(() => chance.happens(0.3)), KEYS]);
    const where = keys.length === KEYS.length ? '' : ` WHERE k IN ('none'${keys.map((key) => `, '${key}'`).join('')})`;
    const before = truth.seen();
    const body = JSON.stringify({ sql: `SELECT k, n, total FROM counts${where};` });
    const headers = { accept: 'application/json' };
    let answer: readonly unknown[] | { readonly message: string };
    try {
      const got = await fetch(`${url}/query-stream`, { method: 'POST', headers, body });
      answer = JSON.parse(await got.text());
    } catch {
      report.broken++;
      continue;
    }
    const last = 'message' in answer ? answer : (answer.at(-1) as { readonly message?: string });
    if (last.message !== undefined) {
      report.refusals++;
      if (!REFUSAL.test(last.message)) report.wrong.push(last.message);
      continue;
    }
    report.answers++;
    const problem = truth.problem(keys, (answer as readonly unknown[]).slice(1) as readonly Row[], before);
    if (problem !== undefined) report.wrong.push(problem);
  }
}

/** Kills engines, stops them, and has them stand still for longer than they are waited for. */
async function move(
  fleet: EngineFleet,
  chance: Chance,
  { moves, sessionMs }: MovingPulls,
  said: string[],
): Promise<void> {
  for (let i = 0; i < moves; i++) {
    await sleep(chance.between(1000, 3000));
    const place = chance.below(ENGINES);
    const how = chance.pick(['SIGKILL', 'SIGTERM', 'SIGSTOP'] as const);
    said.push(`engine ${place}: ${how}`);
    if (how === 'SIGSTOP') {
      const { child } = fleet.at(place)!;
      child.kill(how);
      await sleep(chance.between(sessionMs / 2, 2 * sessionMs));
      child.kill('SIGCONT');
    } else {
      await fleet.end(place, how);
      await sleep(chance.below(2 * sessionMs));
      await fleet.start(place);
    }
  }
  await sleep(sessionMs);
}
