import type { Engine } from '../../index.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Limits } from '../http/limits.ts';

/** Figures of an engine in a text form. */
export interface MetricsPage {
  readonly contentType: string;
  text(engine: Engine): Promise<string>;
}

/** What the handlers of requests share. */
export interface RouteContext {
  readonly engine: Engine;
  /** The address that clients know this server by. */
  readonly hostAndPort: string;
  readonly limits: Limits;
  /** Called by /ksql/terminate after its answer. */
  readonly terminate: () => void;
  /** Answers /metrics; absent: there are none. */
  readonly metrics?: (() => Promise<MetricsPage>) | undefined;
}

/**
 * An endpoint. A path part that begins with a colon matches anything and is handed over decoded; a star at the end
 * matches all that is left and hands it over as it is.
 */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  /**
   * Media types, the preferred one first; a request that accepts none of them gets HTTP 406. Empty: nothing is checked.
   */
  readonly produces: readonly string[];
  /** Answers without a token. */
  readonly open?: boolean;
  /** What it answers while the engine is being opened; absent: that the server is not ready. */
  readonly whileStarting?: (exchange: Exchange) => void;
  /** With another method the path is as if it was not there. */
  readonly hidden?: boolean;
  readonly handle: (
    exchange: Exchange,
    context: RouteContext,
    parameters: readonly string[],
    mediaType: string,
  ) => void | Promise<void>;
}
