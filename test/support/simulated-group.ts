import { BrokerError, type CommitPosition, type GroupMetadata } from '../../engine/broker/broker.ts';
import { KAFKA_ERROR } from '../../engine/broker/kafka/broker-errors.ts';
import type { Joined, MemberShare, Synced } from '../../engine/broker/kafka/group-messages.ts';
import type { GroupRequests, JoinRequest } from '../../engine/broker/kafka/groups/group-requests.ts';
import type { WaitClock } from '../../engine/broker/wait-clock.ts';

interface Member {
  readonly memberId: string;
  request: JoinRequest;
  seenMs: number;
  /** Answers a join that waits for the others. */
  joined?: ((answer: Joined) => void) | undefined;
  synced?: ((answer: Synced) => void) | undefined;
  share: Uint8Array;
}

const NOTHING = new Uint8Array();
const TICK_MS = 250;

/** The coordinator of one group, as Kafka's is, in the time that it is given. */
export class SimulatedGroup {
  readonly #clock: WaitClock;
  readonly #members = new Map<string, Member>();
  readonly #promised = new Set<string>();
  readonly committed = new Map<string, CommitPosition>();
  #phase: 'stable' | 'preparing' | 'completing' = 'stable';
  #generation = 0;
  #leader = '';
  #deadlineMs = 0;
  #ids = 0;
  rebalances = 0;

  constructor(clock: WaitClock) {
    this.#clock = clock;
    void this.#tick();
  }

  get members(): readonly string[] {
    return [...this.#members.keys()];
  }

  join(request: JoinRequest): Promise<Joined> {
    const refused = (code: number, memberId = request.memberId): Promise<Joined> =>
      Promise.resolve({ code, generation: -1, leader: '', memberId, members: [] });
    if (request.memberId === '') {
      const memberId = `member-${++this.#ids}`;
      this.#promised.add(memberId);
      return refused(KAFKA_ERROR.memberIdRequired, memberId);
    }
    let member = this.#members.get(request.memberId);
    if (member === undefined) {
      if (!this.#promised.delete(request.memberId)) return refused(KAFKA_ERROR.unknownMemberId);
      member = { memberId: request.memberId, request, seenMs: 0, share: NOTHING };
      this.#members.set(member.memberId, member);
    } else {
      const isSame = Buffer.compare(member.request.description, request.description) === 0;
      if (this.#phase === 'stable' && isSame && member.memberId !== this.#leader)
        return Promise.resolve(this.#joined(member));
    }
    member.request = request;
    member.seenMs = this.#clock.nowMs();
    const answered = Promise.withResolvers<Joined>();
    member.joined = answered.resolve;
    this.#prepare();
    this.#completeIfAll();
    return answered.promise;
  }

  sync({ memberId, generation }: GroupMetadata, shares: readonly MemberShare[]): Promise<Synced> {
    const refused = (code: number): Promise<Synced> => Promise.resolve({ code, share: NOTHING });
    const code = this.#check(memberId, generation);
    if (code !== KAFKA_ERROR.none) return refused(code);
    if (this.#phase === 'preparing') return refused(KAFKA_ERROR.rebalanceInProgress);
    const member = this.#members.get(memberId)!;
    member.seenMs = this.#clock.nowMs();
    if (this.#phase === 'stable') return Promise.resolve({ code: KAFKA_ERROR.none, share: member.share });
    const answered = Promise.withResolvers<Synced>();
    member.synced = answered.resolve;
    if (memberId === this.#leader) {
      for (const each of this.#members.values()) {
        each.share = shares.find((share) => share.memberId === each.memberId)?.share ?? NOTHING;
        each.synced?.({ code: KAFKA_ERROR.none, share: each.share });
        each.synced = undefined;
      }
      this.#phase = 'stable';
    }
    return answered.promise;
  }

  heartbeat({ memberId, generation }: GroupMetadata): number {
    const code = this.#check(memberId, generation);
    if (code !== KAFKA_ERROR.none) return code;
    this.#members.get(memberId)!.seenMs = this.#clock.nowMs();
    return this.#phase === 'preparing' ? KAFKA_ERROR.rebalanceInProgress : KAFKA_ERROR.none;
  }

  leave({ memberId }: GroupMetadata): number {
    if (!this.#members.has(memberId)) return KAFKA_ERROR.unknownMemberId;
    this.#remove(memberId);
    return KAFKA_ERROR.none;
  }

  commit({ memberId, generation }: GroupMetadata, positions: readonly CommitPosition[]): number {
    const code = this.#check(memberId, generation);
    if (code !== KAFKA_ERROR.none) return code;
    if (this.#phase === 'completing') return KAFKA_ERROR.rebalanceInProgress;
    for (const position of positions) this.committed.set(`${position.topic}/${position.partition}`, position);
    return KAFKA_ERROR.none;
  }

  #check(memberId: string, generation: number): number {
    if (!this.#members.has(memberId)) return KAFKA_ERROR.unknownMemberId;
    return generation === this.#generation ? KAFKA_ERROR.none : KAFKA_ERROR.illegalGeneration;
  }

  #prepare(): void {
    if (this.#phase === 'preparing') return;
    this.#phase = 'preparing';
    this.rebalances++;
    const waits = [...this.#members.values()].map(({ request }) => request.rebalanceTimeoutMs);
    this.#deadlineMs = this.#clock.nowMs() + Math.max(0, ...waits);
    for (const member of this.#members.values()) {
      member.synced?.({ code: KAFKA_ERROR.rebalanceInProgress, share: NOTHING });
      member.synced = undefined;
    }
  }

  #completeIfAll(): void {
    if (this.#phase !== 'preparing') return;
    const members = [...this.#members.values()];
    if (members.some(({ joined }) => joined === undefined)) return;
    this.#generation++;
    this.#phase = members.length === 0 ? 'stable' : 'completing';
    if (!this.#members.has(this.#leader)) this.#leader = members[0]?.memberId ?? '';
    for (const member of members) {
      member.seenMs = this.#clock.nowMs();
      const { joined } = member;
      member.joined = undefined;
      joined!(this.#joined(member));
    }
  }

  #joined(member: Member): Joined {
    const all = [...this.#members.values()].map(({ memberId, request }) => ({
      memberId,
      description: request.description,
    }));
    return {
      code: KAFKA_ERROR.none,
      generation: this.#generation,
      leader: this.#leader,
      memberId: member.memberId,
      members: member.memberId === this.#leader ? all : [],
    };
  }

  #remove(memberId: string): void {
    const member = this.#members.get(memberId)!;
    this.#members.delete(memberId);
    const refusal = { code: KAFKA_ERROR.unknownMemberId, generation: -1, leader: '', memberId, members: [] };
    member.joined?.(refusal);
    member.synced?.({ code: KAFKA_ERROR.unknownMemberId, share: NOTHING });
    this.#prepare();
    this.#completeIfAll();
  }

  /** Members that are not heard of, or are waited for in vain, are gone. */
  async #tick(): Promise<void> {
    for (;;) {
      await this.#clock.sleep(TICK_MS);
      const nowMs = this.#clock.nowMs();
      for (const member of [...this.#members.values()]) {
        if (member.joined !== undefined) continue;
        const isSilent = nowMs - member.seenMs > member.request.sessionTimeoutMs;
        const isLate = this.#phase === 'preparing' && nowMs > this.#deadlineMs;
        if (isSilent || isLate) this.#remove(member.memberId);
      }
    }
  }
}

/** One process's way to the coordinator: it takes a moment, and can be cut. */
export class SimulatedLink implements GroupRequests {
  readonly #group: SimulatedGroup;
  readonly #clock: WaitClock;
  readonly #delayMs: () => number;
  isCut = false;
  heartbeats = 0;

  constructor(group: SimulatedGroup, clock: WaitClock, delayMs: () => number) {
    this.#group = group;
    this.#clock = clock;
    this.#delayMs = delayMs;
  }

  join(request: JoinRequest): Promise<Joined> {
    return this.#over(() => this.#group.join(request));
  }

  sync(member: GroupMetadata, shares: readonly MemberShare[]): Promise<Synced> {
    return this.#over(() => this.#group.sync(member, shares));
  }

  heartbeat(member: GroupMetadata): Promise<number> {
    this.heartbeats++;
    return this.#over(() => this.#group.heartbeat(member));
  }

  leave(member: GroupMetadata): Promise<number> {
    return this.#over(() => this.#group.leave(member));
  }

  commit(member: GroupMetadata, positions: readonly CommitPosition[]): Promise<number> {
    return this.#over(() => this.#group.commit(member, positions));
  }

  async committed(): Promise<{ code: number; positions: readonly Required<CommitPosition>[] }> {
    const positions = [...this.#group.committed.values()].map((position) => ({ note: '', ...position }));
    return { code: KAFKA_ERROR.none, positions };
  }

  close(): void {
    this.isCut = true;
  }

  async #over<T>(ask: () => T | Promise<T>): Promise<T> {
    await this.#clock.sleep(this.#delayMs());
    this.#check();
    const answer = await ask();
    await this.#clock.sleep(this.#delayMs());
    this.#check();
    return answer;
  }

  #check(): void {
    if (this.isCut) throw new BrokerError('Kafka broker x: it is not reached', 'unreachable');
  }
}
