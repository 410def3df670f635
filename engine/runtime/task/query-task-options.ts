import type { Broker, ServiceHold } from '../../broker/broker.ts';
import type { RecordCursor } from '../../broker/record-batch.ts';
import type { MemoryAccount } from '../../memory/memory-budget.ts';
import type { Change } from '../../operators/operator.ts';
import type { Clock } from '../monitoring/clock.ts';
import type { QueryProcessingLog } from '../monitoring/processing-log.ts';
import type { RateMeter } from '../monitoring/rate-meter.ts';
import type { ChangeReader } from '../records/change-reader.ts';
import type { QueryProperties } from '../session/session-properties.ts';
import type { QueryState } from '../state/query-state.ts';
import type { CommitTarget } from './commit-target.ts';
import type { StartNotice } from './start-positions.ts';
import type { TaskOutput } from './task-output.ts';
import type { TransactionalResults } from './transactional-results.ts';

/** Processes records without making changes of them, as far as it can. */
export interface ShortWay {
  /** Processes the record at the cursor. @returns false where that is for the long way to do */
  process(cursor: RecordCursor, partition: number): boolean;
  /** Moves the cursor to the next record of its batch; false after the last. */
  next(cursor: RecordCursor): boolean;
  /** To be called after some records. */
  done(): void;
}

/** A source of a query and where its changes go. */
export interface TaskInput {
  readonly reader: ChangeReader;
  /** What may be tried before a record is read; only where nothing else reads the topic. */
  readonly shortWay?: ShortWay | undefined;
  process(change: Change): void;
}

/** What a query task works with. */
export interface QueryTaskOptions {
  readonly queryId: string;
  readonly broker: Broker;
  readonly state: QueryState;
  readonly log: QueryProcessingLog;
  readonly properties: QueryProperties;
  readonly clock: Clock;
  /** The group whose offsets are committed; absent for queries that nobody resumes. */
  readonly consumerGroup?: string;
  /** Where it counts how far was read; absent: in the consumer group, as this task's alone. */
  readonly commitTarget?: CommitTarget | undefined;
  /** It reads only this partition of each topic, and where from its state tells; absent: all of them. */
  readonly partition?: number | undefined;
  /** Counts the records, with those of other tasks of the query. */
  readonly recordsIn?: RateMeter | undefined;
  /** Records are processed only while this engine has the right to. */
  readonly hold?: ServiceHold | undefined;
  /** The query was there before, and goes on where its group stands if its state does not say where. */
  readonly isResumed?: boolean;
  /** There is state that comes from records read before. */
  readonly isStateful?: boolean;
  /** How long it took to read the state and to make it ready. */
  readonly restoreMs?: number;
  /** Told how the query found its place, where it was there before. */
  readonly onNotice?: (notice: StartNotice) => void;
  readonly inputs: readonly TaskInput[];
  /** Where what was fetched and waits is counted. */
  readonly fetched?: MemoryAccount;
  /** Takes what the pipeline gives. */
  readonly output: TaskOutput;
  /** Where each record is to count exactly once: what the output writes with. */
  readonly transactions?: TransactionalResults | undefined;
  /**
   * Records are taken in the order of their times, whichever partition they stand in. Joins need it, and windows: what
   * one partition holds must not look late because another was read first.
   */
  readonly inTimeOrder: boolean;
  /** Ends when it has processed what the topics hold at the start. */
  readonly bounded?: boolean;
  /** Processes only what `QueryTask.process` is given. */
  readonly manual?: boolean;
}

/** What becomes of the state of a query that stops. */
export interface StopOptions {
  readonly deleteState: boolean;
  /** Another task goes on with it already. */
  readonly leaveState?: boolean;
  /** What was not committed is given up: another engine may do the task already. */
  readonly dropsWork?: boolean;
}
