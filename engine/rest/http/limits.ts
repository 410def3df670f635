const KIB = 1024;
const MIB = 1024 * KIB;

/** What one client may cost the server. Beyond a limit it gets an answer that says so, or its connection ends. */
export interface Limits {
  /**
   * Connections at a time. One more takes the place of the one that has been idle for longest; where none is idle, it
   * is refused.
   */
  readonly maxConnections: number;
  /** From the connection, TLS handshake included, to the end of the first request's headers. */
  readonly headerTimeMs: number;
  /** From the end of an exchange to the end of the next request's headers. A running exchange has no such limit. */
  readonly idleTimeMs: number;
  /** From the headers to the end of a request's body, where the whole body is needed. */
  readonly bodyTimeMs: number;
  /**
   * How long a client may take to fetch the rest of an answer that is complete. Rows that still come have no such
   * limit.
   */
  readonly takeTimeMs: number;
  /**
   * How long a refused connection, or a body that nobody reads any more, may go on, so that the client can read why.
   */
  readonly lingerTimeMs: number;
  /** Exchanges that a connection runs at a time: HTTP/2 streams, pipelined requests. */
  readonly maxExchanges: number;
  /** The request line and the headers of a request. */
  readonly maxHeaderBytes: number;
  /** A request's body. */
  readonly maxBodyBytes: number;
  /** The text of the statements in a request, in UTF-16 units. */
  readonly maxStatementText: number;
  /** The statements in a request. */
  readonly maxStatements: number;
  /** A row on its way to `/inserts-stream`, as JSON in UTF-16 units. */
  readonly maxRowText: number;
  /** A message that a client sends over WebSocket; ksqlDB's protocol has none. */
  readonly maxMessageBytes: number;
  /** The patterns in the body of `/ksql/terminate`. */
  readonly maxPatterns: number;
}

/** The limits of a server that is not told others. */
export const LIMITS: Limits = {
  maxConnections: 1000,
  headerTimeMs: 30_000,
  idleTimeMs: 65_000,
  bodyTimeMs: 120_000,
  takeTimeMs: 120_000,
  lingerTimeMs: 2_000,
  maxExchanges: 250,
  maxHeaderBytes: 64 * KIB,
  maxBodyBytes: 32 * MIB,
  maxStatementText: 2 * MIB,
  maxStatements: 10_000,
  maxRowText: 4 * MIB,
  maxMessageBytes: 64 * KIB,
  maxPatterns: 1000,
};
