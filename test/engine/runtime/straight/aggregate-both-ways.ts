import type { RecordBatch } from '../../../../engine/broker/record-batch.ts';
import { ownAggregate } from '../../../../engine/compile/aggregated-table.ts';
import { compilePipeline } from '../../../../engine/compile/pipeline.ts';
import { internalKeyOrder } from '../../../../engine/runtime/records/internal-key.ts';
import { RecordReader } from '../../../../engine/runtime/records/record-reader.ts';
import { aggregatePlan } from '../../../../engine/runtime/straight/aggregate/aggregate-plan.ts';
import { EntryOutput } from '../../../../engine/runtime/straight/aggregate/entry-output.ts';
import { makeStraightAggregate } from '../../../../engine/runtime/straight/aggregate/make-straight-aggregate.ts';
import { FoldedChanges } from '../../../../engine/runtime/task/folded-changes.ts';
import { TopicOutput } from '../../../../engine/runtime/task/task-output.ts';
import { TopicInputs } from '../../../../engine/runtime/task/topic-inputs.ts';
import type { AggregateLayout } from '../../../../engine/state/aggregate-layout.ts';
import { AggregateTable } from '../../../../engine/state/aggregate-table.ts';
import { MemoryStore } from '../../../../engine/state/memory-store.ts';
import { CountedWay, type CreateAs, lastQuery, type Outcome, type Surroundings, surroundingsOf } from './both-ways.ts';

/** What became of records that were grouped, and what is kept of them. */
export interface GroupedOutcome extends Outcome {
  readonly late: readonly unknown[];
  readonly entries: readonly unknown[];
}

export interface GroupedOptions extends Surroundings {
  /** Whether changes fold until they are let go, after each batch. */
  readonly folds: boolean;
  /** Into how many partitions keys are spread. */
  readonly spread?: number | undefined;
}

/** A query as a task has it: what it reads, keeps and writes. */
async function compiled(last: CreateAs, { folds, spread = 1, ...given }: GroupedOptions) {
  const { plan, registry, properties, clock, book, log, encoder, writer, batches } = await surroundingsOf(last, given);
  const held = { limitBytes: 1e9, intervalMs: 1e9, hasSessions: false, onDue: () => undefined };
  const folded = folds ? new FoldedChanges(held) : undefined;
  const output = new TopicOutput(writer, clock, folded);
  const tables = new Map<string, AggregateTable>();
  const openTable = (name: string, layout: AggregateLayout) => {
    const table = tables.get(name) ?? new AggregateTable(name, { layout, isTracked: true });
    tables.set(name, table);
    return table;
  };
  const openRows = () => {
    throw new Error('An aggregate keeps no rows');
  };
  const times = new Map<string, MemoryStore>();
  const open = (name: string) => times.get(name) ?? times.set(name, new MemoryStore(name)).get(name)!;
  const late: unknown[] = [];
  const pipeline = compilePipeline(plan, {
    stores: { open, openRows, openTable, isOnDisk: false, has: () => false },
    log,
    onOutput: (change) => output.emit(change),
    fold: folded,
    onLate: (...each) => late.push([log.current, ...each]),
    orderOf: await internalKeyOrder(plan),
    partitioning: { count: spread, of: (keyBytes) => keyBytes.charCodeAt(keyBytes.length - 1) % spread },
  });
  const writeStraight = () => {
    const node = ownAggregate(plan);
    const columns = plan.root.columns.map(({ expression }) => expression);
    const onWritten = (count: number) => output.written(count);
    const entries = node && EntryOutput.of({ node, columns, encoder, writer, isSilent: () => false, onWritten });
    if (entries !== undefined) pipeline.writeEntries?.(entries);
  };
  return { writeStraight, plan, pipeline, registry, properties, log, folded, output, book, batches, late, tables };
}

type Compiled = Awaited<ReturnType<typeof compiled>>;

/** The short way of a query, that counts what it takes; undefined where there is none. */
async function shortWayOf({ plan, pipeline, registry, properties, log }: Compiled) {
  const { aggregate, inputs } = pipeline;
  const grouped = aggregatePlan(plan);
  if (grouped === undefined || aggregate === undefined) return undefined;
  const { source, layout } = inputs[0]!;
  return new CountedWay(
    await makeStraightAggregate({ plan: grouped, source, layout, registry, properties, aggregate, log }),
  );
}

/**
 * Runs the CREATE TABLE AS SELECT at the end of a script over batches of its one topic, by the short way or without it.
 * What is held is let go after each batch.
 *
 * @returns what became of it, and how many records the short way took
 */
export async function runGrouped(
  script: string,
  input: readonly RecordBatch[],
  isShort: boolean,
  options: GroupedOptions,
): Promise<{ readonly outcome: GroupedOutcome; readonly taken: number | undefined }> {
  const query = await compiled(lastQuery(script), options);
  const { pipeline, registry, properties, log, folded, output, book, batches, late, tables } = query;
  const { source, layout, step, process } = pipeline.inputs[0]!;
  const reader = await RecordReader.create({ source, layout, step, registry, properties, log });
  const shortWay = isShort ? await shortWayOf(query) : undefined;
  if (isShort) query.writeStraight();
  const inputs = new TopicInputs([{ reader, process, shortWay }], log);
  let failure: string | undefined;
  for (const batch of input) {
    try {
      inputs.processAll(source.topic, 0, [batch], 0);
    } catch (error) {
      failure = String(error);
      break;
    }
    folded?.release();
    await output.flush();
  }
  const entries = [...tables].map(([name, table]) => [name, [...table.scan()], table.size]);
  const outcome = { batches, log: book.entries, rowsOut: output.rowsOut.total, failure, late, entries };
  return { outcome, taken: shortWay?.taken };
}
