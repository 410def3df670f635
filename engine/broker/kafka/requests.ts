import type { CommitPosition, ReadPosition } from '../broker.ts';
import { type RecordBatch, splitBatches } from '../record-batch.ts';
import type { KafkaRequest, WireReader } from './wire.ts';

/**
 * The requests that the path of records needs, in the newest versions that Kafka 2.3 and later, Redpanda and the like
 * share. What is asked for once in a while goes through kafkajs.
 */

const READ_UNCOMMITTED = 0;
const READ_COMMITTED = 1;
const CONSUMER = -1;

export interface ClusterMetadata {
  readonly clusterId: string;
  readonly brokers: readonly { readonly id: number; readonly host: string; readonly port: number }[];
  readonly topics: readonly {
    readonly code: number;
    readonly name: string;
    readonly isInternal: boolean;
    readonly partitions: readonly {
      readonly code: number;
      readonly partition: number;
      readonly leader: number;
      readonly replicas: number;
    }[];
  }[];
}

/** @param topics null: all of them */
export function metadataRequest(topics: readonly string[] | null): KafkaRequest<ClusterMetadata> {
  return {
    apiKey: 3,
    version: 5,
    encode(writer) {
      if (topics === null) writer.int32(-1);
      else writer.array(topics, (name) => writer.string(name));
      writer.int8(0);
    },
    decode(reader) {
      reader.int32();
      const brokers = reader.array(() => {
        const broker = { id: reader.int32(), host: reader.string(), port: reader.int32() };
        reader.nullableString();
        return broker;
      });
      const clusterId = reader.string();
      reader.int32();
      const decoded = reader.array(() => ({
        code: reader.int16(),
        name: reader.string(),
        isInternal: reader.int8() !== 0,
        partitions: reader.array(() => decodePartitionMetadata(reader)),
      }));
      return { clusterId, brokers, topics: decoded };
    },
  };
}

function decodePartitionMetadata(reader: WireReader): ClusterMetadata['topics'][number]['partitions'][number] {
  const head = { code: reader.int16(), partition: reader.int32(), leader: reader.int32() };
  const replicas = reader.array(() => reader.int32()).length;
  reader.array(() => reader.int32());
  reader.array(() => reader.int32());
  return { ...head, replicas };
}

/** Groups what belongs to one topic, as most requests want it. */
export function byTopic<T extends { readonly topic: string }>(items: readonly T[]): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(item.topic);
    if (group === undefined) groups.set(item.topic, [item]);
    else group.push(item);
  }
  return [...groups];
}

export interface FetchOptions {
  readonly maxWaitMs: number;
  readonly maxBytes: number;
  readonly maxPartitionBytes: number;
  /** Whether records of transactions are read before they are committed. */
  readonly readsUncommitted?: boolean | undefined;
}

export interface FetchedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly code: number;
  /** Views on the answer's bytes; batches of aborted transactions are hidden. */
  readonly batches: readonly RecordBatch[];
  /** To be called once nobody reads them any more, so that the bytes are used again. */
  readonly release?: () => void;
}

export function fetchRequest(
  positions: readonly ReadPosition[],
  options: FetchOptions,
): KafkaRequest<FetchedPartition[]> {
  return {
    apiKey: 1,
    version: 11,
    encode(writer) {
      writer.int32(CONSUMER).int32(options.maxWaitMs).int32(1).int32(options.maxBytes);
      writer.int8(options.readsUncommitted ? READ_UNCOMMITTED : READ_COMMITTED);
      // No fetch session.
      writer.int32(0).int32(-1);
      writer.array(byTopic(positions), ([topic, partitions]) =>
        writer
          .string(topic)
          .array(partitions, ({ partition, offset }) =>
            writer.int32(partition).int32(-1).int64(offset).int64(-1).int32(options.maxPartitionBytes),
          ),
      );
      writer.int32(0).string('');
    },
    decode(reader, release) {
      reader.int32();
      const code = reader.int16();
      reader.int32();
      const fetched = reader.array(() => {
        const topic = reader.string();
        return reader.array(() => decodeFetchedPartition(reader, topic));
      });
      if (code === 0) return sharing(fetched.flat(), release);
      return positions.map(({ topic, partition }) => ({ topic, partition, code, batches: [] }));
    },
  };
}

/** The bytes of an answer are released when each of its partitions has been. */
function sharing(fetched: readonly FetchedPartition[], release: () => void): FetchedPartition[] {
  const holding = new Set(fetched.filter(({ batches }) => batches.length > 0));
  if (holding.size === 0) release();
  return fetched.map((each) => ({
    ...each,
    release: () => {
      if (holding.delete(each) && holding.size === 0) release();
    },
  }));
}

interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

function decodeFetchedPartition(reader: WireReader, topic: string): FetchedPartition {
  const partition = reader.int32();
  const code = reader.int16();
  reader.int64();
  reader.int64();
  reader.int64();
  const aborted = reader.array(() => ({ producerId: reader.int64(), firstOffset: reader.int64() }));
  reader.int32();
  const batches = splitBatches(reader.bytes());
  if (aborted.length > 0) hideAborted(batches, aborted);
  return { topic, partition, code, batches };
}

/** A transaction's batches reach from its first offset to the control batch of its producer that ends it. */
function hideAborted(batches: readonly RecordBatch[], aborted: readonly AbortedTransaction[]): void {
  const upcoming = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset);
  const producers = new Set<number>();
  for (const batch of batches) {
    while (upcoming.length > 0 && upcoming[0]!.firstOffset <= batch.lastOffset)
      producers.add(upcoming.shift()!.producerId);
    if (batch.isControl) producers.delete(batch.producerId);
    else if (batch.isTransactional && producers.has(batch.producerId)) batch.hide();
  }
}

export interface Produced {
  readonly code: number;
  readonly offset: number;
}

/**
 * Appends one batch, on all replicas that are in sync.
 * @param transactionalId whose transaction it belongs to, which knows of the partition
 */
export function produceRequest(
  topic: string,
  partition: number,
  batch: RecordBatch,
  timeoutMs: number,
  transactionalId: string | null = null,
): KafkaRequest<Produced> {
  return {
    apiKey: 0,
    version: 7,
    encode: (writer) =>
      writer
        .string(transactionalId)
        .int16(-1)
        .int32(timeoutMs)
        .int32(1)
        .string(topic)
        .int32(1)
        .int32(partition)
        .int32(batch.sizeBytes),
    payload: batch.bytes,
    decode(reader) {
      const [produced] = reader
        .array(() => {
          reader.string();
          return reader.array(() => {
            reader.int32();
            const result = { code: reader.int16(), offset: reader.int64() };
            reader.int64();
            reader.int64();
            return result;
          });
        })
        .flat();
      return produced!;
    },
  };
}

export interface ListedOffset {
  readonly partition: number;
  readonly code: number;
  readonly offset: number;
}

/** The first offset of partitions of a topic, or the one behind the last record that readers may see. */
export function listOffsetsRequest(
  topic: string,
  partitions: readonly number[],
  end: 'earliest' | 'latest' | { readonly timeMs: number },
  readsUncommitted = false,
): KafkaRequest<ListedOffset[]> {
  const timestamp = end === 'earliest' ? -2 : end === 'latest' ? -1 : end.timeMs;
  return {
    apiKey: 2,
    version: 2,
    encode(writer) {
      writer
        .int32(CONSUMER)
        .int8(readsUncommitted ? READ_UNCOMMITTED : READ_COMMITTED)
        .int32(1)
        .string(topic);
      writer.array(partitions, (partition) => writer.int32(partition).int64(timestamp));
    },
    decode(reader) {
      reader.int32();
      return reader
        .array(() => {
          reader.string();
          return reader.array(() => {
            const head = { partition: reader.int32(), code: reader.int16() };
            reader.int64();
            return { ...head, offset: reader.int64() };
          });
        })
        .flat();
    },
  };
}

export interface Coordinator {
  readonly code: number;
  readonly words: string | null;
  readonly host: string;
  readonly port: number;
}

/** What a broker is responsible for: the offsets and members of a consumer group, or the transactions of an id. */
export interface CoordinatorKey {
  readonly kind: 'group' | 'transaction';
  readonly id: string;
}

/** Which broker that is. */
export function findCoordinatorRequest({ kind, id }: CoordinatorKey): KafkaRequest<Coordinator> {
  return {
    apiKey: 10,
    version: 1,
    encode: (writer) => writer.string(id).int8(kind === 'group' ? 0 : 1),
    decode(reader) {
      reader.int32();
      const head = { code: reader.int16(), words: reader.nullableString() };
      reader.int32();
      return { ...head, host: reader.string(), port: reader.int32() };
    },
  };
}

/** The error codes of the partitions that an answer lists by topic. */
export function partitionCodes(reader: WireReader): number[] {
  const codes = reader.array(() => {
    reader.string();
    return reader.array(() => {
      reader.int32();
      return reader.int16();
    });
  });
  return codes.flat();
}

/** Commits offsets of a group without being a member of it. Gives the first error code, or 0. */
export function offsetCommitRequest(group: string, positions: readonly CommitPosition[]): KafkaRequest<number> {
  return {
    apiKey: 8,
    version: 2,
    encode(writer) {
      writer.string(group).int32(-1).string('').int64(-1);
      writer.array(byTopic(positions), ([topic, partitions]) =>
        writer
          .string(topic)
          .array(partitions, ({ partition, offset, note = '' }) => writer.int32(partition).int64(offset).string(note)),
      );
    },
    decode(reader) {
      return partitionCodes(reader).find((code) => code !== 0) ?? 0;
    },
  };
}

export interface CommittedOffsets {
  readonly code: number;
  /** -1 where the group has committed nothing. */
  readonly offsets: readonly { readonly partition: number; readonly offset: number; readonly note: string }[];
}

export function offsetFetchRequest(
  group: string,
  topic: string,
  partitions: readonly number[],
): KafkaRequest<CommittedOffsets> {
  return {
    apiKey: 9,
    version: 2,
    encode(writer) {
      writer.string(group).int32(1).string(topic);
      writer.array(partitions, (partition) => writer.int32(partition));
    },
    decode(reader) {
      const offsets = reader.array(() => {
        reader.string();
        return reader.array(() => {
          const entry = { partition: reader.int32(), offset: reader.int64(), note: reader.string() };
          reader.int16();
          return entry;
        });
      });
      return { code: reader.int16(), offsets: offsets.flat() };
    },
  };
}

/** Which request that is, and in which version; not all that speak Kafka's protocol know it. */
export const DELETE_RECORDS = { apiKey: 21, version: 1 } as const;

/** Removes the records of a partition before an offset. Gives the error code. */
export function deleteRecordsRequest(
  { topic, partition, offset }: ReadPosition,
  timeoutMs: number,
): KafkaRequest<number> {
  return {
    ...DELETE_RECORDS,
    encode(writer) {
      writer.int32(1).string(topic).int32(1).int32(partition).int64(offset).int32(timeoutMs);
    },
    decode(reader) {
      reader.int32();
      const codes = reader.array(() => {
        reader.string();
        return reader.array(() => {
          reader.int32();
          reader.int64();
          return reader.int16();
        });
      });
      return codes.flat()[0]!;
    },
  };
}
