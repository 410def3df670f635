import path from 'node:path';
import { aggregateLayouts } from '../compile/aggregate.ts';
import { SYNC_PROPERTY, syncPolicy } from '../files/sync-policy.ts';
import { planQuery } from '../plan/planner.ts';
import type { EngineServices } from './engine-services.ts';
import { LateRecords } from './monitoring/late-records.ts';
import { applicationId } from './query-ids.ts';
import type { RegisteredQuery } from './query-registry.ts';
import { describeQuery, noticesOf, type QueryStart, registerAndStart, scanOrder } from './query-start.ts';
import { startSharedQuery } from './start-shared-query.ts';
import { QueryState } from './state/query-state.ts';
import { STATE_STORE_PROPERTY, stateFileChoice } from './state/state-file-choice.ts';
import { TransactionalResults } from './task/transactional-results.ts';
import { makeTask } from './task-factory.ts';

/** Plans, compiles and starts a query, and registers it. */
export async function startQuery(start: QueryStart, services: EngineServices): Promise<RegisteredQuery> {
  const persistent = start.results === undefined;
  const { sharing } = services;
  if (persistent && sharing !== undefined) return startSharedQuery(start, services, sharing);
  const beganMs = performance.now();
  const state = start.handedOver?.state ?? (await openState(start, services));
  try {
    return await startOn(state, start, services, beganMs);
  } catch (error) {
    // A state that was handed over is the business of the query that it came from.
    if (start.handedOver === undefined) state.close();
    throw error;
  }
}

function openState({ id, query, results }: QueryStart, services: EngineServices): Promise<QueryState> {
  const { memory, stateDir, stateFiles: handles } = services;
  if (results !== undefined || stateDir === undefined) return QueryState.open({ memory, queryId: id });
  const sync = syncPolicy(services.setting(SYNC_PROPERTY));
  const kind = services.setting(STATE_STORE_PROPERTY);
  const file = stateFileChoice(path.join(stateDir, 'queries'), id, kind, { handles, sync });
  return QueryState.open({ memory, queryId: id, file, layoutOf: aggregateLayouts(planQuery(query)) });
}

/** One task has all of it. */
async function startOn(
  state: QueryState,
  start: QueryStart,
  services: EngineServices,
  beganMs: number,
): Promise<RegisteredQuery> {
  const { id, query } = start;
  const persistent = start.results === undefined;
  const hold = persistent ? await services.hold() : undefined;
  const plan = planQuery(query);
  const group = applicationId(services.serviceId, id, persistent, services.clock.nowMs());
  const { notices, onNotice } = noticesOf(id, services);
  const late = new LateRecords();
  const transactions = transactionalResults(group, start, services);
  const parts = { plan, state, group, hold, transactions, late, beganMs, onNotice };
  const { task, table, encoder, partitions } = await makeTask(parts, start, services);
  const described = { ...describeQuery(start, plan, group), run: task, table, late, notices };
  const registered = encoder === undefined ? described : { ...described, keyOrder: scanOrder(encoder, partitions) };
  await registerAndStart(registered, start, services);
  return registered;
}

/** Where a query is to count each record exactly once, and the broker has transactions. */
function transactionalResults(
  group: string,
  { properties, sink }: QueryStart,
  { broker, drive }: EngineServices,
): TransactionalResults | undefined {
  const isWanted = properties.get('processing.guarantee')?.startsWith('exactly_once') === true;
  if (!isWanted || sink === undefined || drive === 'manual' || broker.openTransactions === undefined) return undefined;
  return new TransactionalResults({ broker, group, open: () => broker.openTransactions!(`${group}-1`) });
}
