import {
  type Api,
  array,
  bool,
  int8,
  int16,
  int32,
  nullableArray,
  nullableString,
  optional,
  since,
  string,
  struct,
  versions,
  type WrittenOf,
} from './fields.ts';

/** What the cluster and its topics are asked about. Defaults are those of Kafka's own definitions. */

/** What stands for "not asked for" where somebody's rights may be asked for. */
const NO_OPERATIONS = -2_147_483_648;

export const API_VERSIONS = {
  key: 18,
  name: 'ApiVersions',
  versions: [0, 4],
  flexibleSince: 3,
  request: struct({ clientSoftwareName: since(3, string, ''), clientSoftwareVersion: since(3, string, '') }),
  response: struct({
    errorCode: int16,
    apis: array(struct({ key: int16, minVersion: int16, maxVersion: int16 })),
    throttleTimeMs: since(1, int32, 0),
  }),
} satisfies Api<unknown, never>;

/** Without the versions that know topics by ids. */
export const METADATA = {
  key: 3,
  name: 'Metadata',
  versions: [0, 9],
  flexibleSince: 9,
  request: struct({
    topics: nullableArray(struct({ name: string })),
    allowAutoTopicCreation: since(4, bool, true),
    includeClusterOperations: since(8, bool, false),
    includeTopicOperations: since(8, bool, false),
  }),
  response: struct({
    throttleTimeMs: since(3, int32, 0),
    brokers: array(struct({ nodeId: int32, host: string, port: int32, rack: since(1, nullableString, null) })),
    clusterId: since(2, nullableString, null),
    controllerId: since(1, int32, -1),
    topics: array(
      struct({
        errorCode: int16,
        name: string,
        isInternal: since(1, bool, false),
        partitions: array(
          struct({
            errorCode: int16,
            index: int32,
            leaderId: int32,
            leaderEpoch: since(7, int32, -1),
            replicaNodes: array(int32),
            isrNodes: array(int32),
            offlineReplicas: since(5, array(int32), []),
          }),
        ),
        topicOperations: since(8, int32, NO_OPERATIONS),
      }),
    ),
    clusterOperations: since(8, int32, NO_OPERATIONS),
  }),
} satisfies Api<unknown, never>;

export type TopicMetadata = WrittenOf<(typeof METADATA)['response']>['topics'][number];

export const CREATE_TOPICS = {
  key: 19,
  name: 'CreateTopics',
  versions: [2, 5],
  flexibleSince: 5,
  request: struct({
    topics: array(
      struct({
        name: string,
        numPartitions: int32,
        replicationFactor: int16,
        assignments: array(struct({ index: int32, brokerIds: array(int32) })),
        configs: array(struct({ name: string, value: nullableString })),
      }),
    ),
    timeoutMs: int32,
    validateOnly: bool,
  }),
  response: struct({
    throttleTimeMs: optional(int32, 0),
    topics: array(
      struct({
        name: string,
        errorCode: int16,
        errorMessage: nullableString,
        numPartitions: since(5, int32, -1),
        replicationFactor: since(5, int16, -1),
        configs: since(
          5,
          nullableArray(
            struct({ name: string, value: nullableString, readOnly: bool, source: int8, isSensitive: bool }),
          ),
          null,
        ),
      }),
    ),
  }),
} satisfies Api<unknown, never>;

export const DELETE_TOPICS = {
  key: 20,
  name: 'DeleteTopics',
  versions: [1, 5],
  flexibleSince: 4,
  request: struct({ topicNames: array(string), timeoutMs: int32 }),
  response: struct({
    throttleTimeMs: optional(int32, 0),
    topics: array(struct({ name: string, errorCode: int16, errorMessage: since(5, nullableString, null) })),
  }),
} satisfies Api<unknown, never>;

export const CREATE_PARTITIONS = {
  key: 37,
  name: 'CreatePartitions',
  versions: [0, 3],
  flexibleSince: 2,
  request: struct({
    topics: array(
      struct({ name: string, count: int32, assignments: nullableArray(struct({ brokerIds: array(int32) })) }),
    ),
    timeoutMs: int32,
    validateOnly: bool,
  }),
  response: struct({
    throttleTimeMs: optional(int32, 0),
    topics: array(struct({ name: string, errorCode: int16, errorMessage: nullableString })),
  }),
} satisfies Api<unknown, never>;

export const DESCRIBE_CONFIGS = {
  key: 32,
  name: 'DescribeConfigs',
  versions: [1, 4],
  flexibleSince: 4,
  request: struct({
    resources: array(struct({ type: int8, name: string, keys: nullableArray(string) })),
    includeSynonyms: bool,
    includeDocumentation: since(3, bool, false),
  }),
  response: struct({
    throttleTimeMs: optional(int32, 0),
    results: array(
      struct({
        errorCode: int16,
        errorMessage: nullableString,
        type: int8,
        name: string,
        configs: array(
          struct({
            name: string,
            value: nullableString,
            readOnly: bool,
            source: int8,
            isSensitive: bool,
            synonyms: array(struct({ name: string, value: nullableString, source: int8 })),
            configType: since(3, int8, 0),
            documentation: since(3, nullableString, null),
          }),
        ),
      }),
    ),
  }),
} satisfies Api<unknown, never>;

export const INCREMENTAL_ALTER_CONFIGS = {
  key: 44,
  name: 'IncrementalAlterConfigs',
  versions: [0, 1],
  flexibleSince: 1,
  request: struct({
    resources: array(
      struct({
        type: int8,
        name: string,
        configs: array(struct({ name: string, operation: int8, value: nullableString })),
      }),
    ),
    validateOnly: bool,
  }),
  response: struct({
    throttleTimeMs: optional(int32, 0),
    results: array(struct({ errorCode: int16, errorMessage: nullableString, type: int8, name: string })),
  }),
} satisfies Api<unknown, never>;

export const DESCRIBE_CLUSTER = {
  key: 60,
  name: 'DescribeCluster',
  versions: [0, 0],
  flexibleSince: 0,
  request: struct({ includeClusterOperations: bool }),
  response: struct({
    throttleTimeMs: optional(int32, 0),
    errorCode: int16,
    errorMessage: nullableString,
    clusterId: string,
    controllerId: int32,
    brokers: array(struct({ nodeId: int32, host: string, port: int32, rack: nullableString })),
    clusterOperations: optional(int32, NO_OPERATIONS),
  }),
} satisfies Api<unknown, never>;

const coordinator = { errorCode: int16, errorMessage: nullableString };
const place = { nodeId: int32, host: string, port: int32 };

/** Of a group or of a transactional id; version 4 asks for several at once. */
export const FIND_COORDINATOR = {
  key: 10,
  name: 'FindCoordinator',
  versions: [0, 4],
  flexibleSince: 3,
  request: struct({
    key: versions([0, 3], string, ''),
    keyType: since(1, int8, 0),
    keys: since(4, array(string), []),
  }),
  response: struct({
    throttleTimeMs: since(1, int32, 0),
    errorCode: versions([0, 3], int16, 0),
    errorMessage: versions([1, 3], nullableString, null),
    nodeId: versions([0, 3], int32, -1),
    host: versions([0, 3], string, ''),
    port: versions([0, 3], int32, -1),
    coordinators: since(4, array(struct({ key: string, ...place, ...coordinator })), []),
  }),
} satisfies Api<unknown, never>;
