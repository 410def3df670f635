import { availableParallelism } from 'node:os';
import { UsageError } from '../../script/exit-codes.ts';

/** What says how many engines share the work of a service in one process. */
export interface ThreadsWanted {
  /** `--threads` */
  readonly threads?: number | undefined;
  /** The server's settings. */
  readonly property: Readonly<Record<string, string>>;
  /** Whether the topics are those of a cluster, which several engines can reach. */
  readonly isOnKafka: boolean;
  /** Whether it belongs to a window of an editor, whose processors are not for it alone. */
  readonly isOfWindow: boolean;
  /** What the process may take of memory, in bytes; undefined where nothing was said. */
  readonly memoryBytes: number | undefined;
}

const SETTINGS = ['ksql.streams.num.stream.threads', 'num.stream.threads'] as const;

/** ksqlDB's default of `num.stream.threads`. */
const DEFAULT_THREADS = 4;

/** By itself no engine is started with less; one that has nothing to do takes a third of it. */
const LEAST_MEMORY_BYTES = 128 * 1024 * 1024;

/**
 * How many engines a process has, each in a thread: what the option says, or as many as the setting, the processors and
 * the memory give something to do. More threads than processors, which Kafka Streams has for those that wait, give
 * nothing here: no engine waits for a request with its thread.
 * @throws UsageError
 */
export function threadCount(wanted: ThreadsWanted): number {
  const { threads, isOnKafka, isOfWindow, memoryBytes } = wanted;
  if (!isOnKafka) {
    if (threads !== undefined && threads > 1)
      throw new UsageError(
        '--threads shares the queries of a Kafka cluster (--bootstrap-server). The embedded broker has one thread.',
      );
    return 1;
  }
  if (threads !== undefined) return threads;
  const set = setThreads(wanted.property);
  if (set === undefined && isOfWindow) return 1;
  const fitting = Math.floor((memoryBytes ?? Number.POSITIVE_INFINITY) / LEAST_MEMORY_BYTES);
  return Math.max(1, Math.min(set ?? DEFAULT_THREADS, availableParallelism(), fitting));
}

function setThreads(property: Readonly<Record<string, string>>): number | undefined {
  for (const name of SETTINGS) {
    const text = property[name];
    if (text === undefined) continue;
    const count = Number(text);
    if (Number.isSafeInteger(count) && count > 0) return count;
    throw new UsageError(`${name} takes a whole number above zero, not ${text}.`);
  }
  return undefined;
}
