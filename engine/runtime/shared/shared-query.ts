import { messageWithCauses } from '../../api/errors.ts';
import type { QueryState as PublicState, QueryError } from '../../api/protocol.ts';
import type { ReadPosition } from '../../broker/broker.ts';
import type { GroupMembership, Placement, TaskChange } from '../../broker/groups/group-membership.ts';
import { keepsTable } from '../../compile/materialized-table.ts';
import type { Row } from '../../operators/operator.ts';
import type { SubTopology } from '../../plan/cut-plan.ts';
import { principalStores } from '../../plan/principal-stores.ts';
import type { Clock } from '../monitoring/clock.ts';
import { QueryErrors } from '../monitoring/query-errors.ts';
import type { RateMeter } from '../monitoring/rate-meter.ts';
import type { HandedOver, QueryRun, TaskPosition } from '../task/query-run.ts';
import type { StopOptions } from '../task/query-task-options.ts';
import { RetrySchedule } from '../task/retry-schedule.ts';
import type { CommitFigures } from '../task/task-commits.ts';
import { commitFirstPositions } from './group-positions.ts';
import { groupOptions } from './group-settings.ts';
import { checkPartitions, deleteInternalTopics, ensureInternalTopics, lacksChangelog } from './internal-topics.ts';
import { LocalTasks } from './local-tasks.ts';
import { RepartitionPurge } from './repartition-purge.ts';
import type { SharedTasks, TaskParts } from './shared-tasks.ts';
import type { TaskMaker } from './task-maker.ts';
import { partitionCount, type TaskTopology, taskTopology } from './task-topology.ts';
import type { WorkSharing } from './work-sharing.ts';

export interface SharedQueryOptions {
  readonly maker: TaskMaker;
  readonly sharing: WorkSharing;
  readonly parts: readonly SubTopology[];
  readonly clock: Clock;
  /** Copies of internal topics; -1: the broker's default. */
  readonly replicas: number;
  /** What the tasks count in. */
  readonly recordsIn: RateMeter;
  readonly rowsOut: RateMeter;
  /** The bytes of a key of the query's table as its topics have it, by which its partition is found. */
  readonly partitionOfKey: ((key: Row, partitions: number) => number) | undefined;
}

/** How often it is looked whether topics have got partitions, as Kafka's clients do. */
const METADATA_AGE_MS = 300_000;
/** How often it is looked whether a task is there that has to be waited for. */
const POLL_MS = 20;

/**
 * A query whose tasks are shared by the engines of a service: each is a member of its group, and does the tasks that
 * the group gives it. What a task does is {@link LocalTasks}' and no different from a query that has one alone.
 */
export class SharedQuery implements QueryRun {
  readonly #options: SharedQueryOptions;
  readonly #maker: TaskMaker;
  readonly #errors: QueryErrors;
  readonly #retries: RetrySchedule;
  readonly #tasks: LocalTasks;
  readonly #purge: RepartitionPurge;
  #topology: TaskTopology | undefined;
  #membership: GroupMembership | undefined;
  #placements: readonly Placement[] = [];
  #hasTasks = false;
  #isPaused = false;
  #isStopped = false;
  #hasJoined = false;
  /** It could not be started, or is no member of its group any more. */
  #hasFailed = false;
  #watching: NodeJS.Timeout | undefined;

  constructor(options: SharedQueryOptions) {
    this.#options = options;
    this.#maker = options.maker;
    const { properties } = options.maker;
    this.#errors = new QueryErrors({ clock: options.clock, properties });
    this.#retries = new RetrySchedule(properties, () => void this.startAgain());
    this.#tasks = new LocalTasks({
      maker: options.maker,
      isPaused: () => this.#isPaused,
      acceptableLag: () => properties.number('acceptable.recovery.lag') ?? 0,
      onError: (error) => this.#errors.add(messageWithCauses(error), 'UNKNOWN'),
      onRestored: () => this.#membership?.rejoin(),
    });
    this.#purge = new RepartitionPurge(options.maker.broker, this.#tasks, properties);
  }

  /** Where its tasks are. */
  get places(): SharedTasks {
    return {
      process: this.#options.sharing.process,
      placements: this.#placements,
      local: this.#tasks.all,
      tableTasks: this.#tableTasks,
      taskOfKey: (key) => this.#taskOfKey(key),
      partsOf: (id) => this.#partsOf(id),
    };
  }

  #partsOf(id: string): TaskParts {
    const task = this.#topology?.tasks.find((each) => each.id === id);
    const stores = task === undefined ? [] : principalStores(task.part.plan).map(({ name }) => name);
    return { inputs: task?.inputs ?? [], stores };
  }

  get #tableTasks(): readonly string[] {
    const ofTable =
      this.#topology?.tasks.filter(({ part }) => part.writes === undefined && keepsTable(part.plan)) ?? [];
    return ofTable.map(({ id }) => id);
  }

  #taskOfKey(key: Row): string | undefined {
    const tasks = this.#tableTasks;
    return tasks.length <= 1 ? tasks[0] : tasks[this.#options.partitionOfKey?.(key, tasks.length) ?? -1];
  }

  get state(): PublicState {
    if (this.#hasFailed || this.#tasks.hasFailed) return 'ERROR';
    return this.#isPaused || this.#tasks.isPaused ? 'PAUSED' : 'RUNNING';
  }

  get errors(): readonly QueryError[] {
    return [...this.#errors.newest, ...this.#tasks.errors].sort((a, b) => a.timestamp - b.timestamp);
  }

  get recordsIn(): RateMeter {
    return this.#options.recordsIn;
  }

  get rowsOut(): RateMeter {
    return this.#options.rowsOut;
  }

  get badRecords(): number {
    return this.#tasks.badRecords;
  }

  get commits(): CommitFigures {
    return this.#tasks.commits;
  }

  get streamTimeMs(): number | null {
    return this.#tasks.streamTimeMs;
  }

  get positions(): readonly TaskPosition[] {
    return this.#tasks.running.flatMap((task) => task.positions);
  }

  get stateEntries(): number {
    return this.#tasks.running.reduce((sum, task) => sum + task.stateEntries, 0);
  }

  get stateBytes(): number {
    return this.#tasks.all.reduce((sum, task) => sum + task.stateBytes, 0);
  }

  get restoredRecords(): number {
    return this.#tasks.restoredRecords;
  }

  get restoreMs(): number {
    return Math.max(0, ...this.#tasks.running.map((task) => task.restoreMs));
  }

  async learnEnds(): Promise<void> {
    await Promise.all(this.#tasks.running.map((task) => task.learnEnds()));
  }

  /**
   * Makes its topics, notes in its group where it begins, and joins it. Tasks come later, when the group has given them
   * out.
   * @throws Error when a topic is missing, or is not as it must be; BrokerError
   */
  async start(): Promise<void> {
    const { broker, group, properties, tell } = this.#maker;
    const { parts, replicas } = this.#options;
    const topology = await taskTopology(parts, group, (topic) => partitionCount(broker, topic));
    this.#topology = topology;
    await checkPartitions(broker, topology);
    const isStateLost = () => lacksChangelog(broker, topology);
    await commitFirstPositions({ broker, group, properties, topology, isStateLost, tell });
    await ensureInternalTopics(broker, topology, replicas);
    await this.#tasks.learnChangelogs(topology);
    if (this.#isStopped) return;
    this.#hasFailed = false;
    this.#join(topology);
    this.#watchPartitions();
    this.#purge.start(new Set(topology.repartitions.map(({ topic }) => topic.source.topic)));
  }

  async startAgain(): Promise<void> {
    try {
      await this.start();
    } catch (error) {
      this.#fail(error);
    }
  }

  #join(topology: TaskTopology): void {
    const { broker, group, properties } = this.#maker;
    this.#hasJoined = true;
    this.#membership = broker.joinGroup!(groupOptions(group, properties, this.#options.sharing), {
      tasks: () => this.#topology?.groupTasks ?? topology.groupTasks,
      lags: () => this.#tasks.lags,
      revoked: (ids) => this.#tasks.revoke(ids),
      assigned: async (change) => this.#take(change),
      lost: async (ids, reason, isOver) => {
        // It is not waited for: what is being committed waits for the group itself, and is refused then.
        for (const id of ids) void this.#tasks.drop(id);
        if (isOver) this.#fail(reason);
      },
    });
  }

  #take({ active, standby, placements }: TaskChange): void {
    if (this.#isStopped || this.#membership === undefined) return;
    this.#placements = placements;
    const plans = new Map(this.#topology?.tasks.map((task) => [task.id, task]));
    const known = (ids: readonly string[]) => ids.flatMap((id) => plans.get(id) ?? []);
    this.#tasks.take(known(active), known(standby), this.#membership);
    this.#hasTasks = true;
    // Who shall have a task next is decided by how much there is to restore then.
    if (this.#topology !== undefined) void this.#tasks.learnChangelogs(this.#topology).catch(() => undefined);
  }

  /** It is tried again, each time after a longer wait. */
  #fail(error: unknown): void {
    if (this.#isStopped) return;
    this.#errors.add(messageWithCauses(error), 'UNKNOWN');
    this.#hasFailed = true;
    const membership = this.#membership;
    this.#membership = undefined;
    void this.#tasks.stop({ deleteState: false }).then(() => membership?.close());
    this.#retries.failed();
  }

  /** New partitions of a topic are new tasks, unless there is state: it is spread over as many as there were. */
  #watchPartitions(): void {
    const everyMs = this.#maker.properties.number('metadata.max.age.ms') ?? METADATA_AGE_MS;
    clearTimeout(this.#watching);
    this.#watching = setTimeout(() => {
      // What cannot be asked now is asked the next time.
      void this.#lookForPartitions()
        .catch(() => undefined)
        .then(() => {
          if (!this.#isStopped && !this.#hasFailed) this.#watchPartitions();
        });
    }, everyMs);
    this.#watching.unref();
  }

  async #lookForPartitions(): Promise<void> {
    const { broker, group, properties, tell } = this.#maker;
    const topology = await taskTopology(this.#options.parts, group, (topic) => partitionCount(broker, topic));
    if (topology.tasks.length === this.#topology?.tasks.length || this.#isStopped) return;
    try {
      await checkPartitions(broker, topology);
      await ensureInternalTopics(broker, topology, this.#options.replicas);
    } catch (error) {
      this.#fail(error);
      return;
    }
    await commitFirstPositions({ broker, group, properties, topology, isStateLost: async () => false, tell }).catch(
      () => undefined,
    );
    this.#topology = topology;
    this.#membership?.rejoin();
  }

  wake(): void {
    for (const task of this.#tasks.running) task.wake();
  }

  async process(): Promise<void> {
    throw new TypeError('The tasks of a query that engines share process records by themselves');
  }

  pause(): void {
    this.#isPaused = true;
    for (const task of this.#tasks.running) task.pause();
  }

  resume(): void {
    this.#isPaused = false;
    for (const task of this.#tasks.running) task.resume();
  }

  /** Whoever takes its place goes on where the group and the changelogs stand. */
  async handOver(): Promise<HandedOver> {
    await this.#leave({ deleteState: false });
    return { goOn: () => void this.startAgain() };
  }

  async stop(options: StopOptions): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    if (options.leaveState) return;
    await this.#leave(options);
    // What could not be started here may run in other engines.
    if (!options.deleteState || !this.#hasJoined || this.#topology === undefined) return;
    const { broker, group, tell } = this.#maker;
    // The engine that leaves last finds the group without members.
    await broker.deleteGroup(group).catch(() => undefined);
    await deleteInternalTopics(broker, this.#topology).catch((error: unknown) => {
      tell({ kind: 'info', text: `its internal topics could not be deleted: ${messageWithCauses(error)}` });
    });
  }

  async #leave(options: StopOptions): Promise<void> {
    this.#retries.cancel();
    this.#purge.stop();
    clearTimeout(this.#watching);
    await this.#tasks.stop(options);
    const membership = this.#membership;
    this.#membership = undefined;
    await membership?.close();
    this.#placements = [];
  }

  async whenReached(targets: readonly ReadPosition[], timeLimitMs: number): Promise<void> {
    const untilMs = performance.now() + timeLimitMs;
    const leftMs = () => Math.max(0, untilMs - performance.now());
    const isWaiting = () => this.state === 'RUNNING' && !this.#isStopped && leftMs() > 0;
    while (isWaiting() && (!this.#hasTasks || this.#tasks.areRestoring))
      await new Promise((r) => setTimeout(r, POLL_MS));
    const ends = [...targets];
    // What a part gives to the next one stands in a topic when it has reached its own targets.
    for (const { topic } of [{ topic: undefined }, ...(this.#topology?.repartitions ?? [])]) {
      if (topic !== undefined) {
        const bounds = await this.#maker.broker.offsets(topic.source.topic);
        ends.push(...bounds.map(({ partition, latest }) => ({ topic: topic.source.topic, partition, offset: latest })));
      }
      await Promise.all(this.#tasks.running.map((task) => task.whenReached(ends, leftMs())));
    }
  }
}
