import { type AddressInfo, createServer, isIP, type Server } from 'node:net';
import type { MemoryAccount, MemoryBudget } from '../../memory/memory-budget.ts';
import type { MemoryBroker } from '../embedded/memory-broker.ts';
import { BrokerAnswers } from './broker-answers.ts';
import { ClientConnection } from './connection/client-connection.ts';

export interface KafkaListenerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** What clients send, and what they have not taken yet, is counted here. */
  readonly memory?: MemoryBudget | undefined;
  /** Told what clients send that is not understood. */
  readonly onProblem?: ((problem: string) => void) | undefined;
}

const MAX_CONNECTIONS = 1000;
/** As Kafka takes them (socket.request.max.bytes); in a small budget less. */
const MAX_REQUEST_BYTES = 100 * 1024 * 1024;
const MIN_REQUEST_BYTES = 2 * 1024 * 1024;
const REQUEST_SHARE = 0.05;
const PROBE_AFTER_MS = 30_000;

/**
 * The embedded broker as a Kafka of one broker: its topics are there for any client of Kafka's protocol. There is no
 * authentication.
 */
export class KafkaListener {
  readonly #server: Server;
  readonly #account: MemoryAccount | undefined;
  readonly #connections = new Set<ClientConnection>();
  readonly #answers: BrokerAnswers;
  #port = 0;

  private constructor(broker: MemoryBroker, { host, memory, onProblem = () => undefined }: KafkaListenerOptions) {
    this.#account = memory?.open('Kafka clients', 'buffers', {
      resume: () => {
        for (const connection of this.#connections) connection.resume();
      },
    });
    const account = this.#account;
    const clientMemory = {
      add: (bytes: number) => account?.add(bytes),
      get mustStop() {
        return account?.mustStop === true;
      },
    };
    // A name is what clients can be sent to; an address may stand for all of this machine.
    this.#answers = new BrokerAnswers(broker, clientMemory, isIP(host) ? undefined : host);
    const { dispatcher } = this.#answers;
    const share = memory === undefined ? MAX_REQUEST_BYTES : Math.floor(memory.limitBytes * REQUEST_SHARE);
    const maxRequestBytes = Math.min(MAX_REQUEST_BYTES, Math.max(share, MIN_REQUEST_BYTES));
    this.#server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: PROBE_AFTER_MS }, (socket) => {
      const connection = new ClientConnection(socket, {
        dispatcher,
        memory: clientMemory,
        maxRequestBytes,
        onProblem,
        onClosed: () => this.#connections.delete(connection),
      });
      this.#connections.add(connection);
    });
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /** Listens. @throws Error when the address cannot be listened on */
  static async open(broker: MemoryBroker, options: KafkaListenerOptions): Promise<KafkaListener> {
    const listener = new KafkaListener(broker, options);
    await listener.#listen(options.host, options.port).catch((error: unknown) => {
      listener.#account?.close();
      throw error;
    });
    return listener;
  }

  /** The port in use. */
  get port(): number {
    return this.#port;
  }

  /** Stops listening and ends all connections. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of [...this.#connections]) connection.close();
    this.#answers.close();
    await closed;
    this.#account?.close();
  }

  #listen(host: string, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        // What goes wrong with one connection before it is there ends no server.
        this.#server.on('error', () => {});
        this.#port = (this.#server.address() as AddressInfo).port;
        resolve();
      });
    });
  }
}
