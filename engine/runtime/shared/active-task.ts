import { messageWithCauses } from '../../api/errors.ts';
import { type Broker, BrokerError } from '../../broker/broker.ts';
import type { GroupMembership } from '../../broker/groups/group-membership.ts';
import { TransactionError } from '../../broker/transaction-error.ts';
import type { MaterializedTable } from '../../compile/materialized-table.ts';
import type { QueryState } from '../state/query-state.ts';
import { restoreState } from '../state/restore-state.ts';
import type { QueryTask } from '../task/query-task.ts';
import type { StopOptions } from '../task/query-task-options.ts';
import { RetrySchedule } from '../task/retry-schedule.ts';
import type { StartNotice } from '../task/start-positions.ts';
import { isExactlyOnce, TransactionalResults } from '../task/transactional-results.ts';
import { taskPositions } from './group-positions.ts';
import type { LocalTask } from './shared-tasks.ts';
import type { StandbyTask } from './standby-task.ts';
import { TaskCommit } from './task-commit.ts';
import type { TaskMaker } from './task-maker.ts';
import type { TaskPlan } from './task-topology.ts';

/** As Kafka Streams has it: after so long a transaction of an engine that died stands in nobody's way any more. */
const TRANSACTION_TIMEOUT_MS = 10_000;
/** Longer than anybody goes on without a commit: what another one did behind its last is done here by then. */
const CATCH_UP_MS = 10_000;

export interface ActiveTaskOptions {
  readonly plan: TaskPlan;
  readonly maker: TaskMaker;
  readonly membership: GroupMembership;
  /** What has followed its changelog here so far. */
  readonly standby: StandbyTask | undefined;
  /** Resolves when what this engine had of the task before is closed. */
  readonly after: Promise<unknown>;
  readonly isPaused: () => boolean;
  /** Told what keeps it from starting, which is tried again. */
  readonly onError: (error: unknown) => void;
}

/** A task that this engine does: its state is restored, it runs, and it is given up with or without a commit. */
export class ActiveTask implements LocalTask {
  readonly isActive = true;
  readonly #options: ActiveTaskOptions;
  readonly #stopping = new AbortController();
  readonly #retries: RetrySchedule;
  #isOwned = true;
  #problem: string | undefined;
  #state: QueryState | undefined;
  #task: QueryTask | undefined;
  #table: MaterializedTable | undefined;
  #standby: StandbyTask | undefined;
  #restoredRecords = 0;
  /** Where its topics ended when its state was there: whoever had the task before has processed no more. */
  #ends: ReadonlyMap<string, number> = new Map();
  /** Whether its table has all that whoever had the task before may have answered with. */
  #hasCaughtUp = false;
  #begunMs = 0;
  /** The transactions of its commits, where its results are not in them. */
  #commits: TransactionalResults | undefined;
  /** Whether the broker has refused transactions. */
  #mayNotUseTransactions = false;
  #starting: Promise<void>;

  /** Begins to start. */
  constructor(options: ActiveTaskOptions) {
    this.#options = options;
    this.#standby = options.standby;
    this.#retries = new RetrySchedule(options.maker.properties, () => {
      this.#starting = this.#start();
    });
    this.#starting = this.#start();
  }

  get id(): string {
    return this.#options.plan.id;
  }

  get plan(): TaskPlan {
    return this.#options.plan;
  }

  /** Undefined while its state is being restored. */
  get task(): QueryTask | undefined {
    return this.#task;
  }

  get isRestoring(): boolean {
    return this.#task === undefined;
  }

  get isCurrent(): boolean {
    if (this.#task === undefined || this.#task.state === 'ERROR' || !this.#options.membership.isCertain) return false;
    this.#hasCaughtUp ||= performance.now() - this.#begunMs > CATCH_UP_MS || this.#hasReachedEnds(this.#task);
    return this.#hasCaughtUp;
  }

  /** A task that has just begun has no positions yet. */
  #hasReachedEnds({ positions }: QueryTask): boolean {
    const reached = new Map(positions.map(({ topic, partition, offset }) => [`${topic}-${partition}`, offset]));
    return [...this.#ends].every(([place, end]) => (reached.get(place) ?? -1) >= end);
  }

  /** Why it cannot be started, if it cannot. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Records that were read from its changelogs. */
  get restoredRecords(): number {
    return this.#restoredRecords;
  }

  get table(): MaterializedTable | undefined {
    return this.#table;
  }

  get positions(): LocalTask['positions'] {
    return this.#task?.positions ?? [];
  }

  get stateBytes(): number {
    return this.#state?.sizeBytes ?? 0;
  }

  /** It is what the changelog is made from. */
  get changelog(): LocalTask['changelog'] {
    const topic = this.plan.changelog?.topics[0];
    const position = (topic !== undefined && this.#state?.changelogOffsets.get(topic)) || 0;
    return { position, endOffset: position };
  }

  /** Commits and ends, or with `dropsWork` ends as it is; resolves when its state is closed. */
  async stop(options: StopOptions): Promise<void> {
    if (options.dropsWork) this.#isOwned = false;
    this.#stopping.abort(new Error(`Task ${this.id} of query ${this.#options.maker.queryId} was given up.`));
    this.#retries.cancel();
    await this.#starting;
    if (this.#task !== undefined) await this.#task.stop(options);
    else if (options.deleteState) this.#state?.delete();
    else this.#state?.close();
    await this.#commits?.close();
    this.#isOwned = false;
  }

  async #start(): Promise<void> {
    try {
      await this.#options.after;
      await this.#open();
      this.#problem = undefined;
    } catch (error) {
      if (this.#task === undefined) this.#closeState();
      if (this.#stopping.signal.aborted) return;
      this.#problem = messageWithCauses(error);
      this.#options.onError(error);
      this.#retries.failed();
    }
  }

  #closeState(): void {
    this.#state?.close();
    this.#state = undefined;
  }

  async #open(): Promise<void> {
    const { plan, maker, membership, isPaused } = this.#options;
    const beganMs = performance.now();
    // A transaction that is still open is waited for here: what it brings the changelog has, too, then.
    const positions = await taskPositions(plan, membership, maker.broker);
    const state = await this.#restored();
    state.positions = positions;
    this.#ends = await endsOf(plan, maker.broker);
    // Where there is no state yet, nobody has seen any.
    this.#hasCaughtUp = state.size === 0;
    const holdsResults = isExactlyOnce(maker.properties, maker.broker);
    const own = this.#transactions(holdsResults);
    this.#commits = holdsResults ? undefined : own;
    const commitTarget = new TaskCommit({
      broker: maker.broker,
      state,
      membership,
      transactions: () => (this.#mayNotUseTransactions ? undefined : own),
      holdsResults,
      isOwned: () => this.#isOwned,
    });
    const transactions = holdsResults ? own : undefined;
    const { task, table } = await maker.makeTask({ plan, state, commitTarget, transactions, beganMs });
    this.#stopping.signal.throwIfAborted();
    this.#task = task;
    this.#table = table;
    this.#begunMs = performance.now();
    if (isPaused()) task.pause();
    await task.startAgain();
  }

  /** A user who may not use transactions can run queries all the same. */
  #goWithout(error: unknown): void {
    if (!(error instanceof TransactionError) || !/AUTHORIZATION_FAILED/.test(error.message)) return;
    this.#mayNotUseTransactions = true;
    this.#options.maker.tell(withoutTransactions(error));
  }

  async #restored(): Promise<QueryState> {
    const { plan, maker } = this.#options;
    const { signal } = this.#stopping;
    const standby = this.#standby;
    this.#standby = undefined;
    const kept = await standby?.release();
    this.#state = kept ?? (await maker.openState(plan));
    signal.throwIfAborted();
    if (plan.changelog !== undefined) {
      const onNotice = (text: string) => maker.tell({ kind: 'info', text });
      const { broker, memory } = maker;
      const { records } = await restoreState(this.#state, { broker, memory, signal, onNotice });
      this.#restoredRecords += records;
    }
    signal.throwIfAborted();
    return this.#state;
  }

  /** @param holdsResults whether results are in them; else only state has to be as of the offsets */
  #transactions(holdsResults: boolean): TransactionalResults | undefined {
    const { maker, membership, plan } = this.#options;
    const { broker, group, properties, process } = maker;
    const isWanted = holdsResults || plan.changelog !== undefined;
    if (!isWanted || broker.openTransactions === undefined) return undefined;
    const timeoutMs = Number(properties.explicit('transaction.timeout.ms') ?? TRANSACTION_TIMEOUT_MS);
    const id = `${group}-${process}-${plan.id}`;
    return new TransactionalResults({
      broker,
      group,
      // After that time the broker has ended the transaction: to go on asking is in vain.
      open: () =>
        broker.openTransactions!(id, { timeoutMs, deliveryTimeoutMs: timeoutMs }).catch((error: unknown) => {
          if (!holdsResults) this.#goWithout(error);
          throw error;
        }),
      asMember: (work) =>
        membership.during((member) => {
          // The member may have been away since, and the task another's.
          if (!this.#isOwned) throw new BrokerError(`Task ${plan.id} of ${group} is another engine's now.`, 'other');
          return work(member);
        }),
    });
  }
}

/** Where the partitions end that a task reads, by `topic-partition`. */
async function endsOf({ inputs }: TaskPlan, broker: Broker): Promise<ReadonlyMap<string, number>> {
  const ends = await Promise.all(
    inputs.map(async ({ topic, partition }) => {
      const [bounds] = await broker.offsets(topic, { partition });
      return [`${topic}-${partition}`, bounds?.latest ?? 0] as const;
    }),
  );
  return new Map(ends);
}

const withoutTransactions = (error: TransactionError): StartNotice => ({
  kind: 'info',
  text: `its state and its offsets count one after the other, since they may not be written in a transaction: records may be counted twice where an engine is killed between the two. ${error.message}`,
});
