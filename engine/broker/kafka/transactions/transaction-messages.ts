import type { CommitPosition, GroupMetadata, TopicPartition } from '../../broker.ts';
import type { ProducerIdentity } from '../../producer-stamp.ts';
import type { RecordBatch } from '../../record-batch.ts';
import { KAFKA_ERROR } from '../broker-errors.ts';
import { byTopic, type Produced, partitionCodes } from '../requests.ts';
import { type KafkaRequest, type WireReader, WireWriter } from '../wire.ts';
import type { GivenProducer } from './transaction-requests.ts';

/**
 * The requests of Kafka's transactions that KIP-890 has changed: the version of Kafka 2.5, and the one where partitions
 * and groups are added by the brokers.
 */
export const PRODUCE = { apiKey: 0, addingVersion: 12 } as const;
export const TXN_OFFSET_COMMIT = { apiKey: 28, version: 3, addingVersion: 5 } as const;
export const END_TXN = { apiKey: 26, version: 1, addingVersion: 5 } as const;

const NO_PRODUCER: ProducerIdentity = { producerId: -1, epoch: -1 };

export function initProducerRequest(
  transactionalId: string,
  timeoutMs: number,
  { producerId, epoch }: ProducerIdentity = NO_PRODUCER,
): KafkaRequest<GivenProducer> {
  return {
    apiKey: 22,
    version: 3,
    isFlexible: true,
    encode: (writer) => writer.compactString(transactionalId).int32(timeoutMs).int64(producerId).int16(epoch).noTags(),
    decode(reader) {
      reader.int32();
      return { code: reader.int16(), producerId: reader.int64(), epoch: reader.int16() };
    },
  };
}

/** Gives the first error code, or 0. */
export function addPartitionsRequest(
  transactionalId: string,
  { producerId, epoch }: ProducerIdentity,
  partitions: readonly TopicPartition[],
): KafkaRequest<number> {
  return {
    apiKey: 24,
    version: 1,
    encode: (writer) =>
      writer
        .string(transactionalId)
        .int64(producerId)
        .int16(epoch)
        .array(byTopic(partitions), ([topic, ofTopic]) =>
          writer.string(topic).array(ofTopic, ({ partition }) => writer.int32(partition)),
        ),
    decode(reader) {
      reader.int32();
      return firstError(partitionCodes(reader));
    },
  };
}

/** One refused partition has the others not tried, which is not the reason. */
const firstError = (codes: readonly number[]): number =>
  codes.find((code) => code !== KAFKA_ERROR.none && code !== KAFKA_ERROR.operationNotAttempted) ??
  codes.find((code) => code !== KAFKA_ERROR.none) ??
  KAFKA_ERROR.none;

export function addGroupRequest(
  transactionalId: string,
  { producerId, epoch }: ProducerIdentity,
  group: string,
): KafkaRequest<number> {
  return {
    apiKey: 25,
    version: 1,
    encode: (writer) => writer.string(transactionalId).int64(producerId).int16(epoch).string(group),
    decode(reader) {
      reader.int32();
      return reader.int16();
    },
  };
}

/**
 * Gives the first error code, or 0.
 * @param addsByItself whether the coordinator of the group is to make it part of the transaction
 */
export function txnOffsetCommitRequest(
  transactionalId: string,
  { producerId, epoch }: ProducerIdentity,
  { group, generation, memberId, instanceId }: GroupMetadata,
  positions: readonly CommitPosition[],
  addsByItself: boolean,
): KafkaRequest<number> {
  return {
    apiKey: TXN_OFFSET_COMMIT.apiKey,
    version: addsByItself ? TXN_OFFSET_COMMIT.addingVersion : TXN_OFFSET_COMMIT.version,
    isFlexible: true,
    encode(writer) {
      writer.compactString(transactionalId).compactString(group).int64(producerId).int16(epoch);
      writer
        .int32(generation)
        .compactString(memberId)
        .compactString(instanceId ?? null);
      writer.compactArray(byTopic(positions), ([topic, ofTopic]) => {
        writer.compactString(topic).compactArray(ofTopic, ({ partition, offset, note = '' }) => {
          writer.int32(partition).int64(offset).int32(NO_EPOCH).compactString(note).noTags();
        });
        writer.noTags();
      });
      writer.noTags();
    },
    decode(reader) {
      reader.int32();
      const codes = reader.compactArray(() => {
        reader.compactString();
        const ofTopic = reader.compactArray(() => {
          reader.int32();
          const code = reader.int16();
          reader.tags();
          return code;
        });
        reader.tags();
        return ofTopic;
      });
      return firstError(codes.flat());
    },
  };
}

/** What stands for the epoch of a partition's leader that is not known. */
const NO_EPOCH = -1;

/** @param addsByItself whether the answer is to hold the identity for the next transaction */
export function endTxnRequest(
  transactionalId: string,
  producer: ProducerIdentity,
  isCommit: boolean,
  addsByItself: boolean,
): KafkaRequest<GivenProducer> {
  const { producerId, epoch } = producer;
  const given = isCommit ? 1 : 0;
  if (!addsByItself) {
    return {
      apiKey: END_TXN.apiKey,
      version: END_TXN.version,
      encode: (writer) => writer.string(transactionalId).int64(producerId).int16(epoch).int8(given),
      decode(reader) {
        reader.int32();
        return { ...producer, code: reader.int16() };
      },
    };
  }
  return {
    apiKey: END_TXN.apiKey,
    version: END_TXN.addingVersion,
    isFlexible: true,
    encode: (writer) => writer.compactString(transactionalId).int64(producerId).int16(epoch).int8(given).noTags(),
    decode(reader) {
      reader.int32();
      return { code: reader.int16(), producerId: reader.int64(), epoch: reader.int16() };
    },
  };
}

/** Appends one batch, which the leader makes part of the transaction by itself (KIP-890). */
export function addingProduceRequest(
  transactionalId: string,
  topic: string,
  partition: number,
  batch: RecordBatch,
  timeoutMs: number,
): KafkaRequest<Produced> {
  return {
    apiKey: PRODUCE.apiKey,
    version: PRODUCE.addingVersion,
    isFlexible: true,
    encode: (writer) =>
      writer
        .compactString(transactionalId)
        .int16(ALL_IN_SYNC)
        .int32(timeoutMs)
        .unsignedVarint(ONE)
        .compactString(topic)
        .unsignedVarint(ONE)
        .int32(partition)
        .unsignedVarint(batch.sizeBytes + 1),
    payload: batch.bytes,
    // The partition, the topic and the request.
    tail: new WireWriter().noTags().noTags().noTags().taken(),
    decode: decodeProduced,
  };
}

const ALL_IN_SYNC = -1;
/** The length of a compact array with one item. */
const ONE = 2;

function decodeProduced(reader: WireReader): Produced {
  const [produced] = reader
    .compactArray(() => {
      reader.compactString();
      const ofTopic = reader.compactArray(() => {
        reader.int32();
        const result = { code: reader.int16(), offset: reader.int64() };
        reader.int64();
        reader.int64();
        reader.compactArray(() => {
          reader.int32();
          reader.compactNullableString();
          reader.tags();
        });
        reader.compactNullableString();
        reader.tags();
        return result;
      });
      reader.tags();
      return ofTopic;
    })
    .flat();
  return produced!;
}
