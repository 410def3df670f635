import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttp1Server, type Server as Http1Server, STATUS_CODES } from 'node:http';
import {
  createServer as createHttp2Server,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type Http2Session,
} from 'node:http2';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import { type Connection, Connections } from './connections.ts';
import type { Exchange } from './exchange.ts';
import { HttpExchange } from './http-exchange.ts';
import type { Limits } from './limits.ts';

/** How the bytes of an HTTP/2 connection with prior knowledge begin; no HTTP/1.1 request can start with them. */
const HTTP2_PREFACE = Buffer.from('PRI * HTTP/2.0\r\n', 'latin1');
/** Keep-alive probes find the clients that have gone without a word, in milliseconds of silence. */
const PROBE_AFTER_MS = 30_000;

export interface ListenerHandlers {
  exchange(exchange: Exchange): void;
  /** Whether the target of a request is one that a WebSocket is spoken at; elsewhere the offer is passed over. */
  isUpgradable(target: string): boolean;
  /** Takes a connection over; gives the status that it is refused with otherwise. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): number | undefined;
}

/** Certificate chain and private key of a server, in PEM. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
  /** What the key is encrypted with. */
  readonly passphrase?: string | undefined;
}

/**
 * One port that speaks HTTP/1.1, HTTP/2, and WebSocket, in clear text or over TLS. Whatever a client sends, and
 * whatever the handlers throw, costs at most that client's connection.
 */
export class Listener {
  readonly #handlers: ListenerHandlers;
  readonly #limits: Limits;
  readonly #server: Server;
  readonly #http1: Http1Server;
  readonly #http2: Http2Server;
  readonly #connections: Connections;
  readonly #bySocket = new WeakMap<Duplex, Connection>();
  readonly #bySession = new WeakMap<Http2Session, Connection>();
  readonly #secureContext: SecureContext | undefined;

  /** @throws Error when certificate and key are no PEM, or do not belong together */
  constructor(handlers: ListenerHandlers, limits: Limits, tls?: TlsIdentity) {
    this.#handlers = handlers;
    this.#limits = limits;
    this.#connections = new Connections(limits);
    this.#secureContext = tls && createSecureContext({ ...tls });
    this.#http1 = this.#createHttp1();
    this.#http2 = this.#createHttp2();
    this.#server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: PROBE_AFTER_MS }, (socket) =>
      this.#accept(socket),
    );
  }

  /** Starts listening. @returns the address in use, with the port that was taken when 0 was asked for */
  async listen(host: string, port: number): Promise<{ readonly host: string; readonly port: number }> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        // What goes wrong with one connection before it is there (no file descriptor is left) ends no server.
        this.#server.on('error', () => {});
        resolve();
      });
    });
    return { host, port: (this.#server.address() as AddressInfo).port };
  }

  /** Stops listening and ends all connections. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#connections.destroyAll();
    await closed;
  }

  #createHttp1(): Http1Server {
    const server = createHttp1Server(
      {
        keepAliveTimeout: this.#limits.idleTimeMs,
        // These two are looked after only in servers that listen themselves; here Connections does.
        headersTimeout: 0,
        requestTimeout: 0,
        maxHeaderSize: this.#limits.maxHeaderBytes,
        // Clients that offer HTTP/2 with `Upgrade: h2c` go on with HTTP/1.1.
        shouldUpgradeCallback: ({ headers, url = '' }) =>
          headers.upgrade?.toLowerCase() === 'websocket' && this.#handlers.isUpgradable(url),
      },
      (request, response) => this.#exchange(this.#bySocket.get(request.socket), request, response),
    );
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
      this.#bySocket.get(socket)?.refuse(lastAnswer(status));
    });
    return server;
  }

  #createHttp2(): Http2Server {
    const settings = {
      maxConcurrentStreams: this.#limits.maxExchanges,
      maxHeaderListSize: this.#limits.maxHeaderBytes,
    };
    const server = createHttp2Server({ settings }, (request, response) => {
      const { session } = request.stream;
      this.#exchange(session && this.#bySession.get(session), request, response);
    });
    server.on('sessionError', () => {});
    return server;
  }

  /** The one place where exchanges begin. */
  #exchange(
    connection: Connection | undefined,
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
  ): void {
    if (connection?.begin() !== true) return;
    const exchange = new HttpExchange(request, response, this.#limits, () => connection.end());
    try {
      this.#handlers.exchange(exchange);
    } catch (error) {
      exchange.fail(error);
    }
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const connection = this.#bySocket.get(socket);
    if (connection?.begin() !== true) return;
    try {
      const refusal = this.#handlers.upgrade(request, socket, head);
      if (refusal !== undefined) connection.refuse(lastAnswer(refusal));
    } catch {
      connection.destroy();
    }
  }

  #accept(plain: Socket): void {
    const socket = this.#secureContext === undefined ? plain : secured(plain, this.#secureContext);
    // Also where the connection is refused, or has broken before anybody looks after it.
    socket.on('error', () => socket.destroy());
    plain.on('error', () => plain.destroy());
    const connection = this.#connections.add(socket);
    if (connection === undefined) {
      plain.destroy();
      return;
    }
    this.#bySocket.set(socket, connection);
    let seen = Buffer.alloc(0);
    const sniff = (): void => {
      const bytes = socket.read() as Buffer | null;
      if (bytes === null) return;
      seen = Buffer.concat([seen, bytes]);
      // Three bytes decide: no HTTP/1.1 method starts with PRI.
      const isPreface = HTTP2_PREFACE.subarray(0, Math.min(seen.length, 3)).equals(seen.subarray(0, 3));
      if (isPreface && seen.length < 3) return;
      socket.off('readable', sniff);
      socket.unshift(seen);
      if (isPreface) this.#acceptHttp2(socket, connection);
      else this.#http1.emit('connection', socket);
    };
    socket.on('readable', sniff);
  }

  #acceptHttp2(socket: Socket, connection: Connection): void {
    const remember = (session: Http2Session): void => {
      this.#bySession.set(session, connection);
      session.on('error', () => connection.destroy());
      // A client that is told so sends its next request over a new connection, and loses none.
      connection.onIdleEnd(() => session.close());
    };
    this.#http2.once('session', remember);
    this.#http2.emit('connection', socket);
    this.#http2.off('session', remember);
  }
}

/** The connection as it is within TLS; its first bytes come when the handshake is done. */
function secured(plain: Socket, secureContext: SecureContext): TLSSocket {
  const socket = new TLSSocket(plain, { isServer: true, secureContext, ALPNProtocols: ['h2', 'http/1.1'] });
  // Only a tls.Server marks its sockets as connected, and HTTP/2 waits for the mark.
  return socket.once('secure', () => Object.assign(socket, { secureConnecting: false }));
}

const lastAnswer = (status: number): string =>
  `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`;
