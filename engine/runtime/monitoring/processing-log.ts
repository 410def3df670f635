import { toJson } from '../../api/json-row.ts';
import type { JsonValue } from '../../api/protocol.ts';
import { MEMORY_SHARES, type MemoryAccount, type MemoryBudget } from '../../memory/memory-budget.ts';
import type { ProcessingLog, Row } from '../../operators/operator.ts';
import type { Clock } from './clock.ts';

/** How many entries are kept for the panel; older ones are in the topic, if it is enabled. */
const KEPT_ENTRIES = 1000;
/** And so much of their texts, which hold whole records. */
const KEPT_BYTES = 8 * 1024 * 1024;
/** What an entry takes besides its texts. */
const ENTRY_BYTES = 400;

export interface RecordPosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** An entry, and where the record that it speaks of stands. */
export interface LoggedProblem {
  readonly timeMs: number;
  readonly logger: string;
  readonly message: ProcessingLogMessage;
  readonly source?: RecordPosition;
}

export interface ProcessingLogMessage {
  readonly type: 0 | 1 | 2 | 3 | 4;
  readonly deserializationError: JsonValue;
  readonly recordProcessingError: JsonValue;
  readonly productionError: JsonValue;
  readonly serializationError: JsonValue;
  readonly kafkaStreamsThreadError: JsonValue;
}

const NO_ERRORS = {
  deserializationError: null,
  recordProcessingError: null,
  productionError: null,
  serializationError: null,
  kafkaStreamsThreadError: null,
} as const;

/** The columns of KSQL_PROCESSING_LOG, as ksqlDB's statement declares them: `topic` alone keeps its case. */
export const PROCESSING_LOG_COLUMNS = [
  'logger VARCHAR',
  'level VARCHAR',
  'time BIGINT',
  'message STRUCT<type INT, ' +
    'deserializationError STRUCT<target VARCHAR, errorMessage VARCHAR, recordB64 VARCHAR, cause ARRAY<VARCHAR>, `topic` VARCHAR>, ' +
    'recordProcessingError STRUCT<errorMessage VARCHAR, record VARCHAR, cause ARRAY<VARCHAR>>, ' +
    'productionError STRUCT<errorMessage VARCHAR>, ' +
    'serializationError STRUCT<target VARCHAR, errorMessage VARCHAR, record VARCHAR, cause ARRAY<VARCHAR>, `topic` VARCHAR>, ' +
    'kafkaStreamsThreadError STRUCT<errorMessage VARCHAR, threadName VARCHAR, cause ARRAY<VARCHAR>>>',
].join(', ');

/** The entry as the topic holds it. */
export function processingLogRecord(problem: LoggedProblem): string {
  return toJson({ level: 'ERROR', logger: problem.logger, time: problem.timeMs, message: problem.message });
}

/** Collects what went wrong with single records, over all queries. */
export class ProcessingLogBook {
  readonly includeRows: boolean;
  readonly #clock: Clock;
  readonly #kept: LoggedProblem[] = [];
  /** By entry of `#kept`. */
  readonly #keptBytes: number[] = [];
  readonly #account: MemoryAccount | undefined;
  #sizeBytes = 0;
  readonly #maxBytes: number;
  readonly #listeners = new Set<(problem: LoggedProblem) => void>();

  /** @param memory the budget that the entries are counted in */
  constructor(clock: Clock, includeRows: boolean, memory?: MemoryBudget) {
    this.#account = memory?.open('processing log', 'logs');
    this.#maxBytes = Math.min(KEPT_BYTES, (memory?.limitBytes ?? Number.POSITIVE_INFINITY) * MEMORY_SHARES.logs);
    this.#clock = clock;
    this.includeRows = includeRows;
  }

  /** The newest entries, oldest first. */
  get entries(): readonly LoggedProblem[] {
    return this.#kept;
  }

  /** Calls the listener for every entry from now on. @returns a function that ends it */
  listen(listener: (problem: LoggedProblem) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A command that could not be carried out again after a restart. */
  replayError(statement: string, error: unknown): void {
    const kafkaStreamsThreadError = {
      errorMessage: messageOf(error),
      threadName: statement,
      cause: causes(causeOf(error)),
    };
    this.write('restart', { type: 4, ...NO_ERRORS, kafkaStreamsThreadError });
  }

  /** What the engine did of itself that people should know of. */
  notice(logger: string, message: string): void {
    const kafkaStreamsThreadError = { errorMessage: message, threadName: logger, cause: [] };
    this.write(logger, { type: 4, ...NO_ERRORS, kafkaStreamsThreadError });
  }

  #keep(problem: LoggedProblem): void {
    const sizeBytes = ENTRY_BYTES + textLength(problem.message);
    this.#kept.push(problem);
    this.#keptBytes.push(sizeBytes);
    this.#sizeBytes += sizeBytes;
    let dropped = 0;
    while (dropped < this.#kept.length - 1 && this.#isTooMuch(this.#kept.length - dropped))
      this.#sizeBytes -= this.#keptBytes[dropped++]!;
    this.#kept.splice(0, dropped);
    this.#keptBytes.splice(0, dropped);
    this.#account?.set(this.#sizeBytes);
  }

  #isTooMuch(count: number): boolean {
    return count > KEPT_ENTRIES || this.#sizeBytes > this.#maxBytes;
  }

  write(logger: string, message: ProcessingLogMessage, source?: RecordPosition): void {
    const problem: LoggedProblem = { timeMs: this.#clock.nowMs(), logger, message, ...(source ? { source } : {}) };
    this.#keep(problem);
    for (const listener of this.#listeners) listener(problem);
  }
}

/** The part of the log that one query writes: `processing.<query id>.<step>`. */
export class QueryProcessingLog implements ProcessingLog {
  readonly #book: ProcessingLogBook;
  readonly #queryId: string;
  /** The record being processed, for entries to point at. */
  current: RecordPosition | undefined;
  /** Set while records are read again whose entries were written before. */
  isQuiet = false;
  count = 0;

  constructor(book: ProcessingLogBook, queryId: string) {
    this.#book = book;
    this.#queryId = queryId;
  }

  recordProcessingError(step: string, message: string, cause: unknown, row: Row | null): void {
    const error = { errorMessage: message, record: this.#record(row), cause: causes(cause) };
    this.#write(step, { type: 1, ...NO_ERRORS, recordProcessingError: error });
  }

  /** A key or value that could not be read; its record is skipped. */
  deserializationError(step: string, target: 'key' | 'value', topic: string, error: unknown, bytes: Uint8Array): void {
    const recordB64 = this.#book.includeRows ? Buffer.from(bytes).toString('base64') : null;
    const deserializationError = {
      target,
      errorMessage: messageOf(error),
      recordB64,
      cause: causes(causeOf(error)),
      topic,
    };
    this.#write(`${step}.deserializer`, { type: 0, ...NO_ERRORS, deserializationError });
  }

  /** A row that could not be written. */
  serializationError(step: string, target: 'key' | 'value', topic: string, error: unknown, row: Row | null): void {
    const record = this.#record(row);
    const serializationError = { target, errorMessage: messageOf(error), record, cause: causes(causeOf(error)), topic };
    this.#write(`${step}.serializer`, { type: 3, ...NO_ERRORS, serializationError });
  }

  /** A row that the broker or the TIMESTAMP column refused. */
  productionError(step: string, message: string): void {
    this.#write(step, { type: 2, ...NO_ERRORS, productionError: { errorMessage: message } });
  }

  /** What stopped the query. */
  threadError(error: unknown): void {
    const kafkaStreamsThreadError = {
      errorMessage: messageOf(error),
      threadName: `_confluent-ksql-${this.#queryId}-StreamThread-1`,
      cause: causes(causeOf(error)),
    };
    this.#write('', { type: 4, ...NO_ERRORS, kafkaStreamsThreadError });
  }

  #write(step: string, message: ProcessingLogMessage): void {
    this.count++;
    if (this.isQuiet) return;
    const logger = `processing.${this.#queryId}${step === '' ? '' : `.${step.replaceAll('/', '.')}`}`;
    this.#book.write(logger, message, this.current);
  }

  #record(row: Row | null): string | null {
    if (!this.#book.includeRows || row === null) return null;
    return toJson(row.map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value)));
  }
}

/** The length of all texts in an entry. */
function textLength(value: JsonValue | ProcessingLogMessage): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  let length = 0;
  for (const part of Object.values(value)) length += textLength(part as JsonValue);
  return length;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const causeOf = (error: unknown): unknown => (error instanceof Error ? error.cause : undefined);

/** The messages of the chain of causes. */
function causes(error: unknown): string[] {
  const messages: string[] = [];
  for (
    let current = error;
    current !== undefined && current !== null && messages.length < 10;
    current = causeOf(current)
  ) {
    messages.push(messageOf(current));
  }
  return messages;
}
