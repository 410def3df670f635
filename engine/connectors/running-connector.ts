import { setTimeout as sleep } from 'node:timers/promises';
import type { Broker } from '../broker/broker.ts';
import { createUnlessThere } from '../broker/create-topic.ts';
import { partitionOf } from '../broker/murmur2.ts';
import { RecordBatchBuilder } from '../broker/record-batch.ts';
import type { ConnectorState, RecordSource, SourceRecord, StartOptions } from './configuration/connector.ts';

/** How long creating a connector waits for a source that ends by itself. */
const IMMEDIATE_WAIT_MS = 10_000;

/** Carries the records of a source to its topic until it is stopped, paused or at its end. */
export class RunningConnector {
  readonly #source: RecordSource;
  readonly #broker: Broker;
  #position: number;
  #state: ConnectorState = 'PAUSED';
  #trace: string | undefined;
  #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #builders: RecordBatchBuilder[] = [];
  /** Records without a key go to the partitions in turn, a chunk each. */
  #nextPartition = 0;

  constructor(source: RecordSource, broker: Broker, position = 0) {
    this.#source = source;
    this.#broker = broker;
    this.#position = position;
  }

  get topic(): string {
    return this.#source.topic;
  }

  get state(): ConnectorState {
    return this.#state;
  }

  /** Why it failed. */
  get trace(): string | undefined {
    return this.#trace;
  }

  /** How many records it has written. */
  get position(): number {
    return this.#position;
  }

  /**
   * Makes sure the topic is there and begins. Resolves when the topic exists; for a source that ends by itself without
   * pauses when it is written, so that the next statement finds all of it.
   */
  async start({ atOnce = false }: StartOptions = {}): Promise<void> {
    if (this.#state === 'RUNNING') return;
    await this.prepare();
    this.#state = 'RUNNING';
    this.#trace = undefined;
    this.#stop = new AbortController();
    const source = this.#source;
    const pauses = source.isPaced && !(atOnce && source.isFinite);
    this.#running = this.#run(this.#stop.signal, pauses);
    if (source.isFinite && !pauses) {
      const waiting = new AbortController();
      await Promise.race([this.#running, sleep(IMMEDIATE_WAIT_MS, undefined, waiting).catch(() => undefined)]);
      waiting.abort();
    }
  }

  /** The next start goes on after so many records. */
  goTo(position: number): void {
    this.#position = position;
  }

  /** Stops after the records that are being written. */
  async pause(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    if (this.#state === 'RUNNING') this.#state = 'PAUSED';
  }

  /** Marks it as failed, for a reason that it shows. */
  fail(error: unknown): void {
    this.#state = 'FAILED';
    this.#trace = error instanceof Error ? error.message : String(error);
  }

  /** Makes the topic if it is not there. @throws BrokerError */
  async prepare(): Promise<void> {
    const { topic: name, partitions } = this.#source;
    const known = await createUnlessThere(this.#broker, { name, partitions, replicas: -1 });
    const count = known?.partitions ?? partitions;
    this.#builders = Array.from({ length: count }, () => new RecordBatchBuilder());
  }

  async #run(signal: AbortSignal, pauses: boolean): Promise<void> {
    try {
      let dueMs = performance.now();
      for await (const { records, pauseMs } of this.#source.read(this.#position)) {
        if (signal.aborted) return;
        await this.#write(records);
        // Measured from when this chunk was due, so that the rate holds whatever writing costs; after a standstill
        // there is no burst to catch up.
        dueMs = Math.max(dueMs + (pauses ? pauseMs : 0), performance.now() - 1000);
        const waitMs = dueMs - performance.now();
        await (waitMs > 1 ? sleep(waitMs, undefined, { signal }) : new Promise(setImmediate));
        if (signal.aborted) return;
      }
    } catch (error) {
      if (!signal.aborted) this.fail(error);
    }
  }

  async #write(records: readonly SourceRecord[]): Promise<void> {
    const builders = this.#builders;
    const nowMs = Date.now();
    this.#nextPartition = (this.#nextPartition + 1) % builders.length;
    for (const { key, value, timeMs } of records) {
      const partition = key === null ? this.#nextPartition : partitionOf(key, builders.length);
      builders[partition]!.append(key, value, timeMs ?? nowMs);
    }
    const appended = builders.map((builder, partition) =>
      builder.count === 0 ? undefined : this.#broker.append(this.topic, partition, [builder.build()]),
    );
    await Promise.all(appended);
    this.#position += records.length;
  }
}
