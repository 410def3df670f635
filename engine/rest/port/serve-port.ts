import type { Port, PortRequest } from '../../api/port/messages.ts';
import type { Engine } from '../../index.ts';
import { LIMITS } from '../http/limits.ts';
import { Router } from '../router.ts';
import type { MetricsPage } from '../routes/route.ts';
import { PortExchange } from './port-exchange.ts';

/**
 * Serves an engine over the REST API to another thread, which has the other end of the port: nobody else can ask, so
 * nobody is asked for a token. The engine is the caller's to close.
 *
 * @param options `onTerminate` is called when the client has terminated the cluster, after its answer; `metrics`
 *   answers /metrics
 */
export function servePort(
  engine: Engine,
  port: Port,
  options: { readonly onTerminate?: () => void; readonly metrics?: () => Promise<MetricsPage> } = {},
): void {
  const router = new Router({ limits: LIMITS, ...options });
  router.serve(engine, 'localhost');
  port.onmessage = ({ data }) => router.answer(new PortExchange(data as PortRequest, LIMITS));
}
