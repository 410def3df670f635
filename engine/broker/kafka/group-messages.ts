import type { CommitPosition, GroupMetadata, TopicPartition } from '../broker.ts';
import { byTopic, partitionCodes } from './requests.ts';
import type { KafkaRequest } from './wire.ts';

/**
 * The requests of Kafka's group membership (the classic protocol), in versions that Kafka 2.3 and later, Redpanda and
 * the like share.
 */

export interface JoinOptions {
  readonly group: string;
  /** Empty for who is not a member yet. */
  readonly memberId: string;
  /** `group.instance.id` of a static member, which may be away for a session without losing its place. */
  readonly instanceId?: string | undefined;
  readonly sessionTimeoutMs: number;
  /** How long the others are waited for. */
  readonly rebalanceTimeoutMs: number;
  /** What all members of the group are (`consumer`), and the way they share their work. */
  readonly protocolType: string;
  readonly protocol: string;
  /** What the member says of itself to the leader. */
  readonly description: Uint8Array;
}

export interface JoinedMember {
  readonly memberId: string;
  readonly description: Uint8Array;
}

export interface Joined {
  readonly code: number;
  readonly generation: number;
  readonly leader: string;
  readonly memberId: string;
  /** All members; empty for all but the leader. */
  readonly members: readonly JoinedMember[];
}

/** Beyond the time for which others are waited for. */
const JOIN_GRACE_MS = 10_000;

/** Becomes a member, or stays one in a new generation. It is answered when all members have joined. */
export function joinGroupRequest(options: JoinOptions): KafkaRequest<Joined> {
  const { group, memberId, instanceId, sessionTimeoutMs, rebalanceTimeoutMs } = options;
  return {
    apiKey: 11,
    version: 5,
    timeoutMs: rebalanceTimeoutMs + JOIN_GRACE_MS,
    encode: (writer) =>
      writer
        .string(group)
        .int32(sessionTimeoutMs)
        .int32(rebalanceTimeoutMs)
        .string(memberId)
        .string(instanceId ?? null)
        .string(options.protocolType)
        .array([options.protocol], (protocol) => writer.string(protocol).bytes(options.description)),
    decode(reader) {
      reader.int32();
      const head = { code: reader.int16(), generation: reader.int32() };
      reader.nullableString();
      const own = { leader: reader.string(), memberId: reader.string() };
      const members = reader.array(() => {
        const member = reader.string();
        reader.nullableString();
        return { memberId: member, description: reader.bytes() };
      });
      return { ...head, ...own, members };
    },
  };
}

export interface MemberShare {
  readonly memberId: string;
  readonly share: Uint8Array;
}

export interface Synced {
  readonly code: number;
  readonly share: Uint8Array;
}

/** Ends a round of joining. The leader brings what everybody gets; the others wait for it. */
export function syncGroupRequest(
  { group, generation, memberId, instanceId }: GroupMetadata,
  shares: readonly MemberShare[],
): KafkaRequest<Synced> {
  return {
    apiKey: 14,
    version: 3,
    encode: (writer) =>
      writer
        .string(group)
        .int32(generation)
        .string(memberId)
        .string(instanceId ?? null)
        .array(shares, (each) => writer.string(each.memberId).bytes(each.share)),
    decode(reader) {
      reader.int32();
      return { code: reader.int16(), share: reader.bytes() };
    },
  };
}

/** Says that the member is alive. Gives the error code. */
export function heartbeatRequest({ group, generation, memberId, instanceId }: GroupMetadata): KafkaRequest<number> {
  return {
    apiKey: 12,
    version: 3,
    encode: (writer) =>
      writer
        .string(group)
        .int32(generation)
        .string(memberId)
        .string(instanceId ?? null),
    decode(reader) {
      reader.int32();
      return reader.int16();
    },
  };
}

/** Gives membership up. Gives the error code. */
export function leaveGroupRequest({
  group,
  memberId,
}: Pick<GroupMetadata, 'group' | 'memberId'>): KafkaRequest<number> {
  return {
    apiKey: 13,
    version: 1,
    encode: (writer) => writer.string(group).string(memberId),
    decode(reader) {
      reader.int32();
      return reader.int16();
    },
  };
}

/** Commits offsets as a member of the group, in its generation. Gives the first error code, or 0. */
export function memberCommitRequest(
  { group, generation, memberId, instanceId }: GroupMetadata,
  positions: readonly CommitPosition[],
): KafkaRequest<number> {
  return {
    apiKey: 8,
    version: 7,
    encode(writer) {
      writer
        .string(group)
        .int32(generation)
        .string(memberId)
        .string(instanceId ?? null);
      writer.array(byTopic(positions), ([topic, partitions]) =>
        writer.string(topic).array(partitions, ({ partition, offset, note = '' }) => {
          writer.int32(partition).int64(offset).int32(NO_EPOCH).string(note);
        }),
      );
    },
    decode(reader) {
      reader.int32();
      return partitionCodes(reader).find((code) => code !== 0) ?? 0;
    },
  };
}

/** What stands for the epoch of a partition's leader that is not known. */
const NO_EPOCH = -1;

export interface GroupOffsets {
  readonly code: number;
  /** -1 where the group has committed nothing. */
  readonly positions: readonly Required<CommitPosition>[];
}

/**
 * Offsets that no open transaction is about to change; where one is, the code tells to ask again (KIP-447, Kafka 2.5).
 */
export function stableOffsetsRequest(group: string, partitions: readonly TopicPartition[]): KafkaRequest<GroupOffsets> {
  return {
    apiKey: 9,
    version: 7,
    isFlexible: true,
    encode(writer) {
      writer.compactString(group).compactArray(byTopic(partitions), ([topic, ofTopic]) => {
        writer.compactString(topic).compactArray(ofTopic, ({ partition }) => writer.int32(partition));
        writer.noTags();
      });
      writer.int8(1).noTags();
    },
    decode(reader) {
      reader.int32();
      let code = 0;
      const positions = reader.compactArray(() => {
        const topic = reader.compactString();
        const ofTopic = reader.compactArray(() => {
          const [partition, offset] = [reader.int32(), reader.int64()];
          reader.int32();
          const note = reader.compactString();
          code ||= reader.int16();
          reader.tags();
          return { topic, partition, offset, note };
        });
        reader.tags();
        return ofTopic;
      });
      return { code: reader.int16() || code, positions: positions.flat() };
    },
  };
}

export interface DescribedGroup {
  readonly code: number;
  readonly members: readonly JoinedMember[];
}

/** Who is a member of a group. Descriptions are empty while members are joining. */
export function describeGroupRequest(group: string): KafkaRequest<DescribedGroup> {
  return {
    apiKey: 15,
    version: 1,
    encode: (writer) => writer.array([group], (name) => writer.string(name)),
    decode(reader) {
      reader.int32();
      const [described] = reader.array(() => {
        const code = reader.int16();
        for (let field = 0; field < 4; field++) reader.string();
        const members = reader.array(() => {
          const memberId = reader.string();
          reader.string();
          reader.string();
          const description = reader.bytes();
          reader.bytes();
          return { memberId, description };
        });
        return { code, members };
      });
      return described!;
    },
  };
}
