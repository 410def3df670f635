import type { MaterializedTable } from '../../compile/materialized-table.ts';
import type { QueryState } from '../state/query-state.ts';
import { StandbyState } from '../state/standby-state.ts';
import type { LocalTask } from './shared-tasks.ts';
import type { TaskMaker } from './task-maker.ts';
import type { TaskPlan } from './task-topology.ts';

/** How often it is looked how far behind it is. */
const LOOK_MS = 1000;

export interface StandbyTaskOptions {
  readonly plan: TaskPlan;
  readonly maker: TaskMaker;
  /** Resolves when what this engine had of the task before is closed. */
  readonly after: Promise<unknown>;
  /** Told when the lag is known anew. */
  readonly onLag: () => void;
  readonly onError: (error: unknown) => void;
}

/** The state of a task that another engine does, kept up to date here to be ready for it. */
export class StandbyTask implements LocalTask {
  readonly isActive = false;
  readonly isRestoring = false;
  readonly isCurrent = false;
  readonly positions = [];
  readonly #options: StandbyTaskOptions;
  readonly #opening: Promise<void>;
  #isStopped = false;
  #state: QueryState | undefined;
  #standby: StandbyState | undefined;
  #table: MaterializedTable | undefined;
  #looking: NodeJS.Timeout | undefined;
  #lag: number | undefined;
  #changelog = { position: 0, endOffset: 0 };

  /** Begins to follow. */
  constructor(options: StandbyTaskOptions) {
    this.#options = options;
    this.#opening = this.#open().catch((error: unknown) => options.onError(error));
  }

  get id(): string {
    return this.#options.plan.id;
  }

  get plan(): TaskPlan {
    return this.#options.plan;
  }

  get table(): MaterializedTable | undefined {
    return this.#table;
  }

  get stateBytes(): number {
    return this.#state?.sizeBytes ?? 0;
  }

  get changelog(): LocalTask['changelog'] {
    return this.#changelog;
  }

  /** How many records it is behind its changelogs; undefined before that is known. */
  get lag(): number | undefined {
    return this.#lag;
  }

  /** Follows no more, and closes its state. */
  async stop({ deleteState }: { readonly deleteState: boolean }): Promise<void> {
    const state = await this.release();
    if (deleteState) state?.delete();
    else state?.close();
  }

  /** Follows no more. @returns its state, which is behind the changelogs, for who goes on with it */
  async release(): Promise<QueryState | undefined> {
    this.#isStopped = true;
    clearTimeout(this.#looking);
    await this.#opening;
    try {
      await this.#standby?.stop();
    } catch (error) {
      // What the file lacks is read from the changelog once more.
      this.#options.onError(error);
    }
    return this.#state;
  }

  async #open(): Promise<void> {
    const { plan, maker, after, onError } = this.#options;
    await after;
    if (this.#isStopped) return;
    this.#state = await maker.openState(plan);
    this.#table = maker.tableOf(plan, this.#state);
    const { broker, memory } = maker;
    this.#standby = new StandbyState(this.#state, { broker, memory, onError });
    void this.#look();
  }

  async #look(): Promise<void> {
    try {
      const lags = await this.#standby!.lags();
      this.#lag = lags.reduce((sum, { offset, endOffset }) => sum + endOffset - offset, 0);
      const [first] = lags;
      if (first !== undefined) this.#changelog = { position: first.offset, endOffset: first.endOffset };
      this.#options.onLag();
    } catch {
      // A broker that does not answer now does so the next time.
    }
    if (this.#isStopped) return;
    this.#looking = setTimeout(() => void this.#look(), LOOK_MS);
    this.#looking.unref();
  }
}
