import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a request may be answered. The token counts as a Bearer token, as the password of Basic credentials (whatever the
 * user), and as the query parameter `access_token`, for WebSocket clients that cannot set headers. Undefined: everyone may.
 */
export function isAuthorized(token: string | undefined, headers: IncomingHttpHeaders, query: URLSearchParams): boolean {
  if (token === undefined) return true;
  const [, scheme = '', credentials = ''] = /^(\S+)\s+(.*)$/.exec(headers.authorization ?? '') ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return same(credentials, token);
    case 'basic': {
      const text = Buffer.from(credentials, 'base64').toString('utf8');
      return same(text.slice(text.indexOf(':') + 1), token);
    }
    default:
      return same(query.get('access_token') ?? '', token);
  }
}

/** Compares without telling by its duration where the texts differ. */
function same(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
