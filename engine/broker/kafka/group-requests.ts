import type { KafkaRequest } from './wire.ts';

/**
 * The requests of Kafka's group membership, in versions that Kafka 2.3 and later, Redpanda and the like share. What a
 * member says of itself, and what it is given, are texts here.
 */

/** The protocol that members of such groups have in common; it is ours, so that no consumer takes part by mistake. */
const PROTOCOL_TYPE = 'ksql-engine';
const PROTOCOL = 'one';

export interface GroupMember {
  readonly memberId: string;
  /** What it said of itself when it joined. */
  readonly description: string;
}

export interface Joined {
  readonly code: number;
  readonly generation: number;
  readonly leader: string;
  readonly memberId: string;
  /** All members; empty for all but the leader. */
  readonly members: readonly GroupMember[];
}

export interface JoinOptions {
  readonly group: string;
  /** Empty for who is not a member yet. */
  readonly memberId: string;
  readonly description: string;
  readonly sessionTimeoutMs: number;
}

/** Becomes a member, or stays one in a new generation. It is answered when all members have joined. */
export function joinGroupRequest({
  group,
  memberId,
  description,
  sessionTimeoutMs,
}: JoinOptions): KafkaRequest<Joined> {
  return {
    apiKey: 11,
    version: 3,
    encode: (writer) =>
      writer
        .string(group)
        .int32(sessionTimeoutMs)
        .int32(sessionTimeoutMs)
        .string(memberId)
        .string(PROTOCOL_TYPE)
        .array([PROTOCOL], (protocol) => writer.string(protocol).bytes(Buffer.from(description))),
    decode(reader) {
      reader.int32();
      const head = { code: reader.int16(), generation: reader.int32() };
      reader.nullableString();
      const own = { leader: reader.string(), memberId: reader.string() };
      const members = reader.array(() => ({ memberId: reader.string(), description: reader.bytes().toString() }));
      return { ...head, ...own, members };
    },
  };
}

/** Ends a round of joining; the leader gives every member its share, here nothing. Gives the error code. */
export function syncGroupRequest(
  group: string,
  generation: number,
  memberId: string,
  members: readonly GroupMember[],
): KafkaRequest<number> {
  return {
    apiKey: 14,
    version: 1,
    encode: (writer) =>
      writer
        .string(group)
        .int32(generation)
        .string(memberId)
        .array(members, (member) => writer.string(member.memberId).bytes(new Uint8Array())),
    decode(reader) {
      reader.int32();
      return reader.int16();
    },
  };
}

/** Says that the member is alive. Gives the error code. */
export function heartbeatRequest(group: string, generation: number, memberId: string): KafkaRequest<number> {
  return {
    apiKey: 12,
    version: 1,
    encode: (writer) => writer.string(group).int32(generation).string(memberId),
    decode(reader) {
      reader.int32();
      return reader.int16();
    },
  };
}

/** Gives membership up. Gives the error code. */
export function leaveGroupRequest(group: string, memberId: string): KafkaRequest<number> {
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

export interface DescribedGroup {
  readonly code: number;
  readonly members: readonly GroupMember[];
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
          const description = reader.bytes().toString();
          reader.bytes();
          return { memberId, description };
        });
        return { code, members };
      });
      return described!;
    },
  };
}
