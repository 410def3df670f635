import { ClientError, KsqlClient } from '../client.ts';
import type { Transport, TransportRequest, TransportResponse } from '../transport.ts';
import type { Port, PortAnswer, PortReply, PortRequest } from './messages.ts';

/** A client of an engine in another thread, which has the other end of the port. `close` breaks all answers off. */
export const portClient = (port: Port): KsqlClient => new KsqlClient(new PortTransport(port));

/** What carries requests to an engine in another thread, and its answers back. */
export class PortTransport implements Transport {
  readonly #port: Port;
  readonly #open = new Set<PortResponse>();
  #isClosed = false;

  constructor(port: Port) {
    this.#port = port;
  }

  send({ signal, ...request }: TransportRequest): Promise<TransportResponse> {
    if (this.#isClosed) return Promise.reject(broken('it has ended'));
    if (signal?.aborted) return Promise.reject(broken('the request was taken back'));
    const { port1, port2 } = new MessageChannel() as unknown as Readonly<Record<'port1' | 'port2', Port>>;
    const response = new PortResponse(port1, () => this.#open.delete(response));
    this.#open.add(response);
    signal?.addEventListener('abort', () => response.break('the request was taken back'), { once: true });
    this.#port.postMessage({ ...request, port: port2 } satisfies PortRequest, [port2]);
    return response.begun;
  }

  close(): void {
    this.#isClosed = true;
    for (const response of this.#open) response.break('it has ended');
    this.#port.close();
  }
}

const broken = (reason: string): ClientError => new ClientError(`The engine cannot be reached: ${reason}`, 0);

/** An answer as it arrives. What was not read yet waits here; the server holds back what is more than a little. */
class PortResponse implements TransportResponse {
  status = 0;
  readonly #begun = Promise.withResolvers<TransportResponse>();
  readonly begun: Promise<TransportResponse> = this.#begun.promise;
  readonly #port: Port;
  readonly #onClose: () => void;
  readonly #pieces: Buffer[] = [];
  #end: 'open' | 'whole' | ClientError = 'open';
  #wake: (() => void) | undefined;

  constructor(port: Port, onClose: () => void) {
    this.#port = port;
    this.#onClose = onClose;
    port.onmessage = ({ data }) => this.#take(data as PortAnswer);
  }

  /** Ends it without the rest of the answer. */
  break(reason: string): void {
    if (this.#end !== 'open') return;
    this.#reply({ kind: 'gone' });
    this.#close(broken(reason));
  }

  destroy(): void {
    if (this.#end !== 'open') return;
    this.#reply({ kind: 'gone' });
    this.#close('whole');
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        const piece = this.#pieces.shift();
        if (piece !== undefined) {
          yield piece;
          if (this.#end === 'open') this.#reply({ kind: 'taken', sizeBytes: piece.length });
        } else if (this.#end === 'open') {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        } else if (this.#end === 'whole') {
          return;
        } else {
          throw this.#end;
        }
      }
    } finally {
      this.destroy();
    }
  }

  #take(answer: PortAnswer): void {
    switch (answer.kind) {
      case 'head':
        this.status = answer.status;
        this.#begun.resolve(this);
        return;
      case 'piece': {
        const { buffer, byteOffset, byteLength } = answer.bytes;
        this.#pieces.push(Buffer.from(buffer, byteOffset, byteLength));
        return this.#goOn();
      }
      case 'end':
        return this.#close('whole');
      case 'broken':
        return this.#close(broken('it broke its answer off'));
      default:
        answer satisfies never;
    }
  }

  #close(end: 'whole' | ClientError): void {
    this.#end = end;
    if (end !== 'whole') this.#begun.reject(end);
    this.#port.close();
    this.#onClose();
    this.#goOn();
  }

  #goOn(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #reply(reply: PortReply): void {
    this.#port.postMessage(reply);
  }
}
