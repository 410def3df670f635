import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { constants, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { Readable } from 'node:stream';
import { EngineError, ERROR_CODE, tooLarge } from '../../api/errors.ts';
import { Exchange } from './exchange.ts';
import type { Limits } from './limits.ts';

/** A request with its answer over HTTP/1.1 or HTTP/2. */
export class HttpExchange extends Exchange {
  readonly http2: boolean;
  readonly #request: IncomingMessage | Http2ServerRequest;
  readonly #response: ServerResponse | Http2ServerResponse;
  #takeTimer: NodeJS.Timeout | undefined;
  #lingerTimer: NodeJS.Timeout | undefined;

  /** @param onClose called once, when the answer has been sent or the client has gone */
  constructor(
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
    limits: Limits,
    onClose: () => void,
  ) {
    super(request.method ?? 'GET', request.url ?? '', limits);
    // Errors of a connection that breaks end in `close`; without a listener they would end the process.
    request.on('error', () => {});
    response.on('error', () => {});
    if (request.httpVersionMajor === 1) response.on('drain', () => this.taken());
    response.once('close', () => {
      clearTimeout(this.#takeTimer);
      clearTimeout(this.#lingerTimer);
      // Not `writableFinished`: over HTTP/2 that is true of every stream that is closed.
      this.close();
      onClose();
    });
    this.http2 = request.httpVersionMajor === 2;
    this.#request = request;
    this.#response = response;
  }

  get headers(): IncomingHttpHeaders {
    return this.#request.headers;
  }

  get body(): AsyncIterable<Buffer> {
    return (this.#request as Readable).iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  }

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

  send(status: number, contentType: string | null, body = '', headers: Readonly<Record<string, string>> = {}): void {
    if (this.isClosed) return;
    const bytes = Buffer.from(body, 'utf8');
    const all: Record<string, string | number> = { ...headers, 'content-length': bytes.length };
    if (contentType !== null) all['content-type'] = contentType;
    (this.#response as ServerResponse).writeHead(status, all);
    this.#end(bytes);
  }

  /** Breaks the answer off: over HTTP/1.1 the connection, over HTTP/2 the stream. */
  destroy(): void {
    if (this.isClosed) return;
    if ('stream' in this.#response) this.#response.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    else this.#response.destroy();
  }

  begin(status: number, contentType: string | null): void {
    if (this.isClosed) return;
    const response = this.#response as ServerResponse;
    response.writeHead(status, contentType === null ? {} : { 'content-type': contentType });
    if (!this.http2) response.flushHeaders();
  }

  get begun(): boolean {
    return this.#response.headersSent;
  }

  write(text: string): Promise<void> | undefined {
    if (this.isClosed) return undefined;
    const response = this.#response as ServerResponse;
    // Bytes, not text: HTTP/2 sends the storage of a string, which is gone by the time a second write goes out with it.
    const bytes = Buffer.from(text, 'utf8');
    // Over HTTP/2 what is written in one go becomes one frame, unless each write is waited for.
    if (this.http2) response.write(bytes, () => this.taken());
    else if (response.write(bytes)) return undefined;
    return this.untilTaken();
  }

  end(text = ''): void {
    if (!this.isClosed) this.#end(Buffer.from(text, 'utf8'));
  }

  #end(bytes: Buffer): void {
    this.markEnded();
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
}

const bodyTooLarge = (maxBytes: number): EngineError =>
  tooLarge(`The request is larger than ${maxBytes} bytes, which is the most that this server takes.`);

const bodyTooLate = (timeMs: number): EngineError =>
  new EngineError(ERROR_CODE.requestTimeout, `The body of the request did not come within ${timeMs / 1000} s.`);
