import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DataSource } from '../../language/metastore/metastore.ts';
import type { AnalyzedQuery } from '../../language/query/analyzed.ts';
import type { Broker } from '../broker/broker.ts';
import { partitionOf } from '../broker/murmur2.ts';
import type { Partitioning } from '../compile/compile-context.ts';
import { compilePipeline, type Pipeline } from '../compile/pipeline.ts';
import { SYNC_PROPERTY, syncPolicy } from '../files/sync-policy.ts';
import type { Row } from '../operators/operator.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import { printPlan, printTopology } from '../plan/plan-printer.ts';
import { planQuery } from '../plan/planner.ts';
import type { EngineServices } from './engine-services.ts';
import { LateRecords } from './monitoring/late-records.ts';
import { QueryProcessingLog } from './monitoring/processing-log.ts';
import { applicationId } from './query-ids.ts';
import type { RegisteredQuery } from './query-registry.ts';
import { bytesText, internalKeyOrder } from './records/internal-key.ts';
import { RecordReader } from './records/record-reader.ts';
import { type AppendBatch, RecordWriter } from './records/record-writer.ts';
import { Partitioner, RowEncoder } from './records/row-encoder.ts';
import type { QueryProperties } from './session/session-properties.ts';
import { QueryState } from './state/query-state.ts';
import { STATE_STORE_PROPERTY, stateFileChoice } from './state/state-file-choice.ts';
import { makeStraightQuery } from './straight/make-straight-query.ts';
import { straightPlan } from './straight/straight-plan.ts';
import { FoldedChanges } from './task/folded-changes.ts';
import type { HandedOver } from './task/query-run.ts';
import { QueryTask } from './task/query-task.ts';
import type { QueryTaskOptions, ShortWay, TaskInput } from './task/query-task-options.ts';
import { type ResultSink, SinkOutput, type TaskOutput, TopicOutput } from './task/task-output.ts';
import { TransactionalResults } from './task/transactional-results.ts';

export interface QueryStart {
  readonly id: string;
  readonly query: AnalyzedQuery;
  readonly statementText: string;
  readonly properties: QueryProperties;
  readonly overriddenProperties: RegisteredQuery['overriddenProperties'];
  /** The source whose topic the results go to; absent for push queries. */
  readonly sink?: DataSource;
  /** The table that the query only keeps for lookups (CREATE SOURCE TABLE). */
  readonly sourceTable?: string;
  /** Takes the results of a query without a sink. */
  readonly results?: ResultSink;
  /** Ends at what the topics hold now. */
  readonly bounded?: boolean;
  readonly onStop?: () => void;
  /** Only made and registered; its task is started later. */
  readonly deferred?: boolean;
  /** It was there before, under the same id: it goes on where it stood. */
  readonly isResumed?: boolean;
  /** What the query leaves whose place it takes; that one holds still. */
  readonly handedOver?: HandedOver | undefined;
}

/** Plans, compiles and starts a query, and registers it. */
export async function startQuery(start: QueryStart, services: EngineServices): Promise<RegisteredQuery> {
  const { id } = start;
  const persistent = start.results === undefined;
  const startMs = performance.now();
  const state = start.handedOver?.state ?? (await openState(id, persistent, services));
  try {
    return await startOn(state, start, services, startMs);
  } catch (error) {
    // A state that was handed over is the business of the query that it came from.
    if (start.handedOver === undefined) state.close();
    throw error;
  }
}

function openState(id: string, persistent: boolean, services: EngineServices): Promise<QueryState> {
  const { memory, stateDir, stateFiles: handles } = services;
  if (!persistent || stateDir === undefined) return QueryState.open({ memory, queryId: id });
  const sync = syncPolicy(services.setting(SYNC_PROPERTY));
  const kind = services.setting(STATE_STORE_PROPERTY);
  const file = stateFileChoice(path.join(stateDir, 'queries'), id, kind, { handles, sync });
  return QueryState.open({ memory, queryId: id, file });
}

async function startOn(
  state: QueryState,
  start: QueryStart,
  services: EngineServices,
  startMs: number,
): Promise<RegisteredQuery> {
  const { id, query, properties, sink } = start;
  const persistent = start.results === undefined;
  const hold = persistent ? await services.hold() : undefined;
  const plan = planQuery(query);
  const log = new QueryProcessingLog(services.processingLog, id);
  const encoder = sink === undefined ? undefined : await RowEncoder.create(sink, services.registry, properties);
  const orderOf = (await internalKeyOrder(plan)) ?? (encoder === undefined ? undefined : byteOrder(encoder));
  const partitions = sink === undefined ? 1 : ((await services.broker.describeTopic(sink.topic))?.partitions ?? 1);
  const group = applicationId(services.serviceId, id, persistent, services.clock.nowMs());
  const transactions = sink === undefined ? undefined : transactionalResults(group, start, services);
  const folded = foldedChanges(start, services, () => task.wake());
  const writer = encoder && new RecordWriter(appendTo(services.broker, transactions), encoder, partitions, log);
  const output = outputOf(start, services, log, writer, folded);
  const isTimed = plan.sources.length > 1 || query.grouping?.window !== undefined;
  const late = new LateRecords();
  let isStateful = false;
  const pipeline = compilePipeline(plan, {
    stores: {
      open(name, use) {
        isStateful = true;
        return state.open(name, use);
      },
      openRows: (name) => state.openRows(name),
      has: (prefix) => state.has(prefix),
    },
    log,
    onOutput: (change) => output.emit(change),
    fold: folded,
    onLate: (timeMs, streamTimeMs) => {
      if (log.current !== undefined) late.add({ ...log.current, timeMs, streamTimeMs });
    },
    orderOf,
    ...(isTimed ? { partitioning: await keyPartitioning(plan, services.broker) } : {}),
  });
  await state.prepareScans();
  for (const _ of pipeline.restore()) await nextTurn();
  const restoreMs = performance.now() - startMs;
  const inputs = await Promise.all(pipeline.inputs.map((input) => taskInput(input, log, properties, services)));
  const way = await shortWayOf(plan, pipeline, { writer, encoder, output, properties, state }, services);
  const { notices, onNotice } = noticesOf(id, services);
  const task = new QueryTask({
    queryId: id,
    broker: services.broker,
    state,
    log,
    properties,
    clock: services.clock,
    inputs: inputs.map((input, i) => (i === way?.input ? { ...input, shortWay: way.shortWay } : input)),
    fetched: services.memory.open(`fetched records of ${id}`, 'buffers'),
    inTimeOrder: isTimed,
    transactions,
    ...(persistent ? { consumerGroup: group } : {}),
    hold,
    isResumed: start.isResumed ?? services.resumesQueries,
    isStateful,
    restoreMs,
    onNotice,
    output,
    ...(start.bounded ? { bounded: true } : {}),
    manual: services.drive === 'manual',
  });
  const described = { ...describeQuery(start, plan, pipeline, group, task), late, notices };
  const registered = encoder === undefined ? described : { ...described, keyOrder: scanOrder(encoder, partitions) };
  await startTask(registered, start, services);
  return registered;
}

/** What is told of how a query found its place, and where it is told. */
function noticesOf(
  id: string,
  services: EngineServices,
): Required<Pick<QueryTaskOptions, 'onNotice'>> & { notices: string[] } {
  const notices: string[] = [];
  return {
    notices,
    onNotice({ kind, text }) {
      notices.push(text);
      services.onNotice(`Query ${id}: ${text}`);
      if (kind === 'loss') services.processingLog.notice(`processing.${id}`, `Query ${id}: ${text}`);
    },
  };
}

/** Registers a query, and starts it unless that is for later. */
async function startTask(query: RegisteredQuery, start: QueryStart, services: EngineServices): Promise<void> {
  services.queries.add(query);
  if (start.deferred === true) return;
  try {
    await query.run.start();
  } catch (error) {
    await services.queries.remove(query.id, { deleteState: true, leaveState: start.handedOver !== undefined });
    throw error;
  }
}

function outputOf(
  { results }: QueryStart,
  { clock }: EngineServices,
  log: QueryProcessingLog,
  writer: RecordWriter | undefined,
  folded: FoldedChanges | undefined,
): TaskOutput {
  return writer === undefined ? new SinkOutput(results ?? DISCARD, log, clock) : new TopicOutput(writer, clock, folded);
}

const appendTo =
  (broker: Broker, transactions: TransactionalResults | undefined): AppendBatch =>
  (topic, partition, batch) =>
    transactions?.append(topic, partition, batch) ?? broker.append(topic, partition, [batch]);

/** Where a query is to count each record exactly once, and the broker has transactions. */
function transactionalResults(
  group: string,
  { properties }: QueryStart,
  { broker, drive }: EngineServices,
): TransactionalResults | undefined {
  const isWanted = properties.get('processing.guarantee')?.startsWith('exactly_once') === true;
  if (!isWanted || drive === 'manual' || broker.openTransactions === undefined) return undefined;
  return new TransactionalResults({ broker, group, open: () => broker.openTransactions!(`${group}-1`) });
}

/** The changes of a table are folded, unless the cache is switched off, or each of them is final. */
function foldedChanges(
  { query: { output, emit }, sink, properties }: QueryStart,
  { drive }: EngineServices,
  onDue: () => void,
): FoldedChanges | undefined {
  const limitBytes = properties.number('cache.max.bytes.buffering') ?? 0;
  const intervalMs = properties.number('commit.interval.ms') ?? 0;
  const isTable = sink !== undefined && output.kind === 'TABLE' && emit !== 'FINAL';
  if (!isTable || limitBytes <= 0 || drive === 'manual') return undefined;
  return new FoldedChanges({ limitBytes, intervalMs, hasSessions: output.window?.type === 'SESSION', onDue });
}

/** The results of a materialised source table are its state; nothing is written. */
const DISCARD: ResultSink = { accept: () => true, full: false, end() {}, fail() {} };

async function taskInput(
  input: Pipeline['inputs'][number],
  log: QueryProcessingLog,
  properties: QueryProperties,
  services: EngineServices,
): Promise<TaskInput> {
  const { source, layout, step } = input;
  const reader = await RecordReader.create({ source, layout, step, registry: services.registry, properties, log });
  return { reader, process: input.process };
}

/** From bytes to bytes, where the plan is a straight line to a topic: the way, and which input may take it. */
async function shortWayOf(
  plan: LogicalPlan,
  { inputs }: Pipeline,
  to: {
    readonly writer: RecordWriter | undefined;
    readonly encoder: RowEncoder | undefined;
    readonly output: TaskOutput;
    readonly properties: QueryProperties;
    readonly state: QueryState;
  },
  { registry }: EngineServices,
): Promise<{ readonly shortWay: ShortWay; readonly input: number } | undefined> {
  const { writer, encoder, output, properties, state } = to;
  if (writer === undefined || encoder === undefined || !(output instanceof TopicOutput)) return undefined;
  const straight = straightPlan(plan, encoder.source);
  if (straight === undefined) return undefined;
  const input = inputs.findIndex(({ step }) => step === straight.source.context);
  const { source, layout } = inputs[input]!;
  const onWritten = (count: number) => output.written(count);
  const open = (store: string) => state.open(store);
  const parts = { plan: straight, source, layout, registry, properties, encoder, writer, onWritten, open };
  return { shortWay: await makeStraightQuery(parts), input };
}

/** The order of the sink's keys as bytes, where the query's own keys have none. */
function byteOrder(encoder: RowEncoder): (key: Row) => string {
  return (key) => bytesText(encoder.encodeKey(key));
}

/**
 * Keys are spread over as many partitions as the sources have: topics that ksqlDB makes to spread them anew have no
 * more.
 */
async function keyPartitioning({ sources }: LogicalPlan, broker: Broker): Promise<Partitioning> {
  const topics = await Promise.all(sources.map(({ source }) => broker.describeTopic(source.topic)));
  const count = Math.max(1, ...topics.map((topic) => topic?.partitions ?? 1));
  return { count, of: (keyBytes) => partitionOf(Buffer.from(keyBytes, 'latin1'), count) };
}

/** A pull query reads a table partition by partition. */
function scanOrder(encoder: RowEncoder, partitions: number): (key: Row) => string {
  const partitioner = new Partitioner(partitions);
  return (key) => {
    const bytes = encoder.encodeKey(key);
    return String.fromCharCode(partitioner.partition(bytes)) + bytesText(bytes);
  };
}

function describeQuery(
  start: QueryStart,
  plan: LogicalPlan,
  pipeline: Pipeline,
  group: string,
  task: QueryTask,
): Omit<RegisteredQuery, 'late' | 'notices'> {
  const { id, query, sink, statementText, overriddenProperties } = start;
  const windowType = query.output.window?.type;
  return {
    id,
    type: start.results === undefined ? 'PERSISTENT' : 'PUSH',
    statementText,
    sources: plan.sources.map(({ source }) => source.name),
    columns: query.output.schema.columns,
    overriddenProperties,
    consumerGroupId: group,
    executionPlan: printPlan(plan),
    topology: printTopology(plan, sink?.topic),
    run: task,
    inputTopics: pipeline.inputs.map(({ source }) => source.topic),
    repartitions: plan.repartitions,
    table: pipeline.materialized,
    sink,
    sourceTable: start.sourceTable,
    windowType,
    onStop: start.onStop,
  };
}
