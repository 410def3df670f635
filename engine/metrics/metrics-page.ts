import type { EngineMetrics } from './engine-metrics.ts';

/**
 * The figures for Prometheus. They are made when somebody first asks: most engines are never asked.
 * @param scope whether those of the process are among them, which its main thread tells
 */
export function metricsPage(scope: 'process' | 'thread'): () => Promise<EngineMetrics> {
  let page: Promise<EngineMetrics> | undefined;
  return () => {
    page ??= import('./engine-metrics.ts').then(({ EngineMetrics }) => new EngineMetrics(scope));
    return page;
  };
}
