import { BrokerError } from '../broker.ts';
import type { MemoryBroker } from '../embedded/memory-broker.ts';
import type { PartitionLog } from '../embedded/topic-log.ts';
import { RecordBatch } from '../record-batch.ts';
import { type Client, type Route, route } from './protocol/api-route.ts';
import { ERROR } from './protocol/error-codes.ts';
import type { ReadOf } from './protocol/fields.ts';
import { FETCH, type FetchedTopics, type FetchRequest, LIST_OFFSETS } from './protocol/record-messages.ts';

const READ_COMMITTED = 1;
/** What one answer holds at most, whatever a client asks for. */
const MAX_ANSWER_BYTES = 50 * 1024 * 1024;
/** As long as an answer may wait for records. */
const MAX_WAIT_MS = 60_000;

/** The times that stand for an end of a partition (ListOffsets). */
const LATEST = -1;
const EARLIEST = -2;
const MAX_TIMESTAMP = -3;

type RequestedPartition = FetchRequest['topics'][number]['partitions'][number];
type FetchedPartition = FetchedTopics[number]['partitions'][number];
type ListOffsetsRequest = ReadOf<(typeof LIST_OFFSETS)['request']>;

/** Gives consumers what they read. */
export class Fetching {
  readonly routes: readonly Route[];
  readonly #broker: MemoryBroker;

  constructor(broker: MemoryBroker) {
    this.#broker = broker;
    this.routes = [
      route(FETCH, (request, client) => this.#fetch(request, client)),
      route(LIST_OFFSETS, (request) => this.#listOffsets(request)),
    ];
  }

  async #fetch(request: FetchRequest, { signal }: Client) {
    // There are no sessions: a client that asks for one is given none, and tells all its partitions each time.
    if (request.sessionId !== 0) return { errorCode: ERROR.fetchSessionIdNotFound, topics: [] };
    const untilMs = performance.now() + Math.min(Math.max(request.maxWaitMs, 0), MAX_WAIT_MS);
    for (;;) {
      const found = this.#collect(request);
      const leftMs = untilMs - performance.now();
      if (found.isAtOnce || found.bytes >= request.minBytes || leftMs <= 0 || signal.aborted)
        return { topics: found.topics };
      await this.#moreToRead(request, leftMs, signal);
    }
  }

  /** What there is now. Errors are told at once. */
  #collect({ topics, maxBytes, isolationLevel }: FetchRequest) {
    let bytes = 0;
    let isAtOnce = false;
    const most = Math.min(maxBytes, MAX_ANSWER_BYTES);
    const collected = topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((partition) => {
        const answer = this.#read(name, partition, most - bytes, isolationLevel === READ_COMMITTED);
        bytes += answer.records.reduce((sum, { length }) => sum + length, 0);
        isAtOnce ||= answer.errorCode !== ERROR.none;
        return answer;
      }),
    }));
    return { topics: collected, bytes, isAtOnce };
  }

  #read(
    topic: string,
    { index, fetchOffset, maxBytes }: RequestedPartition,
    leftBytes: number,
    isCommitted: boolean,
  ): FetchedPartition {
    const failed = (errorCode: number, log?: PartitionLog) => ({
      index,
      errorCode,
      highWatermark: log?.latest ?? -1,
      lastStableOffset: log?.lastStable ?? -1,
      logStartOffset: log?.earliest ?? -1,
      abortedTransactions: null,
      records: [],
    });
    try {
      const log = this.#broker.log(topic, index);
      if (fetchOffset < log.earliest || fetchOffset > log.latest) return failed(ERROR.offsetOutOfRange, log);
      const batches = leftBytes <= 0 ? [] : log.read(fetchOffset, Math.min(maxBytes, leftBytes));
      const { lastStable } = log;
      if (isCommitted) while (batches.length > 0 && batches.at(-1)!.lastOffset >= lastStable) batches.pop();
      const answer = { ...failed(ERROR.none, log), records: joined(batches) };
      if (!isCommitted) return answer;
      const end = (batches.at(-1)?.lastOffset ?? fetchOffset - 1) + 1;
      return { ...answer, abortedTransactions: log.producers.abortedBetween(fetchOffset, end) };
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      return failed(error.code === 'unknown-topic' ? ERROR.unknownTopicOrPartition : ERROR.storage);
    }
  }

  /** Resolves when one of the partitions has got more, or it is of no more use. */
  #moreToRead({ topics }: FetchRequest, timeoutMs: number, signal: AbortSignal): Promise<void> {
    const asked = new Set(topics.flatMap(({ name, partitions }) => partitions.map(({ index }) => `${name}/${index}`)));
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        unwatch();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      const unwatch = this.#broker.watch((topic, partition) => {
        if (asked.has(`${topic}/${partition}`)) done();
      });
      signal.addEventListener('abort', done);
    });
  }

  #listOffsets({ topics, isolationLevel }: ListOffsetsRequest) {
    const isCommitted = isolationLevel === READ_COMMITTED;
    return {
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ index, timestamp }) => {
          try {
            const found = offsetAt(this.#broker.log(name, index), timestamp, isCommitted);
            return { index, errorCode: ERROR.none, ...found };
          } catch (error) {
            if (!(error instanceof BrokerError)) throw error;
            const isUnknown = error.code === 'unknown-topic';
            return { index, errorCode: isUnknown ? ERROR.unknownTopicOrPartition : ERROR.storage };
          }
        }),
      })),
    };
  }
}

/** The offset that a time, or what stands for an end, leads to; nothing where all records are older. */
function offsetAt(log: PartitionLog, timeMs: number, isCommitted: boolean): { offset?: number; timestamp?: number } {
  if (timeMs === LATEST) return { offset: isCommitted ? log.lastStable : log.latest };
  if (timeMs === EARLIEST) return { offset: log.earliest };
  const found = log.firstSince(timeMs === MAX_TIMESTAMP ? log.maxTimeMs : timeMs);
  if (found === undefined || (isCommitted && found.offset >= log.lastStable)) return {};
  return { offset: found.offset, timestamp: found.timeMs };
}

/** The bytes of batches, in as few pieces as they stand in. */
function joined(batches: readonly RecordBatch[]): Uint8Array[] {
  if (batches.some(({ isStamped }) => isStamped)) return [withoutStamps(batches)];
  const pieces: Uint8Array[] = [];
  for (const { bytes } of batches) {
    const last = pieces.at(-1);
    if (last !== undefined && last.buffer === bytes.buffer && last.byteOffset + last.length === bytes.byteOffset)
      pieces[pieces.length - 1] = new Uint8Array(last.buffer, last.byteOffset, last.length + bytes.length);
    else pieces.push(bytes);
  }
  return pieces;
}

/** A copy of batches of a log that is kept in files, without what only the files need. */
function withoutStamps(batches: readonly RecordBatch[]): Uint8Array {
  const copy = Buffer.concat(batches.map(({ bytes }) => bytes));
  let at = 0;
  for (const { sizeBytes } of batches) {
    new RecordBatch(copy.subarray(at, at + sizeBytes)).removeStamp();
    at += sizeBytes;
  }
  return copy;
}
