import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Engine } from '../index.ts';
import { QUERY_METRICS } from './query-metrics.ts';
import { withThreadSamples } from './thread-samples.ts';

/**
 * What an engine and its queries have done and hold, and how the process fares (processor, heap, garbage collection,
 * delay of the event loop), in Prometheus' text form. Figures are read when they are asked for, so nothing is counted
 * twice, and a process that nobody asks pays for what Node counts of itself alone.
 */
export class EngineMetrics {
  readonly #registry = new Registry();
  readonly #ofQueries = QUERY_METRICS.map(({ name, help, kind, read }) => {
    const configuration = { name, help, labelNames: ['query_id'], registers: [this.#registry] };
    return { read, metric: kind === 'counter' ? new Counter(configuration) : new Gauge(configuration) };
  });
  readonly #lag = this.#gauge(
    'kafka_consumer_fetch_manager_metrics_records_lag',
    'Records of a partition that a query has not processed yet.',
    ['query_id', 'topic', 'partition'],
  );
  readonly #state = this.#gauge('ksql_query_state', '1 at the state that a query is in.', ['query_id', 'state']);
  readonly #queries = this.#gauge('ksql_engine_queries', 'Queries that run, or may be resumed.', ['type']);
  readonly #memoryUsed = this.#gauge('ksql_memory_used_bytes', 'What is held, as estimated.', ['kind']);
  readonly #memoryLimit = this.#gauge('ksql_memory_limit_bytes', 'What may be held.', []);

  /** @param scope `thread`: those of the process are told by another one */
  constructor(scope: 'process' | 'thread' = 'process') {
    if (scope === 'process') collectDefaultMetrics({ register: this.#registry });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  async text(engine: Engine): Promise<string> {
    const queries = engine.queries.all();
    // A topic that somebody has deleted has no end; the positions then stay as they were.
    await Promise.all(queries.map(({ run }) => run.learnEnds().catch(() => undefined)));
    this.#registry.resetMetrics();
    for (const { read, metric } of this.#ofQueries)
      for (const query of queries) {
        const value = read(query);
        if (value !== undefined) metric.inc({ query_id: query.id }, value);
      }
    for (const type of ['PERSISTENT', 'PUSH'] as const) this.#queries.set({ type }, 0);
    for (const { id, type, run } of queries) {
      this.#queries.inc({ type });
      this.#state.set({ query_id: id, state: run.state }, 1);
      for (const { topic, partition, offset, endOffset } of run.positions)
        this.#lag.set({ query_id: id, topic, partition }, Math.max(0, endOffset - offset));
    }
    const { limitBytes, kinds } = engine.memory.report();
    this.#memoryLimit.set(limitBytes);
    for (const { kind, usedBytes } of kinds) this.#memoryUsed.set({ kind }, usedBytes);
    const threads = [...(engine.cluster?.threads ?? [])].map((thread) => thread.metrics());
    return withThreadSamples(await this.#registry.metrics(), await Promise.all(threads));
  }

  #gauge<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Gauge<Label> {
    return new Gauge({ name, help, labelNames, registers: [this.#registry] });
  }
}
