import type { Emit, OnLate, ProcessingLog, Row } from '../operators/operator.ts';
import type { StateStores } from '../state/state-store.ts';

/** What a pipeline needs from whoever runs it. */
export interface PipelineEnvironment {
  readonly stores: StateStores;
  readonly log: ProcessingLog;
  readonly onOutput: Emit;
  /** The bytes of a key as text of one character a byte: what Kafka Streams orders keys by. */
  readonly orderOf?: (key: Row) => string;
  readonly onLate?: OnLate;
}

/** What the parts of the compiler share. */
export interface CompileContext extends PipelineEnvironment {
  readonly orderOf: (key: Row) => string;
  readonly onLate: OnLate;
}
