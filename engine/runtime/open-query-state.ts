import path from 'node:path';
import { aggregateLayouts } from '../compile/aggregate.ts';
import { SYNC_PROPERTY, syncPolicy } from '../files/sync-policy.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { EngineServices } from './engine-services.ts';
import { QueryState, type QueryStateOptions } from './state/query-state.ts';
import { STATE_STORE_PROPERTY, stateFileChoice } from './state/state-file-choice.ts';

export interface StateOf extends Pick<QueryStateOptions, 'changelog'> {
  /** What it is the state of, for who looks at memory. */
  readonly title: string;
  /** What runs over it. */
  readonly plan: LogicalPlan;
  /** Where it is kept, below the folder of all queries' state; absent: in memory only. */
  readonly name: string | undefined;
}

/** Opens the state of a query, or of one of its tasks: in a file, where the engine has a state directory. */
export function openQueryState(
  { title, plan, name, ...kept }: StateOf,
  { memory, stateDir, stateFiles: handles, setting }: EngineServices,
): Promise<QueryState> {
  const options = { memory, queryId: title, layoutOf: aggregateLayouts(plan), ...kept };
  if (name === undefined || stateDir === undefined) return QueryState.open(options);
  const sync = syncPolicy(setting(SYNC_PROPERTY));
  const file = stateFileChoice(path.join(stateDir, 'queries'), name, setting(STATE_STORE_PROPERTY), { handles, sync });
  return QueryState.open({ ...options, file });
}
