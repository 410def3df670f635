import type { QueryProcessingLog } from '../monitoring/processing-log.ts';
import type { QueryState } from '../state/query-state.ts';
import type { PartitionBuffer } from './partition-buffer.ts';
import { PartitionChoice } from './partition-choice.ts';
import type { TaskOutput } from './task-output.ts';
import type { MissingSchema, TopicInputs } from './topic-inputs.ts';

/** How long records are processed before other work of the process gets its turn. */
const SLICE_MS = 8;
/** The clock, and what is left of the memory, are looked at once in so many records. */
const RECORDS_PER_CHECK = 4;
/** Of records that take the short way. */
const SHORT_RECORDS_PER_CHECK = 256;

export interface RecordProcessorOptions {
  readonly inputs: TopicInputs;
  readonly output: TaskOutput;
  readonly state: QueryState;
  readonly log: QueryProcessingLog;
  readonly inTimeOrder: boolean;
  /** Called when records that had to wait for others need not wait any longer. */
  readonly wake: () => void;
  /** Told how many records were processed, also where one of them failed. */
  readonly onProcessed: (records: number) => void;
}

/**
 * Puts fetched records through the pipeline, one after another, in slices of time. It reads no topic and writes none.
 */
export class RecordProcessor {
  readonly #options: RecordProcessorOptions;
  readonly #choice: PartitionChoice;

  constructor(buffers: readonly PartitionBuffer[], options: RecordProcessorOptions) {
    const { inTimeOrder, inputs, wake } = options;
    this.#options = options;
    this.#choice = new PartitionChoice(buffers, {
      inTimeOrder,
      isTable: (topic) => inputs.isTable(topic),
      readTime: (buffer) => inputs.readTime(buffer),
      wake,
    });
  }

  /**
   * Processes records for a slice of time, while the output takes more and the state may grow.
   *
   * @returns how many there were, and the schema that has to be fetched before the next can be read
   */
  processSlice(): { readonly count: number; readonly missing: MissingSchema | undefined } {
    const { inputs, output, state, onProcessed } = this.#options;
    const endMs = performance.now() + SLICE_MS;
    let count = 0;
    let missing: MissingSchema | undefined;
    try {
      for (let buffer = this.#next(); buffer !== undefined; buffer = this.#next()) {
        const short = output.isSilent ? 0 : inputs.processShort(buffer, SHORT_RECORDS_PER_CHECK, this.#choice.untilMs);
        count += short;
        if (short === 0) {
          missing = inputs.processHead(buffer);
          if (missing !== undefined) break;
          count++;
        }
        if (output.isComplete || output.isFull) break;
        if (short === 0 && count % RECORDS_PER_CHECK !== 0) continue;
        if (state.mustStop || performance.now() > endMs) break;
      }
    } finally {
      if (count > 0) onProcessed(count);
    }
    return { count, missing };
  }

  close(): void {
    this.#choice.close();
  }

  /**
   * The partition whose record is next. While the state is rebuilt, log and output have had what comes of the records.
   */
  #next(): PartitionBuffer | undefined {
    const { log, output } = this.#options;
    const isRebuilding = this.#choice.isRebuilding;
    log.isQuiet = isRebuilding;
    output.isSilent = isRebuilding;
    return this.#choice.next();
  }
}
