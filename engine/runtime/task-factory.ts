import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Broker, ServiceHold } from '../broker/broker.ts';
import { partitionOf } from '../broker/murmur2.ts';
import { ownAggregate } from '../compile/aggregated-table.ts';
import type { Partitioning } from '../compile/compile-context.ts';
import type { MaterializedTable } from '../compile/materialized-table.ts';
import { compilePipeline, type Pipeline } from '../compile/pipeline.ts';
import type { Row } from '../operators/operator.ts';
import type { RepartitionTopic } from '../plan/cut-plan.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { StateStores } from '../state/state-stores.ts';
import type { EngineServices } from './engine-services.ts';
import type { LateRecords } from './monitoring/late-records.ts';
import { QueryProcessingLog } from './monitoring/processing-log.ts';
import type { RateMeter } from './monitoring/rate-meter.ts';
import type { QueryStart } from './query-start.ts';
import { bytesText, internalKeyOrder } from './records/internal-key.ts';
import { RecordReader } from './records/record-reader.ts';
import { type AppendBatch, RecordWriter } from './records/record-writer.ts';
import { repartitionEncoder } from './records/repartition-encoder.ts';
import { RepartitionReader } from './records/repartition-reader.ts';
import { RowEncoder } from './records/row-encoder.ts';
import type { QueryProperties } from './session/session-properties.ts';
import type { QueryState } from './state/query-state.ts';
import { aggregatePlan } from './straight/aggregate/aggregate-plan.ts';
import { EntryOutput } from './straight/aggregate/entry-output.ts';
import { makeStraightAggregate } from './straight/aggregate/make-straight-aggregate.ts';
import { makeStraightQuery } from './straight/make-straight-query.ts';
import { straightPlan } from './straight/straight-plan.ts';
import type { CommitTarget } from './task/commit-target.ts';
import { FoldedChanges } from './task/folded-changes.ts';
import { QueryTask } from './task/query-task.ts';
import type { QueryTaskOptions, ShortWay, TaskInput } from './task/query-task-options.ts';
import { type ResultSink, SinkOutput, type TaskOutput, TopicOutput } from './task/task-output.ts';
import type { TransactionalResults } from './task/transactional-results.ts';

/** What a task is made of, besides its query. */
export interface TaskParts {
  /** The whole plan of the query, or a part of it. */
  readonly plan: LogicalPlan;
  readonly state: QueryState;
  /** The consumer group of the query. */
  readonly group: string;
  readonly hold?: ServiceHold | undefined;
  readonly transactions: TransactionalResults | undefined;
  /** Takes what comes too late. */
  readonly late: LateRecords;
  /** When it was begun to read the state, on the process's own clock. */
  readonly beganMs: number;
  readonly onNotice: NonNullable<QueryTaskOptions['onNotice']>;
  /** Where the query has several tasks: what this one reads, commits to, and counts in. */
  readonly share?:
    | {
        /** Absent: it reads all partitions. */
        readonly partition: number | undefined;
        readonly commitTarget: CommitTarget;
        readonly recordsIn: RateMeter;
        readonly rowsOut: RateMeter;
        /** The repartition topics that it reads. */
        readonly reads: readonly RepartitionTopic[];
        /** The one that it writes, if it does not write the sink of the query. */
        readonly writes: { readonly topic: RepartitionTopic; readonly partitions: number } | undefined;
      }
    | undefined;
}

/** A task that is ready to be started. */
export interface MadeTask {
  readonly task: QueryTask;
  readonly table: MaterializedTable | undefined;
  /** What writes its results; absent where they go to no topic. */
  readonly encoder: RowEncoder | undefined;
  /** How many partitions its sink has. */
  readonly partitions: number;
}

/** Compiles a plan and connects it with what it reads, keeps and writes. @throws Error when a format cannot carry it */
export async function makeTask(parts: TaskParts, start: QueryStart, services: EngineServices): Promise<MadeTask> {
  const { id, properties } = start;
  const { plan, state, share, late } = parts;
  const log = new QueryProcessingLog(services.processingLog, id);
  const results = await resultsOf(parts, start, services, log, () => task.wake());
  const { encoder, partitions, folded, writer, output } = results;
  const orderOf = (await internalKeyOrder(plan)) ?? (encoder === undefined ? undefined : byteOrder(encoder));
  const isTimed = plan.sources.length > 1 || start.query.grouping?.window !== undefined;
  let isStateful = false;
  const pipeline = compilePipeline(plan, {
    stores: storesOf(state, () => {
      isStateful = true;
    }),
    log,
    onOutput: (change) => output.emit(change),
    fold: folded,
    onLate: (timeMs, streamTimeMs) => {
      if (log.current !== undefined) late.add({ ...log.current, timeMs, streamTimeMs });
    },
    orderOf,
    ...(isTimed && share?.partition === undefined
      ? { partitioning: await keyPartitioning(plan, services.broker) }
      : {}),
  });
  await state.prepareScans();
  for (const _ of pipeline.restore()) await nextTurn();
  const restoreMs = performance.now() - parts.beganMs;
  const inputs = await Promise.all(
    pipeline.inputs.map((input) => taskInput(input, share?.reads ?? [], log, properties, services)),
  );
  const to = { log, writer, encoder, output, properties, state };
  writeEntries(plan, pipeline, to);
  // Rows of a repartition topic are read by how they stand there, not by the columns of a source.
  const way = (share?.reads.length ?? 0) > 0 ? undefined : await shortWayOf(plan, pipeline, to, services);
  const task = new QueryTask({
    ...runOptions(parts, start, services),
    log,
    inputs: inputs.map((input, i) => (i === way?.input ? { ...input, shortWay: way.shortWay } : input)),
    inTimeOrder: isTimed,
    isStateful,
    restoreMs,
    output,
  });
  return { task, table: pipeline.materialized, encoder, partitions };
}

/** The stores of a state. @param onOpen called when one is opened */
function storesOf(state: QueryState, onOpen: () => void): StateStores {
  return {
    open(name, use) {
      onOpen();
      return state.open(name, use);
    },
    openRows(name) {
      onOpen();
      return state.openRows(name);
    },
    openTable(name, layout) {
      onOpen();
      return state.openTable(name, layout);
    },
    isOnDisk: state.isOnDisk,
    has: (prefix) => state.has(prefix),
  };
}

type CompiledOptions = 'log' | 'inputs' | 'inTimeOrder' | 'isStateful' | 'restoreMs' | 'output';

/** What a task has to do with others than its own pipeline. */
function runOptions(
  { state, group, hold, transactions, onNotice, share }: TaskParts,
  start: QueryStart,
  services: EngineServices,
): Omit<QueryTaskOptions, CompiledOptions> {
  const { id, properties } = start;
  return {
    queryId: id,
    broker: services.broker,
    state,
    properties,
    clock: services.clock,
    fetched: services.memory.open(`fetched records of ${id}`, 'buffers'),
    transactions,
    ...(start.results === undefined ? { consumerGroup: group } : {}),
    hold,
    // Where several engines share a group, its state tells where a task stands.
    isResumed: share === undefined && (start.isResumed ?? services.resumesQueries),
    onNotice,
    ...(start.bounded ? { bounded: true } : {}),
    manual: services.drive === 'manual',
    partition: share?.partition,
    commitTarget: share?.commitTarget,
    recordsIn: share?.recordsIn,
  };
}

/** Where the results of a task go. */
interface Results {
  readonly encoder: RowEncoder | undefined;
  readonly partitions: number;
  readonly folded?: FoldedChanges | undefined;
  readonly writer: RecordWriter | undefined;
  readonly output: TaskOutput;
}

async function resultsOf(
  { transactions, share }: TaskParts,
  start: QueryStart,
  services: EngineServices,
  log: QueryProcessingLog,
  onDue: () => void,
): Promise<Results> {
  const { properties, sink } = start;
  const { registry, broker, clock } = services;
  const append = appendTo(broker, transactions);
  if (share?.writes !== undefined) {
    const { topic, partitions } = share.writes;
    const writer = new RecordWriter(append, await repartitionEncoder(topic, registry, properties), partitions, log);
    return { encoder: undefined, partitions, writer, output: new TopicOutput(writer, clock) };
  }
  const encoder = sink === undefined ? undefined : await RowEncoder.create(sink, registry, properties);
  const partitions = sink === undefined ? 1 : ((await broker.describeTopic(sink.topic))?.partitions ?? 1);
  const folded = foldedChanges(start, services, onDue);
  const writer = encoder && new RecordWriter(append, encoder, partitions, log);
  return {
    encoder,
    partitions,
    folded,
    writer,
    output: outputOf(start, services, log, writer, folded, share?.rowsOut),
  };
}

function outputOf(
  { results }: QueryStart,
  { clock }: EngineServices,
  log: QueryProcessingLog,
  writer: RecordWriter | undefined,
  folded: FoldedChanges | undefined,
  rowsOut: RateMeter | undefined,
): TaskOutput {
  if (writer === undefined) return new SinkOutput(results ?? DISCARD, log, clock);
  return new TopicOutput(writer, clock, folded, rowsOut);
}

const appendTo =
  (broker: Broker, transactions: TransactionalResults | undefined): AppendBatch =>
  (topic, partition, batch) =>
    transactions?.append(topic, partition, batch) ?? broker.append(topic, partition, [batch]);

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
  repartitions: readonly RepartitionTopic[],
  log: QueryProcessingLog,
  properties: QueryProperties,
  services: EngineServices,
): Promise<TaskInput> {
  const { source, layout, step } = input;
  const topic = repartitions.find((each) => each.source.topic === source.topic);
  const options = { layout, step, registry: services.registry, properties, log };
  const reader = await (topic === undefined
    ? RecordReader.create({ source, ...options })
    : RepartitionReader.create({ topic, ...options }));
  return { reader, process: input.process };
}

/** What a task has of where its results go, for what passes operators by. */
interface Destination {
  readonly log: QueryProcessingLog;
  readonly writer: RecordWriter | undefined;
  readonly encoder: RowEncoder | undefined;
  readonly output: TaskOutput;
  readonly properties: QueryProperties;
  readonly state: QueryState;
}

/** Has entries of the aggregate that is the query's table written as they stand there. */
function writeEntries(plan: LogicalPlan, pipeline: Pipeline, { writer, encoder, output }: Destination): void {
  const node = ownAggregate(plan);
  if (node === undefined || writer === undefined || encoder === undefined || !(output instanceof TopicOutput)) return;
  const entries = EntryOutput.of({
    node,
    columns: plan.root.columns.map(({ expression }) => expression),
    encoder,
    writer,
    isSilent: () => output.isSilent,
    onWritten: (count) => output.written(count),
  });
  if (entries !== undefined) pipeline.writeEntries?.(entries);
}

/**
 * From bytes to bytes, where the plan is a straight line to a topic, or from bytes to the table of an aggregate: the
 * way, and which input may take it.
 */
async function shortWayOf(
  plan: LogicalPlan,
  { inputs, aggregate }: Pipeline,
  to: Destination,
  { registry }: EngineServices,
): Promise<{ readonly shortWay: ShortWay; readonly input: number } | undefined> {
  const { log, writer, encoder, output, properties, state } = to;
  const grouped = aggregate && aggregatePlan(plan);
  if (aggregate !== undefined && grouped !== undefined) {
    const input = inputs.findIndex(({ step }) => step === grouped.source.context);
    const { source, layout } = inputs[input]!;
    const parts = { plan: grouped, source, layout, registry, properties, aggregate, log };
    return { shortWay: await makeStraightAggregate(parts), input };
  }
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
