import type { ClusterClient } from '../../api/cluster/cluster-client.ts';
import type {
  ActiveStandby,
  ClusterStatusResponse,
  HostStoreLags,
  LagReportingMessage,
} from '../../api/cluster/cluster-protocol.ts';
import { type HeartbeatSettings, type HostStatus, HostStatuses } from './host-statuses.ts';
import { hostOf, type SharedQueryView } from './shared-query-view.ts';
import { leastLags, storeLags } from './store-lags.ts';

/** How engines of a service watch one another, by ksqlDB's settings. */
export interface ClusterSettings {
  /** `ksql.heartbeat.*`; absent: nobody looks who is alive. */
  readonly heartbeat: HeartbeatSettings | undefined;
  /** How often it is looked which hosts there are (`ksql.heartbeat.discover.interval.ms`). */
  readonly discoverIntervalMs: number;
  /** `ksql.lag.reporting.send.interval.ms`; absent: nobody tells how far standbys are. */
  readonly lagSendIntervalMs: number | undefined;
}

export interface ClusterOptions {
  /** How others call this engine: `name:port`. */
  readonly self: string;
  readonly settings: ClusterSettings;
  /** The queries whose tasks are shared; what they say changes. */
  readonly queries: () => readonly SharedQueryView[];
  /** What asks the engine at a URL. */
  readonly reach: (endpoint: string) => ClusterClient;
  /** What asks the engines in other threads of this process, by their ids as members. */
  readonly threads: ReadonlyMap<string, ClusterClient>;
  readonly nowMs: () => number;
}

/** Another engine of the service. */
export interface Peer {
  readonly host: string;
  readonly client: ClusterClient;
}

const NO_LAGS: HostStoreLags = { stateStoreLags: {}, updateTimeMs: 0 };

/**
 * The engines of a service as one of them sees them: who they are tells the group that shares the queries' tasks;
 * whether they are alive, and how far their standbys are, they tell one another.
 */
export class ServiceCluster {
  readonly self: string;
  readonly #options: ClusterOptions;
  readonly #startMs: number;
  readonly #statuses: HostStatuses | undefined;
  readonly #lags = new Map<string, HostStoreLags>();
  readonly #peers = new Map<string, Peer>();
  readonly #timers: NodeJS.Timeout[] = [];
  /** What has been sent and was not answered yet, by the kind of message and the host. */
  readonly #underWay = new Set<string>();
  readonly #closing = new AbortController();

  constructor(options: ClusterOptions) {
    const { heartbeat } = options.settings;
    this.self = options.self;
    this.#options = options;
    this.#startMs = options.nowMs();
    this.#statuses = heartbeat && new HostStatuses(heartbeat);
  }

  /** Begins to look for others, and to tell them what they are to know. */
  start(): void {
    const { heartbeat, discoverIntervalMs, lagSendIntervalMs } = this.#options.settings;
    this.discover();
    this.#every(discoverIntervalMs, () => this.discover());
    if (heartbeat !== undefined) {
      this.#every(heartbeat.sendIntervalMs, () => this.#sendHeartbeats(heartbeat));
      this.#every(heartbeat.checkIntervalMs, () => this.#statuses?.check(this.#options.nowMs()));
    }
    if (lagSendIntervalMs !== undefined) this.#every(lagSendIntervalMs, () => void this.#sendLags(lagSendIntervalMs));
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#closing.abort();
    for (const { client } of this.#peers.values()) client.close();
    this.#peers.clear();
  }

  /** Whether engines tell one another that they are alive (`ksql.heartbeat.enable`). */
  get hasHeartbeats(): boolean {
    return this.#statuses !== undefined;
  }

  /** Whether they tell how far their state is (`ksql.lag.reporting.enable`). */
  get reportsLags(): boolean {
    return this.#options.settings.lagSendIntervalMs !== undefined;
  }

  /** The other engines, as the group knows them at this moment. */
  peers(): readonly Peer[] {
    this.discover();
    return [...this.#peers.values()];
  }

  /** What asks the engines in the other threads of this process. */
  get threads(): Iterable<ClusterClient> {
    return this.#options.threads.values();
  }

  /** What asks an engine in another thread of this process; undefined for all others. */
  threadOf(process: string): ClusterClient | undefined {
    return this.#options.threads.get(process);
  }

  /** What asks the engine at a URL. */
  clientOf(endpoint: string): ClusterClient {
    const host = hostOf(endpoint);
    let peer = this.#peers.get(host);
    if (peer === undefined) {
      peer = { host, client: this.#options.reach(endpoint) };
      this.#peers.set(host, peer);
    }
    return peer.client;
  }

  /** Looks in the placements of all queries who there is. */
  discover(): void {
    const endpoints = new Map<string, string>();
    for (const { shared } of this.#options.queries())
      for (const { endpoint, process } of shared.placements)
        if (endpoint !== undefined && process !== shared.process) endpoints.set(hostOf(endpoint), endpoint);
    endpoints.delete(this.self);
    for (const host of this.#peers.keys()) {
      if (endpoints.has(host)) continue;
      // What it is still answering it may answer.
      this.#peers.delete(host);
      this.#lags.delete(host);
    }
    const newcomers = [...endpoints].filter(([host]) => !this.#peers.has(host));
    for (const [, endpoint] of newcomers) this.clientOf(endpoint);
    this.#statuses?.setHosts(new Set(endpoints.keys()), this.#options.nowMs());
    const { lagSendIntervalMs } = this.#options.settings;
    // Who has just come is to know how far the others are before the next round.
    if (newcomers.length > 0 && lagSendIntervalMs !== undefined) void this.#sendLags(lagSendIntervalMs);
  }

  /** Takes a sign of life. */
  receiveHeartbeat(host: string): void {
    this.#statuses?.heartbeat(host, this.#options.nowMs());
  }

  /** Takes what another engine tells of its state. */
  receiveLags({ ksqlHost, hostStoreLags }: LagReportingMessage): void {
    this.#lags.set(ksqlHost, hostStoreLags);
  }

  /** Whether another engine is alive; undefined where nobody looks, or there is none of that name. */
  statusOf(host: string): HostStatus | undefined {
    return this.#statuses?.get(host);
  }

  /** How far the state of a task is behind on a host, by its own report; undefined where there is none. */
  lagOf(host: string, queryId: string, stores: readonly string[], partition: number): number | undefined {
    const reported = this.#lags.get(host)?.stateStoreLags;
    const lags = stores.flatMap((store) => {
      const lag = reported?.[`${queryId}#${store}`]?.lagByPartition[partition];
      return lag === undefined ? [] : [lag.offsetLag];
    });
    return lags.length === 0 ? undefined : Math.max(...lags);
  }

  /** The answer of GET /clusterStatus. */
  status(): ClusterStatusResponse {
    const hosts = new Map<string, { alive: HostStatus; queries: Record<string, ActiveStandby> }>();
    const own = { isAlive: true, lastStatusUpdateMs: this.#startMs };
    hosts.set(this.self, { alive: own, queries: {} });
    for (const { host } of this.peers()) {
      const alive = this.statusOf(host) ?? { isAlive: true, lastStatusUpdateMs: this.#startMs };
      hosts.set(host, { alive, queries: {} });
    }
    for (const { id, shared } of this.#options.queries())
      for (const { process, endpoint, active, standby } of shared.placements) {
        const name = process === shared.process ? this.self : endpoint && hostOf(endpoint);
        const host = name === undefined ? undefined : hosts.get(name);
        if (host === undefined || active.length + standby.length === 0) continue;
        // A host has a member for each of its threads.
        host.queries[id] = joined(host.queries[id], activeStandby(shared, active, standby));
      }
    const clusterStatus = [...hosts].map(([host, { alive, queries }]) => [
      host,
      {
        hostAlive: alive.isAlive,
        lastStatusUpdateMs: alive.lastStatusUpdateMs,
        activeStandbyPerQuery: queries,
        hostStoreLags: withSizes(this.#lags.get(host) ?? NO_LAGS),
      },
    ]);
    return { clusterStatus: Object.fromEntries(clusterStatus) };
  }

  #every(intervalMs: number, action: () => void): void {
    this.#timers.push(setInterval(action, intervalMs).unref());
  }

  #sendHeartbeats({ windowMs }: HeartbeatSettings): void {
    const message = { hostInfo: this.self, timestamp: this.#options.nowMs() };
    this.#tellPeers('heartbeat', windowMs, (client, signal) => client.heartbeat(message, signal));
  }

  /** Those of all threads of this process are those of the host. */
  async #sendLags(timeoutMs: number): Promise<void> {
    const updateTimeMs = this.#options.nowMs();
    const threads = [...this.#options.threads].map(async ([process, client]) => {
      const stateStoreLags = await client.storeLags().catch(() => ({}));
      this.#lags.set(process, { stateStoreLags, updateTimeMs });
      return stateStoreLags;
    });
    const stateStoreLags = leastLags([storeLags(this.#options.queries()), ...(await Promise.all(threads))]);
    if (this.#closing.signal.aborted) return;
    const hostStoreLags = { stateStoreLags, updateTimeMs };
    this.#lags.set(this.self, hostStoreLags);
    const message = { ksqlHost: this.self, hostStoreLags };
    this.#tellPeers('lag', timeoutMs, (client, signal) => client.reportLag(message, signal));
  }

  /** Who does not answer is told again the next time; that it does not is what its own silence tells. */
  #tellPeers(kind: string, timeoutMs: number, send: (client: ClusterClient, signal: AbortSignal) => Promise<void>) {
    for (const { host, client } of this.#peers.values()) {
      const what = `${kind} ${host}`;
      if (this.#underWay.has(what)) continue;
      this.#underWay.add(what);
      const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(timeoutMs)]);
      send(client, signal)
        // An answer is a sign of life like any other.
        .then(() => this.receiveHeartbeat(host))
        .catch(() => undefined)
        .finally(() => this.#underWay.delete(what));
    }
  }
}

function activeStandby(
  shared: SharedQueryView['shared'],
  active: readonly string[],
  standby: readonly string[],
): ActiveStandby {
  const storesOf = (tasks: readonly string[]) => [...new Set(tasks.flatMap((task) => shared.partsOf(task).stores))];
  const partitionsOf = (tasks: readonly string[]) =>
    tasks.flatMap((task) => shared.partsOf(task).inputs.map(({ topic, partition }) => ({ topic, partition })));
  return {
    activeStores: storesOf(active),
    activePartitions: partitionsOf(active),
    standByStores: storesOf(standby),
    standByPartitions: partitionsOf(standby),
  };
}

function joined(one: ActiveStandby | undefined, other: ActiveStandby): ActiveStandby {
  if (one === undefined) return other;
  return {
    activeStores: [...new Set([...one.activeStores, ...other.activeStores])],
    activePartitions: [...one.activePartitions, ...other.activePartitions],
    standByStores: [...new Set([...one.standByStores, ...other.standByStores])],
    standByPartitions: [...one.standByPartitions, ...other.standByPartitions],
  };
}

function withSizes({ stateStoreLags, updateTimeMs }: HostStoreLags): HostStoreLags {
  const sized = Object.entries(stateStoreLags).map(([store, { lagByPartition }]) => [
    store,
    { lagByPartition, size: Object.keys(lagByPartition).length },
  ]);
  return { stateStoreLags: Object.fromEntries(sized), updateTimeMs };
}
