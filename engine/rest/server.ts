import type { Engine } from '../index.ts';
import type { Credentials } from './http/authentication.ts';
import { LIMITS, type Limits } from './http/limits.ts';
import { Listener, type TlsIdentity } from './http/listener.ts';
import { requestGuard } from './http/request-guard.ts';
import { parseTarget } from './http/request-target.ts';
import { notReady, Router, WEBSOCKET_PATH } from './router.ts';
import type { MetricsPage } from './routes/route.ts';
import { WebSocketQueries } from './websocket.ts';

export interface ServerOptions extends Credentials {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** What makes the server speak TLS; absent: clear text. */
  readonly tls?: TlsIdentity | undefined;
  /** Names that clients may know the server by besides the address it listens on. */
  readonly names?: readonly string[];
  /** Instead of the usual ones. */
  readonly limits?: Partial<Limits>;
  /** Called when a client has terminated the cluster, after its answer. */
  readonly onTerminate?: () => void;
  /** Answers /metrics; absent: there are none. */
  readonly metrics?: () => Promise<MetricsPage>;
}

export interface RestServer {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

/** A server whose engine is still being opened. */
export interface StartingServer extends RestServer {
  /** Answers everything from now on. The engine is the caller's to close. */
  serve(engine: Engine): void;
}

/** Serves an engine over ksqlDB's REST API. The engine is the caller's to close. */
export async function startServer(engine: Engine, options: ServerOptions): Promise<RestServer> {
  const server = await listen(options);
  server.serve(engine);
  return server;
}

/**
 * Listens before there is an engine: until it is given one, it says that it is alive and starting, and refuses
 * everything else with status 503.
 */
export async function listen(options: ServerOptions): Promise<StartingServer> {
  const limits = { ...LIMITS, ...options.limits };
  const refuse = requestGuard(options);
  const router = new Router({ limits, refuse, onTerminate: options.onTerminate, metrics: options.metrics });
  let webSockets: WebSocketQueries | undefined;
  const listener = new Listener(
    {
      exchange: (exchange) => router.answer(exchange),
      isUpgradable: (target) => parseTarget(target).path === WEBSOCKET_PATH,
      upgrade(request, socket, head) {
        const { query } = parseTarget(request.url ?? '');
        const refusal = refuse({ method: 'GET', headers: request.headers, query }, false);
        if (refusal !== undefined) return refusal.error.httpStatus;
        if (webSockets === undefined) return notReady().httpStatus;
        webSockets.upgrade(request, query, socket, head);
        return undefined;
      },
    },
    limits,
    options.tls,
  );
  const { host, port } = await listener.listen(options.host, options.port);
  return {
    host,
    port,
    url: `${options.tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    serve(engine) {
      const context = router.serve(engine, `${host === '0.0.0.0' || host === '::' ? 'localhost' : host}:${port}`);
      webSockets = new WebSocketQueries(context);
    },
    close: () => listener.close(),
  };
}
