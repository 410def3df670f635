import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { BrokerError } from '../broker.ts';
import { AnswerBuffers } from './answer-buffers.ts';
import { API_VERSIONS, type ApiVersions, askVersions } from './api-versions.ts';
import { kafkaError } from './broker-errors.ts';
import { authenticate } from './sasl.ts';
import type { KafkaSettings } from './settings.ts';
import { type KafkaRequest, WireReader, WireWriter } from './wire.ts';

/** An answer without its size, and the buffer that it stands in. */
interface Answer {
  readonly bytes: Buffer;
  readonly buffer: Buffer;
}

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: Error): void;
  readonly timer: NodeJS.Timeout;
}

const DEFAULT_CONNECT_TIMEOUT_MS = 5000;
const DEFAULT_REQUEST_TIMEOUT_MS = 30_000;
const HEADER_BYTES = 4;
const READ_BYTES = 256 * 1024;
/** A login counts as over when so much of its time is, so that nothing is asked at its end. */
const USED_SHARE = 0.85;

/**
 * A connection to one broker. Requests may be sent without waiting for earlier answers; the broker answers in order. It
 * breaks as a whole: after the first failure all that wait are rejected and it is not used again.
 */
export class KafkaConnection {
  readonly address: string;
  readonly #socket: Socket;
  readonly #clientId: string;
  readonly #requestTimeoutMs: number;
  readonly #waiting = new Map<number, Waiting>();
  readonly #header = Buffer.allocUnsafe(HEADER_BYTES);
  readonly #buffers = new AnswerBuffers();
  #headerFilled = 0;
  #response: Buffer | undefined;
  #responseSize = 0;
  #responseFilled = 0;
  #nextCorrelationId = 1;
  #versions: Promise<ApiVersions> | undefined;
  #failure: Error | undefined;
  #isLast = false;
  #staleMs = Number.POSITIVE_INFINITY;

  private constructor(socket: Socket, address: string, settings: KafkaSettings) {
    this.#socket = socket;
    this.address = address;
    this.#clientId = settings.clientId ?? 'ksql-workbench';
    this.#requestTimeoutMs = settings.requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS;
    socket.setNoDelay(true);
    socket.on('error', (error) => this.#fail(unreachable(address, error.message, error)));
    socket.on('close', () => this.#fail(unreachable(address, 'the broker closed the connection')));
  }

  /** Connects and, where the settings say so, logs in. @throws BrokerError */
  static async open(host: string, port: number, settings: KafkaSettings): Promise<KafkaConnection> {
    const address = `${host}:${port}`;
    // The broker speaks only when it is asked, so nothing comes before there is a connection to take it.
    let receive = (_bytes: Buffer): void => undefined;
    const socket = await openSocket(host, port, settings, (bytes) => receive(bytes));
    const connection = new KafkaConnection(socket, address, settings);
    receive = (bytes) => connection.#receive(bytes);
    try {
      await connection.#logIn(settings);
    } catch (error) {
      connection.close();
      if (error instanceof BrokerError) throw error;
      throw new BrokerError(`Logging in to ${address}: ${(error as Error).message}`, 'not-authorized', {
        cause: error,
      });
    }
    return connection;
  }

  /** Whether more may be asked: brokers end a login after a while (KIP-368), and a new connection logs in anew. */
  get isOpen(): boolean {
    return this.#failure === undefined && performance.now() < this.#staleMs;
  }

  /**
   * Sends a request and waits for its answer. @throws BrokerError when the connection breaks or the answer does not
   * come
   */
  async send<T>(request: KafkaRequest<T>): Promise<T> {
    if (this.#failure !== undefined) throw this.#failure;
    const correlationId = this.#nextCorrelationId++;
    const pieces = encodeFrame(request, correlationId, this.#clientId);
    const { timeoutMs = this.#requestTimeoutMs } = request;
    const answered = new Promise<Answer>((resolve, reject) => {
      const timer = setTimeout(
        () => this.#fail(unreachable(this.address, `no answer within ${timeoutMs} ms`)),
        timeoutMs,
      );
      this.#waiting.set(correlationId, { resolve, reject, timer });
    });
    this.#socket.cork();
    for (const piece of pieces) this.#socket.write(piece);
    this.#socket.uncork();
    const { bytes, buffer } = await answered;
    return decodeAnswer(request, bytes, () => this.#buffers.giveBack(buffer));
  }

  /** What the broker at the other end can do; it is asked once. @throws BrokerError */
  versions(): Promise<ApiVersions> {
    this.#versions ??= askVersions(this);
    return this.#versions;
  }

  close(): void {
    this.#fail(new BrokerError(`The connection to ${this.address} was closed.`, 'closed'));
  }

  /** Closes once all that wait have their answers. */
  closeWhenAnswered(): void {
    this.#isLast = true;
    if (this.#waiting.size === 0) this.close();
  }

  async #logIn({ sasl }: KafkaSettings): Promise<void> {
    if (sasl === undefined) return;
    const name = sasl.mechanism.toUpperCase();
    await this.send({
      apiKey: 17,
      version: 1,
      encode: (writer) => writer.string(name),
      decode: (reader) => {
        const code = reader.int16();
        const known = reader.array(() => reader.string()).join(', ');
        if (code !== 0)
          throw kafkaError(
            code,
            `Logging in to ${this.address} with ${name}`,
            `the broker takes ${known || 'no mechanism'}`,
          );
      },
    });
    await authenticate(sasl, (bytes) =>
      this.send({
        apiKey: 36,
        version: 1,
        encode: (writer) => writer.bytes(bytes),
        decode: (reader) => {
          const code = reader.int16();
          const words = reader.nullableString();
          if (code !== 0) throw kafkaError(code, `Logging in to ${this.address}`, words);
          const answer = reader.bytes();
          const lifeMs = reader.int64();
          if (lifeMs > 0) this.#staleMs = performance.now() + lifeMs * USED_SHARE;
          return answer;
        },
      }),
    );
  }

  /** Puts the chunks of the socket together: each answer is copied once, into a buffer of its own. */
  #receive(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#response === undefined) {
        const taken = Math.min(HEADER_BYTES - this.#headerFilled, chunk.length - at);
        chunk.copy(this.#header, this.#headerFilled, at, at + taken);
        at += taken;
        this.#headerFilled += taken;
        if (this.#headerFilled < HEADER_BYTES) return;
        this.#responseSize = this.#header.readInt32BE(0);
        this.#response = this.#buffers.take(this.#responseSize);
        this.#responseFilled = 0;
      }
      const response = this.#response;
      const taken = Math.min(this.#responseSize - this.#responseFilled, chunk.length - at);
      chunk.copy(response, this.#responseFilled, at, at + taken);
      at += taken;
      this.#responseFilled += taken;
      if (this.#responseFilled < this.#responseSize) return;
      this.#response = undefined;
      this.#headerFilled = 0;
      this.#answer({ bytes: response.subarray(0, this.#responseSize), buffer: response });
    }
  }

  #answer(answer: Answer): void {
    const correlationId = answer.bytes.readInt32BE(0);
    const waiting = this.#waiting.get(correlationId);
    if (waiting === undefined) return;
    this.#waiting.delete(correlationId);
    clearTimeout(waiting.timer);
    waiting.resolve(answer);
    if (this.#isLast && this.#waiting.size === 0) this.close();
  }

  #fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#socket.destroy();
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.#waiting.clear();
  }
}

/** A request as it goes to a broker, in pieces: its size, a header, and what it says. */
export function encodeFrame(
  request: KafkaRequest<unknown>,
  correlationId: number,
  clientId: string,
): readonly Uint8Array[] {
  const writer = new WireWriter().int32(0).int16(request.apiKey).int16(request.version).int32(correlationId);
  writer.string(clientId);
  if (request.isFlexible) writer.noTags();
  request.encode(writer);
  const { payload, tail } = request;
  const head = writer.taken();
  head.writeInt32BE(head.length - HEADER_BYTES + (payload?.length ?? 0) + (tail?.length ?? 0), 0);
  return [head, payload, tail].filter((piece) => piece !== undefined);
}

/**
 * @param bytes the answer without its size
 * @param release called once nobody reads these any more; never, where somebody keeps them
 */
export function decodeAnswer<T>(request: KafkaRequest<T>, bytes: Buffer, release: () => void): T {
  const reader = new WireReader(bytes.subarray(HEADER_BYTES));
  // Its own answer has an old header in every version, so that a client may ask whoever it finds (KIP-511).
  if (request.isFlexible && request.apiKey !== API_VERSIONS) reader.tags();
  return request.decode(reader, release);
}

function unreachable(address: string, reason: string, cause?: unknown): BrokerError {
  const { code = '', reason: alert } = (cause ?? {}) as { readonly code?: string; readonly reason?: string };
  const advice = ADVICE[code];
  return new BrokerError(
    `Kafka broker ${address}: ${code.startsWith('ERR_SSL') && alert ? alert : reason}${advice === undefined ? '' : `. ${advice}`}`,
    'unreachable',
    cause === undefined ? undefined : { cause },
  );
}

const TRUST_IT = 'Its certificate is not trusted: give the authority that signed it (ssl.truststore.location, PEM).';
const SHOW_ONE =
  'It wants a certificate of this client: give one that it trusts (ssl.keystore.location, PEM or PKCS#12).';

/** What to do about the errors of connecting that a wrong address, a wrong protocol or a wrong certificate has. */
const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens there: check host and port, and whether the broker runs.',
  ENOTFOUND: 'No host has that name: check how it is written, and that this machine can resolve it.',
  EAI_AGAIN: 'The name could not be resolved now: check the network and how it is written.',
  EHOSTUNREACH: 'This machine has no way there: check the address and the network.',
  ENETUNREACH: 'This machine has no way there: check the address and the network.',
  ETIMEDOUT: 'Nobody answered: check the address, and whether a firewall is in between.',
  ECONNRESET: 'It hung up: check whether that port wants TLS or a login.',
  SELF_SIGNED_CERT_IN_CHAIN: TRUST_IT,
  DEPTH_ZERO_SELF_SIGNED_CERT: TRUST_IT,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: TRUST_IT,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: TRUST_IT,
  ERR_TLS_CERT_ALTNAME_INVALID:
    'Its certificate is for another name: connect by that name, or set ssl.endpoint.identification.algorithm to nothing.',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: SHOW_ONE,
  'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE': SHOW_ONE,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: SHOW_ONE,
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: SHOW_ONE,
};

/** @param onBytes takes what comes; the bytes are valid only during the call */
function openSocket(
  host: string,
  port: number,
  settings: KafkaSettings,
  onBytes: (bytes: Buffer) => void,
): Promise<Socket> {
  const address = `${host}:${port}`;
  const timeoutMs = settings.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS;
  return new Promise((resolve, reject) => {
    const { ssl } = settings;
    // Without TLS the system reads into one buffer over and over, instead of into a new one for every piece.
    const take = (sizeBytes: number, buffer: Uint8Array): boolean => {
      onBytes((buffer as Buffer).subarray(0, sizeBytes));
      return true;
    };
    const options = typeof ssl === 'object' ? ssl : {};
    const socket = ssl
      ? connectTls({ host, port, ...(isIP(host) ? {} : { servername: host }), ...options })
      : connect({ host, port, onread: { buffer: Buffer.allocUnsafeSlow(READ_BYTES), callback: take } });
    if (ssl) socket.on('data', onBytes);
    const timer = setTimeout(() => socket.destroy(new Error(`no connection within ${timeoutMs} ms`)), timeoutMs);
    const onError = (error: Error) => {
      clearTimeout(timer);
      reject(unreachable(address, error.message || String(error), error));
    };
    const onClose = () => onError(new Error('the broker closed the connection; does it expect TLS, or none?'));
    socket.once('error', onError);
    socket.once('close', onClose);
    socket.once(ssl ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer);
      socket.removeListener('error', onError);
      socket.removeListener('close', onClose);
      resolve(socket);
    });
  });
}
