import { partitionOf } from '../../../engine/broker/murmur2.ts';
import type { RecordBatch } from '../../../engine/broker/record-batch.ts';
import { compilePipeline, type Pipeline } from '../../../engine/compile/pipeline.ts';
import type { Change } from '../../../engine/operators/operator.ts';
import { cutPlan, type RepartitionTopic, type SubTopology } from '../../../engine/plan/cut-plan.ts';
import type { LogicalPlan } from '../../../engine/plan/logical-plan.ts';
import { planQuery } from '../../../engine/plan/planner.ts';
import { ProcessingLogBook, QueryProcessingLog } from '../../../engine/runtime/monitoring/processing-log.ts';
import type { ChangeReader } from '../../../engine/runtime/records/change-reader.ts';
import { internalKeyOrder } from '../../../engine/runtime/records/internal-key.ts';
import { RecordReader } from '../../../engine/runtime/records/record-reader.ts';
import { RecordWriter } from '../../../engine/runtime/records/record-writer.ts';
import { repartitionEncoder } from '../../../engine/runtime/records/repartition-encoder.ts';
import { RepartitionReader } from '../../../engine/runtime/records/repartition-reader.ts';
import { RowEncoder } from '../../../engine/runtime/records/row-encoder.ts';
import { QueryProperties } from '../../../engine/runtime/session/session-properties.ts';
import { QueryState } from '../../../engine/runtime/state/query-state.ts';
import type { TaskInput } from '../../../engine/runtime/task/query-task-options.ts';
import { analyzeScript, EMPTY_METASTORE, parseScript } from '../../../language/index.ts';
import type { DataSource } from '../../../language/metastore/metastore.ts';

const PROPERTIES = new QueryProperties(new Map(), new Map());

/** A script's sources, and the plan of its last statement. */
export function planScript(text: string): { readonly plan: LogicalPlan; readonly sources: readonly DataSource[] } {
  const script = parseScript(text, { dialect: 'latest' });
  const settings = { dialect: 'latest', offline: true, properties: new Map(), variables: new Map() } as const;
  const { statements, diagnostics, metastore } = analyzeScript(script, EMPTY_METASTORE, settings);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(`${text}\n${errors.map(({ message }) => message).join('\n')}`);
  const last = statements.at(-1)!;
  if (!('query' in last)) throw new Error(`No query: ${text}`);
  return { plan: planQuery(last.query), sources: [...metastore.sources.values()] };
}

/** A record on its way into a topic. */
export interface TopicRecord {
  readonly topic: string;
  readonly partition: number;
  readonly batch: RecordBatch;
}

/** Gives records the offsets of their partitions, in the order in which they come. */
export class Offsets {
  readonly #next = new Map<string, number>();

  stamp({ topic, partition, batch }: TopicRecord): void {
    const place = `${topic}-${partition}`;
    const offset = this.#next.get(place) ?? 0;
    batch.baseOffset = offset;
    this.#next.set(place, offset + batch.count);
  }
}

/** A change of a source as the records that its topic then has. */
export async function recordsOf(
  source: DataSource,
  changes: readonly Change[],
  partitions: number,
): Promise<readonly TopicRecord[]> {
  const records: TopicRecord[] = [];
  const append = async (topic: string, partition: number, batch: RecordBatch) =>
    void records.push({ topic, partition, batch });
  const encoder = await RowEncoder.create(source, undefined, PROPERTIES);
  const log = new QueryProcessingLog(new ProcessingLogBook({ nowMs: () => 0 }, false), 'inputs');
  const writer = new RecordWriter(append, encoder, partitions, log);
  for (const change of changes) {
    writer.write(change);
    await writer.flush();
  }
  return records;
}

/** What came out of a query: its results in their order, and how many problems it logged. */
export interface Outcome {
  readonly results: readonly Change[];
  readonly problems: readonly string[];
}

/** A pipeline with what reads its topics, as a task has them. */
class SimulatedTask {
  readonly #readers: readonly TaskInput[];
  readonly #log: QueryProcessingLog;
  readonly #flush: () => Promise<void>;

  constructor(readers: readonly TaskInput[], log: QueryProcessingLog, flush: () => Promise<void>) {
    this.#readers = readers;
    this.#log = log;
    this.#flush = flush;
  }

  async process({ topic, partition, batch }: TopicRecord): Promise<void> {
    const cursor = batch.records();
    while (cursor.next()) {
      for (const { reader, process } of this.#readers) {
        if (reader.source.topic !== topic) continue;
        this.#log.current = { topic, partition, offset: cursor.offset };
        const change = reader.read(cursor, partition);
        if (change !== undefined) process(change);
      }
    }
    await this.#flush();
  }
}

interface TaskParts {
  readonly plan: LogicalPlan;
  readonly reads?: readonly RepartitionTopic[];
  readonly log: QueryProcessingLog;
  readonly onOutput: (change: Change) => void;
  readonly flush?: () => Promise<void>;
  /** How many partitions the keys of one pipeline are spread over. */
  readonly partitions?: number;
}

async function makeTask({ plan, reads = [], log, onOutput, flush, partitions }: TaskParts): Promise<SimulatedTask> {
  const pipeline = compilePipeline(plan, {
    stores: await QueryState.open(),
    log,
    onOutput,
    orderOf: await internalKeyOrder(plan),
    ...(partitions === undefined
      ? {}
      : { partitioning: { count: partitions, of: (key) => partitionOf(Buffer.from(key, 'latin1'), partitions) } }),
  });
  const readers = await Promise.all(pipeline.inputs.map((input) => readerOf(input, reads, log)));
  return new SimulatedTask(readers, log, flush ?? (async () => undefined));
}

async function readerOf(
  { source, layout, step, process }: Pipeline['inputs'][number],
  reads: readonly RepartitionTopic[],
  log: QueryProcessingLog,
) {
  const topic = reads.find((each) => each.source === source);
  const common = { layout, step, registry: undefined, properties: PROPERTIES, log };
  const reader: ChangeReader =
    topic === undefined
      ? await RecordReader.create({ source, ...common })
      : await RepartitionReader.create({ topic, ...common });
  return { reader, process };
}

function outcome() {
  const book = new ProcessingLogBook({ nowMs: () => 0 }, false);
  const results: Change[] = [];
  return {
    log: new QueryProcessingLog(book, 'q'),
    onOutput: (change: Change) => void results.push(change),
    get outcome(): Outcome {
      return { results, problems: book.entries.map(({ logger }) => logger) };
    },
  };
}

/** The query as one task over all partitions, record by record. */
export async function runWhole(
  plan: LogicalPlan,
  records: readonly TopicRecord[],
  partitions: number,
): Promise<Outcome> {
  const made = outcome();
  const task = await makeTask({ plan, log: made.log, onOutput: made.onOutput, partitions });
  for (const record of records) await task.process(record);
  return made.outcome;
}

/** A query cut into its tasks, with what waits in front of each. */
export class CutQuery {
  readonly parts: readonly SubTopology[];
  readonly #tasks = new Map<string, SimulatedTask>();
  /** The records of a partition that a part has not processed yet. */
  readonly #waiting = new Map<string, { readonly part: SubTopology; readonly records: TopicRecord[] }>();
  readonly #offsets = new Offsets();
  readonly #made = outcome();

  private constructor(plan: LogicalPlan) {
    this.parts = cutPlan(plan, 'app');
  }

  static async create(plan: LogicalPlan, partitions: number): Promise<CutQuery> {
    const query = new CutQuery(plan);
    for (const part of query.parts)
      for (let partition = 0; partition < (part.isWhole ? 1 : partitions); partition++)
        query.#tasks.set(`${part.index}_${partition}`, await query.#task(part, partitions));
    return query;
  }

  async #task({ plan, reads, writes }: SubTopology, partitions: number): Promise<SimulatedTask> {
    const { log, onOutput } = this.#made;
    if (writes === undefined) return makeTask({ plan, reads, log, onOutput });
    const append = async (topic: string, partition: number, batch: RecordBatch) => {
      this.#offsets.stamp({ topic, partition, batch });
      this.add({ topic, partition, batch });
    };
    const encoder = await repartitionEncoder(writes, undefined, PROPERTIES);
    const writer = new RecordWriter(append, encoder, partitions, log);
    return makeTask({
      plan,
      reads,
      log,
      onOutput: (change) => void writer.write(change),
      flush: () => writer.flush(),
    });
  }

  /** Puts a record into its topic. */
  add(record: TopicRecord): void {
    for (const part of this.parts) {
      if (!part.plan.sources.some(({ source }) => source.topic === record.topic)) continue;
      const place = `${part.index} ${record.topic} ${record.partition}`;
      const waiting = this.#waiting.get(place);
      if (waiting === undefined) this.#waiting.set(place, { part, records: [record] });
      else waiting.records.push(record);
    }
  }

  /** Processes what waits, until nothing does; `choose` says which of so many partitions is next. */
  async drain(choose: (count: number) => number = () => 0): Promise<void> {
    for (;;) {
      const ready = [...this.#waiting.values()].filter(({ records }) => records.length > 0);
      if (ready.length === 0) return;
      const { part, records } = ready[choose(ready.length)]!;
      const record = records.shift()!;
      const task = this.#tasks.get(`${part.index}_${part.isWhole ? 0 : record.partition}`)!;
      await task.process(record);
    }
  }

  get outcome(): Outcome {
    return this.#made.outcome;
  }
}
