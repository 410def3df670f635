import type { IncomingHttpHeaders } from 'node:http';
import { asEngineError, type EngineError } from '../../api/errors.ts';
import { toJson } from '../../api/json-row.ts';
import type { Limits } from './limits.ts';
import { JSON_TYPE } from './media-type.ts';
import { parseTarget } from './request-target.ts';

/** Why a request is not answered. */
export interface Refusal {
  readonly error: EngineError;
  /** What goes with the answer that says so. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A request with its answer, the same however they are carried. */
export abstract class Exchange {
  readonly method: string;
  /** Undefined where the request's target cannot be read. */
  readonly path: string | undefined;
  readonly query: URLSearchParams;
  readonly limits: Limits;
  #hasEnded = false;
  #isClosed = false;
  #isAborted = false;
  #onAbort: (() => Promise<void>) | undefined;
  /** Lets a write go on that waits for the client. */
  #resume: (() => void) | undefined;

  constructor(method: string, target: string, limits: Limits) {
    const { path, query } = parseTarget(target);
    this.method = method;
    this.path = path;
    this.query = query;
    this.limits = limits;
  }

  abstract get http2(): boolean;

  abstract get headers(): IncomingHttpHeaders;

  /** The request's body as it arrives. Who stops reading it leaves the rest to the answer's end. */
  abstract get body(): AsyncIterable<Buffer>;

  /** Whether something of the answer was sent. */
  abstract get begun(): boolean;

  /** The whole body as text. @throws EngineError when it is larger than the server takes, or too long in coming */
  abstract text(): Promise<string>;

  /** Answers with a whole body. A null content type sends none. */
  abstract send(
    status: number,
    contentType: string | null,
    body?: string,
    headers?: Readonly<Record<string, string>>,
  ): void;

  /** Begins an answer that is written in pieces. */
  abstract begin(status: number, contentType: string | null): void;

  /**
   * Writes a piece; resolves when the client has taken enough of what was written for more to follow, or has gone. One
   * write at a time.
   */
  abstract write(text: string): Promise<void> | undefined;

  abstract end(text?: string): void;

  /** Breaks the answer off, so that the client does not take it for whole. */
  abstract destroy(): void;

  /** Whether the client has gone away before the answer has ended. */
  get isAborted(): boolean {
    return this.#isAborted;
  }

  /** Has something ended when the client goes away before the answer has ended; at once when it has gone already. */
  onAbort(action: () => Promise<void>): void {
    this.#onAbort = action;
    if (this.#isAborted) this.#abort();
  }

  get accept(): string | undefined {
    return this.headers.accept;
  }

  sendJson(status: number, value: unknown, contentType: string | null = JSON_TYPE): void {
    this.send(status, contentType, toJson(value));
  }

  /** Answers with an error. Where an answer has begun it is broken off. */
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
    if (this.#hasEnded) return;
    try {
      this.sendError(asEngineError(error));
    } catch {
      this.destroy();
    }
  }

  /** Whether nothing can be sent any more. */
  protected get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The answer is whole with what was sent. */
  protected markEnded(): void {
    this.#hasEnded = true;
  }

  /** Resolves when the client has taken what it was sent, or has gone. */
  protected untilTaken(): Promise<void> {
    return new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  /** The client has taken what it was sent. */
  protected taken(): void {
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }

  /** The client has the whole answer, or has gone. */
  protected close(): void {
    this.#isClosed = true;
    if (!this.#hasEnded) this.#abort();
    this.taken();
  }

  #abort(): void {
    this.#isAborted = true;
    // Nobody is left to be told of a failure.
    this.#onAbort?.().catch(() => {});
  }
}
