import { BrokerError } from '../broker.ts';
import type { MemoryBroker } from '../embedded/memory-broker.ts';
import type { RecordBatch } from '../record-batch.ts';
import { type Route, route } from './protocol/api-route.ts';
import { ERROR } from './protocol/error-codes.ts';
import type { ReadOf } from './protocol/fields.ts';
import { PRODUCE } from './protocol/record-messages.ts';
import { batchOfProducer, type RecordFault } from './record-check.ts';
import { MAX_MESSAGE_BYTES } from './topic-settings.ts';

/** Whether records of a transaction may be written; the code of what is in the way, or 0. */
export type TransactionCheck = (
  transactionalId: string | null,
  batch: RecordBatch,
  topic: string,
  partition: number,
) => number;

type ProduceRequest = ReadOf<(typeof PRODUCE)['request']>;
type PartitionData = ProduceRequest['topics'][number]['partitions'][number];

interface Written {
  readonly baseOffset: number;
  readonly logAppendTimeMs: number;
}

const VERDICT_CODES = {
  'out-of-order': ERROR.outOfOrderSequenceNumber,
  'old-epoch': ERROR.invalidProducerEpoch,
} as const;

/** Takes what producers send. */
export class Producing {
  readonly routes: readonly Route[];
  readonly #broker: MemoryBroker;
  readonly #checkTransaction: TransactionCheck;

  constructor(broker: MemoryBroker, checkTransaction: TransactionCheck) {
    this.#broker = broker;
    this.#checkTransaction = checkTransaction;
    this.routes = [route(PRODUCE, (request) => this.#produce(request))];
  }

  async #produce({ topics, acks, transactionalId }: ProduceRequest) {
    const answered = await Promise.all(
      topics.map(async ({ name, partitions }) => {
        const config = (await this.#broker.describeTopic(name))?.config ?? {};
        const answers = partitions.map((data) => this.#writePartition(name, data, config, transactionalId));
        return { name, partitions: await Promise.all(answers) };
      }),
    );
    return acks === 0 ? undefined : { topics: answered };
  }

  async #writePartition(
    topic: string,
    { index, records }: PartitionData,
    config: Readonly<Record<string, string>>,
    transactionalId: string | null,
  ) {
    const fault = (errorCode: number, errorMessage: string | null = null) => ({
      index,
      errorCode,
      baseOffset: -1,
      errorMessage,
    });
    try {
      const written = await this.#write(topic, index, records ?? new Uint8Array(), config, transactionalId);
      return 'errorCode' in written
        ? fault(written.errorCode, written.message)
        : { index, errorCode: ERROR.none, ...written, logStartOffset: this.#broker.log(topic, index).earliest };
    } catch (error) {
      if (error instanceof BrokerError && error.code === 'unknown-topic') return fault(ERROR.unknownTopicOrPartition);
      if (error instanceof BrokerError && error.code === 'storage') return fault(ERROR.storage, error.message);
      throw error;
    }
  }

  /** Looks and appends in one go: nothing may come between the look at a producer's sequence and the appending. */
  async #write(
    topic: string,
    partition: number,
    bytes: Uint8Array,
    config: Readonly<Record<string, string>>,
    transactionalId: string | null,
  ): Promise<Written | RecordFault> {
    const log = this.#broker.log(topic, partition);
    const maxBytes = Number(config['max.message.bytes'] ?? MAX_MESSAGE_BYTES);
    if (bytes.length > maxBytes)
      return {
        errorCode: ERROR.messageTooLarge,
        message: `The record batch has ${bytes.length} bytes; topic '${topic}' takes ${maxBytes} (max.message.bytes).`,
      };
    const batch = batchOfProducer(bytes, config['cleanup.policy']?.includes('compact') === true);
    if ('errorCode' in batch) return batch;
    const refusal = batch.isTransactional ? this.#checkTransaction(transactionalId, batch, topic, partition) : 0;
    if (refusal !== 0) return { errorCode: refusal, message: 'The transaction does not include this partition now.' };
    if (batch.producerId >= 0) {
      const verdict = log.producers.check(batch);
      if (verdict.kind === 'duplicate') {
        await log.settled();
        return { baseOffset: verdict.firstOffset, logAppendTimeMs: -1 };
      }
      if (verdict.kind !== 'append')
        return {
          errorCode: VERDICT_CODES[verdict.kind],
          message: `Producer ${batch.producerId}, epoch ${batch.producerEpoch}: ${verdict.kind}.`,
        };
    }
    const isAppendTime = config['message.timestamp.type'] === 'LogAppendTime';
    const nowMs = Date.now();
    if (isAppendTime) batch.stampAppendTime(nowMs);
    const baseOffset = await this.#broker.append(topic, partition, [batch]);
    return { baseOffset, logAppendTimeMs: isAppendTime ? nowMs : -1 };
  }
}
