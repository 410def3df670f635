import { EngineError, ERROR_CODE } from '../api/errors.ts';
import type { Engine } from '../index.ts';
import type { Exchange, Refusal } from './http/exchange.ts';
import type { Limits } from './http/limits.ts';
import { JSON_TYPE, negotiate } from './http/media-type.ts';
import { decodePart } from './http/request-target.ts';
import { CLUSTER_ROUTES } from './routes/cluster-status.ts';
import { INSERT_ROUTES } from './routes/inserts.ts';
import { KSQL_ROUTES } from './routes/ksql.ts';
import { METRICS_ROUTES } from './routes/metrics.ts';
import { QUERY_ROUTES } from './routes/query.ts';
import { REGISTRY_ROUTES } from './routes/registry.ts';
import type { MetricsPage, Route, RouteContext } from './routes/route.ts';
import { SERVER_INFO_ROUTES } from './routes/server-info.ts';
import { TOPIC_ROUTES } from './routes/topic-records.ts';
import { WORKBENCH_ROUTES } from './routes/workbench.ts';

const ROUTES: readonly Route[] = [
  ...SERVER_INFO_ROUTES,
  ...CLUSTER_ROUTES,
  ...KSQL_ROUTES,
  ...QUERY_ROUTES,
  ...INSERT_ROUTES,
  ...WORKBENCH_ROUTES,
  ...TOPIC_ROUTES,
  ...REGISTRY_ROUTES,
  ...METRICS_ROUTES,
];
export const WEBSOCKET_PATH = '/ws/query';

export interface RouterOptions {
  readonly limits: Limits;
  /** Looks at who asks; absent: whoever can ask is answered. `isOpen`: what is asked for may be known by everybody. */
  readonly refuse?: (request: Exchange, isOpen: boolean) => Refusal | undefined;
  /** Called when a client has terminated the cluster, after its answer. */
  readonly onTerminate?: (() => void) | undefined;
  /** Answers /metrics. */
  readonly metrics?: (() => Promise<MetricsPage>) | undefined;
}

interface Match {
  readonly route: Route;
  readonly parameters: readonly string[];
}

/** Hands each request to the route that answers it, however it came. */
export class Router {
  readonly #options: RouterOptions;
  /** Undefined until there is an engine. */
  #context: RouteContext | undefined;
  #terminating = false;

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  /**
   * Answers everything from now on.
   * @param hostAndPort the address that clients know the engine by, where it has no other
   */
  serve(engine: Engine, hostAndPort: string): RouteContext {
    this.#context = {
      engine,
      hostAndPort: engine.listensAt(hostAndPort),
      limits: this.#options.limits,
      metrics: this.#options.metrics,
      terminate: () => {
        this.#terminating = true;
        this.#options.onTerminate?.();
      },
    };
    return this.#context;
  }

  /** A client has terminated the cluster here, or at another engine of the service. */
  get #isTerminating(): boolean {
    return this.#terminating || this.#context?.engine.isTerminated === true;
  }

  answer(exchange: Exchange): void {
    this.#dispatch(exchange).catch((error: unknown) => exchange.fail(error));
  }

  async #dispatch(exchange: Exchange): Promise<void> {
    const { path } = exchange;
    if (path === undefined) return exchange.send(400, null, 'Bad Request');
    const matches = matchingRoutes(path);
    const match = matches.find(({ route }) => route.method === exchange.method);
    const refusal = this.#options.refuse?.(exchange, match?.route.open === true);
    if (refusal !== undefined) {
      exchange.sendError(refusal.error, JSON_TYPE, refusal.headers);
    } else if (this.#isTerminating && !path.startsWith('/chc/')) {
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
export const notReady = (): EngineError =>
  new EngineError(ERROR_CODE.notReady, 'KSQL is not yet ready to serve requests.');

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
