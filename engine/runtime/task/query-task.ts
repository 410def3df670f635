import { messageWithCauses } from '../../api/errors.ts';
import type { QueryState as PublicState, QueryError } from '../../api/protocol.ts';
import type { ReadPosition } from '../../broker/broker.ts';
import type { RecordBatch } from '../../broker/record-batch.ts';
import { byteText } from '../../memory/byte-text.ts';
import { WHAT_TO_DO } from '../../memory/memory-budget.ts';
import { QueryErrors } from '../monitoring/query-errors.ts';
import { RateMeter } from '../monitoring/rate-meter.ts';
import { openPartitions } from './open-partitions.ts';
import { PositionWaiters } from './position-waiters.ts';
import type { HandedOver, QueryRun, TaskPosition } from './query-run.ts';
import type { QueryTaskOptions, StopOptions } from './query-task-options.ts';
import { RecordProcessor } from './record-processor.ts';
import { RetrySchedule } from './retry-schedule.ts';
import type { StartNotice } from './start-positions.ts';
import { type CommitFigures, TaskCommits } from './task-commits.ts';
import { TaskPartitions } from './task-partitions.ts';
import { TopicInputs } from './topic-inputs.ts';
import { WorkLoop } from './work-loop.ts';

/** How often it is looked whether topics have got partitions, as Kafka's clients do. */
const METADATA_AGE_MS = 300_000;

const ON_DISK = ' (Or have state kept on a disk: --state-dir with ksql.workbench.state.store = disk.)';

/**
 * The life of one running query: it starts, runs, pauses, fails and is tried again, hands over, stops. What it does
 * while it runs is the work of others, each of which could do it for a few partitions as well: {@link TaskPartitions}
 * fetches, {@link RecordProcessor} processes, {@link TaskOutput} passes results on, {@link TaskCommits} keeps what was
 * done, and {@link WorkLoop} calls them in turn.
 */
export class QueryTask implements QueryRun {
  readonly recordsIn: RateMeter;
  readonly #options: QueryTaskOptions;
  readonly #inputs: TopicInputs;
  readonly #partitions: TaskPartitions;
  readonly #processor: RecordProcessor;
  readonly #commits: TaskCommits;
  readonly #loop: WorkLoop;
  readonly #waiters = new PositionWaiters();
  readonly #errors: QueryErrors;
  readonly #retries: RetrySchedule;
  #state: 'RUNNING' | 'PAUSED' | 'ERROR' | 'STOPPED' = 'RUNNING';
  #started = false;
  /** Paused by itself, because its state would not fit into the memory budget. */
  #awaitsRoom = false;
  /** What the topics held at the start; undefined once all of it has been read. */
  #backlog: readonly ReadPosition[] | undefined;

  constructor(options: QueryTaskOptions) {
    const { output, state, log, clock, inTimeOrder, broker, fetched, consumerGroup, hold, properties, transactions } =
      options;
    const wake = () => this.wake();
    const onError = (error: unknown) => this.#fail(error);
    const onNotice = (notice: StartNotice) => this.#tell(notice);
    this.#options = options;
    this.recordsIn = options.recordsIn ?? new RateMeter();
    this.#errors = new QueryErrors(options);
    this.#retries = new RetrySchedule(properties, () => this.#tryAgain());
    this.#loop = new WorkLoop({ mayWork: () => this.#mayWork, work: () => this.#work(), onError });
    this.#partitions = new TaskPartitions({ broker, fetched, onFetched: wake, onNotice });
    const { buffers } = this.#partitions;
    const inputs = new TopicInputs(options.inputs, log);
    this.#inputs = inputs;
    const onProcessed = (records: number) => this.recordsIn.add(records, clock.nowMs());
    this.#processor = new RecordProcessor(buffers, { inputs, output, state, log, inTimeOrder, wake, onProcessed });
    const isIdle = () => this.#loop.isIdle;
    const kept = { broker, consumerGroup, hold, state, output, transactions, target: options.commitTarget };
    this.#commits = new TaskCommits(buffers, { ...kept, properties, isIdle, flush: wake, onError, onNotice });
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

  /** How often state and positions were kept, and how long that took. */
  get commits(): CommitFigures {
    return this.#commits.figures;
  }

  get rowsOut(): RateMeter {
    return this.#options.output.rowsOut;
  }

  get streamTimeMs(): number | null {
    return this.#inputs.streamTimeMs;
  }

  get positions(): readonly TaskPosition[] {
    return this.#partitions.buffers.map((buffer) => ({
      topic: buffer.topic,
      partition: buffer.partition,
      offset: buffer.position,
      endOffset: buffer.endOffset,
      committedOffset: this.#commits.committedOffset(buffer) ?? -1,
    }));
  }

  get stateEntries(): number {
    return this.#options.state.size;
  }

  get stateBytes(): number {
    return this.#options.state.sizeBytes;
  }

  get restoredRecords(): number {
    return 0;
  }

  get restoreMs(): number {
    return this.#options.restoreMs ?? 0;
  }

  /** Asks the broker where the topics end now, so that {@link positions} tell the lag. */
  learnEnds(): Promise<void> {
    return this.#partitions.learnEnds(this.#inputs.topics);
  }

  /**
   * Takes the place in its topics from which it is to read, so that nothing appended after this call is missed, not
   * even when the process ends right after it.
   */
  async start(): Promise<void> {
    const { consumerGroup, manual, commitTarget } = this.#options;
    const opened = await openPartitions({ ...this.#options, inputs: this.#inputs }, (notice) => this.#tell(notice));
    // What shares its group with others has its place there already.
    if (!manual && consumerGroup !== undefined && commitTarget === undefined) await this.#commits.commit(opened);
    this.#partitions.add(opened);
    this.#started = true;
    if (manual) return;
    this.#backlog = this.#partitions.ends;
    this.#checkBacklog();
    await this.#fetch();
  }

  async #fetch(): Promise<void> {
    const { bounded, partition } = this.#options;
    await this.#partitions.subscribe();
    if (bounded) this.wake();
    else if (partition === undefined) this.#watchPartitions();
  }

  #watchPartitions(): void {
    const everyMs = this.#options.properties.number('metadata.max.age.ms') ?? METADATA_AGE_MS;
    this.#partitions.watch(this.#inputs.topics, everyMs, (topic) => this.#inputs.extractsTime(topic));
  }

  /**
   * {@link start} for a query that was there before: what keeps it from starting is the query's error, and tried again.
   */
  async startAgain(): Promise<void> {
    try {
      await (this.#started ? this.#fetch() : this.start());
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Looks for work; to be called when something that held the task back has changed. */
  wake(): void {
    this.#loop.wake();
  }

  /**
   * Processes records from an offset on at once and writes their results; for tasks with `manual`. @throws what stopped
   * the query
   */
  async process(topic: string, partition: number, batches: readonly RecordBatch[], from = 0): Promise<void> {
    this.#inputs.processAll(topic, partition, batches, from);
    await this.#options.output.flush();
  }

  pause(): void {
    this.#awaitsRoom = false;
    if (this.#state !== 'RUNNING') return;
    this.#state = 'PAUSED';
    this.#partitions.pause();
    this.wake();
  }

  resume(): void {
    if (this.#state !== 'PAUSED') return;
    this.#awaitsRoom = false;
    this.#state = 'RUNNING';
    this.#partitions.resume();
    this.wake();
  }

  /**
   * Holds still, so that another task can go on with its state, which is as of its positions.
   *
   * @throws Error when that cannot be now; then it goes on
   */
  async handOver(): Promise<HandedOver> {
    const before = this.#state;
    const goOn = () => {
      if (before === 'RUNNING') this.resume();
      else if (before === 'ERROR') this.#tryAgain();
    };
    this.#retries.cancel();
    this.pause();
    await this.#loop.whenIdle();
    await this.#commits.stop();
    if (this.#started && !(await this.#commits.commit())) {
      goOn();
      throw new Error(
        `The state of query ${this.#options.queryId} cannot be taken over now, because ${this.#commits.problem ?? "it is being rebuilt, or may be another engine's"}. Try again later.`,
      );
    }
    return { state: this.#options.state, goOn };
  }

  /**
   * Stops for good, or, with its state kept, until a task takes the state up again.
   *
   * @param options `leaveState`: another task goes on with the state already
   */
  async stop({ deleteState, leaveState, dropsWork }: StopOptions): Promise<void> {
    if (this.#state === 'STOPPED') return;
    const hasFailed = this.#state === 'ERROR';
    this.#state = 'STOPPED';
    this.#awaitsRoom = false;
    this.#processor.close();
    this.#retries.cancel();
    await this.#partitions.close();
    await this.#loop.whenIdle();
    await this.#commits.stop();
    // What was held back goes out; where that fails, it is not committed either.
    if (!hasFailed && !dropsWork) await this.#options.output.flush()?.catch(() => undefined);
    this.#options.output.end();
    this.#waiters.release();
    if (leaveState) return;
    // What a query has found out is there when it is terminated.
    if (deleteState && !dropsWork && !hasFailed && this.#started) await this.#endTransaction();
    if (deleteState) await this.#deleteState();
    else if (dropsWork) this.#options.state.close();
    else await this.#keepState();
    await this.#options.transactions?.close();
  }

  async #endTransaction(): Promise<void> {
    if (this.#options.transactions?.isOpen === true) await this.#commits.commit().catch(() => undefined);
  }

  async #deleteState(): Promise<void> {
    const { state, consumerGroup, broker, commitTarget } = this.#options;
    state.delete();
    if (consumerGroup !== undefined && commitTarget === undefined && this.#started)
      await broker.deleteGroup(consumerGroup).catch(() => {});
  }

  async #keepState(): Promise<void> {
    try {
      await this.#commits.commit();
      this.#options.state.close();
    } catch (error) {
      const text = `what it has done since its last commit is done again after a restart, because the end could not be kept: ${messageWithCauses(error)}`;
      this.#tell({ kind: 'loss', text });
    }
  }

  /**
   * Resolves when the results of everything before the offsets are written, the task has stopped, or the time is up.
   */
  async whenReached(targets: readonly ReadPosition[], timeLimitMs: number): Promise<void> {
    const { output, transactions } = this.#options;
    const isThere = output.isFlushed && transactions?.isOpen !== true && this.#partitions.hasReached(targets);
    if (this.#state !== 'RUNNING' || isThere) return;
    const reached = this.#waiters.wait(targets, timeLimitMs);
    this.wake();
    await reached;
  }

  /** A query that pauses still passes on what it holds back. */
  get #mayWork(): boolean {
    return this.#state === 'RUNNING' || (this.#state === 'PAUSED' && !this.#options.output.isFlushed);
  }

  /** Processes slices of records until there is nothing more to do, and passes their results on. */
  async #work(): Promise<void> {
    const { output, state, hold, bounded, transactions } = this.#options;
    // What a failure has kept from being written comes before anything new.
    await output.settle();
    while (this.#state === 'RUNNING' && !output.isComplete) {
      this.#loop.looksAnew();
      // What a transaction ends with is how far the records in it go: nothing is processed meanwhile.
      if (transactions !== undefined) await this.#commits.whenDone();
      if (state.mustStop && !(await this.#makesRoom())) {
        this.#stopForMemory();
        break;
      }
      if (hold?.isHeld === false) await hold.whenHeld();
      if (output.isFull) break;
      if (this.#inputs.topics.length > 1) await this.#partitions.learnEndsOfEmpty();
      const processed = await this.#processSlice();
      await this.#afterSlice(processed);
      if (processed === 0) {
        if (bounded && this.#partitions.areAtEnd) output.complete();
        break;
      }
      this.#retries.succeeded();
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    // What stands in the topics and was not fetched yet may well replace what is held back.
    const mayHold = this.#state === 'RUNNING' && !this.#mustFlush && !this.#partitions.areAtEnd;
    await (mayHold ? output.settle() : output.flush());
    // What became due meanwhile has nobody else to see to it.
    this.#commits.ifDue();
  }

  /** What has changed of a state on a disk goes there, and leaves memory. @returns whether that is enough */
  async #makesRoom(): Promise<boolean> {
    const { state, output } = this.#options;
    if (!state.isOnDisk || this.#isTransient) return false;
    this.#commits.now();
    await output.flush();
    this.#commits.ifDue();
    await this.#commits.whenDone();
    state.giveUp(state.sizeBytes);
    return !state.mustStop;
  }

  /** Whether a commit, or who waits for results, needs to know that the broker has everything. */
  get #mustFlush(): boolean {
    return this.#commits.isDue || this.#isAwaited;
  }

  /** Whether anybody waits for just what has been processed: who waits for more lets changes fold until then. */
  get #isAwaited(): boolean {
    return this.#waiters.isAnyDone((targets) => this.#partitions.hasReached(targets));
  }

  /** Processes records for a slice of time and passes their results on. @returns how many records there were */
  async #processSlice(): Promise<number> {
    let slice: ReturnType<RecordProcessor['processSlice']>;
    try {
      slice = this.#processor.processSlice();
    } finally {
      // The next slice is processed while the broker takes this one.
      const { output } = this.#options;
      await (this.#mustFlush ? output.flush() : output.flushAhead());
    }
    if (slice.missing === undefined) return slice.count;
    await this.#inputs.loadSchema(slice.missing);
    return slice.count + 1;
  }

  async #afterSlice(processed: number): Promise<void> {
    const { output, transactions } = this.#options;
    this.#partitions.processed();
    this.#checkBacklog();
    if (transactions !== undefined && (transactions.isFull || (transactions.isOpen && this.#isAwaited)))
      this.#commits.now();
    if (transactions !== undefined && output.isFlushed) {
      this.#commits.ifDue();
      await this.#commits.whenDone();
    }
    if (output.isFlushed && transactions?.isOpen !== true) {
      this.#waiters.check((targets) => this.#partitions.hasReached(targets));
      this.#commits.ifDue();
    }
    if (processed > 0) this.#commits.soon();
  }

  #checkBacklog(): void {
    if (this.#backlog === undefined || !this.#partitions.hasReached(this.#backlog)) return;
    this.#backlog = undefined;
    this.#options.output.caughtUp();
  }

  /** Nobody could resume it or see its error: it belongs to one answer. */
  get #isTransient(): boolean {
    return this.#options.consumerGroup === undefined;
  }

  /**
   * Its state has met the end of the memory budget: it pauses until there is room, or ends where nobody could resume
   * it.
   */
  #stopForMemory(): void {
    const { state, log, queryId } = this.#options;
    const message = `The memory budget is used up, and the state of query ${queryId} holds ${byteText(state.sizeBytes)} of it.`;
    if (this.#isTransient) {
      this.#fail(new Error(`${message} The query was ended. ${WHAT_TO_DO}`));
      state.delete();
      return;
    }
    this.pause();
    this.#awaitsRoom = true;
    state.onRoom = () => {
      if (this.#awaitsRoom) this.resume();
    };
    const told = `${message} The query is paused; it goes on when there is room, or with RESUME. ${WHAT_TO_DO}${state.isOnDisk ? '' : ON_DISK}`;
    this.#errors.add(told, 'USER');
    log.threadError(new Error(told));
  }

  /** An error ends a transient query; a persistent one is tried again, each time after a longer wait. */
  #fail(error: unknown): void {
    if (this.#state === 'STOPPED') return;
    const { log, output } = this.#options;
    log.threadError(error);
    if (this.#isTransient) {
      output.fail(error);
      return;
    }
    this.#errors.add(messageWithCauses(error), 'UNKNOWN');
    // One that was paused meanwhile tries again when it is resumed.
    if (this.#state === 'PAUSED') return;
    this.#state = 'ERROR';
    this.#retries.failed();
  }

  #tryAgain(): void {
    this.#state = 'RUNNING';
    // It may have been the commit that failed.
    if (this.#started) this.#commits.soon();
    if (this.#started) this.wake();
    // It may have found its place, and not come to fetch from there.
    if (!this.#started || !(this.#options.manual || this.#partitions.areSubscribed)) void this.startAgain();
  }

  /** Says what users should know. */
  #tell(notice: StartNotice): void {
    this.#options.onNotice?.(notice);
    if (notice.kind === 'loss') this.#errors.add(notice.text, 'SYSTEM');
  }
}
