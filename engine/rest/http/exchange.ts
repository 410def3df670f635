import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { constants, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { Readable } from 'node:stream';
import { asEngineError, EngineError, ERROR_CODE, tooLarge } from '../../api/errors.ts';
import { toJson } from '../../api/json-row.ts';
import type { Limits } from './limits.ts';
import { JSON_TYPE } from './media-type.ts';
import { parseTarget } from './request-target.ts';

/** A request with its answer, the same over HTTP/1.1 and HTTP/2. */
export class Exchange {
  readonly method: string;
  /** Undefined where the request's target cannot be read. */
  readonly path: string | undefined;
  readonly query: URLSearchParams;
  readonly http2: boolean;
  readonly limits: Limits;
  readonly #request: IncomingMessage | Http2ServerRequest;
  readonly #response: ServerResponse | Http2ServerResponse;
  #ended = false;
  #closed = false;
  #isAborted = false;
  #onAbort: (() => Promise<void>) | undefined;
  /** Lets a write go on that waits for the client. */
  #resume: (() => void) | undefined;
  #takeTimer: NodeJS.Timeout | undefined;
  #lingerTimer: NodeJS.Timeout | undefined;

  /** @param onClose called once, when the answer has been sent or the client has gone */
  constructor(
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
    limits: Limits,
    onClose: () => void,
  ) {
    // Errors of a connection that breaks end in `close`; without a listener they would end the process.
    request.on('error', () => {});
    response.on('error', () => {});
    if (request.httpVersionMajor === 1) response.on('drain', () => this.#goOn());
    response.once('close', () => {
      this.#close();
      onClose();
    });
    const { path, query } = parseTarget(request.url ?? '');
    this.method = request.method ?? 'GET';
    this.path = path;
    this.query = query;
    this.http2 = request.httpVersionMajor === 2;
    this.limits = limits;
    this.#request = request;
    this.#response = response;
  }

  /** Whether the client has gone away before the answer has ended. */
  get isAborted(): boolean {
    return this.#isAborted;
  }

  /** Has something ended when the client goes away before the answer has ended; at once when it has gone already. */
  onAbort(action: () => Promise<void>): void {
    this.#onAbort = action;
    if (this.#isAborted) this.#abort();
  }

  get headers(): IncomingHttpHeaders {
    return this.#request.headers;
  }

  get accept(): string | undefined {
    return this.headers.accept;
  }

  /** The request's body as it arrives. Who stops reading it leaves the rest to the answer's end. */
  get body(): AsyncIterable<Buffer> {
    return (this.#request as Readable).iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  }

  /** The whole body as text. @throws EngineError when it is larger than the server takes, or too long in coming */
  text(): Promise<string> {
    const { maxBodyBytes, bodyTimeMs } = this.limits;
    const request = this.#request;
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let sizeBytes = 0;
      const settle = (error?: Error): void => {
        clearTimeout(timer);
        request.off('data', take).off('end', settle).off('close', gone);
        // What still comes of a body that is refused is thrown away, so that the answer can be read.
        request.resume();
        if (error === undefined) resolve(Buffer.concat(chunks).toString('utf8'));
        else reject(error);
      };
      const take = (chunk: Buffer): void => {
        sizeBytes += chunk.length;
        if (sizeBytes > maxBodyBytes) settle(bodyTooLarge(maxBodyBytes));
        else chunks.push(chunk);
      };
      const gone = (): void => settle(new Error('The client went away within its request.'));
      const timer = setTimeout(() => settle(bodyTooLate(bodyTimeMs)), bodyTimeMs);
      if (Number(this.headers['content-length']) > maxBodyBytes) settle(bodyTooLarge(maxBodyBytes));
      else request.on('data', take).once('end', settle).once('close', gone);
    });
  }

  /** Answers with a whole body. A null content type sends none. */
  send(status: number, contentType: string | null, body = '', headers: Readonly<Record<string, string>> = {}): void {
    if (this.#closed) return;
    const bytes = Buffer.from(body, 'utf8');
    const all: Record<string, string | number> = { ...headers, 'content-length': bytes.length };
    if (contentType !== null) all['content-type'] = contentType;
    (this.#response as ServerResponse).writeHead(status, all);
    this.#end(bytes);
  }

  sendJson(status: number, value: unknown, contentType: string | null = JSON_TYPE): void {
    this.send(status, contentType, toJson(value));
  }

  /**
   * Answers with an error. Where an answer has begun it is broken off, so that the client does not take it for whole.
   */
  sendError(
    error: EngineError,
    contentType: string | null = JSON_TYPE,
    headers: Readonly<Record<string, string>> = {},
  ): void {
    if (this.begun) this.destroy();
    else this.send(error.httpStatus, contentType, toJson(error.toBody()), headers);
  }

  /** The end of an exchange of which the handler has failed. Never throws. */
  fail(error: unknown): void {
    if (this.#ended) return;
    try {
      this.sendError(asEngineError(error));
    } catch {
      this.destroy();
    }
  }

  /** Breaks the answer off: over HTTP/1.1 the connection, over HTTP/2 the stream. */
  destroy(): void {
    if (this.#closed) return;
    if ('stream' in this.#response) this.#response.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    else this.#response.destroy();
  }

  /** Begins an answer that is written in pieces. */
  begin(status: number, contentType: string | null): void {
    if (this.#closed) return;
    const response = this.#response as ServerResponse;
    response.writeHead(status, contentType === null ? {} : { 'content-type': contentType });
    if (!this.http2) response.flushHeaders();
  }

  get begun(): boolean {
    return this.#response.headersSent;
  }

  /**
   * Writes a piece; resolves when the client has taken enough of what was written for more to follow, or has gone. One
   * write at a time.
   */
  write(text: string): Promise<void> | undefined {
    if (this.#closed) return undefined;
    const response = this.#response as ServerResponse;
    // Bytes, not text: HTTP/2 sends the storage of a string, which is gone by the time a second write goes out with it.
    const bytes = Buffer.from(text, 'utf8');
    // Over HTTP/2 what is written in one go becomes one frame, unless each write is waited for.
    if (this.http2) response.write(bytes, () => this.#goOn());
    else if (response.write(bytes)) return undefined;
    return new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  end(text = ''): void {
    if (!this.#closed) this.#end(Buffer.from(text, 'utf8'));
  }

  #end(bytes: Buffer): void {
    this.#ended = true;
    const response = this.#response as ServerResponse;
    this.#takeTimer = setTimeout(() => this.destroy(), this.limits.takeTimeMs).unref();
    response.end(bytes);
    if (!('stream' in this.#response)) return;
    // The rest of the body is thrown away. A stream that is reset at once loses its answer with some clients, even one
    // whose body has come to its end without having been read.
    this.#request.resume();
    this.#lingerTimer = setTimeout(() => this.#stopBody(), this.limits.lingerTimeMs).unref();
  }

  /** Ends what a client over HTTP/2 still sends when its answer has been there for a while: nobody reads it. */
  #stopBody(): void {
    if ('stream' in this.#response && !this.#request.complete) this.#response.stream.close(constants.NGHTTP2_NO_ERROR);
  }

  #goOn(): void {
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }

  #close(): void {
    this.#closed = true;
    clearTimeout(this.#takeTimer);
    clearTimeout(this.#lingerTimer);
    // Not `writableFinished`: over HTTP/2 that is true of every stream that is closed.
    if (!this.#ended) this.#abort();
    this.#goOn();
  }

  #abort(): void {
    this.#isAborted = true;
    // Nobody is left to be told of a failure.
    this.#onAbort?.().catch(() => {});
  }
}

const bodyTooLarge = (maxBytes: number): EngineError =>
  tooLarge(`The request is larger than ${maxBytes} bytes, which is the most that this server takes.`);

const bodyTooLate = (timeMs: number): EngineError =>
  new EngineError(ERROR_CODE.requestTimeout, `The body of the request did not come within ${timeMs / 1000} s.`);
