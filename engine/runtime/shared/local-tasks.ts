import type { QueryError } from '../../api/protocol.ts';
import type { GroupMembership } from '../../broker/groups/group-membership.ts';
import type { QueryTask } from '../task/query-task.ts';
import type { StopOptions } from '../task/query-task-options.ts';
import type { CommitFigures } from '../task/task-commits.ts';
import { ActiveTask } from './active-task.ts';
import type { LocalTask } from './shared-tasks.ts';
import { StandbyTask } from './standby-task.ts';
import type { TaskMaker } from './task-maker.ts';
import type { TaskPlan, TaskTopology } from './task-topology.ts';

export interface LocalTasksOptions {
  readonly maker: TaskMaker;
  readonly isPaused: () => boolean;
  /** So many records behind a state counts as restored. */
  readonly acceptableLag: () => number;
  readonly onError: (error: unknown) => void;
  /** The state of a standby has come near enough: the task may come here. */
  readonly onRestored: () => void;
}

/** What this engine has of a query's tasks, and what they have done all together. */
export class LocalTasks {
  readonly #options: LocalTasksOptions;
  readonly #active = new Map<string, ActiveTask>();
  readonly #standby = new Map<string, StandbyTask>();
  /** By the id of a task: what ends of it, before anything of it begins again. */
  readonly #ending = new Map<string, Promise<void>>();
  /** Those that have told that they are near enough. */
  readonly #restored = new Set<string>();
  /** How many records the changelogs of tasks held at the start: so far is a state behind that is not here. */
  #changelogSizes: ReadonlyMap<string, number> = new Map();
  #endedCommits: CommitFigures = { count: 0, totalMs: 0 };
  #endedBadRecords = 0;
  #endedRestoredRecords = 0;

  constructor(options: LocalTasksOptions) {
    this.#options = options;
  }

  get all(): readonly LocalTask[] {
    return [...this.#active.values(), ...this.#standby.values()];
  }

  /** Those whose state is there. */
  get running(): readonly QueryTask[] {
    return [...this.#active.values()].flatMap(({ task }) => task ?? []);
  }

  get areRestoring(): boolean {
    return [...this.#active.values()].some(({ isRestoring, problem }) => isRestoring && problem === undefined);
  }

  get hasFailed(): boolean {
    return [...this.#active.values()].some(({ problem, task }) => problem !== undefined || task?.state === 'ERROR');
  }

  /** Whether one of them has paused by itself. */
  get isPaused(): boolean {
    return this.running.some((task) => task.state === 'PAUSED');
  }

  get errors(): readonly QueryError[] {
    return this.running.flatMap((task) => task.errors);
  }

  get badRecords(): number {
    return this.running.reduce((sum, task) => sum + task.badRecords, this.#endedBadRecords);
  }

  get restoredRecords(): number {
    return [...this.#active.values()].reduce((sum, task) => sum + task.restoredRecords, this.#endedRestoredRecords);
  }

  get commits(): CommitFigures {
    const sum = { ...this.#endedCommits };
    for (const { commits } of this.running) {
      sum.count += commits.count;
      sum.totalMs += commits.totalMs;
    }
    return sum;
  }

  get streamTimeMs(): number | null {
    const times = this.running.flatMap((task) => task.streamTimeMs ?? []);
    return times.length === 0 ? null : Math.max(...times);
  }

  /** How far the state that is here, or is not, is behind the changelogs: 0 for what is done here. */
  get lags(): Readonly<Record<string, number>> {
    const lags = Object.fromEntries(this.#changelogSizes);
    for (const [id, { lag }] of this.#standby) if (lag !== undefined) lags[id] = lag;
    for (const [id, { isRestoring }] of this.#active) if (!isRestoring) lags[id] = 0;
    return lags;
  }

  /** Asks how much there is to restore of each task. @throws BrokerError */
  async learnChangelogs({ tasks }: TaskTopology): Promise<void> {
    const { broker } = this.#options.maker;
    const sizes = new Map<string, number>();
    const topics = new Set(tasks.flatMap(({ changelog }) => changelog?.topics ?? []));
    for (const topic of topics) {
      for (const { partition, earliest, latest } of await broker.offsets(topic)) {
        for (const task of tasks)
          if (task.partition === partition && task.changelog?.topics.includes(topic))
            sizes.set(task.id, (sizes.get(task.id) ?? 0) + latest - earliest);
      }
    }
    this.#changelogSizes = sizes;
  }

  /** Takes on what the group gives; what it does not give any more has been revoked before. */
  take(active: readonly TaskPlan[], standby: readonly TaskPlan[], membership: GroupMembership): void {
    const activeIds = new Set(active.map(({ id }) => id));
    const standbyIds = new Set(standby.map(({ id }) => id));
    for (const [id, task] of this.#standby)
      if (!standbyIds.has(id) && !activeIds.has(id)) this.#end(id, () => this.#forget(task));
    for (const plan of active) if (!this.#active.has(plan.id)) this.#begin(plan, membership);
    for (const plan of standby)
      if (!this.#standby.has(plan.id) && !this.#active.has(plan.id) && plan.changelog !== undefined) this.#follow(plan);
  }

  #begin(plan: TaskPlan, membership: GroupMembership): void {
    const { maker, isPaused, onError } = this.#options;
    const { id } = plan;
    const standby = this.#standby.get(id);
    this.#standby.delete(id);
    const after = this.#ending.get(id) ?? Promise.resolve();
    this.#active.set(id, new ActiveTask({ plan, maker, membership, standby, after, isPaused, onError }));
  }

  #follow(plan: TaskPlan): void {
    const { maker, onError } = this.#options;
    const after = this.#ending.get(plan.id) ?? Promise.resolve();
    this.#restored.delete(plan.id);
    const onLag = () => this.#looksRestored();
    this.#standby.set(plan.id, new StandbyTask({ plan, maker, after, onLag, onError }));
  }

  /** Tasks are given out anew once all that is restored here has come near enough. */
  #looksRestored(): void {
    const limit = this.#options.acceptableLag();
    const near = [...this.#standby].filter(([, { lag }]) => lag !== undefined && lag <= limit).map(([id]) => id);
    if (near.length < this.#standby.size || near.every((id) => this.#restored.has(id))) return;
    for (const id of near) this.#restored.add(id);
    this.#options.onRestored();
  }

  #forget(task: StandbyTask): Promise<void> {
    this.#standby.delete(task.id);
    return task.stop({ deleteState: false });
  }

  /** Commits tasks and lets them go. */
  async revoke(ids: readonly string[]): Promise<void> {
    await Promise.all(ids.map((id) => this.#stopTask(id, { deleteState: false })));
  }

  /** Lets a task go that may be another's already. */
  drop(id: string): Promise<void> {
    return this.#stopTask(id, { deleteState: false, dropsWork: true });
  }

  /** Ends everything. */
  async stop(options: StopOptions): Promise<void> {
    const active = [...this.#active.keys()].map((id) => this.#stopTask(id, options));
    const standby = [...this.#standby].map(([id, task]) => {
      this.#standby.delete(id);
      return this.#end(id, () => task.stop(options));
    });
    await Promise.all([...active, ...standby, ...this.#ending.values()]);
  }

  #stopTask(id: string, options: StopOptions): Promise<void> {
    const active = this.#active.get(id);
    if (active === undefined) return this.#ending.get(id) ?? Promise.resolve();
    this.#active.delete(id);
    return this.#end(id, async () => {
      await active.stop(options);
      const { task, restoredRecords } = active;
      this.#endedRestoredRecords += restoredRecords;
      if (task === undefined) return;
      const { count, totalMs } = this.#endedCommits;
      this.#endedCommits = { count: count + task.commits.count, totalMs: totalMs + task.commits.totalMs };
      this.#endedBadRecords += task.badRecords;
    });
  }

  /** Has something end, and keeps what comes of the same task waiting. */
  #end(id: string, ends: () => Promise<void>): Promise<void> {
    const ending = ends()
      .catch((error: unknown) => this.#options.onError(error))
      .finally(() => {
        if (this.#ending.get(id) === ending) this.#ending.delete(id);
      });
    this.#ending.set(id, ending);
    return ending;
  }
}
