import type { Broker } from '../../broker/broker.ts';
import type { MaterializedTable } from '../../compile/materialized-table.ts';
import type { MemoryBudget } from '../../memory/memory-budget.ts';
import type { QueryProperties } from '../session/session-properties.ts';
import type { QueryState } from '../state/query-state.ts';
import type { CommitTarget } from '../task/commit-target.ts';
import type { QueryTask } from '../task/query-task.ts';
import type { StartNotice } from '../task/start-positions.ts';
import type { TransactionalResults } from '../task/transactional-results.ts';
import type { TaskPlan } from './task-topology.ts';

/** A task ready to be started. */
export interface MadeTask {
  readonly task: QueryTask;
  /** The part of the query's table that it keeps. */
  readonly table: MaterializedTable | undefined;
}

/** What a task is made of that is not the query's. */
export interface TaskPieces {
  readonly plan: TaskPlan;
  readonly state: QueryState;
  readonly commitTarget: CommitTarget;
  readonly transactions: TransactionalResults | undefined;
  /** When it was begun to read the state, on the process's own clock. */
  readonly beganMs: number;
}

/** What the tasks of one query have in common. */
export interface TaskMaker {
  readonly queryId: string;
  readonly group: string;
  readonly broker: Broker;
  readonly properties: QueryProperties;
  readonly memory: MemoryBudget;
  /** An id of the process. */
  readonly process: string;
  /** Opens the state that this engine has of a task, in its file where there is a state directory. @throws FileError */
  openState(plan: TaskPlan): Promise<QueryState>;
  /** Compiles the part of the plan and connects it. @throws Error when a format or a setting is wrong */
  makeTask(pieces: TaskPieces): Promise<MadeTask>;
  /** The table that a state keeps for a query. */
  tableOf(plan: TaskPlan, state: QueryState): MaterializedTable | undefined;
  /** Tells what users should know. */
  tell(notice: StartNotice): void;
}
