import { ClientError, KsqlClient } from '../../../engine/api/client.ts';
import type { Port } from '../../../engine/api/port/messages.ts';
import { PortTransport } from '../../../engine/api/port/port-client.ts';
import type { Transport } from '../../../engine/api/transport.ts';
import { BrokerAnswers } from '../../../engine/broker/listener/broker-answers.ts';
import { partitionOf } from '../../../engine/broker/murmur2.ts';
import { RecordBatchBuilder } from '../../../engine/broker/record-batch.ts';
import { Chance } from '../../support/chance.ts';
import { topicRecords } from '../../support/topic-records.ts';
import { type VirtualProcess, VirtualTime } from '../../support/virtual-time.ts';
import { EngineProcess } from './engine-process.ts';
import type { Network } from './network.ts';
import { WatchedBroker } from './watched-broker.ts';
import {
  EVENTS,
  type Guarantee,
  type InputRecord,
  nameOf,
  SINK,
  USERS,
  WORKLOADS,
  type Workload,
} from './workloads.ts';

const MOST_MS = 600_000;
/** So long after the last trouble all must be as it should. */
const CALM_MS = 180_000;
const LOOK_MS = 500;
const MOST_ENGINES = 4;

/** What is asked at moments on which much depends. */
const FRAGILE = [
  'to append',
  'Produce',
  'OffsetCommit',
  'JoinGroup',
  'SyncGroup',
  'InitProducerId',
  'AddPartitionsToTxn',
  'AddOffsetsToTxn',
  'TxnOffsetCommit',
  'EndTxn',
  'EndTxn',
];

/** What has happened in a simulation. */
export interface QueriesReport {
  readonly workload: string;
  readonly guarantee: Guarantee;
  readonly troubles: Readonly<Record<Trouble, number>>;
  readonly records: number;
  /** When all was as it should be, in milliseconds. */
  readonly doneMs: number;
}

const TROUBLES = ['kill', 'leave', 'join', 'pause', 'cut', 'losses'] as const;
export type Trouble = (typeof TROUBLES)[number];

/**
 * Engines of one service share a query, while they are killed, leave, join, stand still, are cut off, and questions and
 * answers get lost; then all is calm, and must come to be as it should.
 *
 * @param tell told what happens, for who looks for the reason of a failure
 * @throws Error that says what is wrong in the end
 */
export async function simulateQueries(seed: number, tell?: (line: string) => void) {
  const random = new Chance(seed);
  const time = new VirtualTime(() => random.next());
  return time.run(() => new QueriesSimulation(random, time, tell).run(), MOST_MS);
}

class QueriesSimulation {
  readonly #random: Chance;
  readonly #time: VirtualTime;
  readonly #tell: ((line: string) => void) | undefined;
  readonly #server: VirtualProcess;
  readonly #broker: WatchedBroker;
  readonly #answers: BrokerAnswers;
  readonly #network: Network;
  readonly #workload: Workload;
  readonly #guarantee: Guarantee;
  readonly #partitions: number;
  readonly #keys: number;
  readonly #records: number;
  readonly #standbys: number;
  readonly #lossLikelihood: number;
  readonly #troubleEveryMs: number;
  readonly #properties: Readonly<Record<string, string>>;
  readonly #input: InputRecord[] = [];
  readonly #troubles: Record<Trouble, number> = { kill: 0, leave: 0, join: 0, pause: 0, cut: 0, losses: 0 };
  #engines: EngineProcess[] = [];
  #started = 0;

  constructor(random: Chance, time: VirtualTime, tell?: (line: string) => void) {
    this.#random = random;
    this.#time = time;
    this.#tell =
      tell && ((line) => tell(`${(time.nowMs / 1000).toFixed(3).padStart(8)} ${time.currentProcess.name}: ${line}`));
    this.#server = time.process('broker');
    const { broker, answers } = this.#server.run(() => {
      const made = new WatchedBroker();
      return { broker: made, answers: new BrokerAnswers(made, { add: () => undefined, mustStop: false }) };
    });
    this.#broker = broker;
    this.#answers = answers;
    this.#workload = random.pick(WORKLOADS);
    this.#guarantee = random.pick(['exactly_once_v2', 'exactly_once_v2', 'at_least_once']);
    this.#partitions = random.between(1, 3);
    this.#keys = random.between(1, 6);
    this.#records = random.between(20, 80);
    this.#standbys = random.below(2);
    this.#lossLikelihood = random.pick([0, 0, 0.005, 0.03]);
    this.#troubleEveryMs = random.pick([1000, 4000, 10_000]);
    this.#properties = {
      'ksql.streams.auto.offset.reset': 'earliest',
      'ksql.streams.processing.guarantee': this.#guarantee,
      'ksql.streams.num.standby.replicas': String(this.#standbys),
      'ksql.streams.commit.interval.ms': random.pick(['50', '300', '2000']),
      'ksql.streams.cache.max.bytes.buffering': random.pick(['0', '10000000']),
      // The longer one outlasts the time that a transaction may be open.
      'session.timeout.ms': random.pick(['6000', '40000']),
      'ksql.query.retry.backoff.initial.ms': '500',
      'ksql.query.retry.backoff.max.ms': '4000',
    };
    this.#network = {
      time,
      random,
      server: this.#server,
      dispatcher: answers.dispatcher,
      mostDelayMs: random.pick([2, 20, 200]),
      lossLikelihood: 0,
      fragile: random.pick(FRAGILE),
      fragility: random.pick([0, 0.1, 0.3]),
      onBroken: (process) => this.#mayFall(process),
      tell: this.#tell,
    };
  }

  async run(): Promise<QueriesReport> {
    const { name } = this.#workload;
    this.#tell?.(
      `${name}, ${this.#guarantee}, ${this.#partitions} partitions, ${this.#records} records of ${this.#keys} keys, ${this.#standbys} standbys, ${JSON.stringify(this.#properties)}, delays up to ${this.#network.mostDelayMs} ms, losses ${this.#lossLikelihood}, ${this.#network.fragile} ${this.#network.fragility}`,
    );
    await this.#makeTopics();
    for (let n = this.#random.between(1, MOST_ENGINES - 1); n > 0; n--) this.#open();
    await Promise.all([this.#write(), this.#trouble()]);
    await this.#calmDown();
    await this.#awaitRight();
    this.#check();
    for (const engine of this.#engines) engine.kill();
    this.#answers.close();
    return {
      workload: name,
      guarantee: this.#guarantee,
      troubles: this.#troubles,
      records: this.#input.length,
      doneMs: Math.round(this.#time.nowMs),
    };
  }

  async #makeTopics(): Promise<void> {
    for (const topic of [EVENTS, USERS])
      await this.#broker.createTopic({ name: topic, partitions: this.#partitions, replicas: 1 });
    for (let n = 0; n < this.#keys; n++) await this.#append(USERS, `k${n}`, { NAME: nameOf(`k${n}`) }, Date.now());
  }

  async #append(topic: string, key: string, value: object, timeMs: number): Promise<void> {
    const bytes = Buffer.from(key);
    const builder = new RecordBatchBuilder();
    builder.append(bytes, Buffer.from(JSON.stringify(value)), timeMs);
    const partition = partitionOf(bytes, this.#partitions);
    await this.#server.run(() => this.#broker.append(topic, partition, [builder.build()]));
  }

  async #write(): Promise<void> {
    while (this.#input.length < this.#records) {
      await this.#sleep(this.#random.below(800));
      for (let n = this.#random.between(1, 5); n > 0; n--) {
        const id = this.#input.length;
        const key = `k${this.#random.below(this.#keys)}`;
        const record = { key, id, group: `g${this.#random.below(3)}`, timeMs: Date.now() };
        this.#input.push(record);
        await this.#append(EVENTS, key, { ID: id, G: record.group }, record.timeMs);
      }
    }
  }

  #open(): void {
    const name = `e${++this.#started}`;
    this.#tell?.(`${name} is started`);
    const engine = new EngineProcess({
      name,
      network: this.#network,
      broker: this.#broker,
      statements: this.#workload.statements,
      properties: this.#properties,
      clientOf: (endpoint) => this.#clientOf(endpoint),
      onEnded: (reason) => {
        this.#tell?.(`${name} could not be started: ${reason.message}`);
        this.#remove(engine);
        this.#openLater();
      },
    });
    this.#engines.push(engine);
  }

  #openLater(): void {
    this.#server.after(this.#random.between(100, 8000), () => {
      if (this.#engines.length < MOST_ENGINES) this.#open();
    });
  }

  #remove(engine: EngineProcess): void {
    this.#engines = this.#engines.filter((each) => each !== engine);
  }

  async #trouble(): Promise<void> {
    for (let left = this.#random.between(1, 6); left > 0; left--) {
      await this.#sleep(this.#random.below(2 * this.#troubleEveryMs));
      const sound = this.#engines.filter(({ isSound }) => isSound);
      if (sound.length > 0) this.#make(this.#random.pick(TROUBLES), this.#random.pick(sound));
    }
    await this.#sleep(this.#random.below(10_000));
  }

  /** Now and then something happens to an engine just when it has asked for something. */
  #mayFall(process: VirtualProcess): void {
    const engine = this.#engines.find((each) => each.process === process);
    if (engine?.isSound && this.#random.happens(0.2)) this.#make(this.#random.pick(['kill', 'pause', 'cut']), engine);
  }

  #make(trouble: Trouble, engine: EngineProcess): void {
    this.#troubles[trouble]++;
    this.#tell?.(`${trouble} ${engine.name}`);
    const forMs = this.#random.pick([1000, 8000, 20_000]) * this.#random.next();
    switch (trouble) {
      case 'kill':
        engine.kill();
        this.#remove(engine);
        this.#openLater();
        return;
      case 'leave':
        void engine.leave().then(() => this.#remove(engine));
        this.#openLater();
        return;
      case 'join':
        if (this.#engines.length < MOST_ENGINES) this.#open();
        return;
      case 'pause':
        engine.process.pause();
        this.#server.after(forMs, () => engine.process.resume());
        return;
      case 'cut':
        engine.line.cut();
        this.#server.after(forMs, () => engine.line.heal());
        return;
      case 'losses':
        this.#network.lossLikelihood = this.#lossLikelihood;
        this.#server.after(forMs, () => {
          this.#network.lossLikelihood = 0;
        });
    }
  }

  async #calmDown(): Promise<void> {
    this.#tell?.('all is calm');
    this.#network.lossLikelihood = 0;
    this.#network.fragility = 0;
    for (const { process, line } of this.#engines) {
      process.resume();
      line.heal();
    }
    if (this.#engines.length === 0) this.#open();
  }

  async #awaitRight(): Promise<void> {
    const untilMs = this.#time.nowMs + CALM_MS;
    for (;;) {
      await this.#sleep(LOOK_MS);
      const problem = this.#taskProblem() ?? (await this.#outputProblem()) ?? (await this.#lookUpProblem());
      if (problem === undefined) return;
      if (this.#time.nowMs > untilMs) throw new Error(problem);
    }
  }

  async #outputProblem(): Promise<string | undefined> {
    const isThere = await this.#broker.describeTopic(SINK);
    const output = isThere === undefined ? [] : await topicRecords(this.#broker, SINK);
    return this.#workload.problem(output, this.#input, this.#guarantee);
  }

  /** What is wrong with what the engines answer of the table. */
  async #lookUpProblem(): Promise<string | undefined> {
    const { table } = this.#workload;
    if (table === undefined || (this.#guarantee === 'at_least_once' && !table.isAlwaysExact)) return undefined;
    const expected = table.rows(this.#input).toSorted();
    for (const engine of this.#engines) {
      this.#tell?.(`${engine.name} is asked for the table`);
      const answer = await engine.rowsOf(table.sql).catch((error: Error) => [error.message]);
      const wrong = answer.toSorted().find((row, n) => row !== expected[n]);
      if (wrong !== undefined || answer.length !== expected.length)
        return `${engine.name} answers ${answer.length} rows of ${expected.length}, and ${wrong} among them.`;
    }
    return undefined;
  }

  /** What asks an engine over REST: whoever is there when it is asked. */
  #clientOf(endpoint: string): KsqlClient {
    const send: Transport['send'] = (request) => {
      const engine = this.#engines.find((each) => each.endpoint === endpoint);
      if (engine === undefined) return Promise.reject(new ClientError('Nothing listens there.', 0));
      this.#tell?.(`asks ${engine.name} for ${request.path}`);
      const { port1, port2 } = new MessageChannel();
      engine.serve(port2 as unknown as Port);
      return new PortTransport(port1 as unknown as Port).send(request);
    };
    return new KsqlClient({ send, close: () => undefined });
  }

  /** What is wrong with who does what. */
  #taskProblem(): string | undefined {
    const { parts, statefulPart } = this.#workload;
    const states = this.#engines.map(({ name, hasStarted, engine }) => {
      const query = engine?.queries.persistent()[0];
      return { name, hasStarted, run: query?.run, tasks: query?.shared };
    });
    const idle = states.find(({ hasStarted, tasks }) => !hasStarted || tasks === undefined);
    if (idle !== undefined) return `${idle.name} has not started.`;
    const bad = states.find(({ run }) => run?.state !== 'RUNNING');
    if (bad !== undefined)
      return `The query of ${bad.name} is ${bad.run?.state}: ${bad.run?.errors.map(({ errorMessage }) => errorMessage).join('; ')}`;
    const local = states.flatMap(({ name, tasks }) => tasks!.local.map((task) => ({ name, task })));
    for (let part = 0; part < parts; part++) {
      for (let partition = 0; partition < this.#partitions; partition++) {
        const id = `${part}_${partition}`;
        const of = local.filter(({ task }) => task.id === id);
        const active = of.filter(({ task }) => task.isActive);
        if (active.length !== 1)
          return `Task ${id} is done by ${active.map(({ name }) => name).join(' and ') || 'nobody'}.`;
        if (active[0]!.task.isRestoring) return `Task ${id} is being restored by ${active[0]!.name}.`;
        if (part !== statefulPart) continue;
        const wanted = Math.min(this.#standbys, states.length - 1);
        const standbys = of.filter(({ task }) => !task.isActive);
        if (standbys.length < wanted) return `Task ${id} has ${standbys.length} standbys.`;
        const behind = standbys.find(({ task: { changelog } }) => changelog.position < changelog.endOffset);
        if (behind !== undefined) return `The standby of task ${id} in ${behind.name} is behind.`;
      }
    }
    return undefined;
  }

  #check(): void {
    const { wentBack } = this.#broker;
    if (wentBack.length > 0) throw new Error(`Positions went back: ${wentBack.join('; ')}`);
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }
}
