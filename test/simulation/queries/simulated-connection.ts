import { type ApiVersions, askVersions } from '../../../engine/broker/kafka/api-versions.ts';
import type { BrokerConnection } from '../../../engine/broker/kafka/cluster.ts';
import { decodeAnswer, encodeFrame } from '../../../engine/broker/kafka/connection.ts';
import type { KafkaRequest } from '../../../engine/broker/kafka/wire.ts';
import { type Line, unreachable } from './network.ts';

/** What stands before a request or an answer. */
const SIZE_BYTES = 4;
/** How long it takes the broker to find out that a connection has broken. */
const NOTICED_MS = 300;

/** Kafka's names of requests, for who reads what has happened. */
const NAMES: Readonly<Record<number, string>> = {
  0: 'Produce',
  3: 'Metadata',
  8: 'OffsetCommit',
  9: 'OffsetFetch',
  10: 'FindCoordinator',
  11: 'JoinGroup',
  12: 'Heartbeat',
  13: 'LeaveGroup',
  14: 'SyncGroup',
  18: 'ApiVersions',
  22: 'InitProducerId',
  24: 'AddPartitionsToTxn',
  25: 'AddOffsetsToTxn',
  26: 'EndTxn',
  28: 'TxnOffsetCommit',
};

const inShort = (answer: unknown): string =>
  JSON.stringify(answer, (_, value) => (Buffer.isBuffer(value) ? undefined : value)).slice(0, 200);

interface BreakOptions {
  /** The broker finds it out within so many milliseconds. */
  readonly noticedMs: number;
  /** Whether what is on its way to the broker arrives. */
  readonly delivers: boolean;
}

/**
 * A connection of a process to the broker. It takes time, keeps the order in both directions, and breaks as a whole:
 * what was asked may have been done though no answer comes.
 */
export class SimulatedConnection implements BrokerConnection {
  readonly #line: Line;
  readonly #onBroken: () => void;
  readonly #waiting = new Set<(error: Error) => void>();
  /** Aborted when the broker finds out that it is broken. */
  readonly #noticed = new AbortController();
  #failure: Error | undefined;
  #delivers = true;
  #isLast = false;
  #arrivesMs = 0;
  #answeredMs = 0;
  #correlationId = 0;
  /** The broker answers one question after the other. */
  #serving: Promise<void> = Promise.resolve();
  #versions: Promise<ApiVersions> | undefined;

  constructor(line: Line, onBroken: () => void) {
    this.#line = line;
    this.#onBroken = onBroken;
  }

  get isOpen(): boolean {
    return this.#failure === undefined;
  }

  async send<T>(request: KafkaRequest<T>): Promise<T> {
    const { dispatcher } = this.#line.network;
    const frame = Buffer.concat(encodeFrame(request, ++this.#correlationId, '')).subarray(SIZE_BYTES);
    const client = { host: 'engine', reachedHost: 'broker', reachedPort: 9092, signal: this.#noticed.signal };
    const pieces = await this.call(NAMES[request.apiKey] ?? `request ${request.apiKey}`, () =>
      dispatcher.answer(frame, client),
    );
    const bytes = Buffer.concat(pieces!).subarray(SIZE_BYTES);
    // A real connection would read another answer into them.
    const answer = decodeAnswer(request, bytes, () => bytes.fill(0xee));
    this.#line.network.tell?.(`  is answered ${inShort(answer)}`);
    return answer;
  }

  versions(): Promise<ApiVersions> {
    this.#versions ??= askVersions(this);
    return this.#versions;
  }

  /** Has the broker do something, and tell what comes of it. @throws BrokerError `unreachable` */
  call<T>(what: string, question: () => T | Promise<T>): Promise<T> {
    const { network } = this.#line;
    const { time, server } = network;
    network.tell?.(`asks for ${what}`);
    return new Promise<T>((resolve, reject) => {
      if (this.#failure !== undefined) throw this.#failure;
      this.#waiting.add(reject);
      this.#arrivesMs = Math.max(this.#arrivesMs, time.nowMs + this.#line.delayMs());
      server.after(this.#arrivesMs - time.nowMs, () => {
        this.#risk(what);
        if (!this.#delivers) return;
        this.#serving = this.#serving.then(async () => {
          const settle = await Promise.resolve()
            .then(question)
            .then(
              (answer) => () => resolve(answer),
              (error: Error) => () => reject(error),
            );
          this.#risk(what);
          this.#answer(what, reject, settle);
        });
      });
    });
  }

  close(): void {
    this.break('the connection was closed');
  }

  closeWhenAnswered(): void {
    this.#isLast = true;
    if (this.#waiting.size === 0) this.close();
  }

  break(reason: string, { noticedMs, delivers }: BreakOptions = this.#chance()): void {
    if (this.#failure !== undefined) return;
    const { process, network } = this.#line;
    this.#failure = unreachable(reason);
    network.tell?.(`a connection of ${process.name}: ${reason}`);
    this.#delivers = delivers;
    network.server.after(network.random.next() * noticedMs, () => this.#noticed.abort());
    this.#onBroken();
    for (const reject of this.#waiting) process.after(0, () => reject(this.#failure!));
    this.#waiting.clear();
  }

  #chance(): BreakOptions {
    return { noticedMs: NOTICED_MS, delivers: this.#line.network.random.happens(0.5) };
  }

  /** The connection may break over a question, or over its answer. */
  #risk(what: string): void {
    const { random, lossLikelihood, fragile, fragility, onBroken } = this.#line.network;
    const isFragile = what.startsWith(fragile);
    const likelihood = lossLikelihood + (isFragile ? fragility : 0);
    if (this.#failure !== undefined || likelihood === 0 || !random.happens(likelihood)) return;
    this.break('the connection was reset');
    if (isFragile) onBroken(this.#line.process);
  }

  #answer(what: string, reject: (error: Error) => void, settle: () => void): void {
    if (!this.#waiting.has(reject)) return;
    const { process, network } = this.#line;
    const { nowMs } = network.time;
    this.#answeredMs = Math.max(this.#answeredMs, nowMs + this.#line.delayMs());
    process.after(this.#answeredMs - nowMs, () => {
      if (!this.#waiting.delete(reject)) return;
      network.tell?.(`has ${what}`);
      settle();
      if (this.#isLast && this.#waiting.size === 0) this.close();
    });
  }
}
