import { describe, expect, test } from 'vitest';
import { BrokerError } from '../../../../../engine/broker/broker.ts';
import { KAFKA_ERROR } from '../../../../../engine/broker/kafka/broker-errors.ts';
import { KafkaTransactionalProducer } from '../../../../../engine/broker/kafka/transactions/kafka-transactional-producer.ts';
import type { TransactionRequests } from '../../../../../engine/broker/kafka/transactions/transaction-requests.ts';
import { VirtualClock } from '../../../../support/virtual-clock.ts';
import { batchOf } from '../../broker-contract.ts';

const { none } = KAFKA_ERROR;
const unreachable = () => new BrokerError('Kafka broker x: it is gone', 'unreachable');

/** Answers from lists, by question; when a list is used up all is well. */
class Answers implements TransactionRequests {
  readonly asked: string[] = [];
  readonly answers: Record<string, (number | BrokerError)[]> = {};
  isNew = false;
  epoch = 0;

  async addsByItself(): Promise<boolean> {
    return this.isNew;
  }

  async initProducer(_id: string, _timeoutMs: number, current?: { epoch: number }) {
    const code = this.#answer(current === undefined ? 'init' : `init ${current.epoch}`, 'init');
    return { code, producerId: 7, epoch: ++this.epoch };
  }

  async addPartitions(_id: string, _producer: unknown, partitions: readonly { partition: number }[]) {
    return this.#answer(`add ${partitions.map(({ partition }) => partition).join('+')}`, 'add');
  }

  async addGroup() {
    return this.#answer('group', 'group');
  }

  async produce(_id: string, _topic: string, partition: number, batch: { bytes: Uint8Array; count: number }) {
    const view = new DataView(batch.bytes.buffer);
    const place = `${partition}: ${view.getInt16(51)}/${view.getInt32(53)}+${batch.count}`;
    return { code: this.#answer(`produce ${place}`, 'produce'), offset: view.getInt32(53) };
  }

  async commitOffsets() {
    return this.#answer('offsets', 'offsets');
  }

  async end(_id: string, producer: { producerId: number; epoch: number }, isCommit: boolean) {
    const code = this.#answer(isCommit ? 'commit' : 'abort', 'end');
    return { code, ...producer, epoch: this.isNew ? ++this.epoch : producer.epoch };
  }

  #answer(question: string, kind: string): number {
    this.asked.push(question);
    const answer = this.answers[kind]?.shift() ?? none;
    if (answer instanceof BrokerError) throw answer;
    return answer;
  }
}

async function opened(isNew = false) {
  const [requests, clock] = [new Answers(), new VirtualClock()];
  requests.isNew = isNew;
  const producer = await KafkaTransactionalProducer.open('id', requests, {}, clock);
  await producer.begin();
  requests.asked.length = 0;
  return { requests, clock, producer };
}

describe('a transactional producer', () => {
  test('adds partitions that are asked for at once by one question, and each once', async () => {
    const { requests, producer } = await opened();
    await Promise.all([0, 1, 2].map((partition) => producer.produce('t', partition, [batchOf('a', 'b')])));
    await producer.produce('t', 1, [batchOf('c')]);
    await producer.sendOffsets({ group: 'g', generation: 1, memberId: 'm' }, [{ topic: 's', partition: 0, offset: 1 }]);
    await producer.commit();
    expect(requests.asked).toEqual([
      'add 0+1+2',
      ...[0, 1, 2].map((partition) => `produce ${partition}: 1/0+2`),
      'produce 1: 1/2+1',
      'group',
      'offsets',
      'commit',
    ]);
  });

  test('leaves adding to brokers that do it, and begins to count anew with each epoch', async () => {
    const { requests, producer } = await opened(true);
    await producer.produce('t', 0, [batchOf('a'), batchOf('b')]);
    await producer.commit();
    await producer.begin();
    await producer.produce('t', 0, [batchOf('c')]);
    await producer.abort();
    expect(requests.asked).toEqual(['produce 0: 1/0+1', 'produce 0: 1/1+1', 'commit', 'produce 0: 2/0+1', 'abort']);
  });

  test('asks nothing for a transaction with nothing in it', async () => {
    const { requests, producer } = await opened();
    await producer.commit();
    await producer.begin();
    await producer.abort();
    expect(requests.asked).toEqual([]);
  });

  test('asks again what is refused for a while or not answered, under the same numbers', async () => {
    const { requests, clock, producer } = await opened();
    const { notLeader, notCoordinator, concurrentTransactions, duplicateSequence } = KAFKA_ERROR;
    requests.answers['add'] = [concurrentTransactions, unreachable()];
    requests.answers['produce'] = [none, unreachable(), KAFKA_ERROR.outOfOrderSequence, none, notLeader];
    const written = producer.produce(
      't',
      0,
      ['a', 'b', 'c'].map((value) => batchOf(value)),
    );
    expect(await clock.until(written)).toBe(0);
    const again = requests.asked.filter((question) => question.startsWith('produce'));
    // b was not answered, c is refused since b is not there; then b arrives and c is tried once more.
    expect(again.map((question) => question.slice(-3))).toEqual(['0+1', '1+1', '2+1', '1+1', '2+1', '2+1']);
    requests.answers['produce'] = [unreachable(), duplicateSequence];
    await clock.until(producer.produce('t', 0, [batchOf('d')]));
    requests.answers['end'] = [notCoordinator, unreachable(), none];
    await clock.until(producer.commit());
    expect(requests.asked.slice(-3)).toEqual(['commit', 'commit', 'commit']);
  });

  test('gives up after a while, and takes a new epoch so that nothing late comes into the next one', async () => {
    const { requests, clock, producer } = await opened();
    requests.answers['produce'] = Array.from({ length: 1000 }, unreachable);
    const failed = producer.produce('t', 0, [batchOf('a')]);
    await expect(clock.until(failed)).rejects.toMatchObject({
      consequence: 'abort',
      message: expect.stringMatching(/topic 't'.*not done within 120 s.*it is gone/),
    });
    expect(clock.nowMs()).toBeGreaterThanOrEqual(120_000);
    await expect(producer.commit()).rejects.toMatchObject({ consequence: 'abort' });
    requests.answers['produce'] = [];
    await producer.abort();
    expect(requests.asked.slice(-2)).toEqual(['abort', 'init 1']);
    await producer.begin();
    await producer.produce('t', 0, [batchOf('b')]);
    expect(requests.asked.at(-1)).toBe('produce 0: 2/0+1');
  });

  test.each([
    ['offsets', KAFKA_ERROR.illegalGeneration, 'rejoin'],
    ['offsets', KAFKA_ERROR.unknownMemberId, 'rejoin'],
    ['offsets', KAFKA_ERROR.fencedInstanceId, 'rejoin'],
    ['offsets', KAFKA_ERROR.producerFenced, 'fenced'],
    ['offsets', 30, 'abort'],
    ['offsets', 120, 'abort'],
    ['end', KAFKA_ERROR.producerFenced, 'fenced'],
    ['end', KAFKA_ERROR.invalidTransactionState, 'fenced'],
    ['end', KAFKA_ERROR.unknownServerError, 'fenced'],
    ['end', KAFKA_ERROR.transactionalIdAuthorizationFailed, 'fatal'],
  ] as const)('says what is left to do when %s gets error %i: %s', async (step, code, consequence) => {
    const { requests, producer } = await opened();
    requests.answers[step] = [code];
    const group = { group: 'g', generation: 1, memberId: 'm' };
    const work = producer.sendOffsets(group, [{ topic: 's', partition: 0, offset: 1 }]).then(() => producer.commit());
    await expect(work).rejects.toMatchObject({ name: 'TransactionError', consequence });
    const isOver = consequence === 'fenced' || consequence === 'fatal';
    if (isOver) await expect(producer.abort()).rejects.toMatchObject({ consequence });
    else await producer.abort();
    const next = producer.begin();
    if (isOver) await expect(next).rejects.toMatchObject({ consequence });
    else await next;
  });

  test('a commit without an answer may have been one: the producer is at its end', async () => {
    const { requests, clock, producer } = await opened();
    await producer.produce('t', 0, [batchOf('a')]);
    requests.answers['end'] = Array.from({ length: 1000 }, unreachable);
    await expect(clock.until(producer.commit())).rejects.toMatchObject({ consequence: 'fenced' });
    await expect(producer.begin()).rejects.toMatchObject({ consequence: 'fenced' });
  });
});
