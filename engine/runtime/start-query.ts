import type { LogicalPlan } from '../plan/logical-plan.ts';
import { planQuery } from '../plan/planner.ts';
import type { EngineServices } from './engine-services.ts';
import { LateRecords } from './monitoring/late-records.ts';
import { openQueryState } from './open-query-state.ts';
import { applicationId } from './query-ids.ts';
import type { RegisteredQuery } from './query-registry.ts';
import { describeQuery, noticesOf, type QueryStart, registerAndStart, scanOrder } from './query-start.ts';
import { startSharedQuery } from './start-shared-query.ts';
import type { QueryState } from './state/query-state.ts';
import { isExactlyOnce, TransactionalResults } from './task/transactional-results.ts';
import { makeTask } from './task-factory.ts';

/** Plans, compiles and starts a query, and registers it. */
export async function startQuery(start: QueryStart, services: EngineServices): Promise<RegisteredQuery> {
  const persistent = start.results === undefined;
  const { sharing } = services;
  if (persistent && sharing !== undefined) return startSharedQuery(start, services, sharing);
  const beganMs = performance.now();
  const plan = planQuery(start.query);
  const name = persistent ? start.id : undefined;
  const state = start.handedOver?.state ?? (await openQueryState({ title: start.id, plan, name }, services));
  try {
    return await startOn(state, plan, start, services, beganMs);
  } catch (error) {
    // A state that was handed over is the business of the query that it came from.
    if (start.handedOver === undefined) state.close();
    throw error;
  }
}

/** One task has all of it. */
async function startOn(
  state: QueryState,
  plan: LogicalPlan,
  start: QueryStart,
  services: EngineServices,
  beganMs: number,
): Promise<RegisteredQuery> {
  const { id } = start;
  const persistent = start.results === undefined;
  const hold = persistent ? await services.hold() : undefined;
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
  if (sink === undefined || drive === 'manual' || !isExactlyOnce(properties, broker)) return undefined;
  return new TransactionalResults({ broker, group, open: () => broker.openTransactions!(`${group}-1`) });
}
