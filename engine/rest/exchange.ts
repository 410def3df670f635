import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { EngineError } from '../errors.ts';
import { toJson } from './json-row.ts';
import { JSON_TYPE } from './media-type.ts';

/** Largest request body that is taken, in bytes. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** A request with its answer, the same over HTTP/1.1 and HTTP/2. */
export class Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly http2: boolean;
  /** Aborted when the client goes away before the answer has ended. */
  readonly signal: AbortSignal;
  readonly #request: IncomingMessage | Http2ServerRequest;
  readonly #response: ServerResponse | Http2ServerResponse;

  constructor(request: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse) {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const aborter = new AbortController();
    this.method = request.method ?? 'GET';
    this.path = url.pathname;
    this.query = url.searchParams;
    this.http2 = request.httpVersionMajor === 2;
    this.signal = aborter.signal;
    this.#request = request;
    this.#response = response;
    response.on('close', () => {
      if (!response.writableFinished) aborter.abort();
    });
    // Errors of a connection that breaks end in `close`; without a listener they would end the process.
    request.on('error', () => {});
    response.on('error', () => {});
  }

  get headers(): IncomingHttpHeaders {
    return this.#request.headers;
  }

  get accept(): string | undefined {
    return this.headers.accept;
  }

  /** The request's body as it arrives. */
  get body(): AsyncIterable<Buffer> {
    return this.#request as AsyncIterable<Buffer>;
  }

  /** The whole body as text. @throws RangeError when it is larger than the server takes */
  async text(): Promise<string> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of this.body) {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) throw new RangeError(`The request is larger than ${MAX_BODY_BYTES} bytes.`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  }

  /** Answers with a whole body. A null content type sends none. */
  send(status: number, contentType: string | null, body = '', headers: Readonly<Record<string, string>> = {}): void {
    const bytes = Buffer.from(body, 'utf8');
    const all: Record<string, string | number> = { ...headers, 'content-length': bytes.length };
    if (contentType !== null) all['content-type'] = contentType;
    (this.#response as ServerResponse).writeHead(status, all);
    this.#end(bytes);
  }

  sendJson(status: number, value: unknown, contentType: string | null = JSON_TYPE): void {
    this.send(status, contentType, toJson(value));
  }

  sendError(error: EngineError, contentType: string | null = JSON_TYPE): void {
    this.sendJson(error.httpStatus, error.toBody(), contentType);
  }

  /** Begins an answer that is written in pieces. */
  begin(status: number, contentType: string | null): void {
    const response = this.#response as ServerResponse;
    response.writeHead(status, contentType === null ? {} : { 'content-type': contentType });
    if (!this.http2) response.flushHeaders();
  }

  get begun(): boolean {
    return this.#response.headersSent;
  }

  /** Writes a piece; resolves when the client has taken enough of what was written for more to follow. */
  write(text: string): Promise<void> | undefined {
    if (this.signal.aborted) return undefined;
    const response = this.#response as ServerResponse;
    // Bytes, not text: HTTP/2 sends the storage of a string, which is gone by the time a second write goes out with it.
    const bytes = Buffer.from(text, 'utf8');
    // Over HTTP/2 what is written in one go becomes one frame, unless each write is waited for.
    if (this.http2) return new Promise((resolve) => response.write(bytes, () => resolve()));
    if (response.write(bytes)) return undefined;
    return new Promise((resolve) => {
      const done = (): void => {
        response.off('drain', done);
        response.off('close', done);
        resolve();
      };
      response.on('drain', done);
      response.on('close', done);
    });
  }

  end(text = ''): void {
    this.#end(Buffer.from(text, 'utf8'));
  }

  #end(bytes: Buffer): void {
    (this.#response as ServerResponse).end(bytes);
  }
}
