import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { EngineError, ERROR_CODE } from '../api/errors.ts';
import type { Engine } from '../index.ts';
import { authenticate, type Credentials } from './http/authentication.ts';
import { browserRefusal, isLoopback } from './http/browser-guard.ts';
import type { Exchange } from './http/exchange.ts';
import { LIMITS, type Limits } from './http/limits.ts';
import { Listener, type TlsIdentity } from './http/listener.ts';
import { JSON_TYPE, negotiate } from './http/media-type.ts';
import { decodePart, parseTarget } from './http/request-target.ts';
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

interface Match {
  readonly route: Route;
  readonly parameters: readonly string[];
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
  const router = new Router(options, limits);
  const listener = new Listener(
    {
      exchange: (exchange) => router.answer(exchange),
      isUpgradable: (target) => parseTarget(target).path === WEBSOCKET_PATH,
      upgrade: (request, socket, head) => router.upgrade(request, socket, head),
    },
    limits,
    options.tls,
  );
  const { host, port } = await listener.listen(options.host, options.port);
  return {
    host,
    port,
    url: `${options.tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    serve: (engine) => router.serve(engine, host, port),
    close: () => listener.close(),
  };
}

class Router {
  readonly #options: ServerOptions;
  readonly #limits: Limits;
  /** The names that a server on loopback answers to. With a token nobody else gets an answer under any name. */
  readonly #names: ReadonlySet<string> | undefined;
  /** Undefined until there is an engine. */
  #context: RouteContext | undefined;
  #webSockets: WebSocketQueries | undefined;
  #terminating = false;

  constructor(options: ServerOptions, limits: Limits) {
    this.#options = options;
    this.#limits = limits;
    const names = [options.host, ...(options.names ?? [])].map((name) => name.toLowerCase());
    this.#names = isLoopback(options.host) && options.token === undefined ? new Set(names) : undefined;
  }

  serve(engine: Engine, host: string, port: number): void {
    const hostAndPort = `${host === '0.0.0.0' || host === '::' ? 'localhost' : host}:${port}`;
    engine.hostAndPort = hostAndPort;
    this.#context = {
      engine,
      hostAndPort,
      limits: this.#limits,
      terminate: () => {
        this.#terminating = true;
        this.#options.onTerminate?.();
      },
    };
    this.#webSockets = new WebSocketQueries(this.#context);
  }

  answer(exchange: Exchange): void {
    this.#dispatch(exchange).catch((error: unknown) => exchange.fail(error));
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): number | undefined {
    const { query } = parseTarget(request.url ?? '');
    const refusal = this.#refusal({ method: 'GET', headers: request.headers, query }, false);
    if (refusal !== undefined) return refusal.httpStatus;
    if (this.#webSockets === undefined) return notReady().httpStatus;
    this.#webSockets.upgrade(request, query, socket, head);
    return undefined;
  }

  async #dispatch(exchange: Exchange): Promise<void> {
    const { path } = exchange;
    if (path === undefined) return exchange.send(400, null, 'Bad Request');
    const matches = matchingRoutes(path);
    const match = matches.find(({ route }) => route.method === exchange.method);
    const refusal = this.#refusal(exchange, match?.route.open === true);
    if (refusal !== undefined) {
      const wantsPassword = refusal.code === ERROR_CODE.unauthorized && this.#options.users !== undefined;
      exchange.sendError(refusal, JSON_TYPE, wantsPassword ? { 'www-authenticate': 'Basic realm="KSQL"' } : {});
    } else if (this.#terminating && !path.startsWith('/chc/')) {
      // Whether the path and the method are any that the server has is not looked at any more.
      exchange.sendError(new EngineError(ERROR_CODE.shuttingDown, 'The server is shutting down'), null);
    } else if (this.#context === undefined) {
      if (match?.route.whileStarting === undefined) exchange.sendError(notReady(), null);
      else match.route.whileStarting(exchange);
    } else if (path === WEBSOCKET_PATH) {
      if (exchange.method === 'GET') exchange.send(400, null, '"Connection" header must be "Upgrade".');
      else sendWrongMethod(exchange, 'GET');
    } else if (!path.startsWith('/')) {
      exchange.send(404, null);
    } else if (match === undefined && !matches.some(({ route }) => !route.hidden)) {
      sendNotFound(exchange);
    } else if (match === undefined) {
      sendWrongMethod(exchange, matches.map(({ route }) => route.method).join(','));
    } else {
      await this.#handle(exchange, match, this.#context);
    }
  }

  /** Why a request is not answered: it is not authorized, or a web page may have had it sent. */
  #refusal(request: Pick<Exchange, 'method' | 'headers' | 'query'>, isOpen: boolean): EngineError | undefined {
    const proof = authenticate(this.#options, request.headers, request.query);
    const refusal = proof === 'token' ? undefined : browserRefusal(request, this.#names);
    if (refusal !== undefined || isOpen || proof !== undefined) return refusal;
    const wanted = this.#options.token === undefined ? 'a user and a password' : 'a token (Authorization: Bearer …)';
    return new EngineError(
      ERROR_CODE.unauthorized,
      request.headers.authorization === undefined
        ? `The server wants ${wanted}.`
        : 'The token or the password is not one that the server was started with.',
    );
  }

  async #handle(exchange: Exchange, { route, parameters }: Match, context: RouteContext): Promise<void> {
    const mediaType = route.produces.length === 0 ? '' : negotiate(exchange.accept, route.produces);
    if (mediaType === undefined) {
      exchange.send(406, null);
      return;
    }
    await route.handle(exchange, context, parameters, mediaType);
  }
}

/** ksqlDB's own words, which its clients know. */
const notReady = (): EngineError => new EngineError(ERROR_CODE.notReady, 'KSQL is not yet ready to serve requests.');

const sendWrongMethod = (exchange: Exchange, allow: string): void =>
  exchange.send(405, null, '', exchange.method === 'HEAD' ? {} : { allow });

function sendNotFound(exchange: Exchange): void {
  if (exchange.method === 'HEAD') exchange.send(404, null);
  else exchange.send(404, 'text/html; charset=utf-8', '<html><body><h1>Resource not found</h1></body></html>');
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
      if (part !== decodePart(parts[i]!)) return undefined;
    } else {
      parameters.push(decodePart(parts[i]!));
    }
  }
  return parameters;
}
