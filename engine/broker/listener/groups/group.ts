import { randomUUID } from 'node:crypto';
import type { Timers } from '../connection/group-timers.ts';
import type { Client } from '../protocol/api-route.ts';
import { ERROR } from '../protocol/error-codes.ts';
import type { JoinGroupAnswer, JoinGroupRequest, SyncGroupRequest } from '../protocol/membership-messages.ts';
import { JoinedMember, type SyncAnswer } from './joined-member.ts';

/** Kafka's names. */
export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable';

/** Who speaks for a member. */
export interface MemberIdentity {
  readonly memberId: string;
  readonly generationId: number;
  readonly groupInstanceId: string | null;
}

const NOTHING = new Uint8Array();
const MAX_MEMBERS = 1000;
/** Since this version of JoinGroup a member is given its id before it joins (KIP-394). */
const KNOWN_MEMBER_VERSION = 4;
/** Since this version the leader may be told to share out nothing (KIP-814). */
const SKIP_VERSION = 9;

/**
 * One consumer group of the classic protocol. Members join; when all have, one of them is told of all, and shares out
 * what they read; when it has, all are told. Whoever comes, goes or is not heard of begins that anew, in a new
 * generation. After Kafka's own coordinator.
 */
export class Group {
  readonly id: string;
  readonly #timers: Timers;
  readonly #members = new Map<string, JoinedMember>();
  /** Ids that were given to who will join with them, each with what forgets it. */
  readonly #pending = new Map<string, () => void>();
  #state: GroupState = 'Empty';
  #generation = 0;
  #leader: string | undefined;
  #protocolType = '';
  #protocol: string | undefined;
  #cancelRebalance: () => void = () => undefined;
  readonly #onLapse: (group: Group) => void;

  /** @param onLapse told when members were given up that were not heard of */
  constructor(id: string, timers: Timers, onLapse: (group: Group) => void) {
    this.id = id;
    this.#timers = timers;
    this.#onLapse = onLapse;
  }

  get state(): GroupState {
    return this.#state;
  }

  get protocolType(): string {
    return this.#protocolType;
  }

  /** What the members have agreed on; empty while they do. */
  get protocol(): string {
    return this.#protocol ?? '';
  }

  get members(): readonly JoinedMember[] {
    return [...this.#members.values()];
  }

  /** Whether nobody is in it, nor about to be. */
  get isVacant(): boolean {
    return this.#members.size === 0 && this.#pending.size === 0;
  }

  /** Resolves when all members have joined. */
  join(request: JoinGroupRequest, client: Client, version: number): Promise<JoinGroupAnswer> {
    const { memberId, groupInstanceId } = request;
    const refuse = (errorCode: number, id = memberId) => Promise.resolve({ errorCode, memberId: id });
    if (!this.#suits(request)) return refuse(ERROR.inconsistentGroupProtocol);
    if (memberId === '') {
      const before = this.#staticMember(groupInstanceId);
      if (before !== undefined) return this.#replace(before, request, client, version);
      if (this.#members.size + this.#pending.size >= MAX_MEMBERS) return refuse(ERROR.groupMaxSizeReached);
      const id = `${groupInstanceId ?? client.id}-${randomUUID()}`;
      if (groupInstanceId !== null || version < KNOWN_MEMBER_VERSION) return this.#add(id, request, client);
      this.#expect(id, request.sessionTimeoutMs);
      return refuse(ERROR.memberIdRequired, id);
    }
    if (this.#pending.has(memberId)) {
      this.#forgetPending(memberId);
      return this.#add(memberId, request, client);
    }
    const fault = this.#faultOf({ memberId, groupInstanceId });
    if (fault !== 0) return refuse(fault);
    return this.#rejoin(this.#members.get(memberId)!, request, client);
  }

  /** Resolves when the leader has shared out. */
  sync(request: SyncGroupRequest): Promise<SyncAnswer> {
    const fault = this.#faultOf(request) || this.#generationFault(request);
    const refuse = (errorCode: number) => Promise.resolve({ errorCode, assignment: NOTHING });
    if (fault !== 0) return refuse(fault);
    const { protocolType, protocolName, assignments } = request;
    if (
      (protocolType ?? this.#protocolType) !== this.#protocolType ||
      (protocolName ?? this.#protocol) !== this.#protocol
    )
      return refuse(ERROR.inconsistentGroupProtocol);
    const member = this.#members.get(request.memberId)!;
    this.#heard(member);
    if (this.#state === 'PreparingRebalance') return refuse(ERROR.rebalanceInProgress);
    if (this.#state === 'Stable') return Promise.resolve({ errorCode: ERROR.none, assignment: member.assignment });
    return new Promise((resolve) => {
      member.sync?.({ errorCode: ERROR.rebalanceInProgress, assignment: NOTHING });
      member.sync = resolve;
      if (member.id === this.#leader) this.#share(assignments);
    });
  }

  heartbeat(identity: MemberIdentity): number {
    const fault = this.#faultOf(identity) || this.#generationFault(identity);
    if (fault !== 0) return fault;
    this.#heard(this.#members.get(identity.memberId)!);
    return this.#state === 'PreparingRebalance' ? ERROR.rebalanceInProgress : ERROR.none;
  }

  /** A member goes; it may be named by its instance alone. */
  leave(memberId: string, instanceId: string | null): number {
    if (this.#pending.has(memberId)) {
      this.#forgetPending(memberId);
      this.#completeWhenJoined();
      return ERROR.none;
    }
    const member = memberId === '' ? this.#staticMember(instanceId) : this.#members.get(memberId);
    if (member === undefined) return ERROR.unknownMemberId;
    if (instanceId !== null && member.instanceId !== instanceId) return ERROR.fencedInstanceId;
    this.#remove(member);
    return ERROR.none;
  }

  /** Whether it may commit offsets; who is no member may while there are none. */
  commitFault(identity: MemberIdentity): number {
    if (identity.generationId < 0 && identity.memberId === '' && this.#members.size === 0) return ERROR.none;
    const fault = this.#faultOf(identity) || this.#generationFault(identity);
    if (fault !== 0) return fault;
    if (this.#state === 'CompletingRebalance') return ERROR.rebalanceInProgress;
    this.#heard(this.#members.get(identity.memberId)!);
    return ERROR.none;
  }

  /** Ends all waiting. */
  close(): void {
    this.#cancelRebalance();
    for (const cancel of this.#pending.values()) cancel();
    for (const member of this.#members.values()) {
      member.cancelSession();
      member.fail(ERROR.coordinatorNotAvailable);
    }
  }

  #suits({ protocolType, protocols }: JoinGroupRequest): boolean {
    if (protocolType === '' || protocols.length === 0) return false;
    if (this.#members.size === 0) return true;
    if (protocolType !== this.#protocolType) return false;
    return protocols.some(({ name }) => this.members.every((member) => member.protocols.some((p) => p.name === name)));
  }

  #staticMember(instanceId: string | null): JoinedMember | undefined {
    return instanceId === null ? undefined : this.members.find((member) => member.instanceId === instanceId);
  }

  #faultOf({ memberId, groupInstanceId }: Pick<MemberIdentity, 'memberId' | 'groupInstanceId'>): number {
    const known = this.#staticMember(groupInstanceId);
    if (known !== undefined && known.id !== memberId) return ERROR.fencedInstanceId;
    return this.#members.has(memberId) ? ERROR.none : ERROR.unknownMemberId;
  }

  #generationFault({ generationId }: Pick<MemberIdentity, 'generationId'>): number {
    return generationId === this.#generation ? ERROR.none : ERROR.illegalGeneration;
  }

  #expect(id: string, timeoutMs: number): void {
    const cancel = this.#timers.after(timeoutMs, () => {
      this.#pending.delete(id);
      this.#completeWhenJoined();
      this.#onLapse(this);
    });
    this.#pending.set(id, cancel);
  }

  #forgetPending(id: string): void {
    this.#pending.get(id)?.();
    this.#pending.delete(id);
  }

  #add(id: string, request: JoinGroupRequest, client: Client): Promise<JoinGroupAnswer> {
    const member = new JoinedMember(id, request, client);
    if (this.#members.size === 0) this.#protocolType = request.protocolType;
    this.#members.set(id, member);
    this.#leader ??= id;
    return this.#await(member, client);
  }

  /** Begins or goes on with a rebalance; resolves when it has come to where all have joined. */
  #await(member: JoinedMember, client: Client): Promise<JoinGroupAnswer> {
    return new Promise((resolve) => {
      member.join?.({ errorCode: ERROR.rebalanceInProgress, memberId: member.id });
      member.join = resolve;
      // Who waits for the others need say nothing; whether it is there is known by its connection.
      member.cancelSession();
      client.signal.addEventListener('abort', () => member.join === resolve && this.#heard(member), { once: true });
      this.#rebalance();
      this.#completeWhenJoined();
    });
  }

  #rejoin(member: JoinedMember, request: JoinGroupRequest, client: Client): Promise<JoinGroupAnswer> {
    const isSame = member.says(request.protocols);
    const isRepeated =
      (this.#state === 'CompletingRebalance' && isSame) ||
      (this.#state === 'Stable' && isSame && member.id !== this.#leader);
    if (!isRepeated) {
      member.update(request);
      return this.#await(member, client);
    }
    this.#heard(member);
    return Promise.resolve(this.#joined(member));
  }

  /** A static member that was started again takes the place of its former self, without a rebalance where it can. */
  #replace(before: JoinedMember, request: JoinGroupRequest, client: Client, version: number): Promise<JoinGroupAnswer> {
    const member = new JoinedMember(`${request.groupInstanceId}-${randomUUID()}`, request, client);
    member.assignment = before.assignment;
    before.cancelSession();
    before.fail(ERROR.fencedInstanceId);
    this.#members.delete(before.id);
    this.#members.set(member.id, member);
    const wasLeader = this.#leader === before.id;
    if (wasLeader) this.#leader = member.id;
    if (this.#state !== 'Stable' || !before.says(request.protocols)) return this.#await(member, client);
    this.#heard(member);
    const answer = this.#joined(member);
    if (!wasLeader) return Promise.resolve(answer);
    // It must not share out anew, which the older versions tell it by another leader's name.
    return Promise.resolve(
      version < SKIP_VERSION ? { ...answer, leader: before.id, members: [] } : { ...answer, skipAssignment: true },
    );
  }

  #rebalance(): void {
    if (this.#state === 'PreparingRebalance') return;
    for (const member of this.#members.values()) {
      member.sync?.({ errorCode: ERROR.rebalanceInProgress, assignment: NOTHING });
      member.sync = undefined;
    }
    this.#state = 'PreparingRebalance';
    const timeoutMs = Math.max(...this.members.map(({ rebalanceTimeoutMs }) => rebalanceTimeoutMs));
    this.#cancelRebalance = this.#timers.after(timeoutMs, () => {
      this.#completeJoin();
      this.#onLapse(this);
    });
  }

  #completeWhenJoined(): void {
    if (this.#state !== 'PreparingRebalance' || this.#pending.size > 0) return;
    if (this.members.every(({ join }) => join !== undefined)) this.#completeJoin();
  }

  /** The members are those who have joined by now. */
  #completeJoin(): void {
    this.#cancelRebalance();
    for (const member of this.members) {
      if (member.join !== undefined || member.instanceId !== null) continue;
      member.cancelSession();
      this.#members.delete(member.id);
    }
    this.#generation++;
    if (this.#members.size === 0) {
      this.#empty();
      return;
    }
    if (this.#leader === undefined || this.#members.get(this.#leader)?.join === undefined)
      this.#leader = (this.members.find(({ join }) => join !== undefined) ?? this.members[0]!).id;
    this.#protocol = this.#chosenProtocol();
    this.#state = 'CompletingRebalance';
    for (const member of this.members) {
      const { join } = member;
      member.join = undefined;
      this.#heard(member);
      join?.(this.#joined(member));
    }
  }

  /** Of what all members can, what most of them prefer. */
  #chosenProtocol(): string {
    const members = this.members;
    const common = members[0]!.protocols
      .map(({ name }) => name)
      .filter((name) => members.every(({ protocols }) => protocols.some((each) => each.name === name)));
    const preferred = members.map(({ protocols }) => protocols.find(({ name }) => common.includes(name))?.name);
    const votes = (name: string) => preferred.filter((each) => each === name).length;
    return common.toSorted((a, b) => votes(b) - votes(a))[0] ?? '';
  }

  #joined(member: JoinedMember): JoinGroupAnswer {
    const isLeader = member.id === this.#leader;
    const members = isLeader ? this.members : [];
    return {
      errorCode: ERROR.none,
      generationId: this.#generation,
      protocolType: this.#protocolType,
      protocolName: this.#protocol ?? null,
      leader: this.#leader ?? '',
      memberId: member.id,
      members: members.map((each) => ({
        memberId: each.id,
        groupInstanceId: each.instanceId,
        metadata: each.metadataOf(this.#protocol),
      })),
    };
  }

  #share(assignments: SyncGroupRequest['assignments']): void {
    this.#state = 'Stable';
    for (const member of this.#members.values()) {
      const own = assignments.find(({ memberId }) => memberId === member.id)?.assignment;
      member.assignment = own === undefined ? NOTHING : Buffer.from(own);
      member.sync?.({ errorCode: ERROR.none, assignment: member.assignment });
      member.sync = undefined;
    }
  }

  /** A member is there, and has its session's time again. */
  #heard(member: JoinedMember): void {
    member.cancelSession();
    member.cancelSession = this.#timers.after(member.sessionTimeoutMs, () => {
      this.#remove(member);
      this.#onLapse(this);
    });
  }

  #remove(member: JoinedMember): void {
    if (this.#members.get(member.id) !== member) return;
    member.cancelSession();
    member.fail(ERROR.unknownMemberId);
    this.#members.delete(member.id);
    if (this.#leader === member.id) this.#leader = this.members[0]?.id;
    if (this.#members.size === 0) {
      this.#cancelRebalance();
      this.#generation++;
      this.#empty();
      return;
    }
    this.#rebalance();
    this.#completeWhenJoined();
  }

  #empty(): void {
    this.#state = 'Empty';
    this.#leader = undefined;
    this.#protocol = undefined;
  }
}
