import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** What the server wants to see before it answers. Without a token and without users it answers everybody. */
export interface Credentials {
  readonly token?: string | undefined;
  /** Passwords by the names of users. */
  readonly users?: ReadonlyMap<string, string> | undefined;
}

/**
 * What a request has shown: nothing, because nothing is wanted; the token, which only a client sends that has been told
 * it; or a password, which a browser also sends with requests of foreign pages.
 */
export type Proof = 'open' | 'token' | 'password';

/**
 * Undefined when a request may not be answered. The token counts as a Bearer token, as the password of Basic
 * credentials (whatever the user), and as the query parameter `access_token`, for WebSocket clients that cannot set
 * headers.
 */
export function authenticate(
  { token, users }: Credentials,
  headers: IncomingHttpHeaders,
  query: URLSearchParams,
): Proof | undefined {
  if (token === undefined && users === undefined) return 'open';
  const [, scheme = '', credentials = ''] = /^(\S+)\s+(.*)$/.exec(headers.authorization ?? '') ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return isSame(credentials, token) ? 'token' : undefined;
    case 'basic': {
      const text = Buffer.from(credentials, 'base64').toString('utf8');
      const colon = text.indexOf(':');
      const password = text.slice(colon + 1);
      const isUser = isSame(password, users?.get(text.slice(0, Math.max(colon, 0))));
      return isSame(password, token) || isUser ? 'password' : undefined;
    }
    default:
      return isSame(query.get('access_token') ?? '', token) ? 'token' : undefined;
  }
}

/** Compares without telling by its duration where the texts differ, or that there is nothing to compare with. */
function isSame(given: string, wanted: string | undefined): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted ?? '')) && wanted !== undefined;
}
