import { messageWithCauses } from '../../api/errors.ts';
import type { QueryState as PublicState, QueryError } from '../../api/protocol.ts';
import type { FetchedBatches, ReadPosition, Subscription } from '../../broker/broker.ts';
import type { RecordBatch } from '../../broker/record-batch.ts';
import { byteText } from '../../memory/byte-text.ts';
import { WHAT_TO_DO } from '../../memory/memory-budget.ts';
import type { Change } from '../../operators/operator.ts';
import { QueryErrors } from '../monitoring/query-errors.ts';
import { RateMeter } from '../monitoring/rate-meter.ts';
import { CommitSchedule } from './commit-schedule.ts';
import { goingOnAfterDamage } from './damaged-state.ts';
import { FetchGate } from './fetch-gate.ts';
import { PartitionBuffer } from './partition-buffer.ts';
import { PartitionChoice } from './partition-choice.ts';
import { PositionWaiters } from './position-waiters.ts';
import type { QueryTaskOptions, StopOptions } from './query-task-options.ts';
import { originNote, removedRecords, type StartNotice, startPositions } from './start-positions.ts';
import { type MissingSchema, TopicInputs } from './topic-inputs.ts';

/** How long records are processed before other work of the process gets its turn. */
const SLICE_MS = 8;
/** The clock, and what is left of the memory, are looked at once in so many records. */
const RECORDS_PER_CHECK = 4;

export interface TaskPosition extends ReadPosition {
  readonly endOffset: number;
  /** -1 before the first commit. */
  readonly committedOffset: number;
}

/** One running query: reads its topics, drives its pipeline, writes its results, and keeps its positions with its state. */
export class QueryTask {
  readonly recordsIn = new RateMeter();
  readonly rowsOut = new RateMeter();
  readonly #options: QueryTaskOptions;
  readonly #buffers: PartitionBuffer[] = [];
  readonly #choice: PartitionChoice;
  readonly #inputs: TopicInputs;
  readonly #subscriptions: Subscription[] = [];
  readonly #errors: QueryErrors;
  readonly #committed = new Map<string, number>();
  readonly #waiters = new PositionWaiters();
  readonly #gate: FetchGate;
  /** Paused by itself, because its state would not fit into the memory budget. */
  #awaitsRoom = false;
  #state: 'RUNNING' | 'PAUSED' | 'ERROR' | 'STOPPED' = 'RUNNING';
  #started = false;
  #pumping: Promise<void> | undefined;
  #wanted = false;
  readonly #commits: CommitSchedule;
  /** Why the state could not be written, as it was told; undefined while it can be. */
  #commitProblem: string | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #retries = 0;
  #finished = false;
  #hasSaidRemoved = false;
  /** What the topics held at the start; undefined once all of it has been read. */
  #backlog: readonly ReadPosition[] | undefined;

  constructor(options: QueryTaskOptions) {
    this.#options = options;
    this.#errors = new QueryErrors(options);
    this.#inputs = new TopicInputs(options.inputs, options.log);
    this.#gate = new FetchGate(this.#buffers, options.fetched);
    this.#commits = new CommitSchedule({
      intervalMs: options.properties.number('commit.interval.ms') ?? 2000,
      isQuiet: () => this.#pumping === undefined,
      commit: async () => void (await this.#commit()),
      onError: (error) => this.#fail(error),
    });
    this.#choice = new PartitionChoice(this.#buffers, {
      inTimeOrder: options.inTimeOrder,
      isTable: (topic) => this.#inputs.isTable(topic),
      readTime: (buffer) => this.#inputs.readTime(buffer),
      wake: () => this.wake(),
    });
  }

  get state(): PublicState {
    return this.#state === 'STOPPED' ? 'RUNNING' : this.#state;
  }

  /** The newest errors that stopped the query, and what it has lost (type SYSTEM). */
  get errors(): readonly QueryError[] {
    return this.#errors.newest;
  }

  get badRecords(): number {
    return this.#options.log.count;
  }

  get streamTimeMs(): number | null {
    return this.#inputs.streamTimeMs;
  }

  get positions(): readonly TaskPosition[] {
    return this.#buffers.map(({ topic, partition, position, endOffset }) => ({
      topic,
      partition,
      offset: position,
      endOffset,
      committedOffset: this.#committed.get(`${topic}-${partition}`) ?? -1,
    }));
  }

  /**
   * Takes the place in its topics from which it is to read, so that nothing appended after this call is missed, not even when the
   * process ends right after it.
   */
  async start(): Promise<void> {
    const buffers = await Promise.all(this.#inputs.topics.map((topic) => this.#openBuffers(topic)));
    const { consumerGroup, manual } = this.#options;
    if (!manual && consumerGroup !== undefined) await this.#commit(buffers.flat());
    this.#buffers.push(...buffers.flat());
    this.#started = true;
    if (manual) return;
    this.#backlog = this.#buffers.map(({ topic, partition, endOffset }) => ({ topic, partition, offset: endOffset }));
    this.#checkBacklog();
    await this.#subscribe();
    if (this.#state === 'PAUSED') for (const subscription of this.#subscriptions) subscription.pause();
    if (this.#options.bounded) this.wake();
  }

  /** {@link start} for a query that was there before: what keeps it from starting is the query's error, and tried again. */
  async startAgain(): Promise<void> {
    try {
      await this.start();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #openBuffers(topic: string): Promise<PartitionBuffer[]> {
    const { state, broker, consumerGroup, isResumed = false, isStateful = false } = this.#options;
    const partitions = await broker.offsets(topic);
    const kept = partitions.flatMap(({ partition }) => {
      const offset = state.positions.get(`${topic}-${partition}`);
      return offset === undefined ? [] : [[partition, offset] as const];
    });
    const asksGroup = isResumed && consumerGroup !== undefined && kept.length === 0;
    const starts = startPositions({
      topic,
      partitions,
      kept: new Map(kept),
      committed: asksGroup ? await broker.committed(consumerGroup, topic) : new Map(),
      reset: this.#offsetReset(topic) === 'earliest' ? 'earliest' : 'latest',
      isStateful,
    });
    if (state.damage !== undefined) this.#tell(goingOnAfterDamage(state, topic, partitions));
    for (const notice of starts.notices) this.#tell(notice);
    for (const text of broker.notices?.(topic) ?? []) this.#tell({ kind: 'loss', text });
    return starts.partitions.map((start) => new PartitionBuffer(topic, start, this.#inputs.extractsTime(topic)));
  }

  /** Looks for work; to be called when something that held the task back has changed. */
  wake(): void {
    this.#wanted = true;
    if (this.#pumping !== undefined || this.#state !== 'RUNNING') return;
    this.#pumping = this.#pump()
      .then(() => this.#options.writer?.flush())
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#pumping = undefined;
        if (this.#wanted) this.wake();
      });
  }

  /** Processes records from an offset on at once and writes their results; for tasks with `manual`. @throws what stopped the query */
  async process(topic: string, partition: number, batches: readonly RecordBatch[], from = 0): Promise<void> {
    this.#inputs.processAll(topic, partition, batches, from);
    await this.#options.writer?.flush();
  }

  /** Called with every result of the pipeline. */
  readonly emit = (change: Change): void => {
    const { writer, sink } = this.#options;
    if (writer !== undefined) {
      if (this.#choice.isRebuilding) return;
      if (writer.write(change)) this.rowsOut.add(1, this.#options.clock.nowMs());
    } else if (!this.#finished) {
      this.rowsOut.add(1, this.#options.clock.nowMs());
      if (!sink!.accept(change, this.#options.log.current)) this.#finish();
    }
  };

  pause(): void {
    this.#awaitsRoom = false;
    if (this.#state !== 'RUNNING') return;
    this.#state = 'PAUSED';
    for (const subscription of this.#subscriptions) subscription.pause();
  }

  resume(): void {
    if (this.#state !== 'PAUSED') return;
    this.#awaitsRoom = false;
    this.#state = 'RUNNING';
    for (const subscription of this.#subscriptions) subscription.resume();
    this.wake();
  }

  /** Its state has met the end of the memory budget: it pauses until there is room, or ends where nobody could resume it. */
  #stopForMemory(): void {
    const { state, sink, log, queryId } = this.#options;
    const message = `The memory budget is used up, and the state of query ${queryId} holds ${byteText(state.sizeBytes)} of it.`;
    if (sink !== undefined && this.#options.consumerGroup === undefined) {
      this.#fail(new Error(`${message} The query was ended. ${WHAT_TO_DO}`));
      state.delete();
      return;
    }
    this.pause();
    this.#awaitsRoom = true;
    state.onRoom = () => {
      if (this.#awaitsRoom) this.resume();
    };
    const told = `${message} The query is paused; it goes on when there is room, or with RESUME. ${WHAT_TO_DO}`;
    this.#errors.add(told, 'USER');
    log.threadError(new Error(told));
  }

  /**
   * Holds still, so that another task can go on with its state, which is as of its positions.
   *
   * @returns what lets it go on itself, if nobody takes its place after all
   * @throws Error when that cannot be now; then it goes on
   */
  async handOver(): Promise<() => void> {
    const before = this.#state;
    const goOn = () => {
      if (before === 'RUNNING') this.resume();
      else if (before === 'ERROR') this.#tryAgain();
    };
    clearTimeout(this.#retryTimer);
    this.pause();
    await this.#pumping;
    await this.#commits.stop();
    if (this.#started && !(await this.#commit())) {
      goOn();
      throw new Error(
        `The state of query ${this.#options.queryId} cannot be taken over now, because ${this.#commitProblem ?? "it is being rebuilt, or may be another engine's"}. Try again later.`,
      );
    }
    return goOn;
  }

  /**
   * Stops for good, or, with its state kept, until a task takes the state up again.
   *
   * @param options `leaveState`: another task goes on with the state already
   */
  async stop({ deleteState, leaveState }: StopOptions): Promise<void> {
    if (this.#state === 'STOPPED') return;
    this.#state = 'STOPPED';
    this.#awaitsRoom = false;
    this.#choice.close();
    clearTimeout(this.#retryTimer);
    this.#gate.close();
    await Promise.all(this.#subscriptions.map((subscription) => subscription.close()));
    await this.#pumping;
    await this.#commits.stop();
    this.#options.sink?.end();
    this.#waiters.release();
    const { state, consumerGroup, broker } = this.#options;
    if (leaveState) return;
    if (!deleteState) {
      try {
        await this.#commit();
        state.close();
      } catch (error) {
        const text = `what it has done since its last commit is done again after a restart, because the end could not be kept: ${messageWithCauses(error)}`;
        this.#tell({ kind: 'loss', text });
      }
    } else {
      state.delete();
      if (consumerGroup !== undefined && this.#started) await broker.deleteGroup(consumerGroup).catch(() => {});
    }
  }

  /** Resolves when the results of everything before the offsets are written, the task has stopped, or the time is up. */
  async whenReached(targets: readonly ReadPosition[], timeLimitMs: number): Promise<void> {
    const isWritten = this.#options.writer?.isFlushed !== false;
    if (this.#state !== 'RUNNING' || (isWritten && this.#hasReached(targets))) return;
    const reached = this.#waiters.wait(targets, timeLimitMs);
    this.wake();
    await reached;
  }

  /** Tables are read from their beginning, streams from their end, unless the query's settings say otherwise. */
  #offsetReset(topic: string): string {
    const explicit = this.#options.bounded ? 'earliest' : this.#options.properties.explicit('auto.offset.reset');
    if (explicit !== undefined) return explicit.trim().toLowerCase();
    return this.#inputs.hasTable(topic) ? 'earliest' : 'latest';
  }

  /** Each topic has a subscription of its own, so that both sides of a join are fetched at once. */
  async #subscribe(): Promise<void> {
    for (const topic of this.#inputs.topics) {
      const positions = this.#buffers
        .filter((buffer) => buffer.topic === topic)
        .map(({ partition, position }) => ({ topic, partition, offset: position }));
      this.#subscriptions.push(await this.#options.broker.subscribe(positions, (fetched) => this.#receive(fetched)));
    }
  }

  #receive({ topic, partition, batches, skippedFrom }: FetchedBatches): Promise<void> | undefined {
    const buffer = this.#buffers.find((candidate) => candidate.topic === topic && candidate.partition === partition);
    if (buffer === undefined || this.#state === 'STOPPED') return undefined;
    if (skippedFrom !== undefined && !this.#hasSaidRemoved) {
      this.#hasSaidRemoved = true;
      this.#tell(removedRecords(topic, partition, skippedFrom, batches[0]!.baseOffset));
    }
    buffer.add(batches);
    this.wake();
    return this.#gate.hold(buffer);
  }

  /** Says what users should know. */
  #tell(notice: StartNotice): void {
    this.#options.onNotice?.(notice);
    if (notice.kind === 'loss') this.#errors.add(notice.text, 'SYSTEM');
  }

  /** Processes slices of records until there is nothing more to do. */
  async #pump(): Promise<void> {
    // What a failure has kept from being written comes before anything new.
    if (this.#options.writer?.isFlushed === false) await this.#options.writer.flush();
    while (this.#state === 'RUNNING' && !this.#finished) {
      this.#wanted = false;
      if (this.#options.state.mustStop) return this.#stopForMemory();
      const { hold } = this.#options;
      if (hold?.isHeld === false) await hold.whenHeld();
      if (this.#options.sink?.full) return;
      if (this.#inputs.topics.length > 1) await this.#learnEndsOfEmpty();
      const processed = await this.#slice();
      this.#afterSlice(processed);
      if (processed === 0) {
        if (this.#options.bounded && this.#buffers.every((buffer) => buffer.position >= buffer.endOffset))
          this.#finish();
        return;
      }
      this.#retries = 0;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  /** A join compares what its sides hold: it must know whether an empty buffer means an empty topic. */
  async #learnEndsOfEmpty(): Promise<void> {
    const empty = new Set(this.#buffers.filter((buffer) => buffer.head === undefined).map(({ topic }) => topic));
    if (this.#buffers.some((buffer) => buffer.head !== undefined)) await this.learnEnds(empty);
  }

  /** Asks the broker where topics end now, so that positions tell the lag. */
  async learnEnds(topics: Iterable<string> = this.#inputs.topics): Promise<void> {
    for (const topic of topics) {
      for (const { partition, latest } of await this.#options.broker.offsets(topic)) {
        const buffer = this.#buffers.find(
          (candidate) => candidate.topic === topic && candidate.partition === partition,
        );
        if (buffer !== undefined) buffer.endOffset = Math.max(buffer.endOffset, latest);
      }
    }
  }

  /** Processes records for a slice of time and writes their results. @returns how many records there were */
  async #slice(): Promise<number> {
    const endMs = performance.now() + SLICE_MS;
    let count = 0;
    let missing: MissingSchema | undefined;
    try {
      for (let buffer = this.#next(); buffer !== undefined; buffer = this.#next()) {
        missing = this.#inputs.processHead(buffer);
        if (missing !== undefined) break;
        count++;
        if (this.#finished || this.#options.sink?.full) break;
        if (count % RECORDS_PER_CHECK !== 0) continue;
        if (this.#options.state.mustStop || performance.now() > endMs) break;
      }
    } finally {
      if (count > 0) this.recordsIn.add(count, this.#options.clock.nowMs());
      // A commit, and who waits for results, need to know that the broker has everything; else the next slice is processed while it takes this one.
      const mustKnow = this.#commits.isDue || this.#waiters.waiting;
      await (mustKnow ? this.#options.writer?.flush() : this.#options.writer?.flushAhead());
    }
    if (missing === undefined) return count;
    await this.#inputs.loadSchema(missing);
    return count + 1;
  }

  /** The partition whose record is next. While the state is rebuilt, the processing log has been told of the records before. */
  #next(): PartitionBuffer | undefined {
    this.#options.log.isQuiet = this.#choice.isRebuilding;
    return this.#choice.next();
  }

  #afterSlice(processed: number): void {
    this.#gate.release();
    this.#checkBacklog();
    if (this.#options.writer?.isFlushed !== false) {
      this.#waiters.check((targets) => this.#hasReached(targets));
      this.#commits.ifDue();
    }
    if (processed > 0 && this.#options.consumerGroup !== undefined) this.#commits.soon();
  }

  #checkBacklog(): void {
    if (this.#backlog === undefined || !this.#hasReached(this.#backlog)) return;
    this.#backlog = undefined;
    this.#options.sink?.caughtUp?.();
  }

  #hasReached(targets: readonly ReadPosition[]): boolean {
    return targets.every(({ topic, partition, offset }) => {
      const buffer = this.#buffers.find((candidate) => candidate.topic === topic && candidate.partition === partition);
      return buffer === undefined || buffer.position >= offset;
    });
  }

  /** The answer is complete: nothing more is processed; whoever owns the task stops it. */
  #finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#options.sink?.end();
  }

  /**
   * Makes state and positions durable as one. Not before the results are in the sink; not while the state is rebuilt, when the
   * positions of the run before still hold; and not once they may be another engine's. A state that cannot be written is told, and written with the next commit.
   *
   * @returns whether it was done
   */
  async #commit(buffers: readonly PartitionBuffer[] = this.#buffers): Promise<boolean> {
    const { state, broker, consumerGroup, writer, hold } = this.#options;
    if (hold?.isHeld === false || writer?.isFlushed === false) return false;
    if (buffers.some((buffer) => buffer.isRebuilding)) return false;
    const read = buffers.map(({ topic, partition, position, origin }) => ({
      topic,
      partition,
      offset: position,
      note: originNote(origin),
    }));
    const positions = read.map(({ topic, partition, offset }) => [`${topic}-${partition}`, offset] as const);
    try {
      await state.commit(new Map(positions));
      this.#commitProblem = undefined;
    } catch (error) {
      this.#tellCommitProblem(error);
      return false;
    }
    if (consumerGroup === undefined) return true;
    await broker.commit(consumerGroup, read);
    // ksqlDB tells the offset of a partition once something of it has been read.
    for (const [i, { topic, partition, offset }] of read.entries())
      if (offset > buffers[i]!.origin) this.#committed.set(`${topic}-${partition}`, offset);
    return true;
  }

  /** Said once, until it succeeds again. */
  #tellCommitProblem(error: unknown): void {
    const problem = messageWithCauses(error);
    if (this.#commitProblem === undefined)
      this.#tell({
        kind: 'loss',
        text: `its state could not be kept; after a crash it would begin again at its last commit. It goes on, and tries again with every commit: ${problem}`,
      });
    this.#commitProblem = problem;
    this.#commits.soon();
  }

  /** An error ends a transient query; a persistent one is tried again, each time after a longer wait. */
  #fail(error: unknown): void {
    if (this.#state === 'STOPPED') return;
    const { log, properties, sink, consumerGroup } = this.#options;
    log.threadError(error);
    if (sink !== undefined && consumerGroup === undefined) {
      this.#finished = true;
      sink.fail(error);
      return;
    }
    this.#state = 'ERROR';
    this.#errors.add(messageWithCauses(error), 'UNKNOWN');
    const initialMs = properties.number('ksql.query.retry.backoff.initial.ms') ?? 15_000;
    const maxMs = properties.number('ksql.query.retry.backoff.max.ms') ?? 900_000;
    this.#retryTimer = setTimeout(() => this.#tryAgain(), Math.min(initialMs * 2 ** this.#retries++, maxMs));
    this.#retryTimer.unref();
  }

  #tryAgain(): void {
    this.#state = 'RUNNING';
    if (this.#started) this.wake();
    else void this.startAgain();
  }
}
