import { BrokerError, type BrokerErrorCode } from '../broker.ts';

/** Error codes of Kafka's protocol that are acted upon. */
export const KAFKA_ERROR = {
  unknownServerError: -1,
  none: 0,
  offsetOutOfRange: 1,
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  notLeader: 6,
  requestTimedOut: 7,
  messageTooLarge: 10,
  networkException: 13,
  coordinatorLoading: 14,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  notEnoughReplicas: 19,
  notEnoughReplicasAfterAppend: 20,
  illegalGeneration: 22,
  inconsistentGroupProtocol: 23,
  unknownMemberId: 25,
  rebalanceInProgress: 27,
  clusterAuthorizationFailed: 31,
  unsupportedVersion: 35,
  outOfOrderSequence: 45,
  duplicateSequence: 46,
  invalidProducerEpoch: 47,
  invalidTransactionState: 48,
  invalidProducerIdMapping: 49,
  invalidTransactionTimeout: 50,
  concurrentTransactions: 51,
  transactionCoordinatorFenced: 52,
  transactionalIdAuthorizationFailed: 53,
  operationNotAttempted: 55,
  storage: 56,
  fencedLeaderEpoch: 74,
  unknownLeaderEpoch: 76,
  memberIdRequired: 79,
  groupMaxSizeReached: 81,
  fencedInstanceId: 82,
  unstableOffsetCommit: 88,
  throttlingQuotaExceeded: 89,
  producerFenced: 90,
} as const;

/** Kafka's own names and texts of the errors a client meets. */
const TEXTS: Readonly<Record<number, readonly [name: string, text: string, code?: BrokerErrorCode]>> = {
  1: ['OFFSET_OUT_OF_RANGE', 'The requested offset is not within the range of offsets maintained by the server.'],
  2: [
    'CORRUPT_MESSAGE',
    'This message has failed its CRC checksum, exceeds the valid size, has a null key for a compacted topic, or is otherwise corrupt.',
  ],
  3: ['UNKNOWN_TOPIC_OR_PARTITION', 'This server does not host this topic-partition.', 'unknown-topic'],
  5: [
    'LEADER_NOT_AVAILABLE',
    'There is no leader for this topic-partition as we are in the middle of a leadership election.',
  ],
  6: [
    'NOT_LEADER_OR_FOLLOWER',
    'For requests intended only for the leader, this error indicates that the broker is not the current leader.',
  ],
  7: ['REQUEST_TIMED_OUT', 'The request timed out.'],
  10: ['MESSAGE_TOO_LARGE', 'The request included a message larger than the max message size the server will accept.'],
  14: ['COORDINATOR_LOAD_IN_PROGRESS', "The coordinator is loading and hence can't process requests."],
  15: ['COORDINATOR_NOT_AVAILABLE', 'The coordinator is not available.'],
  16: ['NOT_COORDINATOR', 'This is not the correct coordinator.'],
  17: [
    'INVALID_TOPIC_EXCEPTION',
    'The request attempted to perform an operation on an invalid topic.',
    'invalid-topic',
  ],
  19: ['NOT_ENOUGH_REPLICAS', 'Messages are rejected since there are fewer in-sync replicas than required.'],
  22: ['ILLEGAL_GENERATION', 'Specified group generation id is not valid.'],
  23: [
    'INCONSISTENT_GROUP_PROTOCOL',
    "The group member's supported protocols are incompatible with those of existing members.",
  ],
  24: ['INVALID_GROUP_ID', 'The group id is invalid.'],
  25: ['UNKNOWN_MEMBER_ID', 'The coordinator is not aware of this member.'],
  26: ['INVALID_SESSION_TIMEOUT', 'The session timeout is not within the range allowed by the broker.'],
  27: ['REBALANCE_IN_PROGRESS', 'The group is rebalancing, so a rejoin is needed.'],
  29: ['TOPIC_AUTHORIZATION_FAILED', 'Topic authorization failed.', 'not-authorized'],
  30: ['GROUP_AUTHORIZATION_FAILED', 'Group authorization failed.', 'not-authorized'],
  31: ['CLUSTER_AUTHORIZATION_FAILED', 'Cluster authorization failed.', 'not-authorized'],
  32: ['INVALID_TIMESTAMP', 'The timestamp of the message is out of acceptable range.'],
  33: ['UNSUPPORTED_SASL_MECHANISM', 'The broker does not support the requested SASL mechanism.', 'not-authorized'],
  35: ['UNSUPPORTED_VERSION', 'The version of API is not supported.'],
  45: ['OUT_OF_ORDER_SEQUENCE_NUMBER', 'The broker received an out of order sequence number.'],
  47: ['INVALID_PRODUCER_EPOCH', 'Producer attempted to produce with an old epoch.'],
  48: ['INVALID_TXN_STATE', 'The producer attempted a transactional operation in an invalid state.'],
  49: [
    'INVALID_PRODUCER_ID_MAPPING',
    'The producer attempted to use a producer id which is not currently assigned to its transactional id.',
  ],
  50: [
    'INVALID_TRANSACTION_TIMEOUT',
    'The transaction timeout is larger than the maximum value allowed by the broker (transaction.max.timeout.ms).',
  ],
  51: [
    'CONCURRENT_TRANSACTIONS',
    'The producer attempted to update a transaction while another concurrent operation on the same transaction was ongoing.',
  ],
  53: ['TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'Transactional id authorization failed.', 'not-authorized'],
  56: ['KAFKA_STORAGE_ERROR', 'Disk error when trying to access log file on the disk.'],
  58: ['SASL_AUTHENTICATION_FAILED', 'SASL Authentication failed.', 'not-authorized'],
  59: ['UNKNOWN_PRODUCER_ID', 'The broker has no metadata of this producer id any more.'],
  74: ['FENCED_LEADER_EPOCH', 'The leader epoch in the request is older than the epoch on the broker.'],
  76: ['UNKNOWN_LEADER_EPOCH', 'The leader epoch in the request is newer than the epoch on the broker.'],
  81: ['GROUP_MAX_SIZE_REACHED', 'The consumer group has reached its max size.'],
  82: ['FENCED_INSTANCE_ID', 'Another member has joined the group with the same group.instance.id.'],
  87: ['INVALID_RECORD', 'This record has failed the validation on the broker and hence be rejected.'],
  88: ['UNSTABLE_OFFSET_COMMIT', 'There are unstable offsets that need to be cleared: a transaction is open.'],
  90: ['PRODUCER_FENCED', 'There is a newer producer with the same transactionalId which fences the current one.'],
  120: [
    'TRANSACTION_ABORTABLE',
    'The server encountered an error with the transaction. It can be aborted and tried again.',
  ],
};

/**
 * The error for a code that a broker answered with.
 * @param about what was tried, for the start of the message: `Reading topic 'x'`
 * @param words what the broker said besides the code
 */
export function kafkaError(code: number, about: string, words?: string | null): BrokerError {
  const [name, text, brokerCode] = TEXTS[code] ?? [
    `Kafka error ${code}`,
    'See the list of error codes in the protocol guide.',
  ];
  return new BrokerError(`${about}: ${words || text} (${name})`, brokerCode ?? 'other');
}

/** Whether a code says that a group's coordinator is elsewhere, or not ready. */
export function isCoordinatorBusy(code: number): boolean {
  return (
    code === KAFKA_ERROR.coordinatorLoading ||
    code === KAFKA_ERROR.coordinatorNotAvailable ||
    code === KAFKA_ERROR.notCoordinator
  );
}

/** Whether a code says that the partition's leader is to be looked up again. */
export function isLeaderMoved(code: number): boolean {
  switch (code) {
    case KAFKA_ERROR.leaderNotAvailable:
    case KAFKA_ERROR.notLeader:
    case KAFKA_ERROR.fencedLeaderEpoch:
    case KAFKA_ERROR.unknownLeaderEpoch:
    case KAFKA_ERROR.unknownTopicOrPartition:
      return true;
    default:
      return false;
  }
}

/** Whether the same may be asked again after a while. */
export function isRetriable(code: number): boolean {
  switch (code) {
    case KAFKA_ERROR.requestTimedOut:
    case KAFKA_ERROR.networkException:
    case KAFKA_ERROR.notEnoughReplicas:
    case KAFKA_ERROR.notEnoughReplicasAfterAppend:
    case KAFKA_ERROR.concurrentTransactions:
    case KAFKA_ERROR.storage:
    case KAFKA_ERROR.unstableOffsetCommit:
    case KAFKA_ERROR.throttlingQuotaExceeded:
      return true;
    default:
      return isCoordinatorBusy(code) || isLeaderMoved(code);
  }
}
