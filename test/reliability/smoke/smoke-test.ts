import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaBroker } from '../../../engine/broker/kafka/kafka-broker.ts';
import type { Chance } from '../../support/chance.ts';
import { EngineFleet } from '../../support/engine-fleet.ts';
import { appendKeyed } from '../../support/keyed-records.ts';
import { PacedLoad } from '../../support/paced-load.ts';
import { propertyOptions } from '../../support/served-engines.ts';
import { type Guarantee, smokeProblems } from './smoke-check.ts';
import { type SmokeRecord, smokeEnd, smokeRecords, smokeStatements } from './smoke-data.ts';

const PARTITIONS = 4;
const ENGINES = 3;
const RECORDS_AT_ONCE = 100;
const POLL_MS = 250;
/** Each guarantee in the letters that names of its sources end with. */
const GUARANTEES = { exactly_once_v2: 'eos', at_least_once: 'alo' } as const satisfies Record<Guarantee, string>;

export interface SmokeSettings {
  readonly bootstrapServer: string;
  /** Kills the broker and starts it again, after the first kill of an engine of each round; absent: it lives. */
  readonly restartBroker?: (() => Promise<void>) | undefined;
  /** After so long without a sign of life an engine is missed. */
  readonly sessionMs: number;
  /** How long it takes to write the records, while engines are killed. */
  readonly loadMs: number;
  /** From one kill to the next. */
  readonly killEveryMs: number;
  /** How long the engines may take afterwards. */
  readonly patienceMs: number;
  /** Where the logs of the engines are kept when something is wrong. */
  readonly logFolder: string;
}

/** What became of a round with one of the guarantees. */
export interface SmokeReport {
  readonly guarantee: Guarantee;
  /** In sentences; empty where all is as it should be. */
  readonly problems: readonly string[];
}

export interface SmokeRound {
  readonly reports: readonly SmokeReport[];
  readonly kills: number;
  readonly seconds: number;
}

/**
 * Kafka Streams' smoke test: three engines share queries over 20,000 records, and one after the other is killed and
 * started anew while the records come. In a round both guarantees go side by side, over records of their own; the
 * engines stay for the next one.
 */
export class SmokeTest {
  readonly #settings: SmokeSettings;
  readonly #broker: KafkaBroker;
  readonly #fleet: EngineFleet;
  readonly #home: string;
  #rounds = 0;
  #turn = 0;

  private constructor(settings: SmokeSettings, broker: KafkaBroker, home: string) {
    this.#settings = settings;
    this.#broker = broker;
    this.#home = home;
    const { bootstrapServer, sessionMs } = settings;
    const options = propertyOptions({
      'ksql.streams.auto.offset.reset': 'earliest',
      'ksql.streams.session.timeout.ms': String(sessionMs),
      'ksql.streams.transaction.timeout.ms': String(sessionMs),
      'ksql.streams.commit.interval.ms': '200',
      'ksql.persistence.default.format.value': 'JSON',
    });
    const service = ['--service-id', `smoke-${Date.now()}-`];
    this.#fleet = new EngineFleet(bootstrapServer, home, ENGINES, () => [...service, ...options]);
  }

  /** Starts the engines. */
  static async start(settings: SmokeSettings): Promise<SmokeTest> {
    const broker = await KafkaBroker.connect({ bootstrapServers: [settings.bootstrapServer] });
    const test = new SmokeTest(settings, broker, mkdtempSync(path.join(tmpdir(), 'ksql-smoke-')));
    try {
      await test.#fleet.startAll();
    } catch (error) {
      await test.stop();
      throw error;
    }
    return test;
  }

  async stop(): Promise<void> {
    await this.#fleet.endAll('SIGKILL');
    await this.#broker.close();
    rmSync(this.#home, { recursive: true, force: true });
  }

  async round(chance: Chance): Promise<SmokeRound> {
    const beganMs = Date.now();
    const number = this.#rounds++;
    const guarantees = Object.keys(GUARANTEES) as Guarantee[];
    const suffixes = guarantees.map((guarantee) => `_${number}_${GUARANTEES[guarantee]}`);
    const records = guarantees.map(() => smokeRecords(chance, beganMs));
    for (const [i, guarantee] of guarantees.entries())
      await this.#post(smokeStatements(suffixes[i]!, PARTITIONS), { 'processing.guarantee': guarantee });
    const loads = suffixes.map((suffix, i) => this.#load(`data${suffix}`, records[i]!));
    const kills = await this.#killUntil(loads);
    await Promise.all(loads.map(({ written }) => written));
    const reports = await Promise.all(
      guarantees.map(async (guarantee, i): Promise<SmokeReport> => {
        return { guarantee, problems: await this.#settled(suffixes[i]!, guarantee, records[i]!) };
      }),
    );
    if (reports.some(({ problems }) => problems.length > 0)) await this.#fleet.keepLogs(this.#settings.logFolder);
    for (const suffix of suffixes) await this.#post(smokeEnd(suffix));
    return { reports, kills, seconds: (Date.now() - beganMs) / 1000 };
  }

  #load(topic: string, records: readonly SmokeRecord[]): PacedLoad<SmokeRecord> {
    const pace = { atOnce: RECORDS_AT_ONCE, overMs: this.#settings.loadMs };
    return new PacedLoad(records, pace, (some) =>
      appendKeyed(
        this.#broker,
        topic,
        PARTITIONS,
        some.map(({ key, value, timeMs }) => {
          return { key: Buffer.from(key), value: Buffer.from(`{"V":${value}}`), timeMs };
        }),
      ),
    );
  }

  /** Each engine is killed at least once. @returns how often one was killed */
  async #killUntil(loads: readonly PacedLoad<SmokeRecord>[]): Promise<number> {
    const { killEveryMs, restartBroker } = this.#settings;
    let kills = 0;
    while (kills < ENGINES || loads.some(({ isOver }) => !isOver)) {
      await sleep(killEveryMs);
      const place = this.#turn++ % ENGINES;
      await this.#fleet.end(place, 'SIGKILL');
      kills++;
      if (kills === 1 && restartBroker !== undefined) {
        const restarted = restartBroker();
        await Promise.all(loads.map((load) => load.pauseFor(() => restarted)));
      }
      await this.#fleet.start(place);
    }
    return kills;
  }

  /** The problems that are left when everything has been counted, or the patience is over. */
  async #settled(suffix: string, guarantee: Guarantee, records: readonly SmokeRecord[]): Promise<readonly string[]> {
    const untilMs = Date.now() + this.#settings.patienceMs;
    for (;;) {
      const found = await smokeProblems(this.#broker, suffix, guarantee, records);
      if (found.length === 0 || Date.now() > untilMs) return found;
      await sleep(POLL_MS);
    }
  }

  async #post(ksql: string, streamsProperties: Readonly<Record<string, string>> = {}): Promise<void> {
    const { url } = this.#fleet.running[0]!;
    const answer = await fetch(`${url}/ksql`, { method: 'POST', body: JSON.stringify({ ksql, streamsProperties }) });
    if (!answer.ok) throw new Error(await answer.text());
  }
}
