import type { Codec } from './compression.ts';
import type { GroupCallbacks, GroupMemberOptions, GroupMembership } from './groups/group-membership.ts';
import type { CommitPosition, GroupMetadata, ReadPosition, TopicPartition } from './positions.ts';
import type { RecordBatch } from './record-batch.ts';

export type { CommitPosition, GroupMetadata, ReadPosition, TopicPartition } from './positions.ts';

export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  /** -1: the broker's default. */
  readonly replicas: number;
  readonly config?: Readonly<Record<string, string>>;
}

export interface TopicDescription {
  readonly name: string;
  readonly partitions: number;
  readonly replicas: number;
  readonly config: Readonly<Record<string, string>>;
}

export interface PartitionOffsets {
  readonly partition: number;
  /** Offset of the oldest record kept. */
  readonly earliest: number;
  /** Offset that the next record will get. */
  readonly latest: number;
}

/** Whether records of transactions are seen before these are committed. */
export type Isolation = 'committed' | 'uncommitted';

export interface OffsetsOptions {
  /** Whether `latest` stands before the first transaction that is open; absent: as the broker's settings say. */
  readonly isolation?: Isolation | undefined;
  /** Only of this partition. */
  readonly partition?: number | undefined;
}

export interface CommittedOffset {
  readonly offset: number;
  /** Empty where there is none. A broker that ends with the engine keeps none. */
  readonly note: string;
}

/**
 * Batches of one partition, in offset order. The first batch may begin before the offset asked for (Kafka's own rule).
 */
export interface FetchedBatches extends TopicPartition {
  readonly batches: readonly RecordBatch[];
  /**
   * Where the reader stood, when the log did not have that place: what came next had been dropped before it was read;
   * or, where the batches begin before it, the log ended before it.
   */
  readonly skippedFrom?: number;
  /**
   * To be called when nothing reads the batches any more, nor any part of their bytes: others are read into those then.
   * Who keeps something leaves it uncalled. Absent where the bytes are the broker's own.
   */
  readonly release?: () => void;
}

export interface Subscription {
  /** Stops the flow and resolves when the last handler call has returned. */
  close(): Promise<void>;
  pause(): void;
  resume(): void;
}

/** The right of one engine to run the queries of a service, on a broker that others reach, too. */
export interface ServiceHold {
  /** Whether it is certain at this moment that no other engine has the right. */
  readonly isHeld: boolean;
  /** Waits until it is. @throws BrokerError once another engine has, or may have had, the right */
  whenHeld(): Promise<void>;
}

export interface TransactionOptions {
  /** After so long the broker aborts a transaction that was neither committed nor aborted; 60 s. */
  readonly timeoutMs?: number | undefined;
  /** How long one question is asked again before the transaction fails; 120 s. */
  readonly deliveryTimeoutMs?: number | undefined;
  /** How batches are compressed; absent: as the broker's settings say. */
  readonly compression?: Codec | undefined;
}

/**
 * Writes records and the offsets of what they come from so that readers of what is committed see all of a transaction
 * or nothing. One transaction at a time; its calls may run side by side. What is refused for a while is asked again, so
 * an error that comes out is a {@link TransactionError} that says what is left to do, and after the first one all calls
 * but `abort` fail with it.
 */
export interface TransactionalProducer {
  readonly transactionalId: string;
  /** Whether a transaction has begun that was neither committed nor aborted. */
  readonly isOpen: boolean;
  /** @throws TransactionError when the producer was fenced; BrokerError `unreachable` when it may be tried again */
  begin(): Promise<void>;
  /**
   * Appends batches to a partition, which the producer takes over: they are stamped in place. What was begun before for
   * the partition comes first; different partitions go side by side.
   * @returns the offset of the first record, -1 where the broker does not remember it
   * @throws TransactionError
   */
  produce(topic: string, partition: number, batches: readonly RecordBatch[]): Promise<number>;
  /**
   * Makes offsets of a consumer group part of the transaction. They are refused when the group has moved on to another
   * generation (`rejoin`).
   * @throws TransactionError
   */
  sendOffsets(group: GroupMetadata, positions: readonly CommitPosition[]): Promise<void>;
  /**
   * Waits for what is being written, and lets readers have it.
   * @throws TransactionError with what failed before, after which the transaction is to be aborted; `fenced` also where
   *   it could not be learnt whether it was committed: the offsets of its group tell, to another producer
   */
  commit(): Promise<void>;
  /** Lets nobody have it. @throws TransactionError after which the producer cannot be used any more */
  abort(): Promise<void>;
  /** Aborts what is open. It does not fail: what cannot be aborted now the broker aborts by itself. */
  close(): Promise<void>;
}

/**
 * The one seam between the engine and a log of topics. It hands over record batches in Kafka's v2 format, never single
 * messages. Implementations throw {@link BrokerError} with the broker's own words.
 */
export interface Broker {
  /** For people: `embedded`, or the bootstrap servers. */
  readonly description: string;
  readonly clusterId: string;
  createTopic(spec: TopicSpec): Promise<void>;
  deleteTopic(name: string): Promise<void>;
  listTopics(): Promise<readonly TopicDescription[]>;
  describeTopic(name: string): Promise<TopicDescription | undefined>;
  /**
   * Appends encoded batches; base offsets and append order are the broker's, which takes the batches over: their
   * offsets are set in place, so a batch is appended once only. Returns the offset of the first record.
   */
  append(topic: string, partition: number, batches: readonly RecordBatch[]): Promise<number>;
  /**
   * Up to about `maxBytes` from the position; empty when there is nothing (it does not wait).
   * @param isolation absent: as the broker's settings say
   */
  read(position: ReadPosition, maxBytes: number, isolation?: Isolation): Promise<FetchedBatches>;
  /**
   * Delivers what stands at and after the positions, and then what arrives. The next call for a partition waits for the
   * promise of the one before, and little more is fetched of it until then; other partitions go on. A handler deals
   * with its own errors, and does not wait for `close` inside itself.
   */
  subscribe(
    positions: readonly ReadPosition[],
    handler: (fetched: FetchedBatches) => void | Promise<void>,
  ): Promise<Subscription>;
  offsets(topic: string, options?: OffsetsOptions): Promise<readonly PartitionOffsets[]>;
  /**
   * The offset of the first record of this time or later, in milliseconds; undefined where there is none. Absent where
   * reading costs no more than asking.
   */
  offsetAt?(of: TopicPartition, timeMs: number): Promise<number | undefined>;
  /**
   * What readers of the topic should know of its records: damaged ones, and those that were dropped to keep to its
   * limits.
   */
  notices?(topic: string): readonly string[];
  /** The committed offsets of a consumer group, by partition. */
  committed(group: string, topic: string): Promise<ReadonlyMap<number, CommittedOffset>>;
  commit(group: string, positions: readonly CommitPosition[]): Promise<void>;
  /** Removes the records before the offsets; absent where nobody asks for it. @throws BrokerError */
  deleteRecords?(before: readonly ReadPosition[]): Promise<void>;
  listGroups(): Promise<readonly string[]>;
  deleteGroup(group: string): Promise<void>;
  /**
   * Takes the right to run the queries of a service, until the broker is closed; absent where only one engine reaches
   * the broker.
   * @param engine how this engine is called to others that want the same
   * @param onWait told who is in the way, before it is waited whether that engine is gone
   * @throws BrokerError when another engine has it, or engines serve that share it
   */
  holdService?(serviceId: string, engine: string, onWait: (notice: string) => void): Promise<ServiceHold>;
  /**
   * Waits until no engine has that right for itself, so that others may share the service.
   * @param onWait told who is in the way, before it is waited whether that engine is gone
   * @throws BrokerError when there is one all the same
   */
  whenServiceFree?(serviceId: string, onWait: (notice: string) => void): Promise<void>;
  /**
   * Takes a transactional id over, from whoever had it; absent where there are no transactions.
   * @throws TransactionError
   */
  openTransactions?(transactionalId: string, options?: TransactionOptions): Promise<TransactionalProducer>;
  /**
   * Becomes a member of a group that shares tasks; absent where only one engine reaches the broker. It joins by itself,
   * and the callbacks are told.
   */
  joinGroup?(options: GroupMemberOptions, callbacks: GroupCallbacks): GroupMembership;
  /** Whether it answers within a time, in milliseconds; absent where it always does. */
  answers?(withinMs: number): Promise<boolean>;
  /** Asks it nothing any more: whatever waits for an answer fails with `closed`. */
  giveUp?(): void;
  close(): Promise<void>;
}

export type BrokerErrorCode =
  | 'topic-exists'
  | 'unknown-topic'
  | 'invalid-topic'
  | 'not-authorized'
  | 'unreachable'
  | 'closed'
  /** A file of the log cannot be written or read. */
  | 'storage'
  | 'other';

export class BrokerError extends Error {
  readonly code: BrokerErrorCode;

  constructor(message: string, code: BrokerErrorCode, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BrokerError';
    this.code = code;
  }
}
