import type { KsqlClient } from '../../../engine/api/client.ts';
import { ClusterClient } from '../../../engine/api/cluster/cluster-client.ts';
import type { Port } from '../../../engine/api/port/messages.ts';
import type { MemoryBroker } from '../../../engine/broker/embedded/memory-broker.ts';
import { engineProperties } from '../../../engine/engine-properties.ts';
import { Engine } from '../../../engine/index.ts';
import { MemoryBudget } from '../../../engine/memory/memory-budget.ts';
import { servePort } from '../../../engine/rest/port/serve-port.ts';
import type { QueryAnswer } from '../../../engine/runtime/query-answer.ts';
import type { SharedTasks } from '../../../engine/runtime/shared/shared-tasks.ts';
import type { VirtualProcess } from '../../support/virtual-time.ts';
import { openEngineBroker } from './engine-broker.ts';
import { Line, type Network } from './network.ts';

const MEMORY_BYTES = 1 << 30;
/** What V8 says of its heap depends on what else has run. */
const HEAP = { usedBytes: 0, liveBytes: 0, limitBytes: MEMORY_BYTES };

export interface EngineProcessOptions {
  readonly name: string;
  readonly network: Network;
  readonly broker: MemoryBroker;
  readonly statements: readonly string[];
  readonly properties: Readonly<Record<string, string>>;
  /** What asks the engine at a URL. */
  readonly clientOf: (endpoint: string) => KsqlClient;
  /** Told when it has ended by itself, as one does that cannot be started. */
  readonly onEnded: (reason: Error) => void;
}

/** An engine as a process of its own, that runs the statements of a file and shares their queries with others. */
export class EngineProcess {
  readonly name: string;
  readonly process: VirtualProcess;
  readonly line: Line;
  readonly #options: EngineProcessOptions;
  #engine: Engine | undefined;
  #hasStarted = false;
  #isLeaving = false;

  /** Begins to start. */
  constructor(options: EngineProcessOptions) {
    const { name, network } = options;
    this.name = name;
    this.#options = options;
    this.process = network.time.process(name);
    this.line = new Line(network, this.process);
    void this.process.run(() => this.#start()).catch((error: Error) => this.#end(error));
  }

  /** Whether its statements have been executed. */
  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  /** Whether it is neither on its way out nor stands still nor is cut off. */
  get isSound(): boolean {
    return !this.#isLeaving && !this.process.isKilled && !this.process.isPaused && !this.line.isCut;
  }

  get engine(): Engine | undefined {
    return this.#engine;
  }

  /** Where the tasks of its query are; undefined before it has it. */
  get tasks(): SharedTasks | undefined {
    return this.#engine?.queries.persistent()[0]?.shared;
  }

  get endpoint(): string {
    return `http://${this.name}:8088`;
  }

  /** Answers over REST who has the other end of the port, once it can. */
  serve(port: Port): void {
    if (this.#engine !== undefined) this.process.run(() => servePort(this.#engine!, port));
  }

  /** What it answers to a pull query, each row as JSON. @throws EngineError */
  rowsOf(sql: string): Promise<readonly string[]> {
    return this.process.run(async () => {
      const answer = (await this.#engine!.ask(sql)) as QueryAnswer;
      const rows: string[] = [];
      for (let some = await answer.next(); some !== undefined; some = await answer.next())
        rows.push(...some.map(({ json, values }) => json ?? JSON.stringify(values)));
      return rows;
    });
  }

  kill(): void {
    this.process.kill();
    this.line.end();
  }

  /** Ends it as SIGTERM does; resolves when it has. */
  async leave(): Promise<void> {
    this.#isLeaving = true;
    await this.process.run(() => this.#engine?.close());
    this.kill();
  }

  async #start(): Promise<void> {
    const { name, broker, statements, properties } = this.#options;
    const engine = await Engine.open({
      broker: await openEngineBroker(broker, this.line),
      sharing: { process: name, capacity: 1, endpoint: () => this.endpoint },
      resumesQueries: true,
      memory: new MemoryBudget(MEMORY_BYTES, { readHeap: () => HEAP }),
      properties: engineProperties(properties, false),
      onNotice: (notice) => this.line.network.tell?.(notice),
    });
    this.#engine = engine;
    engine.openCluster((endpoint) => new ClusterClient(this.#options.clientOf(endpoint)));
    for (const statement of statements) await engine.execute(statement);
    this.#hasStarted = true;
  }

  /** One that cannot start ends, and whoever started it starts another. */
  #end(reason: Error): void {
    if (this.process.isKilled) return;
    this.kill();
    this.#options.onEnded(reason);
  }
}
