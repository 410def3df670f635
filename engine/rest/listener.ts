import type { IncomingMessage } from 'node:http';
import { createServer as createHttp1Server, type Server as Http1Server, STATUS_CODES } from 'node:http';
import { createServer as createHttp2Server, type Http2Server } from 'node:http2';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Exchange } from './exchange.ts';

/** How the bytes of an HTTP/2 connection with prior knowledge begin; no HTTP/1.1 request can start with them. */
const HTTP2_PREFACE = Buffer.from('PRI * HTTP/2.0\r\n', 'latin1');

export interface ListenerHandlers {
  exchange(exchange: Exchange): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** One port that speaks HTTP/1.1, HTTP/2 in clear text, and WebSocket. */
export class Listener {
  readonly #server: Server;
  readonly #http1: Http1Server;
  readonly #http2: Http2Server;
  readonly #sockets = new Set<Socket>();

  constructor(handlers: ListenerHandlers) {
    this.#http1 = createHttp1Server({ keepAliveTimeout: 65_000, requestTimeout: 0 }, (request, response) =>
      handlers.exchange(new Exchange(request, response)),
    );
    this.#http1.on('upgrade', (request, socket, head) => handlers.upgrade(request, socket, head));
    this.#http1.on('clientError', (_error, socket) => {
      if (socket.writable) socket.end(`HTTP/1.1 400 ${STATUS_CODES[400]}\r\nconnection: close\r\n\r\n`);
    });
    this.#http2 = createHttp2Server((request, response) => handlers.exchange(new Exchange(request, response)));
    this.#http2.on('sessionError', () => {});
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
  }

  /** Starts listening. @returns the address in use, with the port that was taken when 0 was asked for */
  async listen(host: string, port: number): Promise<{ readonly host: string; readonly port: number }> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    return { host, port: (this.#server.address() as AddressInfo).port };
  }

  /** Stops listening and ends all connections. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const sniff = (): void => {
      const bytes = socket.read() as Buffer | null;
      if (bytes === null) return;
      // Three bytes decide: no HTTP/1.1 method starts with PRI.
      if (bytes.length < 3 && HTTP2_PREFACE.subarray(0, bytes.length).equals(bytes)) {
        socket.unshift(bytes);
        return;
      }
      socket.off('readable', sniff);
      socket.unshift(bytes);
      const isHttp2 = bytes.subarray(0, 3).equals(HTTP2_PREFACE.subarray(0, 3));
      (isHttp2 ? this.#http2 : this.#http1).emit('connection', socket);
    };
    socket.on('readable', sniff);
  }
}
