import type { Entity } from '../../../engine/api/protocol.ts';
import { BrokerError } from '../../../engine/broker/broker.ts';
import { MemoryBroker } from '../../../engine/broker/embedded/memory-broker.ts';
import { Engine } from '../../../engine/index.ts';
import { TopicCommandLog } from '../../../engine/runtime/commands/topic-command-log.ts';
import { Chance } from '../../support/chance.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { type Network, SimulatedBroker } from './simulated-broker.ts';
import { numberOf, StatementSource } from './statement-source.ts';

const ENGINES = 3;
const STATEMENTS = 14;
const KILL_EVERY_MS = 600;
const SERVICE = 'default_';

interface EngineProcess {
  readonly engine: Engine;
  readonly broker: SimulatedBroker;
  /** Resolves when it is killed. */
  readonly killed: Promise<void>;
  kill(): void;
}

/** What became of a statement, as its client has it. */
type Outcome = 'written' | 'failed' | 'refused' | 'unknown';

/** What has happened in a simulation. */
export interface CommandTopicReport {
  /** The statements of the log, in its order. */
  readonly statements: readonly string[];
  /** How many statements were answered how. */
  readonly outcomes: Readonly<Record<Outcome, number>>;
  readonly kills: number;
}

/**
 * Engines of one service are asked for statements at once, and killed, over a network that loses questions and answers.
 * @throws Error that says what is wrong in the end
 */
export async function simulateCommandTopic(seed: number): Promise<CommandTopicReport> {
  const random = new Chance(seed);
  const clock = new VirtualClock();
  const before = Math.random;
  Math.random = () => random.next();
  try {
    return await clock.until(new CommandTopicSimulation(random, clock).run());
  } finally {
    Math.random = before;
  }
}

class CommandTopicSimulation {
  readonly #random: Chance;
  readonly #clock: VirtualClock;
  readonly #network: Network;
  readonly #broker = new MemoryBroker();
  readonly #statements: StatementSource;
  readonly #outcomes = new Map<number, { readonly text: string; readonly outcome: Outcome }>();
  readonly #processes: EngineProcess[] = [];
  /** Clients wait up to so long between two statements. */
  readonly #mostPauseMs: number;
  #kills = 0;

  constructor(random: Chance, clock: VirtualClock) {
    this.#random = random;
    this.#clock = clock;
    this.#network = { clock, random, mostDelayMs: 1 + random.below(40), lossLikelihood: random.pick([0, 0.01, 0.04]) };
    this.#mostPauseMs = random.pick([5, 50, 300]);
    this.#statements = new StatementSource(random);
  }

  async run(): Promise<CommandTopicReport> {
    for (let n = 0; n < ENGINES; n++) this.#processes.push(await this.#open());
    let isOver = false;
    const clients = Array.from({ length: ENGINES }, (_, n) => this.#client(Math.ceil((STATEMENTS - n) / ENGINES)));
    const killer = this.#killer(() => isOver);
    await Promise.all(clients);
    isOver = true;
    await killer;
    this.#network.lossLikelihood = 0;
    const statements = await this.#check();
    for (const { engine } of this.#processes) await engine.close();
    await this.#broker.close();
    const outcomes = { written: 0, failed: 0, refused: 0, unknown: 0 };
    for (const { outcome } of this.#outcomes.values()) outcomes[outcome]++;
    return { statements, outcomes, kills: this.#kills };
  }

  async #open(): Promise<EngineProcess> {
    const broker = new SimulatedBroker(this.#broker, this.#network);
    for (;;) {
      try {
        const engine = await Engine.open({
          broker: broker.seen,
          commandLog: await TopicCommandLog.open({ broker: broker.seen, serviceId: SERVICE }),
          drive: 'manual',
          clock: this.#clock,
          waitClock: this.#clock,
        });
        const killed = Promise.withResolvers<void>();
        const kill = () => {
          broker.kill();
          killed.resolve();
        };
        return { engine, broker, killed: killed.promise, kill };
      } catch (error) {
        if (!isLost(error)) throw error;
      }
    }
  }

  async #client(statements: number): Promise<void> {
    for (let n = 0; n < statements; n++) {
      await this.#clock.sleep(this.#random.below(this.#mostPauseMs));
      const { engine, killed } = this.#random.pick(this.#processes);
      const { number, text } = this.#statements.next(engine.queries.persistent().map(({ id }) => id));
      const asked = engine.execute(text).then(outcomeOf, (error: unknown) => (isLost(error) ? 'unknown' : 'refused'));
      const outcome = await Promise.race([asked, killed.then(() => 'unknown' as const)]);
      this.#outcomes.set(number, { text, outcome });
    }
  }

  async #killer(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await this.#clock.sleep(this.#random.below(KILL_EVERY_MS));
      if (!this.#random.happens(0.4)) continue;
      const n = this.#random.below(ENGINES);
      this.#processes[n]!.kill();
      this.#kills++;
      this.#processes[n] = await this.#open();
    }
  }

  /** @returns the statements of the log */
  async #check(): Promise<readonly string[]> {
    const log = await TopicCommandLog.open({ broker: this.#broker, serviceId: SERVICE });
    const written = log.commands.map(({ statement }) => numberOf(statement));
    for (const [number, { text, outcome }] of this.#outcomes) {
      const times = written.filter((each) => each === number).length;
      // What was checked against the end of the log can be carried out there.
      const isRight = outcome === 'unknown' ? times <= 1 : times === (outcome === 'written' ? 1 : 0);
      if (!isRight) throw new Error(`"${text}" is in the log ${times} times; to its client it was ${outcome}.`);
    }
    const settings = { commandSequenceNumber: log.lastSequence };
    // What is on its way in an engine of which nobody waits for the answer any more is done, too.
    for (const { engine } of this.#processes) await engine.execute('SHOW TYPES;', settings);
    const joined = await this.#open();
    const states = [...this.#processes, joined].map(({ engine }) => stateOf(engine));
    await joined.engine.close();
    for (const state of states) {
      const only = [...without(states[0]!, state), ...without(state, states[0]!)];
      if (only.length === 0) continue;
      const statements = log.commands.map(({ sequence, statement }) => `${sequence} ${statement}`);
      throw new Error(`Two engines differ.\n${[...statements, 'One of them has', ...only].join('\n')}`);
    }
    return log.commands.map(({ statement }) => statement);
  }
}

const without = (lines: readonly string[], others: readonly string[]): readonly string[] =>
  lines.filter((line) => !others.includes(line));

function outcomeOf(entities: readonly Entity[]): Outcome {
  const [entity] = entities;
  if (entity?.['@type'] !== 'currentStatus') return 'refused';
  return entity.commandStatus.status === 'ERROR' ? 'failed' : 'written';
}

/** Whether the network has left open what became of it. */
const isLost = (error: unknown): boolean =>
  error instanceof BrokerError ||
  (error instanceof Error && (isLost(error.cause) || error.message.startsWith('Could not write the statement')));

/** What an engine is, as far as statements have made it so, in lines. */
function stateOf({ metastore, queries }: Engine): readonly string[] {
  const sources = [...metastore.sources.values()].map(
    ({ name, kind, topic, schema, statementText }) =>
      `${kind} ${name} over ${topic}: ${schema.columns.map((column) => column.name)}; ${statementText}`,
  );
  const running = queries
    .persistent()
    .map(({ id, statementText, run }) => `${run.state === 'PAUSED' ? 'paused' : 'running'} ${id}: ${statementText}`);
  const known = [...metastore.queries.values()].map((query) => `${query.id} from ${query.sources} into ${query.sink}`);
  return [...sources, ...running, ...known, ...[...metastore.types].map((type) => JSON.stringify(type))];
}
