import { connect, type Socket } from 'node:net';
import type { Field, ReadOf, WrittenOf } from '../../../../engine/broker/listener/protocol/fields.ts';
import { MessageReader } from '../../../../engine/broker/listener/protocol/message-reader.ts';
import { MessageWriter } from '../../../../engine/broker/listener/protocol/message-writer.ts';

type Any = Field<any, any>;

interface AnyApi<Q extends Any, A extends Any> {
  readonly key: number;
  readonly flexibleSince: number;
  readonly request: Q;
  readonly response: A;
}

const API_VERSIONS_KEY = 18;

/** The bytes of a request, with their size before them. */
export function requestBytes<Q extends Any, A extends Any>(
  api: AnyApi<Q, A>,
  version: number,
  request: WrittenOf<Q>,
  correlationId = 1,
): Buffer {
  const to = new MessageWriter();
  const isFlexible = version >= api.flexibleSince;
  to.int16(api.key);
  to.int16(version);
  to.int32(correlationId);
  to.int16(4);
  to.bytes(Buffer.from('test'));
  if (isFlexible) to.unsignedVarint(0);
  api.request.write(to, request, { version, isFlexible });
  const body = Buffer.concat(to.taken());
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  return Buffer.concat([size, body]);
}

/** Speaks Kafka's protocol as it is told to, right or wrong. */
export class ProtocolClient {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  readonly #waiting: ((frame: Buffer | undefined) => void)[] = [];
  readonly closed: Promise<void>;
  #correlationId = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    void this.closed.then(() => {
      for (const resolve of this.#waiting.splice(0)) resolve(undefined);
    });
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => this.#take(chunk));
  }

  static async open(port: number): Promise<ProtocolClient> {
    const socket = connect(port, '127.0.0.1');
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', () => resolve());
      socket.once('error', reject);
    });
    return new ProtocolClient(socket);
  }

  /** Takes no more of what comes. */
  pause(): void {
    this.#socket.pause();
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** The answer to a request. @throws Error when the connection is closed instead */
  async send<Q extends Any, A extends Any>(
    api: AnyApi<Q, A>,
    version: number,
    request: WrittenOf<Q>,
  ): Promise<ReadOf<A>> {
    const answered = new Promise<Buffer | undefined>((resolve) => this.#waiting.push(resolve));
    this.write(requestBytes(api, version, request, ++this.#correlationId));
    const frame = await answered;
    if (frame === undefined) throw new Error('the connection was closed');
    const from = new MessageReader(frame);
    from.int32();
    const isFlexible = version >= api.flexibleSince;
    if (isFlexible && api.key !== API_VERSIONS_KEY) from.skipTags();
    return api.response.read(from, { version, isFlexible });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    while (this.#received.length >= 4) {
      const size = this.#received.readInt32BE(0);
      if (this.#received.length < 4 + size) return;
      this.#waiting.shift()?.(this.#received.subarray(4, 4 + size));
      this.#received = this.#received.subarray(4 + size);
    }
  }
}
