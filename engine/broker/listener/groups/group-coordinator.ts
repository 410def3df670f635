import { BrokerError, type CommitPosition } from '../../broker.ts';
import type { MemoryBroker } from '../../embedded/memory-broker.ts';
import type { ClientMemory } from '../connection/client-connection.ts';
import type { Timers } from '../connection/group-timers.ts';
import { type Client, type Route, route } from '../protocol/api-route.ts';
import { ERROR } from '../protocol/error-codes.ts';
import type { ReadOf } from '../protocol/fields.ts';
import {
  DELETE_GROUPS,
  DESCRIBE_GROUPS,
  type FetchedOffsets,
  HEARTBEAT,
  JOIN_GROUP,
  type JoinGroupAnswer,
  type JoinGroupRequest,
  LEAVE_GROUP,
  LIST_GROUPS,
  OFFSET_COMMIT,
  OFFSET_FETCH,
  SYNC_GROUP,
} from '../protocol/membership-messages.ts';
import { Group, type MemberIdentity } from './group.ts';

/** Kafka's group.min.session.timeout.ms and group.max.session.timeout.ms. */
const MIN_SESSION_MS = 6000;
const MAX_SESSION_MS = 1_800_000;
/** What a group may note with an offset (Kafka's offset.metadata.max.bytes). */
const MAX_NOTE_LENGTH = 4096;
/** About what a group and a committed offset take, in bytes. */
const GROUP_BYTES = 500;
const NO_OFFSET = -1;

type LeaveRequest = ReadOf<(typeof LEAVE_GROUP)['request']>;
type CommitRequest = ReadOf<(typeof OFFSET_COMMIT)['request']>;
type WantedTopics = ReadOf<(typeof OFFSET_FETCH)['request']>['topics'];

/** One committed offset as messages have it. */
export interface OffsetEntry {
  readonly index: number;
  readonly committedOffset: number;
  readonly committedMetadata: string | null;
}

type TopicOffsets = readonly { readonly name: string; readonly partitions: readonly OffsetEntry[] }[];

/** Whether offsets of a partition are being committed in a transaction that has not ended. */
export type PendingOffsets = (group: string, topic: string, partition: number) => boolean;

/** Consumer groups, and what they have committed. */
export class GroupCoordinator {
  readonly routes: readonly Route[];
  readonly #broker: MemoryBroker;
  readonly #timers: Timers;
  readonly #memory: ClientMemory;
  readonly #isPending: PendingOffsets;
  readonly #groups = new Map<string, Group>();
  /** What the groups are counted with. */
  readonly #counted = new Map<string, number>();

  constructor(broker: MemoryBroker, timers: Timers, memory: ClientMemory, isPending: PendingOffsets) {
    this.#broker = broker;
    this.#timers = timers;
    this.#memory = memory;
    this.#isPending = isPending;
    this.routes = [
      route(JOIN_GROUP, (request, client, version) => this.join(request, client, version)),
      route(SYNC_GROUP, async (request) => {
        const group = this.#groups.get(request.groupId);
        if (group === undefined) return { errorCode: ERROR.unknownMemberId, assignment: new Uint8Array() };
        const answer = await group.sync(request);
        this.#count(group);
        return { ...answer, protocolType: group.protocolType, protocolName: group.protocol };
      }),
      route(HEARTBEAT, (request) => ({
        errorCode: this.#groups.get(request.groupId)?.heartbeat(request) ?? ERROR.unknownMemberId,
      })),
      route(LEAVE_GROUP, (request, _, version) => this.#leave(request, version)),
      route(OFFSET_COMMIT, (request) => this.#commit(request)),
      route(OFFSET_FETCH, async ({ groupId, topics, groups, requireStable }) => ({
        topics: groups.length > 0 ? [] : await this.#committed(groupId, topics, requireStable),
        groups: await Promise.all(
          groups.map(async (each) => ({
            groupId: each.groupId,
            topics: await this.#committed(each.groupId, each.topics, requireStable),
            errorCode: ERROR.none,
          })),
        ),
      })),
      route(DESCRIBE_GROUPS, async ({ groups }) => {
        const kept = await broker.listGroups();
        return { groups: groups.map((id) => this.#describe(id, kept.includes(id))) };
      }),
      route(LIST_GROUPS, ({ states, types }) => this.#list(states, types)),
      route(DELETE_GROUPS, async ({ groups }) => ({
        results: await Promise.all(
          groups.map(async (groupId) => ({ groupId, errorCode: await this.#delete(groupId) })),
        ),
      })),
    ];
  }

  async join(request: JoinGroupRequest, client: Client, version: number): Promise<JoinGroupAnswer> {
    const { groupId, memberId, sessionTimeoutMs } = request;
    if (groupId === '') return { errorCode: ERROR.invalidGroupId, memberId };
    if (sessionTimeoutMs < MIN_SESSION_MS || sessionTimeoutMs > MAX_SESSION_MS)
      return { errorCode: ERROR.invalidSessionTimeout, memberId };
    if (this.#memory.mustStop) return { errorCode: ERROR.coordinatorLoading, memberId };
    const known = this.#groups.get(groupId);
    if (known === undefined && memberId !== '') return { errorCode: ERROR.unknownMemberId, memberId };
    const group = known ?? new Group(groupId, this.#timers, (lapsed) => this.#count(lapsed));
    this.#groups.set(groupId, group);
    const answer = group.join(request, client, version);
    this.#count(group);
    return answer;
  }

  /** What keeps a member, or who is none, from committing offsets of a group; 0 for nothing. */
  commitFault(groupId: string, identity: MemberIdentity): number {
    if (groupId === '') return ERROR.invalidGroupId;
    const group = this.#groups.get(groupId);
    if (group !== undefined) return group.commitFault(identity);
    return identity.generationId < 0 && identity.memberId === '' ? ERROR.none : ERROR.unknownMemberId;
  }

  /** The offsets that can be committed, and the answer for each. */
  async checkOffsets(topics: TopicOffsets) {
    const positions: CommitPosition[] = [];
    const answered = await Promise.all(
      topics.map(async ({ name, partitions }) => {
        const count = (await this.#broker.describeTopic(name))?.partitions ?? 0;
        return {
          name,
          partitions: partitions.map(({ index, committedOffset, committedMetadata }) => {
            const note = committedMetadata ?? '';
            const isKnown = index >= 0 && index < count;
            if (!isKnown) return { index, errorCode: ERROR.unknownTopicOrPartition };
            if (note.length > MAX_NOTE_LENGTH) return { index, errorCode: ERROR.offsetMetadataTooLarge };
            positions.push({ topic: name, partition: index, offset: committedOffset, note });
            return { index, errorCode: ERROR.none };
          }),
        };
      }),
    );
    return { positions, answered };
  }

  close(): void {
    for (const group of this.#groups.values()) group.close();
    for (const bytes of this.#counted.values()) this.#memory.add(-bytes);
    this.#groups.clear();
    this.#counted.clear();
  }

  #leave({ groupId, memberId, members }: LeaveRequest, version: number) {
    const group = this.#groups.get(groupId);
    const leave = (id: string, instanceId: string | null) => group?.leave(id, instanceId) ?? ERROR.unknownMemberId;
    const isOne = version < 3;
    const answered = members.map((member) => ({
      ...member,
      errorCode: leave(member.memberId, member.groupInstanceId),
    }));
    const errorCode = isOne ? leave(memberId, null) : ERROR.none;
    if (group !== undefined) this.#count(group);
    return { errorCode, members: answered };
  }

  async #commit(request: CommitRequest) {
    const { groupId, topics } = request;
    const isNew = !(await this.#broker.listGroups()).includes(groupId);
    const fault = this.commitFault(groupId, request) || (isNew && this.#memory.mustStop ? ERROR.coordinatorLoading : 0);
    if (fault !== 0) return { topics: failed(topics, fault) };
    const { positions, answered } = await this.checkOffsets(topics);
    try {
      if (positions.length > 0) await this.#broker.commit(groupId, positions);
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      return { topics: failed(topics, ERROR.storage) };
    }
    return { topics: answered };
  }

  async #committed(groupId: string, wanted: WantedTopics, isStable: boolean): Promise<FetchedOffsets> {
    const asked = wanted ?? this.#broker.topicsOf(groupId).map((name) => ({ name, partitions: undefined }));
    return Promise.all(
      asked.map(async ({ name, partitions }) => {
        const offsets = await this.#broker.committed(groupId, name);
        return {
          name,
          partitions: (partitions ?? [...offsets.keys()]).map((index) => {
            const { offset, note } = offsets.get(index) ?? { offset: NO_OFFSET, note: '' };
            if (isStable && this.#isPending(groupId, name, index))
              return { index, committedOffset: NO_OFFSET, metadata: '', errorCode: ERROR.unstableOffsetCommit };
            return { index, committedOffset: offset, metadata: note, errorCode: ERROR.none };
          }),
        };
      }),
    );
  }

  #describe(groupId: string, hasOffsets: boolean) {
    const group = this.#groups.get(groupId);
    // Kafka says of a group that there is not: it is dead.
    const none = { errorCode: ERROR.none, groupId, protocolType: '', protocol: '', members: [] };
    if (group === undefined || group.isVacant) return { ...none, state: hasOffsets ? 'Empty' : 'Dead' };
    const { state, protocolType, protocol, members } = group;
    return {
      ...none,
      state,
      protocolType,
      protocol: state === 'Stable' ? protocol : '',
      members: members.map((member) => ({
        memberId: member.id,
        groupInstanceId: member.instanceId,
        clientId: member.clientId,
        clientHost: `/${member.clientHost}`,
        metadata: state === 'Stable' ? member.metadataOf(protocol) : new Uint8Array(),
        assignment: state === 'Stable' ? member.assignment : new Uint8Array(),
      })),
    };
  }

  async #list(states: readonly string[], types: readonly string[]) {
    const names = new Set([...(await this.#broker.listGroups()), ...this.#groups.keys()]);
    const listed = [...names].map((groupId) => {
      const group = this.#groups.get(groupId);
      return { groupId, protocolType: group?.protocolType ?? '', state: group?.state ?? 'Empty', type: 'classic' };
    });
    const isWanted = (wanted: readonly string[], value: string) =>
      wanted.length === 0 || wanted.some((each) => each.toLowerCase() === value.toLowerCase());
    return {
      errorCode: ERROR.none,
      groups: listed.filter(({ state, type }) => isWanted(states, state) && isWanted(types, type)),
    };
  }

  async #delete(groupId: string): Promise<number> {
    const group = this.#groups.get(groupId);
    if (group !== undefined && !group.isVacant) return ERROR.nonEmptyGroup;
    if (!(await this.#broker.listGroups()).includes(groupId)) return ERROR.groupIdNotFound;
    await this.#broker.deleteGroup(groupId);
    return ERROR.none;
  }

  /** Counts what a group takes; one without members takes nothing, and is forgotten. */
  #count(group: Group): void {
    const before = this.#counted.get(group.id) ?? 0;
    const bytes = group.members.reduce((sum, { sizeBytes }) => sum + sizeBytes, GROUP_BYTES);
    if (group.isVacant) {
      this.#groups.delete(group.id);
      this.#counted.delete(group.id);
      this.#memory.add(-before);
      return;
    }
    this.#counted.set(group.id, bytes);
    this.#memory.add(bytes - before);
  }
}

const failed = (topics: TopicOffsets, errorCode: number) =>
  topics.map(({ name, partitions }) => ({ name, partitions: partitions.map(({ index }) => ({ index, errorCode })) }));
