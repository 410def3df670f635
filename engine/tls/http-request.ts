import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { TlsOptions } from './tls-options.ts';

export interface HttpRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly timeoutMs: number;
  readonly tls?: TlsOptions | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** An answer that goes on for longer is none that a registry or a token endpoint gives. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/**
 * One HTTP exchange, with certificates of one's own, which `fetch` does not take. Redirections are not followed: what
 * is sent has credentials in it.
 * @throws Error when there is no answer in time
 */
export function httpRequest({ url, method, headers, body, timeoutMs, tls }: HttpRequest): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const options = { method, headers, signal: AbortSignal.timeout(timeoutMs) };
    const sent = url.startsWith('https:') ? requestHttps(url, { ...options, ...tls }) : requestHttp(url, options);
    sent.once('error', (error) => {
      reject(error.name === 'AbortError' ? new Error(`no answer within ${timeoutMs} ms`, { cause: error }) : error);
    });
    sent.once('response', (response) => {
      const parts: Buffer[] = [];
      let sizeBytes = 0;
      response.on('data', (part: Buffer) => {
        parts.push(part);
        sizeBytes += part.length;
        if (sizeBytes > MAX_ANSWER_BYTES) sent.destroy(new Error('the answer does not end'));
      });
      response.once('error', reject);
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString() }));
    });
    sent.end(body);
  });
}
