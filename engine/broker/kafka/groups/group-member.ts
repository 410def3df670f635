import { BrokerError, type CommitPosition, type GroupMetadata, type TopicPartition } from '../../broker.ts';
import { ASSIGNMENT_DEFAULTS, assignTasks, type GroupCandidate, withholdOwned } from '../../groups/assign-tasks.ts';
import type { GroupCallbacks, GroupMemberOptions, GroupMembership, Placement } from '../../groups/group-membership.ts';
import { SYSTEM_WAIT_CLOCK, type WaitClock } from '../../wait-clock.ts';
import { isRetriable, KAFKA_ERROR, kafkaError } from '../broker-errors.ts';
import type { JoinedMember, MemberShare } from '../group-messages.ts';
import type { GroupRequests } from './group-requests.ts';
import { GroupSession } from './group-session.ts';
import {
  decodeAssignment,
  decodeDescription,
  encodeAssignment,
  encodeDescription,
  type MemberAssignment,
  type MemberDescription,
} from './member-messages.ts';

const SESSION_TIMEOUT_MS = 10_000;
const REBALANCE_TIMEOUT_MS = 60_000;
const PROBING_INTERVAL_MS = 600_000;
const COMMIT_RETRY_MS = 100;
const COMMIT_TIMEOUT_MS = 60_000;

/** A member of a group of tasks by Kafka's protocol. What it asks the cluster, and the time, are given to it. */
export class GroupMember implements GroupMembership {
  readonly #options: GroupMemberOptions;
  readonly #requests: GroupRequests;
  readonly #callbacks: GroupCallbacks;
  readonly #clock: WaitClock;
  readonly #session: GroupSession;
  readonly #closing = new AbortController();
  #active: readonly string[] = [];
  /** The generation in which it was given what it has. */
  #generation = -1;
  #placements: readonly Placement[] = [];
  /** Ends the wait for the next look at what is being restored. */
  #probing = new AbortController();

  constructor(
    options: GroupMemberOptions,
    requests: GroupRequests,
    callbacks: GroupCallbacks,
    clock: WaitClock = SYSTEM_WAIT_CLOCK,
  ) {
    this.#options = options;
    this.#requests = requests;
    this.#callbacks = callbacks;
    this.#clock = clock;
    const { group, instanceId } = options;
    const session = {
      group,
      instanceId,
      sessionTimeoutMs: options.sessionTimeoutMs ?? SESSION_TIMEOUT_MS,
      rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? REBALANCE_TIMEOUT_MS,
      heartbeatIntervalMs: options.heartbeatIntervalMs,
    };
    this.#session = new GroupSession(
      session,
      requests,
      {
        describe: () => this.#describe(),
        share: (members) => this.#share(members),
        take: (share, generation) => this.#take(decodeAssignment(share), generation),
        lose: (reason) => this.#lose(reason),
      },
      clock,
    );
  }

  /** Joins, and stays until it is closed. */
  start(): void {
    this.#session.start();
  }

  get memberId(): string {
    return this.#session.memberId;
  }

  get isCertain(): boolean {
    return this.#session.isCertain;
  }

  get active(): readonly string[] {
    return this.#active;
  }

  get placements(): readonly Placement[] {
    return this.#placements;
  }

  during<T>(work: (member: GroupMetadata) => Promise<T>): Promise<T> {
    return this.#session.during(work);
  }

  async commit(positions: readonly CommitPosition[], isWanted: () => boolean = () => true): Promise<void> {
    if (positions.length === 0) return;
    const about = `Committing offsets of consumer group '${this.#options.group}'`;
    const untilMs = this.#clock.nowMs() + COMMIT_TIMEOUT_MS;
    for (;;) {
      const code = await this.during((member) => {
        if (!isWanted()) throw kafkaError(KAFKA_ERROR.illegalGeneration, about);
        return tried(this.#requests.commit(member, positions));
      });
      if (code === KAFKA_ERROR.none) return;
      const isWaiting = code === KAFKA_ERROR.rebalanceInProgress || isRetriable(code);
      if (!isWaiting || this.#clock.nowMs() >= untilMs) throw kafkaError(code, about);
      await this.#clock.sleep(COMMIT_RETRY_MS, this.#closing.signal);
    }
  }

  async committed(partitions: readonly TopicPartition[]): Promise<readonly Required<CommitPosition>[]> {
    if (partitions.length === 0) return [];
    const { group } = this.#options;
    const untilMs = this.#clock.nowMs() + COMMIT_TIMEOUT_MS;
    for (;;) {
      const unreachable = { code: KAFKA_ERROR.networkException, positions: [] };
      const { code, positions } = await this.#requests.committed(group, partitions).catch((error: unknown) => {
        if (error instanceof BrokerError && error.code === 'unreachable') return unreachable;
        throw error;
      });
      if (code === KAFKA_ERROR.none) return positions.filter(({ offset }) => offset >= 0);
      if (!isRetriable(code) || this.#clock.nowMs() >= untilMs || this.#closing.signal.aborted)
        throw kafkaError(code, `Reading offsets of consumer group '${group}'`);
      await this.#clock.sleep(COMMIT_RETRY_MS, this.#closing.signal);
    }
  }

  rejoin(): void {
    this.#session.rejoin();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#probing.abort();
    await this.#session.close();
  }

  #describe(): Uint8Array {
    const { process, capacity, endpoint } = this.#options;
    const description: MemberDescription = {
      process,
      capacity,
      endpoint,
      generation: this.#generation,
      active: this.#active,
      lags: this.#callbacks.lags(),
    };
    const inputs = this.#callbacks.tasks().flatMap((task) => task.inputs.map(({ topic }) => topic));
    return encodeDescription(description, [...new Set(inputs)]);
  }

  #share(members: readonly JoinedMember[]): MemberShare[] {
    const known = members.map(({ memberId, description }) => ({ memberId, ...decodeDescription(description) }));
    const owners = ownersOf(known);
    const candidates: GroupCandidate[] = known.map(({ memberId, capacity, active, lags }) => ({
      memberId,
      capacity,
      active: active.filter((id) => owners.get(id) === memberId),
      lags: new Map(Object.entries(lags)),
    }));
    const tasks = this.#callbacks.tasks();
    const wanted = assignTasks(tasks, candidates, { ...ASSIGNMENT_DEFAULTS, ...this.#options.assignment });
    if (wanted.isWarmingUp) void this.#probeLater();
    const given = withholdOwned(wanted.members, owners);
    const placements = known.map(({ memberId, process, endpoint }): Placement => {
      return { memberId, process, endpoint, ...wanted.members.get(memberId)! };
    });
    const inputs = new Map(tasks.map((task) => [task.id, task.inputs]));
    return known.map(({ memberId }) => {
      const own = given.get(memberId)!;
      const reads = own.active.flatMap((id) => inputs.get(id) ?? []);
      return { memberId, share: encodeAssignment({ ...own, placements }, reads) };
    });
  }

  /** What is restored is looked at again after a while, by the leader: who leads then has it given out anew. */
  async #probeLater(): Promise<void> {
    this.#probing.abort();
    this.#probing = new AbortController();
    const { signal } = this.#probing;
    await this.#clock.sleep(this.#options.probingIntervalMs ?? PROBING_INTERVAL_MS, signal);
    if (!signal.aborted) this.rejoin();
  }

  async #take(assignment: MemberAssignment, generation: number): Promise<void> {
    const given = new Set(assignment.active);
    const before = this.#active;
    const revoked = before.filter((id) => !given.has(id));
    if (revoked.length > 0) {
      await this.#callbacks.revoked(revoked);
      this.#active = before.filter((id) => given.has(id));
    }
    const had = new Set(before);
    const added = assignment.active.filter((id) => !had.has(id));
    this.#active = assignment.active;
    this.#generation = generation;
    this.#placements = assignment.placements;
    const { active, standby, placements } = assignment;
    await this.#callbacks.assigned({ active, added, standby, placements });
    // Those who shall have it get it once this member says that it has given it up.
    if (revoked.length > 0) this.rejoin();
  }

  async #lose(reason: BrokerError): Promise<void> {
    const lost = this.#active;
    this.#active = [];
    this.#generation = -1;
    this.#probing.abort();
    await this.#callbacks.lost(lost, reason, this.#session.ended !== undefined);
  }
}

/** Who does each task. Of two that say so, one was away while the task was given to the other: the newer is right. */
function ownersOf(members: readonly (MemberDescription & { readonly memberId: string })[]): Map<string, string> {
  const owners = new Map<string, string>();
  for (const member of [...members].sort((a, b) => a.generation - b.generation)) {
    for (const id of member.active) owners.set(id, member.memberId);
  }
  return owners;
}

/** The code of an answer; a broker that is not reached is asked again. */
function tried(answer: Promise<number>): Promise<number> {
  return answer.catch((error: unknown) => {
    if (error instanceof BrokerError && error.code === 'unreachable') return KAFKA_ERROR.networkException;
    throw error;
  });
}
