import {
  type Api,
  array,
  bool,
  bytes,
  int16,
  int32,
  int64,
  nullableArray,
  nullableSince,
  nullableString,
  optional,
  type ReadOf,
  since,
  string,
  struct,
  versions,
  type WrittenOf,
} from './fields.ts';

/** What members of consumer groups say (the classic protocol). Defaults are those of Kafka's own definitions. */

export const JOIN_GROUP = {
  key: 11,
  name: 'JoinGroup',
  versions: [0, 9],
  flexibleSince: 6,
  request: struct({
    groupId: string,
    sessionTimeoutMs: int32,
    rebalanceTimeoutMs: since(1, int32, -1),
    memberId: string,
    groupInstanceId: since(5, nullableString, null),
    protocolType: string,
    protocols: array(struct({ name: string, metadata: bytes })),
    reason: since(8, nullableString, null),
  }),
  response: struct({
    throttleTimeMs: since(2, int32, 0),
    errorCode: int16,
    generationId: optional(int32, -1),
    protocolType: since(7, nullableString, null),
    protocolName: optional(nullableSince(7), null),
    leader: optional(string, ''),
    skipAssignment: since(9, bool, false),
    memberId: string,
    members: optional(
      array(struct({ memberId: string, groupInstanceId: since(5, nullableString, null), metadata: bytes })),
      [],
    ),
  }),
} satisfies Api<unknown, never>;

export type JoinGroupRequest = ReadOf<(typeof JOIN_GROUP)['request']>;
export type JoinGroupAnswer = WrittenOf<(typeof JOIN_GROUP)['response']>;

export const SYNC_GROUP = {
  key: 14,
  name: 'SyncGroup',
  versions: [0, 5],
  flexibleSince: 4,
  request: struct({
    groupId: string,
    generationId: int32,
    memberId: string,
    groupInstanceId: since(3, nullableString, null),
    protocolType: since(5, nullableString, null),
    protocolName: since(5, nullableString, null),
    assignments: array(struct({ memberId: string, assignment: bytes })),
  }),
  response: struct({
    throttleTimeMs: since(1, int32, 0),
    errorCode: int16,
    protocolType: since(5, nullableString, null),
    protocolName: since(5, nullableString, null),
    assignment: bytes,
  }),
} satisfies Api<unknown, never>;

export type SyncGroupRequest = ReadOf<(typeof SYNC_GROUP)['request']>;

export const HEARTBEAT = {
  key: 12,
  name: 'Heartbeat',
  versions: [0, 4],
  flexibleSince: 4,
  request: struct({
    groupId: string,
    generationId: int32,
    memberId: string,
    groupInstanceId: since(3, nullableString, null),
  }),
  response: struct({ throttleTimeMs: since(1, int32, 0), errorCode: int16 }),
} satisfies Api<unknown, never>;

/** Since version 3 several members may leave at once. */
export const LEAVE_GROUP = {
  key: 13,
  name: 'LeaveGroup',
  versions: [0, 5],
  flexibleSince: 4,
  request: struct({
    groupId: string,
    memberId: versions([0, 2], string, ''),
    members: since(
      3,
      array(struct({ memberId: string, groupInstanceId: nullableString, reason: since(5, nullableString, null) })),
      [],
    ),
  }),
  response: struct({
    throttleTimeMs: since(1, int32, 0),
    errorCode: int16,
    members: since(3, array(struct({ memberId: string, groupInstanceId: nullableString, errorCode: int16 })), []),
  }),
} satisfies Api<unknown, never>;

const committedOffsets = array(
  struct({
    name: string,
    partitions: array(
      struct({
        index: int32,
        committedOffset: int64,
        committedLeaderEpoch: since(6, int32, -1),
        committedMetadata: nullableString,
      }),
    ),
  }),
);

export const OFFSET_COMMIT = {
  key: 8,
  name: 'OffsetCommit',
  versions: [2, 8],
  flexibleSince: 8,
  request: struct({
    groupId: string,
    generationId: int32,
    memberId: string,
    groupInstanceId: since(7, nullableString, null),
    retentionTimeMs: versions([2, 4], int64, -1),
    topics: committedOffsets,
  }),
  response: struct({
    throttleTimeMs: since(3, int32, 0),
    topics: array(struct({ name: string, partitions: array(struct({ index: int32, errorCode: int16 })) })),
  }),
} satisfies Api<unknown, never>;

const wantedPartitions = nullableArray(struct({ name: string, partitions: array(int32) }));
const fetchedOffsets = array(
  struct({
    name: string,
    partitions: array(
      struct({
        index: int32,
        committedOffset: int64,
        committedLeaderEpoch: since(5, int32, -1),
        metadata: nullableString,
        errorCode: int16,
      }),
    ),
  }),
);

/** Since version 8 of several groups at once. Null stands for all that a group has committed. */
export const OFFSET_FETCH = {
  key: 9,
  name: 'OffsetFetch',
  versions: [1, 8],
  flexibleSince: 6,
  request: struct({
    groupId: versions([0, 7], string, ''),
    topics: versions([0, 7], wantedPartitions, null),
    groups: since(8, array(struct({ groupId: string, topics: wantedPartitions })), []),
    requireStable: since(7, bool, false),
  }),
  response: struct({
    throttleTimeMs: since(3, int32, 0),
    topics: versions([0, 7], fetchedOffsets, []),
    errorCode: versions([2, 7], int16, 0),
    groups: since(8, array(struct({ groupId: string, topics: fetchedOffsets, errorCode: int16 })), []),
  }),
} satisfies Api<unknown, never>;

export type FetchedOffsets = WrittenOf<typeof fetchedOffsets>;

export const DESCRIBE_GROUPS = {
  key: 15,
  name: 'DescribeGroups',
  versions: [0, 5],
  flexibleSince: 5,
  request: struct({ groups: array(string), includeOperations: since(3, bool, false) }),
  response: struct({
    throttleTimeMs: since(1, int32, 0),
    groups: array(
      struct({
        errorCode: int16,
        groupId: string,
        state: string,
        protocolType: string,
        protocol: string,
        members: array(
          struct({
            memberId: string,
            groupInstanceId: since(4, nullableString, null),
            clientId: string,
            clientHost: string,
            metadata: bytes,
            assignment: bytes,
          }),
        ),
        // "Not asked for".
        operations: since(3, int32, -2_147_483_648),
      }),
    ),
  }),
} satisfies Api<unknown, never>;

export const LIST_GROUPS = {
  key: 16,
  name: 'ListGroups',
  versions: [0, 5],
  flexibleSince: 3,
  request: struct({ states: since(4, array(string), []), types: since(5, array(string), []) }),
  response: struct({
    throttleTimeMs: since(1, int32, 0),
    errorCode: int16,
    groups: array(
      struct({ groupId: string, protocolType: string, state: since(4, string, ''), type: since(5, string, '') }),
    ),
  }),
} satisfies Api<unknown, never>;

export const DELETE_GROUPS = {
  key: 42,
  name: 'DeleteGroups',
  versions: [0, 2],
  flexibleSince: 2,
  request: struct({ groups: array(string) }),
  response: struct({
    throttleTimeMs: optional(int32, 0),
    results: array(struct({ groupId: string, errorCode: int16 })),
  }),
} satisfies Api<unknown, never>;
