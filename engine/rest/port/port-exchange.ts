import type { PortAnswer, PortReply, PortRequest } from '../../api/port/messages.ts';
import { Exchange } from '../http/exchange.ts';
import type { Limits } from '../http/limits.ts';

/** The client may have so many bytes that it has not read before the next ones wait. */
const MOST_UNREAD_BYTES = 256 * 1024;

/** A request of another thread, with its answer. */
export class PortExchange extends Exchange {
  readonly http2 = false;
  readonly #request: PortRequest;
  #begun = false;
  #unreadBytes = 0;

  constructor(request: PortRequest, limits: Limits) {
    super(request.method, request.path, limits);
    this.#request = request;
    request.port.onmessage = ({ data }) => this.#hear(data as PortReply);
  }

  get headers(): Readonly<Record<string, string>> {
    return this.#request.headers;
  }

  get body(): AsyncIterable<Buffer> {
    const bytes = Buffer.from(this.#request.body ?? '');
    return (async function* () {
      yield bytes;
    })();
  }

  get begun(): boolean {
    return this.#begun;
  }

  async text(): Promise<string> {
    return this.#request.body ?? '';
  }

  send(status: number, contentType: string | null, body = ''): void {
    this.begin(status, contentType);
    this.end(body);
  }

  begin(status: number, _contentType: string | null): void {
    if (this.isClosed) return;
    this.#begun = true;
    this.#tell({ kind: 'head', status });
  }

  write(text: string): Promise<void> | undefined {
    if (this.isClosed || text === '') return undefined;
    const bytes = new TextEncoder().encode(text);
    this.#unreadBytes += bytes.length;
    this.#tell({ kind: 'piece', bytes }, [bytes.buffer]);
    return this.#unreadBytes > MOST_UNREAD_BYTES ? this.untilTaken() : undefined;
  }

  end(text = ''): void {
    if (this.isClosed) return;
    void this.write(text);
    this.markEnded();
    this.#tell({ kind: 'end' });
    this.#leave();
  }

  destroy(): void {
    if (this.isClosed) return;
    this.#tell({ kind: 'broken' });
    this.#leave();
  }

  #hear(reply: PortReply): void {
    switch (reply.kind) {
      case 'taken':
        this.#unreadBytes -= reply.sizeBytes;
        if (this.#unreadBytes <= MOST_UNREAD_BYTES) this.taken();
        return;
      case 'gone':
        return this.#leave();
      default:
        reply satisfies never;
    }
  }

  #leave(): void {
    this.close();
    this.#request.port.close();
  }

  #tell(answer: PortAnswer, transfer: readonly unknown[] = []): void {
    this.#request.port.postMessage(answer, transfer);
  }
}
