import * as http from 'node:http';
import * as https from 'node:https';
import { ClientError, KsqlClient } from './client.ts';
import type { Transport, TransportRequest, TransportResponse } from './transport.ts';

export type Credentials =
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string };

export interface HttpOptions {
  /** For instance `http://localhost:8088`; a path before the API's own is kept. */
  readonly url: string;
  readonly credentials?: Credentials;
  readonly tls?: Pick<
    https.AgentOptions,
    'ca' | 'cert' | 'key' | 'pfx' | 'passphrase' | 'rejectUnauthorized' | 'servername' | 'checkServerIdentity'
  >;
  /** How long a server may take to begin its answer, in milliseconds. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/** A client of a server that is reached over HTTP. */
export const httpClient = (options: HttpOptions): KsqlClient => new KsqlClient(new HttpTransport(options));

class HttpTransport implements Transport {
  readonly #url: string;
  readonly #options: HttpOptions;
  readonly #agent: http.Agent;
  readonly #request: typeof http.request;

  constructor(options: HttpOptions) {
    this.#url = options.url.replace(/\/+$/, '');
    this.#options = options;
    const isSecure = new URL(this.#url).protocol === 'https:';
    this.#request = isSecure ? https.request : http.request;
    this.#agent = isSecure ? new https.Agent({ keepAlive: true, ...options.tls }) : new http.Agent({ keepAlive: true });
  }

  close(): void {
    this.#agent.destroy();
  }

  async send({ method, path, headers: sent, body, signal }: TransportRequest): Promise<TransportResponse> {
    const headers: Record<string, string | number> = { ...sent };
    if (body !== undefined) headers['content-length'] = Buffer.byteLength(body);
    const authorization = authorizationHeader(this.#options.credentials);
    if (authorization !== undefined) headers['authorization'] = authorization;
    const response = await this.#exchange(path, { method, headers, ...(signal ? { signal } : {}) }, body);
    return {
      status: response.statusCode ?? 0,
      [Symbol.asyncIterator]: () => response[Symbol.asyncIterator](),
      destroy: () => void response.destroy(),
    };
  }

  #exchange(path: string, options: http.RequestOptions, body: string | undefined): Promise<http.IncomingMessage> {
    return new Promise((resolve, reject) => {
      const request = this.#request(this.#url + path, { ...options, agent: this.#agent });
      const timeoutMs = this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
      const timer = setTimeout(() => request.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
      request.on('response', (response) => {
        clearTimeout(timer);
        resolve(response);
      });
      request.on('error', (error) => {
        clearTimeout(timer);
        reject(new ClientError(`${this.#url} cannot be reached: ${reason(error)}`, 0, undefined, { cause: error }));
      });
      request.end(body);
    });
  }
}

function authorizationHeader(credentials: Credentials | undefined): string | undefined {
  switch (credentials?.kind) {
    case undefined:
      return undefined;
    case 'bearer':
      return `Bearer ${credentials.token}`;
    case 'basic':
      return `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`;
    default:
      return credentials satisfies never;
  }
}

/** What went wrong with a connection, also where several addresses were tried and the message is empty. */
function reason(error: Error): string {
  if (error instanceof AggregateError && error.errors.length > 0)
    return (error.errors as Error[]).map((e) => e.message).join('; ');
  return error.message;
}
