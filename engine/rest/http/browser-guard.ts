import type { IncomingHttpHeaders } from 'node:http';
import { EngineError, ERROR_CODE } from '../../api/errors.ts';

/** What of a request tells whether a web page has had it sent. */
export interface GuardedRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;
/** JSON, and the types of ksqlDB and of the schema registry. */
const BODY_TYPE = /^application\/(?:json|[\w.-]+\+json|vnd\.ksql[\w.+-]*)$/;

/** Whether a server at this address can be reached from its own machine only. */
export const isLoopback = (host: string): boolean =>
  LOOPBACK.test(host.includes(':') ? `[${host}]` : host.toLowerCase());

/**
 * Why a request is refused that may come from a web page which somebody on this machine looks at: such a page can send
 * requests to any address, without knowing a token, and the browser puts stored passwords in.
 *
 * - The name that the client knows the server by (DNS rebinding: a page's own name leads to 127.0.0.1). Looked at where
 *   `names` are given: a server on loopback is known by few.
 * - The page's origin, where the browser tells one: it has to be the server itself. Following a link is no matter.
 * - The type of a body: from a browser it has to be JSON's or ksqlDB's, which a page may not send to a foreign server
 *   without asking. Other programs may send what they like, as ksqlDB does not look at it: curl calls JSON a form in
 *   its documentation, Node's fetch calls it text/plain, and Confluent's own clients call it nothing.
 */
export function browserRefusal(
  request: GuardedRequest,
  names: ReadonlySet<string> | undefined,
): EngineError | undefined {
  const { headers } = request;
  const authority = String(headers[':authority'] ?? headers.host ?? '').toLowerCase();
  const name = authority.replace(/:\d*$/, '').replace(/\.$/, '');
  if (names !== undefined && authority !== '' && !LOOPBACK.test(name) && !names.has(name))
    return new EngineError(
      ERROR_CODE.forbidden,
      `The request is for the host ${name}, which is not this server: it answers to localhost. To give it another name, start it with --property ksql.advertised.listener=http://NAME:PORT.`,
    );
  if (isForeign(request, authority))
    return new EngineError(
      ERROR_CODE.forbidden,
      'The request comes from a web page of another origin. Such requests are answered when they carry the token (Authorization: Bearer …).',
    );
  return bodyTypeRefusal(request);
}

function isForeign({ method, headers }: GuardedRequest, authority: string): boolean {
  const site = headers['sec-fetch-site'];
  const isLink = method === 'GET' && headers['sec-fetch-mode'] === 'navigate';
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !isLink) return true;
  // Netty's WebSocket clients send host and port without a scheme.
  const origin = headers.origin?.toLowerCase().replace(/^https?:\/\//, '');
  return origin !== undefined && origin !== authority;
}

function bodyTypeRefusal({ method, headers }: GuardedRequest): EngineError | undefined {
  if (method !== 'POST' || headers['content-type'] === undefined) return undefined;
  const isBrowser = ['origin', 'referer', 'sec-fetch-site'].some((name) => headers[name] !== undefined);
  const type = headers['content-type'].split(';', 1)[0]!.trim().toLowerCase();
  if (!isBrowser || BODY_TYPE.test(type)) return undefined;
  return new EngineError(
    ERROR_CODE.unsupportedMediaType,
    `The body of the request is ${type || 'of no type'}. From a web page it has to be application/json or application/vnd.ksql.v1+json.`,
  );
}
