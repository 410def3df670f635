import type { Socket } from 'node:net';
import { ProtocolError } from '../protocol/message-reader.ts';
import type { Dispatcher } from './dispatcher.ts';
import { FrameReader } from './frame-reader.ts';

/** So many requests of one client may wait behind the one that is answered; producers send five. */
const MAX_WAITING = 16;
/** A client that says nothing for so long is gone (Kafka's connections.max.idle.ms), in milliseconds. */
const MAX_IDLE_MS = 600_000;

/** What clients hold of memory, all together. */
export interface ClientMemory {
  add(bytes: number): void;
  /** Whether no more may be taken in for now; whoever asked is resumed when there is room. */
  readonly mustStop: boolean;
}

export interface ConnectionOptions {
  readonly dispatcher: Dispatcher;
  readonly memory: ClientMemory;
  readonly maxRequestBytes: number;
  /** Told what a client sent that is not understood. */
  onProblem(problem: string): void;
  onClosed(): void;
}

/**
 * One client. Its requests are answered one after the other, as Kafka does; no more is read from it than waits for
 * that, and nothing is answered before it has taken the answers of before.
 */
export class ClientConnection {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #frames: FrameReader;
  readonly #waiting: Buffer[] = [];
  readonly #closing = new AbortController();
  #running = false;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#frames = new FrameReader(options.maxRequestBytes, (bytes) => options.memory.add(bytes));
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', () => this.close());
    socket.on('close', () => this.close());
    socket.setTimeout(MAX_IDLE_MS, () => this.close());
  }

  /** There is memory again. */
  resume(): void {
    if (!this.#closing.signal.aborted && this.#waiting.length < MAX_WAITING) this.#socket.resume();
  }

  close(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#socket.destroy();
    this.#frames.close();
    for (const frame of this.#waiting.splice(0)) this.#options.memory.add(-frame.length);
    this.#options.onClosed();
  }

  #take(chunk: Buffer): void {
    try {
      for (const frame of this.#frames.take(chunk)) {
        this.#options.memory.add(frame.length);
        this.#waiting.push(frame);
      }
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (this.#waiting.length >= MAX_WAITING || this.#options.memory.mustStop) this.#socket.pause();
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      for (let frame = this.#waiting.shift(); frame !== undefined; frame = this.#waiting.shift()) {
        await this.#answer(frame).finally(() => this.#options.memory.add(-frame!.length));
        if (this.#socket.isPaused() && !this.#options.memory.mustStop) this.resume();
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#running = false;
  }

  async #answer(frame: Buffer): Promise<void> {
    const { signal } = this.#closing;
    const { remoteAddress = '', localAddress = '', localPort = 0 } = this.#socket;
    const client = { host: plain(remoteAddress), reachedHost: plain(localAddress), reachedPort: localPort, signal };
    const pieces = await this.#options.dispatcher.answer(frame, client);
    if (pieces !== undefined && !signal.aborted) await this.#send(pieces);
  }

  async #send(pieces: readonly Uint8Array[]): Promise<void> {
    const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
    this.#options.memory.add(bytes);
    let isTaken = true;
    this.#socket.cork();
    for (const [n, piece] of pieces.entries())
      isTaken = this.#socket.write(piece, n < pieces.length - 1 ? undefined : () => this.#options.memory.add(-bytes));
    this.#socket.uncork();
    if (isTaken || this.#socket.destroyed) return;
    await this.#drained();
  }

  #drained(): Promise<void> {
    const socket = this.#socket;
    return new Promise((resolve) => {
      const done = () => {
        socket.off('drain', done);
        socket.off('close', done);
        resolve();
      };
      socket.on('drain', done);
      socket.on('close', done);
    });
  }

  /** Whatever it was costs this client its connection, and nobody else anything. */
  #fail(error: unknown): void {
    if (this.#closing.signal.aborted) return;
    const { message } = error as Error;
    const where = `Kafka client ${plain(this.#socket.remoteAddress ?? '')}:${this.#socket.remotePort ?? ''}`;
    this.#options.onProblem(
      `${where}: ${error instanceof ProtocolError ? message : `a request failed: ${message}`} Its connection was closed.`,
    );
    this.close();
  }
}

/** IPv4 as it is written, where the socket is one of IPv6 that takes both. */
const plain = (address: string): string => address.replace(/^::ffff:/, '');
