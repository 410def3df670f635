import type { Emit, ProcessingLog, Row } from '../operators/operator.ts';
import type { StateStores } from '../state/state-store.ts';

/** What a pipeline needs from whoever runs it. */
export interface PipelineEnvironment {
  readonly stores: StateStores;
  readonly log: ProcessingLog;
  readonly onOutput: Emit;
  /** The bytes of a key as text of one character a byte: what Kafka Streams orders keys by. */
  readonly orderOf?: (key: Row) => string;
}

export interface PipelineStats {
  /** Rows that came too late for their window. */
  late: number;
}

/** What the parts of the compiler share. */
export interface CompileContext extends PipelineEnvironment {
  readonly stats: PipelineStats;
  readonly orderOf: (key: Row) => string;
}
