import type { RegisteredQuery } from '../runtime/query-registry.ts';

/** A figure of a query. Times are in seconds and sizes in bytes, as Prometheus wants them. */
export interface QueryMetric {
  readonly name: string;
  readonly help: string;
  readonly kind: 'counter' | 'gauge';
  /** Undefined while there is none. */
  readonly read: (query: RegisteredQuery) => number | undefined;
}

const seconds = (ms: number): number => ms / 1000;

/**
 * The figures of a query. Those that Kafka Streams has as well go by its names, as Prometheus' exporter for JMX writes
 * them: the group of the metric, then its name.
 */
export const QUERY_METRICS: readonly QueryMetric[] = [
  {
    name: 'kafka_streams_stream_task_metrics_process_total',
    help: 'Records that were processed.',
    kind: 'counter',
    read: ({ run }) => run.recordsIn.total,
  },
  {
    name: 'kafka_streams_stream_task_metrics_dropped_records_total',
    help: 'Records that were dropped: late ones, and those that could not be read or evaluated.',
    kind: 'counter',
    read: ({ run, late }) => run.badRecords + late.count,
  },
  {
    name: 'kafka_producer_topic_metrics_record_send_total',
    help: 'Results: records that were written to the topic of the query, or rows that were sent to its client.',
    kind: 'counter',
    read: ({ run }) => run.rowsOut.total,
  },
  {
    name: 'kafka_streams_stream_task_metrics_commit_total',
    help: 'Commits of state and positions.',
    kind: 'counter',
    read: ({ run }) => run.commits.count,
  },
  {
    name: 'ksql_query_commit_seconds_total',
    help: 'How long commits took, all together.',
    kind: 'counter',
    read: ({ run }) => seconds(run.commits.totalMs),
  },
  {
    name: 'ksql_query_late_records_total',
    help: 'Records that came after a window they belong to had closed.',
    kind: 'counter',
    read: ({ late }) => late.count,
  },
  {
    name: 'ksql_query_bad_records_total',
    help: 'Entries of the processing log: what could not be read, evaluated or written.',
    kind: 'counter',
    read: ({ run }) => run.badRecords,
  },
  {
    name: 'ksql_query_state_entries',
    help: 'Entries of the state stores.',
    kind: 'gauge',
    read: ({ run }) => run.stateEntries,
  },
  {
    name: 'ksql_query_state_bytes',
    help: 'What the state stores take of memory, as estimated.',
    kind: 'gauge',
    read: ({ run }) => run.stateBytes,
  },
  {
    name: 'kafka_streams_stream_task_metrics_restore_total',
    help: 'Records that were read from changelogs to bring state back.',
    kind: 'counter',
    read: ({ run }) => run.restoredRecords,
  },
  {
    name: 'ksql_query_restore_seconds',
    help: 'How long it took to read the state at the start.',
    kind: 'gauge',
    read: ({ run }) => seconds(run.restoreMs),
  },
  {
    name: 'ksql_query_stream_time_seconds',
    help: 'The latest event time that the query has seen.',
    kind: 'gauge',
    read: ({ run }) => (run.streamTimeMs === null ? undefined : seconds(run.streamTimeMs)),
  },
];
