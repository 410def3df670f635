/** When a host counts as dead (`ksql.heartbeat.*`). */
export interface HeartbeatSettings {
  /** How often hosts send a sign of life. */
  readonly sendIntervalMs: number;
  /** How often it is looked. */
  readonly checkIntervalMs: number;
  /** A host of which nothing came for so long is dead in any case. */
  readonly windowMs: number;
  /** So many signs of life that did not come in a row make a host dead. */
  readonly missedThreshold: number;
}

/** What is known of a host. */
export interface HostStatus {
  readonly isAlive: boolean;
  /** When that was last found out. */
  readonly lastStatusUpdateMs: number;
}

interface KnownHost {
  lastSeenMs: number;
  status: HostStatus;
}

/**
 * Which hosts of a service are alive, by the signs of life that came from them. They count from when they came,
 * whatever time the sender has put on them: the clocks of hosts differ. A host that has just been found is taken for
 * alive, as in ksqlDB, until it has missed what it should have sent since.
 */
export class HostStatuses {
  readonly #settings: HeartbeatSettings;
  readonly #hosts = new Map<string, KnownHost>();
  #checkedMs: number | undefined;

  constructor(settings: HeartbeatSettings) {
    this.#settings = settings;
  }

  /** The hosts that are part of the service now; others are forgotten. */
  setHosts(hosts: ReadonlySet<string>, nowMs: number): void {
    this.#checkedMs ??= nowMs;
    for (const host of this.#hosts.keys()) if (!hosts.has(host)) this.#hosts.delete(host);
    for (const host of hosts)
      if (!this.#hosts.has(host))
        this.#hosts.set(host, { lastSeenMs: nowMs, status: { isAlive: true, lastStatusUpdateMs: nowMs } });
  }

  /** A sign of life; of a host that is no part of the service it means nothing. */
  heartbeat(host: string, nowMs: number): void {
    const known = this.#hosts.get(host);
    if (known !== undefined) known.lastSeenMs = nowMs;
  }

  /** Looks who has missed what. Time that this engine was too busy to look is nobody's fault but its own. */
  check(nowMs: number): void {
    const { sendIntervalMs, checkIntervalMs, windowMs, missedThreshold } = this.#settings;
    const sleptMs = Math.max(0, nowMs - (this.#checkedMs ?? nowMs) - checkIntervalMs);
    this.#checkedMs = nowMs;
    for (const known of this.#hosts.values()) {
      known.lastSeenMs = Math.min(nowMs, known.lastSeenMs + sleptMs);
      const silentMs = nowMs - known.lastSeenMs;
      const missed = Math.floor(Math.max(0, silentMs - 1) / sendIntervalMs);
      const isAlive = silentMs < windowMs && missed < missedThreshold;
      // As in ksqlDB, a host that stays dead keeps the time at which it was found so; one that lives gets the present.
      if (isAlive || known.status.isAlive) known.status = { isAlive, lastStatusUpdateMs: nowMs };
    }
  }

  get(host: string): HostStatus | undefined {
    return this.#hosts.get(host)?.status;
  }
}
