import type { TopicPartition } from '../broker/broker.ts';
import type { GroupCallbacks, GroupMembership } from '../broker/groups/group-membership.ts';
import type { RunningConnector } from './running-connector.ts';

/** How often positions are committed; after a crash what was written since is written again. */
const COMMIT_INTERVAL_MS = 5000;

/** Where a connector runs of which several engines know. */
export interface ConnectorPlace {
  readonly isHere: boolean;
  /** The address of the engine, or the id of its process; undefined while none has it. */
  readonly worker: string | undefined;
}

/**
 * The connectors that all engines of a deployment have: a consumer group gives each to one of them, which goes on where
 * the one before has committed. The place of a connector is how many records it has written, as the offset of the first
 * partition of its topic.
 */
export class SharedConnectors {
  readonly #join: (callbacks: GroupCallbacks) => GroupMembership;
  readonly #all = new Map<string, RunningConnector>();
  readonly #own = new Set<string>();
  /** By name, what is begun or ended of it. */
  readonly #turns = new Map<string, Promise<void>>();
  #membership: GroupMembership | undefined;
  #committing: NodeJS.Timeout | undefined;

  /** @param join becomes a member of the group */
  constructor(join: (callbacks: GroupCallbacks) => GroupMembership) {
    this.#join = join;
  }

  /** Has one of the engines run it. Resolves when its topic is there. @throws BrokerError */
  async add(name: string, connector: RunningConnector): Promise<void> {
    await connector.prepare();
    this.#all.set(name, connector);
    if (this.#membership !== undefined) this.#membership.rejoin();
    else this.#membership = this.#join(this.#callbacks());
    this.#committing ??= setInterval(() => void this.#commitAll(), COMMIT_INTERVAL_MS).unref();
  }

  /** Does not run it here any more. */
  async remove(name: string): Promise<void> {
    await this.#stop(name, true);
    this.#all.delete(name);
    this.#membership?.rejoin();
  }

  placeOf(name: string): ConnectorPlace {
    const placement = this.#membership?.placements.find(({ active }) => active.includes(name));
    return { isHere: this.#own.has(name), worker: placement && (placement.endpoint ?? placement.process) };
  }

  /** Stops what runs here; others go on with it. */
  async close(): Promise<void> {
    clearInterval(this.#committing);
    await Promise.all([...this.#own].map((name) => this.#stop(name, true)));
    await this.#membership?.close();
    this.#membership = undefined;
    this.#all.clear();
  }

  #callbacks(): GroupCallbacks {
    return {
      tasks: () =>
        [...this.#all].map(([id, connector]) => {
          return { id, family: 'connectors', isStateful: false, inputs: [placeIn(connector)] };
        }),
      lags: () => ({}),
      revoked: async (names) => void (await Promise.all(names.map((name) => this.#stop(name, true)))),
      assigned: async ({ active }) => {
        for (const name of active) if (!this.#own.has(name)) void this.#begin(name);
      },
      lost: async (names, reason, isOver) => {
        for (const name of names) void this.#stop(name, false);
        if (isOver) for (const connector of this.#all.values()) connector.fail(reason);
      },
    };
  }

  /** What is not known here yet is asked for again when it is. */
  #begin(name: string): Promise<void> {
    const connector = this.#all.get(name);
    if (connector === undefined) return Promise.resolve();
    this.#own.add(name);
    return this.#inTurn(name, async () => {
      try {
        const [committed] = (await this.#membership?.committed([placeIn(connector)])) ?? [];
        if (committed !== undefined) connector.goTo(committed.offset);
        if (this.#own.has(name)) await connector.start();
      } catch (error) {
        connector.fail(error);
      }
    });
  }

  #stop(name: string, commits: boolean): Promise<void> {
    const connector = this.#all.get(name);
    if (connector === undefined || !this.#own.delete(name)) return Promise.resolve();
    return this.#inTurn(name, async () => {
      await connector.pause();
      if (commits) await this.#commit([connector]);
    });
  }

  #inTurn(name: string, work: () => Promise<void>): Promise<void> {
    const turn = (this.#turns.get(name) ?? Promise.resolve()).then(work);
    this.#turns.set(name, turn);
    return turn;
  }

  #commitAll(): Promise<void> {
    return this.#commit([...this.#own].flatMap((name) => this.#all.get(name) ?? []));
  }

  /** What cannot be committed now is committed the next time, or written again. */
  async #commit(connectors: readonly RunningConnector[]): Promise<void> {
    const positions = connectors.map((connector) => ({ ...placeIn(connector), offset: connector.position }));
    await this.#membership?.commit(positions).catch(() => undefined);
  }
}

const placeIn = ({ topic }: RunningConnector): TopicPartition => ({ topic, partition: 0 });
