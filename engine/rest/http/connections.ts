import type { Socket } from 'node:net';
import type { Limits } from './limits.ts';

/**
 * The connections of a server: none stays without doing something for longer than it may, and there are never too many.
 */
export class Connections {
  readonly #limits: Limits;
  readonly #all = new Set<Connection>();
  /** Those without a running exchange, the one that has been so for longest first. */
  readonly #idle = new Set<Connection>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#all.size;
  }

  /** Takes a connection in; undefined where there is no room for it. */
  add(socket: Socket): Connection | undefined {
    if (this.#all.size >= this.#limits.maxConnections) {
      const [longest] = this.#idle;
      if (longest === undefined) return undefined;
      longest.destroy();
    }
    const connection = new Connection(socket, this.#limits, {
      idle: (each) => this.#idle.add(each),
      busy: (each) => this.#idle.delete(each),
      gone: (each) => {
        this.#all.delete(each);
        this.#idle.delete(each);
      },
    });
    this.#all.add(connection);
    this.#idle.add(connection);
    return connection;
  }

  /** Ends all connections. */
  destroyAll(): void {
    for (const connection of this.#all) connection.destroy();
  }
}

interface Listeners {
  idle(connection: Connection): void;
  busy(connection: Connection): void;
  gone(connection: Connection): void;
}

/** A connection, whatever is spoken over it. It ends when no exchange has begun in time. */
export class Connection {
  readonly #socket: Socket;
  readonly #limits: Limits;
  readonly #listeners: Listeners;
  #running = 0;
  #gone = false;
  #farewell: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, limits: Limits, listeners: Listeners) {
    this.#socket = socket;
    this.#limits = limits;
    this.#listeners = listeners;
    this.#endIn(limits.headerTimeMs);
    socket.on('close', () => this.#forget());
  }

  /** An exchange begins. False, and the end of the connection, when it runs too many already. */
  begin(): boolean {
    if (this.#gone) return false;
    if (this.#running >= this.#limits.maxExchanges) {
      this.destroy();
      return false;
    }
    if (this.#running++ === 0) {
      clearTimeout(this.#timer);
      this.#listeners.busy(this);
    }
    return true;
  }

  /** Has something said to the client before the connection ends for want of requests. */
  onIdleEnd(farewell: () => void): void {
    this.#farewell = farewell;
  }

  /** An exchange has ended. */
  end(): void {
    if (--this.#running > 0 || this.#gone) return;
    this.#endIn(this.#limits.idleTimeMs);
    this.#listeners.idle(this);
  }

  /** Ends the connection with a last text, which the client gets a while to read. */
  refuse(text: string): void {
    if (this.#gone) return;
    this.#endIn(this.#limits.lingerTimeMs);
    // What still comes is thrown away: with unread bytes the system would take the answer back.
    this.#socket.on('data', () => {});
    if (this.#socket.writable) this.#socket.end(text);
  }

  destroy(): void {
    this.#socket.destroy();
    this.#forget();
  }

  #endIn(timeMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#endIdle(), timeMs).unref();
  }

  #endIdle(): void {
    const farewell = this.#farewell;
    if (farewell === undefined) {
      this.destroy();
      return;
    }
    this.#farewell = undefined;
    this.#endIn(this.#limits.lingerTimeMs);
    farewell();
  }

  #forget(): void {
    if (this.#gone) return;
    this.#gone = true;
    clearTimeout(this.#timer);
    this.#listeners.gone(this);
  }
}
