import { expect } from 'vitest';
import type { RecordBatch, RecordCursor } from '../../../../engine/broker/record-batch.ts';
import { compilePipeline } from '../../../../engine/compile/pipeline.ts';
import { planQuery } from '../../../../engine/plan/planner.ts';
import { ProcessingLogBook, QueryProcessingLog } from '../../../../engine/runtime/monitoring/processing-log.ts';
import { RecordReader } from '../../../../engine/runtime/records/record-reader.ts';
import { RecordWriter } from '../../../../engine/runtime/records/record-writer.ts';
import { RowEncoder } from '../../../../engine/runtime/records/row-encoder.ts';
import { QueryProperties } from '../../../../engine/runtime/session/session-properties.ts';
import { makeStraightQuery } from '../../../../engine/runtime/straight/make-straight-query.ts';
import { straightPlan } from '../../../../engine/runtime/straight/straight-plan.ts';
import type { ShortWay } from '../../../../engine/runtime/task/query-task-options.ts';
import { TopicOutput } from '../../../../engine/runtime/task/task-output.ts';
import { TopicInputs } from '../../../../engine/runtime/task/topic-inputs.ts';
import type { SchemaRegistry } from '../../../../engine/serde/registry/schema-registry.ts';
import { MemoryStore } from '../../../../engine/state/memory-store.ts';
import { analyze } from '../../../language/script/script-fixture.ts';

/** What became of records: the batches of each partition, the processing log, and how far the query says it is. */
export interface Outcome {
  readonly batches: readonly (readonly [partition: number, base64: string])[];
  readonly log: readonly unknown[];
  readonly rowsOut: number;
  readonly failure: string | undefined;
}

export interface BothWays {
  readonly long: Outcome;
  readonly short: Outcome;
  /** How many records the short way took; undefined where the query has none. */
  readonly taken: number | undefined;
}

const PARTITIONS = 3;

/** Records of a topic. */
export interface TopicBatch {
  readonly topic: string;
  readonly batch: RecordBatch;
}

/**
 * Runs the CREATE STREAM AS SELECT at the end of a script over records, with the short way and without.
 * @param input records of its one topic, or of several in the order in which they are processed
 */
export async function runBothWays(
  script: string,
  input: RecordBatch | readonly TopicBatch[],
  registry?: SchemaRegistry,
  settings: ReadonlyMap<string, string> = new Map(),
): Promise<BothWays> {
  const last = lastQuery(script);
  const long = await run(last, input, { registry, settings, isShort: false });
  const short = await run(last, input, { registry, settings, isShort: true });
  return { long: long.outcome, short: short.outcome, taken: short.taken };
}

export type CreateAs = Extract<ReturnType<typeof analyze>['statements'][number], { kind: 'create-as' }>;

export interface Surroundings {
  readonly registry?: SchemaRegistry | undefined;
  readonly settings?: ReadonlyMap<string, string> | undefined;
}

/** The query at the end of a script. */
export function lastQuery(script: string): CreateAs {
  const { statements, diagnostics } = analyze(script);
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  const last = statements.at(-1)!;
  if (last.kind !== 'create-as') throw new Error(`No CREATE AS SELECT: ${script}`);
  return last;
}

/** What a query reads and writes with; what is written is in `batches`. */
export async function surroundingsOf({ query, sink }: CreateAs, { registry, settings }: Surroundings) {
  const clock = { nowMs: () => 0 };
  const properties = new QueryProperties(settings ?? new Map(), new Map());
  const book = new ProcessingLogBook(clock, true);
  const log = new QueryProcessingLog(book, 'q');
  const encoder = await RowEncoder.create(sink, registry, properties);
  const batches: [number, string][] = [];
  const append = async (_: string, partition: number, { bytes }: RecordBatch) => {
    batches.push([partition, Buffer.from(bytes).toString('base64')]);
  };
  const writer = new RecordWriter(append, encoder, PARTITIONS, log);
  return { plan: planQuery(query), registry, properties, clock, book, log, encoder, writer, batches };
}

/** A short way, and how many records it has taken. */
export class CountedWay implements ShortWay {
  taken = 0;
  readonly #way: ShortWay;

  constructor(way: ShortWay) {
    this.#way = way;
  }

  process(cursor: RecordCursor, partition: number): boolean {
    const isTaken = this.#way.process(cursor, partition);
    if (isTaken) this.taken++;
    return isTaken;
  }

  next(cursor: RecordCursor): boolean {
    return this.#way.next(cursor);
  }

  done(): void {
    this.#way.done();
  }
}

async function run(
  last: CreateAs,
  records: RecordBatch | readonly TopicBatch[],
  { isShort, ...given }: Surroundings & { readonly isShort: boolean },
): Promise<{ readonly outcome: Outcome; readonly taken: number | undefined }> {
  const { plan, registry, properties, clock, book, log, encoder, writer, batches } = await surroundingsOf(last, given);
  const output = new TopicOutput(writer, clock);
  const stores = new Map<string, MemoryStore>();
  const open = (name: string) => {
    const store = stores.get(name) ?? new MemoryStore(name);
    stores.set(name, store);
    return store;
  };
  const openRows = () => {
    throw new Error('A straight line waits for no rows');
  };
  const pipeline = compilePipeline(plan, {
    stores: { open, openRows, openTable: openRows, isOnDisk: false, has: () => false },
    log,
    onOutput: (change) => output.emit(change),
  });
  const straight = isShort ? straightPlan(plan, last.sink) : undefined;
  let counted: CountedWay | undefined;
  const taskInputs = await Promise.all(
    pipeline.inputs.map(async ({ source, layout, step, process }) => {
      const input = { reader: await RecordReader.create({ source, layout, step, registry, properties, log }), process };
      if (straight === undefined || step !== straight.source.context) return input;
      const onWritten = (count: number) => output.written(count);
      const options = { plan: straight, source, layout, registry, properties, encoder, writer, onWritten, open };
      counted = new CountedWay(await makeStraightQuery(options));
      return { ...input, shortWay: counted };
    }),
  );
  const inputs = new TopicInputs(taskInputs, log);
  let failure: string | undefined;
  try {
    const { topic } = pipeline.inputs[0]!.source;
    for (const each of 'records' in records ? [{ topic, batch: records }] : records)
      inputs.processAll(each.topic, 0, [each.batch], 0);
  } catch (error) {
    failure = String(error);
  }
  await output.flush();
  const outcome = { batches, log: book.entries, rowsOut: output.rowsOut.total, failure };
  return { outcome, taken: counted?.taken };
}
