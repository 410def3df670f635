/** What carries the requests of a client to a server and its answers back: HTTP, or a port between two threads. */
export interface Transport {
  /** Resolves when the answer begins, whatever its status. @throws ClientError when none comes */
  send(request: TransportRequest): Promise<TransportResponse>;
  /** Ends what is kept for further requests. */
  close(): void;
}

export interface TransportRequest {
  readonly method: string;
  /** Begins with a slash. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Ends the request, or the answer that has begun. */
  readonly signal: AbortSignal | undefined;
}

/** An answer that has begun; its body is iterated once, as it arrives. */
export interface TransportResponse extends AsyncIterable<Buffer> {
  readonly status: number;
  /** Tells the server that nobody reads on. */
  destroy(): void;
}
