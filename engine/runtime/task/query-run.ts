import type { QueryState as PublicState, QueryError } from '../../api/protocol.ts';
import type { ReadPosition } from '../../broker/broker.ts';
import type { RecordBatch } from '../../broker/record-batch.ts';
import type { QueryState } from '../state/query-state.ts';
import type { StopOptions } from './query-task-options.ts';
import type { CommitFigures } from './task-commits.ts';

export interface TaskPosition extends ReadPosition {
  readonly endOffset: number;
  /** -1 before the first commit. */
  readonly committedOffset: number;
}

/** How many there were of something, and how many a second lately. */
export interface Rate {
  readonly total: number;
  perSecond(nowMs: number): number;
}

/** What a query that holds still leaves to the one that takes its place. */
export interface HandedOver {
  /** Its state as of its positions; absent where the other one finds it by itself. */
  readonly state?: QueryState;
  /** Lets it go on itself, if nobody takes its place after all. */
  goOn(): void;
}

/**
 * A query that runs, as those see it who know nothing of how: in one task, or in several that are shared with other
 * engines, of which the figures are those of the tasks that run here.
 */
export interface QueryRun {
  readonly state: PublicState;
  /** The newest errors that stopped it, and what it has lost (type SYSTEM). */
  readonly errors: readonly QueryError[];
  readonly recordsIn: Rate;
  readonly rowsOut: Rate;
  readonly badRecords: number;
  /** How often state and positions were kept, and how long that took. */
  readonly commits: CommitFigures;
  /** The newest time of any record so far. */
  readonly streamTimeMs: number | null;
  readonly positions: readonly TaskPosition[];
  /** Entries over all stores. */
  readonly stateEntries: number;
  /** About what they take in memory. */
  readonly stateBytes: number;
  /** How long it took to read the state and to make ready what operators keep of it. */
  readonly restoreMs: number;
  /** Records that were read from changelogs to bring the state back. */
  readonly restoredRecords: number;
  /** Asks the broker where the topics end now, so that {@link positions} tell the lag. */
  learnEnds(): Promise<void>;
  /** Resolves when nothing that is appended from now on is missed. @throws what keeps it from starting */
  start(): Promise<void>;
  /** {@link start} for a query that was there before: what keeps it from starting is its error, and tried again. */
  startAgain(): Promise<void>;
  /** Looks for work; to be called when something that held it back has changed. */
  wake(): void;
  /** Processes records at once and writes their results, where nothing is processed by itself. */
  process(topic: string, partition: number, batches: readonly RecordBatch[], from?: number): Promise<void>;
  pause(): void;
  resume(): void;
  /** Holds still, so that another one can go on where it stands. @throws Error when that cannot be now */
  handOver(): Promise<HandedOver>;
  /** Stops for good, or, with its state kept, until it is taken up again. */
  stop(options: StopOptions): Promise<void>;
  /** Resolves when everything before the offsets that runs here is done, it has stopped, or the time is up. */
  whenReached(targets: readonly ReadPosition[], timeLimitMs: number): Promise<void>;
}
