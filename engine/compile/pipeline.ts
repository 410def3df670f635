import type { DataSource } from '../../language/metastore/metastore.ts';
import type { QueryOutput } from '../../language/query/analyzed.ts';
import type { Slot } from '../../language/types/schema.ts';
import type { AggregateResults, EntryWriter, KeyedAggregate } from '../operators/aggregate-results.ts';
import { StreamFilter, TableFilter } from '../operators/filter.ts';
import { FlatMap } from '../operators/flat-map.ts';
import type { Change, ChangeFold, Emit, Operator, Row } from '../operators/operator.ts';
import { Project } from '../operators/project.ts';
import { TableSource } from '../operators/table-source.ts';
import type { LogicalPlan, PlanNode, ProjectNode, SourceNode } from '../plan/logical-plan.ts';
import { compileAggregate } from './aggregate.ts';
import { AggregatedTable, emptied, ownAggregate } from './aggregated-table.ts';
import type { CompileContext, PipelineEnvironment } from './compile-context.ts';
import { compilePredicate, compileProjection } from './expression.ts';
import { compileJoin } from './join.ts';
import { keepsTable, MATERIALIZED, type MaterializedTable, materialize } from './materialized-table.ts';
import { compileRepartition } from './repartition.ts';
import { compileSelectKey } from './select-key.ts';
import { compileTableFunction } from './table-function.ts';

/** A slot of an input's row, and whether the pipeline reads it. */
export type PipelineSlot = Slot & { readonly needed: boolean };

/** Where the records of one source go in. */
export interface PipelineInput {
  readonly source: DataSource;
  readonly alias: string;
  /** The plan step, for the processing log. */
  readonly step: string;
  readonly layout: readonly PipelineSlot[];
  process(change: Change): void;
}

/** A query ready to run: changes go into its inputs, and what comes of them goes to `onOutput`, all within the call. */
export interface Pipeline {
  readonly plan: LogicalPlan;
  readonly inputs: readonly PipelineInput[];
  readonly output: QueryOutput;
  /** The table that the query keeps, for pull queries; absent for streams. */
  readonly materialized?: MaterializedTable;
  /** Has entries of an aggregate whose table that is written by another than `onOutput`, where they are held. */
  readonly writeEntries?: ((writer: EntryWriter) => void) | undefined;
  /** The aggregate of a stream whose table that is. */
  readonly aggregate?: PipelineAggregate | undefined;
  /**
   * What has to be gone through before the first change, where stores hold something of earlier runs: {@link
   * Operator.restore}.
   */
  restore(): Iterable<void>;
}

/** An aggregate that takes rows of which the key and the arguments are known, besides the changes that come to it. */
export interface PipelineAggregate {
  /** What has the group of a key. */
  readonly partOf: (key: Row) => KeyedAggregate;
  /** What follows it. */
  readonly emit: Emit;
}

/** Turns a plan into connected operators. */
export function compilePipeline(plan: LogicalPlan, environment: PipelineEnvironment): Pipeline {
  if (ownAggregate(plan) !== undefined) return compileOwnAggregate(plan, environment);
  const compiler = new PipelineCompiler(environment);
  const materialized = keepsTable(plan) ? materialize(plan, environment.stores) : undefined;
  compiler.connect(plan.root, 0, sinkOf(materialized, environment));
  const inputs = compiler.inputs(plan.sources);
  const pipeline = { plan, inputs, output: plan.output, restore: () => compiler.restore() };
  return materialized === undefined ? pipeline : { ...pipeline, materialized: materialized.table };
}

/** A query whose table is what its aggregate keeps: rows are read there, and held back there. */
function compileOwnAggregate(plan: LogicalPlan, environment: PipelineEnvironment): Pipeline {
  const { stores, fold, onOutput } = environment;
  const parts: AggregateResults[] = [];
  let writer: EntryWriter | undefined;
  const materialized = new AggregatedTable(plan, () => parts);
  const compiler = new PipelineCompiler(environment, fold, (results) => {
    results.writer = writer;
    parts.push(results);
  });
  // No row of an aggregate is ever taken back, so it does not matter which are there.
  compiler.connect(plan.root, 0, stores.isOnDisk ? (fold?.through(onOutput, () => false) ?? onOutput) : onOutput);
  return {
    plan,
    inputs: compiler.inputs(plan.sources),
    output: plan.output,
    materialized,
    aggregate: compiler.aggregate,
    writeEntries(given) {
      writer = given;
      for (const results of parts) results.writer = given;
    },
    *restore() {
      if (stores.has(MATERIALIZED)) yield* emptied(stores.open(MATERIALIZED));
      yield* compiler.restore();
    },
  };
}

function sinkOf(
  materialized: ReturnType<typeof materialize> | undefined,
  { onOutput, fold }: PipelineEnvironment,
): Emit {
  if (materialized === undefined) return onOutput;
  const { table, recording } = materialized;
  const sink = recording(onOutput);
  return fold?.through(sink, (change) => table.has(change)) ?? sink;
}

class PipelineCompiler {
  readonly #context: CompileContext;
  readonly #operators: Operator[] = [];
  readonly #heads = new Map<SourceNode, (change: Change) => void>();
  /** How many topics that spread keys anew the records of a source pass. */
  readonly #repartitions = new Map<SourceNode, number>();
  /** The aggregate of a stream that was connected last. */
  aggregate: PipelineAggregate | undefined;

  constructor(
    environment: PipelineEnvironment,
    entryFold?: ChangeFold,
    onAggregate: CompileContext['onAggregate'] = () => {},
  ) {
    const orderOf = environment.orderOf ?? ((key: Row) => key.join('\u0000'));
    this.#context = {
      ...environment,
      orderOf,
      onLate: environment.onLate ?? (() => {}),
      onAggregate,
      onKeyed: () => {},
      entryFold,
    };
  }

  /**
   * The inputs, in the order in which a record that several of them read goes in: a side of a join that is keyed anew
   * goes through a topic, so it comes after a side that is not.
   */
  inputs(sources: readonly SourceNode[]): PipelineInput[] {
    const inOrder = sources.toSorted((a, b) => this.#repartitions.get(a)! - this.#repartitions.get(b)!);
    return inOrder.map((node) => ({
      source: node.source,
      alias: node.alias,
      step: node.context,
      layout: node.layout.map((slot, i) => ({ ...slot, needed: node.needed[i]! })),
      process: this.#heads.get(node)!,
    }));
  }

  *restore(): Iterable<void> {
    for (const operator of this.#operators) yield* operator.restore?.() ?? [];
  }

  /** Connects a step to what follows it, and then the steps before it. */
  connect(node: PlanNode, input: number, emit: Emit, repartitions = 0): void {
    if (node.kind === 'source') {
      this.#heads.set(node, this.#head(node, emit));
      this.#repartitions.set(node, repartitions);
      return;
    }
    const operator = this.#operator(node, emit);
    this.#operators.push(operator);
    if (node.kind === 'join') {
      const { repartitionLeft, repartitionRight } = node.relation;
      this.connect(node.left, 0, (change) => operator.process(change, 0, emit), repartitions + Number(repartitionLeft));
      this.connect(
        node.right,
        1,
        (change) => operator.process(change, 1, emit),
        repartitions + Number(repartitionRight),
      );
    } else {
      this.connect(node.input, input, (change) => operator.process(change, 0, emit), repartitions);
    }
  }

  #head(node: SourceNode, emit: Emit): (change: Change) => void {
    if (node.store === undefined) return emit;
    const table = new TableSource(this.#context.stores.open(node.store));
    return (change) => table.process(change, 0, emit);
  }

  #operator(node: Exclude<PlanNode, SourceNode>, emit: Emit): Operator {
    const { log } = this.#context;
    const onKeyed = (partOf: PipelineAggregate['partOf']) => {
      this.aggregate = { partOf, emit };
    };
    switch (node.kind) {
      case 'filter': {
        const predicate = compilePredicate(node.predicate, (cause, row) =>
          log.recordProcessingError(node.context, `Error evaluating predicate ${node.predicate.text}`, cause, row),
        );
        return node.output === 'STREAM' ? new StreamFilter(predicate) : new TableFilter(predicate);
      }
      case 'flat-map':
        return new FlatMap(node.functions.map((call) => compileTableFunction(call, node.context, log)));
      case 'select-key':
        return compileSelectKey(node, log);
      case 'join':
        return compileJoin(node, this.#context);
      case 'aggregate':
        return compileAggregate(node, { ...this.#context, onKeyed });
      case 'project':
        return this.#project(node);
      case 'repartition':
        return compileRepartition(node, log);
      default:
        return node satisfies never;
    }
  }

  #project(node: ProjectNode): Operator {
    const select = compileProjection(
      node.columns.map((column) => column.expression),
      (index, cause, row) => {
        const { name, expression } = node.columns[index]!;
        this.#context.log.recordProcessingError(
          node.context,
          `Error computing expression ${expression.text} for column ${name} with index ${index}`,
          cause,
          row,
        );
      },
    );
    return new Project(select);
  }
}
