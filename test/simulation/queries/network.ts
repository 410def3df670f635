import { BrokerError } from '../../../engine/broker/broker.ts';
import type { Dispatcher } from '../../../engine/broker/listener/connection/dispatcher.ts';
import type { Chance } from '../../support/chance.ts';
import type { VirtualProcess, VirtualTime } from '../../support/virtual-time.ts';
import { SimulatedConnection } from './simulated-connection.ts';

export const unreachable = (reason: string): BrokerError => new BrokerError(`Kafka broker: ${reason}`, 'unreachable');

/** What is between the engines and the broker. */
export interface Network {
  readonly time: VirtualTime;
  readonly random: Chance;
  /** The process that the broker is. */
  readonly server: VirtualProcess;
  readonly dispatcher: Dispatcher;
  /** A question and an answer take up to so long each, in milliseconds. */
  readonly mostDelayMs: number;
  /** How often a connection breaks over a question or an answer. */
  lossLikelihood: number;
  /** What a question begins with over which connections break besides, and how often. */
  readonly fragile: string;
  fragility: number;
  /** Told of a connection that has broken over it. */
  readonly onBroken: (process: VirtualProcess) => void;
  /** Told what happens, where somebody wants to know. */
  readonly tell: ((line: string) => void) | undefined;
}

/** How long it takes to find out that there is no way, and how long the broker takes to find out. */
const REFUSED_MS = 800;
const NOTICED_MS = 4000;

/** The way of one process to the broker. */
export class Line {
  readonly network: Network;
  readonly process: VirtualProcess;
  readonly #connections = new Set<SimulatedConnection>();
  #shared: Promise<SimulatedConnection> | undefined;
  #isCut = false;

  constructor(network: Network, process: VirtualProcess) {
    this.network = network;
    this.process = process;
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  delayMs(): number {
    return this.network.random.next() * this.network.mostDelayMs;
  }

  /**
   * Asks the broker over the connection that all questions share that are not of Kafka's protocol here.
   * @param what for people
   * @throws BrokerError `unreachable`, and what the question throws
   */
  async ask<T>(what: string, question: () => T | Promise<T>): Promise<T> {
    let connection = await this.#shared?.catch(() => undefined);
    if (connection?.isOpen !== true) {
      this.#shared = this.open();
      connection = await this.#shared;
    }
    return connection.call(what, question);
  }

  /** @throws BrokerError `unreachable` */
  open(): Promise<SimulatedConnection> {
    const { random } = this.network;
    return new Promise((resolve, reject) => {
      const delayMs = this.#isCut ? random.next() * REFUSED_MS : this.delayMs();
      this.process.after(delayMs, () => {
        if (this.#isCut) {
          reject(unreachable('nobody answered'));
          return;
        }
        const connection = new SimulatedConnection(this, () => this.#connections.delete(connection));
        this.#connections.add(connection);
        resolve(connection);
      });
    });
  }

  /** Nothing comes through any more, in either direction. */
  cut(): void {
    this.#isCut = true;
    for (const connection of [...this.#connections])
      connection.break('no answer came', { noticedMs: NOTICED_MS, delivers: false });
  }

  heal(): void {
    this.#isCut = false;
  }

  /** The process is gone: its connections are closed for it. What it has sent may be on its way yet. */
  end(): void {
    for (const connection of [...this.#connections])
      connection.break('the process has ended', { noticedMs: 0, delivers: this.network.random.happens(0.5) });
  }
}
