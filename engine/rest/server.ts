import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { asEngineError, EngineError, ERROR_CODE } from '../errors.ts';
import type { Engine } from '../index.ts';
import { isAuthorized } from './authentication.ts';
import type { Exchange } from './exchange.ts';
import { Listener } from './listener.ts';
import { negotiate } from './media-type.ts';
import { INSERT_ROUTES } from './routes/inserts.ts';
import { KSQL_ROUTES } from './routes/ksql.ts';
import { QUERY_ROUTES } from './routes/query.ts';
import { REGISTRY_ROUTES } from './routes/registry.ts';
import type { Route, RouteContext } from './routes/route.ts';
import { SERVER_INFO_ROUTES } from './routes/server-info.ts';
import { WORKBENCH_ROUTES } from './routes/workbench.ts';
import { WebSocketQueries } from './websocket.ts';

const ROUTES: readonly Route[] = [
  ...SERVER_INFO_ROUTES,
  ...KSQL_ROUTES,
  ...QUERY_ROUTES,
  ...INSERT_ROUTES,
  ...WORKBENCH_ROUTES,
  ...REGISTRY_ROUTES,
];
const WEBSOCKET_PATH = '/ws/query';

export interface ServerOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** What requests must carry; absent: none. */
  readonly token?: string;
  /** Called when a client has terminated the cluster, after its answer. */
  readonly onTerminate?: () => void;
}

export interface RestServer {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

interface Match {
  readonly route: Route;
  readonly parameters: readonly string[];
}

/** Serves an engine over ksqlDB's REST API. The engine is the caller's to close. */
export async function startServer(engine: Engine, options: ServerOptions): Promise<RestServer> {
  const router = new Router(engine, options);
  const listener = new Listener({
    exchange: (exchange) => router.answer(exchange),
    upgrade: (request, socket, head) => router.upgrade(request, socket, head),
  });
  const { host, port } = await listener.listen(options.host, options.port);
  router.ready(host, port);
  return {
    host,
    port,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    close: () => listener.close(),
  };
}

class Router {
  readonly #engine: Engine;
  readonly #token: string | undefined;
  readonly #onTerminate: (() => void) | undefined;
  #context: RouteContext | undefined;
  #webSockets: WebSocketQueries | undefined;
  #terminating = false;

  constructor(engine: Engine, options: ServerOptions) {
    this.#engine = engine;
    this.#token = options.token;
    this.#onTerminate = options.onTerminate;
  }

  ready(host: string, port: number): void {
    const hostAndPort = `${host === '0.0.0.0' || host === '::' ? 'localhost' : host}:${port}`;
    this.#engine.hostAndPort = hostAndPort;
    this.#context = {
      engine: this.#engine,
      hostAndPort,
      terminate: () => {
        this.#terminating = true;
        this.#onTerminate?.();
      },
    };
    this.#webSockets = new WebSocketQueries(this.#context);
  }

  answer(exchange: Exchange): void {
    this.#dispatch(exchange).catch((error: unknown) => {
      if (exchange.begun) exchange.end();
      else exchange.sendError(asEngineError(error));
    });
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname !== WEBSOCKET_PATH) return refuseUpgrade(socket, '404 Not Found');
    if (!isAuthorized(this.#token, request.headers, url.searchParams)) return refuseUpgrade(socket, '401 Unauthorized');
    this.#webSockets!.upgrade(request, socket, head);
  }

  async #dispatch(exchange: Exchange): Promise<void> {
    const matches = matchingRoutes(exchange.path);
    const match = matches.find(({ route }) => route.method === exchange.method);
    if (match?.route.open !== true && !isAuthorized(this.#token, exchange.headers, exchange.query)) {
      const message =
        exchange.headers.authorization === undefined
          ? 'The server wants a token (Authorization: Bearer …).'
          : 'The token is not the one that the server was started with.';
      exchange.sendError(new EngineError(ERROR_CODE.unauthorized, message));
      return;
    }
    if (this.#terminating && !exchange.path.startsWith('/chc/')) {
      // Whether the path and the method are any that the server has is not looked at any more.
      exchange.sendError(new EngineError(ERROR_CODE.shuttingDown, 'The server is shutting down'), null);
    } else if (exchange.path === WEBSOCKET_PATH && exchange.method === 'GET') {
      exchange.send(400, null, '"Connection" header must be "Upgrade".');
    } else if (matches.length === 0) {
      exchange.send(404, 'text/html; charset=utf-8', '<html><body><h1>Resource not found</h1></body></html>');
    } else if (match === undefined) {
      exchange.send(405, null, '', { allow: matches.map(({ route }) => route.method).join(',') });
    } else {
      await this.#handle(exchange, match);
    }
  }

  async #handle(exchange: Exchange, { route, parameters }: Match): Promise<void> {
    const mediaType = route.produces.length === 0 ? '' : negotiate(exchange.accept, route.produces);
    if (mediaType === undefined) {
      exchange.send(406, null);
      return;
    }
    await route.handle(exchange, this.#context!, parameters, mediaType);
  }
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

function matchingRoutes(path: string): readonly Match[] {
  const parts = path.split('/');
  const matches: Match[] = [];
  for (const route of ROUTES) {
    const parameters = matchPath(route.path.split('/'), parts);
    if (parameters !== undefined) matches.push({ route, parameters });
  }
  return matches;
}

/** The values of a pattern's parameters, or undefined when the path is another. */
function matchPath(pattern: readonly string[], parts: readonly string[]): readonly string[] | undefined {
  if (pattern.at(-1) === '*') {
    const rest = pattern.length - 1;
    const before = matchPath(pattern.slice(0, rest), parts.slice(0, rest));
    return before && [...before, parts.slice(rest).join('/')];
  }
  if (pattern.length !== parts.length) return undefined;
  const parameters: string[] = [];
  for (const [i, part] of pattern.entries()) {
    if (!part.startsWith(':')) {
      if (part !== parts[i]) return undefined;
    } else {
      try {
        parameters.push(decodeURIComponent(parts[i]!));
      } catch {
        return undefined;
      }
    }
  }
  return parameters;
}
