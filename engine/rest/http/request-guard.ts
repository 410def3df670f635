import { EngineError, ERROR_CODE } from '../../api/errors.ts';
import { authenticate, type Credentials } from './authentication.ts';
import { browserRefusal, type GuardedRequest, isLoopback } from './browser-guard.ts';
import type { Refusal } from './exchange.ts';

/** A server as clients find it, and what it wants to see of them. */
export interface GuardedServer extends Credentials {
  readonly host: string;
  /** Names that clients may know the server by besides the address it listens on. */
  readonly names?: readonly string[];
}

/** What of a request is looked at. */
export interface RequestOrigin extends GuardedRequest {
  readonly query: URLSearchParams;
}

/**
 * Tells why a request is not answered: it is not authorized, or a web page may have had it sent; undefined where it is
 * answered. `isOpen`: what is asked for may be known by everybody.
 */
export function requestGuard(server: GuardedServer): (request: RequestOrigin, isOpen: boolean) => Refusal | undefined {
  const all = [server.host, ...(server.names ?? [])].map((name) => name.toLowerCase());
  // The names that a server on loopback answers to. With a token nobody else gets an answer under any name.
  const names = isLoopback(server.host) && server.token === undefined ? new Set(all) : undefined;
  return (request, isOpen) => {
    const proof = authenticate(server, request.headers, request.query);
    const refusal = proof === 'token' ? undefined : browserRefusal(request, names);
    if (refusal !== undefined) return { error: refusal, headers: {} };
    return isOpen || proof !== undefined ? undefined : unauthorized(server, request);
  };
}

function unauthorized({ token, users }: GuardedServer, { headers }: RequestOrigin): Refusal {
  const wanted = token === undefined ? 'a user and a password' : 'a token (Authorization: Bearer …)';
  const message =
    headers.authorization === undefined
      ? `The server wants ${wanted}.`
      : 'The token or the password is not one that the server was started with.';
  return {
    error: new EngineError(ERROR_CODE.unauthorized, message),
    headers: users === undefined ? {} : { 'www-authenticate': 'Basic realm="KSQL"' },
  };
}
