import type { AggregateResults, KeyedAggregate } from '../operators/aggregate-results.ts';
import { ByPartition } from '../operators/by-partition.ts';
import type { Change, ChangeFold, Emit, OnLate, Operator, ProcessingLog, Row } from '../operators/operator.ts';
import type { StateStores } from '../state/state-stores.ts';

/** What a pipeline needs from whoever runs it. */
export interface PipelineEnvironment {
  readonly stores: StateStores;
  readonly log: ProcessingLog;
  readonly onOutput: Emit;
  /** Folds the changes of the table that the query keeps; absent where each goes on as it comes. */
  readonly fold?: ChangeFold | undefined;
  /** The bytes of a key as text of one character a byte: what Kafka Streams orders keys by. */
  readonly orderOf?: ((key: Row) => string) | undefined;
  readonly onLate?: OnLate;
  /** How keys are spread; absent where there is one partition. */
  readonly partitioning?: Partitioning;
}

/** The partitions that records are spread over by their keys. */
export interface Partitioning {
  readonly count: number;
  /** @param keyBytes as text of one character a byte */
  of(keyBytes: string): number;
}

/** What the parts of the compiler share. */
export interface CompileContext extends PipelineEnvironment {
  readonly orderOf: (key: Row) => string;
  readonly onLate: OnLate;
  /** Told of each operator's results that stand in a table of aggregates. */
  readonly onAggregate: (results: AggregateResults) => void;
  /** Told of the aggregate of a stream, what has the group of each key. */
  readonly onKeyed: (partOf: (key: Row) => KeyedAggregate) => void;
  /** Holds changes of entries of the aggregate whose results are the query's table. */
  readonly entryFold: ChangeFold | undefined;
}

/** For what is evaluated once more just to know where it belongs: who evaluates it in earnest logs what fails. */
export const SILENT: ProcessingLog = { recordProcessingError() {} };

/**
 * One operator, or where keys are spread over partitions one for each.
 *
 * @param store the beginning of the names of its stores
 * @param keyBytes makes what gives the bytes of a change's key; undefined for a change without one, which any partition
 * may drop
 * @param make makes the operator; its stores are to have names that end as it is told
 * @param onParts told what gives the operator for the bytes of a key
 */
export function forEachPartition<O extends Operator>(
  { partitioning, stores }: CompileContext,
  store: string,
  keyBytes: () => (change: Change, input: number) => string | undefined,
  make: (suffix: string) => O,
  onParts?: (partOf: (keyBytes: () => string) => O) => void,
): Operator {
  if (partitioning === undefined || partitioning.count === 1) {
    const only = make('');
    onParts?.(() => only);
    return only;
  }
  const keyBytesOf = keyBytes();
  const partitionOf = (change: Change, input: number) => {
    const bytes = keyBytesOf(change, input);
    return bytes === undefined ? 0 : partitioning.of(bytes);
  };
  const partitions = Array.from({ length: partitioning.count }, (_, partition) => partition);
  const known = partitions.filter((partition) => stores.has(`${store}-${partition}`));
  const parts = new ByPartition(partitionOf, (partition) => make(`-${partition}`), known);
  onParts?.((bytes) => parts.part(partitioning.of(bytes())));
  return parts;
}
