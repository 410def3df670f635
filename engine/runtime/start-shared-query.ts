import path from 'node:path';
import type { DataSource } from '../../language/metastore/metastore.ts';
import { partitionOf } from '../broker/murmur2.ts';
import { keptTable } from '../compile/aggregated-table.ts';
import { keepsTable } from '../compile/materialized-table.ts';
import type { Row } from '../operators/operator.ts';
import { cutPlan } from '../plan/cut-plan.ts';
import { planQuery } from '../plan/planner.ts';
import type { EngineServices } from './engine-services.ts';
import { LateRecords } from './monitoring/late-records.ts';
import { RateMeter } from './monitoring/rate-meter.ts';
import { openQueryState } from './open-query-state.ts';
import { applicationId } from './query-ids.ts';
import type { RegisteredQuery } from './query-registry.ts';
import { describeQuery, noticesOf, type QueryStart, registerAndStart, scanOrder } from './query-start.ts';
import { RowEncoder } from './records/row-encoder.ts';
import { JoinedTable } from './shared/joined-table.ts';
import { SharedQuery } from './shared/shared-query.ts';
import type { SharedTasks } from './shared/shared-tasks.ts';
import type { TaskMaker } from './shared/task-maker.ts';
import type { WorkSharing } from './shared/work-sharing.ts';
import { makeTask } from './task-factory.ts';

/** Plans a query whose tasks several engines share, joins them, and registers it. */
export async function startSharedQuery(
  start: QueryStart,
  services: EngineServices,
  sharing: WorkSharing,
): Promise<RegisteredQuery> {
  const { id, query, sink } = start;
  const plan = planQuery(query);
  const group = applicationId(services.serviceId, id, true, services.clock.nowMs());
  const { notices, onNotice } = noticesOf(id, services);
  const figures = { late: new LateRecords(), recordsIn: new RateMeter(), rowsOut: new RateMeter() };
  const maker = taskMaker(start, services, sharing, group, figures, onNotice);
  const encoder = keepsTable(plan) ? await keyEncoder(sink ?? plan.sources[0]!.source, start, services) : undefined;
  const run = new SharedQuery({
    maker,
    sharing,
    parts: cutPlan(plan, group),
    clock: services.clock,
    replicas: Number(services.setting('ksql.internal.topic.replicas') ?? -1),
    recordsIn: figures.recordsIn,
    rowsOut: figures.rowsOut,
    partitionOfKey: encoder && ((key, partitions) => keyPartition(encoder, key, partitions)),
  });
  const table = keepsTable(plan) ? new JoinedTable(() => activeTables(run.places)) : undefined;
  const registered: RegisteredQuery = {
    ...describeQuery(start, plan, group),
    run,
    table,
    late: figures.late,
    notices,
    get shared() {
      return run.places;
    },
    ...(sink === undefined || encoder === undefined
      ? {}
      : { keyOrder: scanOrder(encoder, await sinkPartitions(sink, services)) }),
  };
  await registerAndStart(registered, start, services);
  return registered;
}

/** What finds the partition of a key of the table; undefined where it could not be written, as a source may be. */
async function keyEncoder(
  source: DataSource,
  { properties, sink }: QueryStart,
  { registry }: EngineServices,
): Promise<RowEncoder | undefined> {
  try {
    return await RowEncoder.create(source, registry, properties);
  } catch (error) {
    if (sink !== undefined) throw error;
    return undefined;
  }
}

const activeTables = ({ local }: SharedTasks) =>
  local.flatMap(({ isActive, table }) => (isActive && table !== undefined ? [table] : []));

/** Rows without a key can be in any partition. */
function keyPartition(encoder: RowEncoder, key: Row, partitions: number): number {
  const bytes = encoder.encodeKey(key);
  return bytes === null ? 0 : partitionOf(bytes, partitions);
}

const sinkPartitions = async ({ topic }: DataSource, { broker }: EngineServices): Promise<number> =>
  (await broker.describeTopic(topic))?.partitions ?? 1;

interface Figures {
  readonly late: LateRecords;
  readonly recordsIn: RateMeter;
  readonly rowsOut: RateMeter;
}

function taskMaker(
  start: QueryStart,
  services: EngineServices,
  { process }: WorkSharing,
  group: string,
  { late, recordsIn, rowsOut }: Figures,
  tell: TaskMaker['tell'],
): TaskMaker {
  const { id: queryId, properties } = start;
  const { broker, memory } = services;
  return {
    queryId,
    group,
    broker,
    properties,
    memory,
    process,
    // In a file for each task. What no changelog keeps is made anew all the same.
    openState: ({ id, changelog, part: { plan } }) => {
      const kept = changelog === undefined ? { name: undefined } : { name: path.join(queryId, id), changelog };
      return openQueryState({ title: `${queryId}, task ${id}`, plan, ...kept }, services);
    },
    tableOf: ({ part }, state) => keptTable(part.plan, state),
    tell,
    makeTask({ plan, state, commitTarget, transactions, beganMs }) {
      const { part, writtenPartitions } = plan;
      const partition = part.isWhole ? undefined : plan.partition;
      const writes = part.writes && { topic: part.writes, partitions: writtenPartitions };
      const share = { partition, commitTarget, recordsIn, rowsOut, reads: part.reads, writes };
      const parts = { plan: part.plan, state, group, transactions, late, beganMs, onNotice: tell, share };
      return makeTask(parts, start, services);
    },
  };
}
