import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { realpathSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type MessagePort, Worker } from 'node:worker_threads';
import { KsqlClient } from '../../api/client.ts';
import type { Port } from '../../api/port/messages.ts';
import { PortTransport } from '../../api/port/port-client.ts';
import type { Transport, TransportRequest, TransportResponse } from '../../api/transport.ts';
import type { Engine } from '../../index.ts';
import { servePort } from '../../rest/port/serve-port.ts';
import { StartError } from '../../script/exit-codes.ts';
import type { EngineChoice } from '../engines/chosen-engine.ts';
import type { FromThread, ThreadStart, ToThread } from './thread-messages.ts';

/** As the engine of the main thread is opened. */
export interface ThreadChoice extends EngineChoice {
  readonly queriesFile?: string;
  readonly onNotice: (notice: string) => void;
}

/** A thread that fails again and again is started again this often at most, in milliseconds. */
const LONGEST_BACKOFF_MS = 30_000;

/**
 * An engine in a thread, which is started again when it has failed: the tasks that it had are done by the others
 * meanwhile, as if a process had been killed.
 */
export class KeptThread implements Transport {
  /** Its id as a member of groups. */
  readonly process = randomUUID();
  /** What asks it, whichever worker it has. */
  readonly client = new KsqlClient(this);
  /** From 2 on, as `/metrics` calls it; the main thread is the first. */
  readonly #number: number;
  readonly #choice: ThreadChoice;
  readonly #main: Engine;
  readonly #closing = new AbortController();
  #worker: Worker | undefined;
  #transport: PortTransport | undefined;

  constructor(number: number, choice: ThreadChoice, main: Engine) {
    this.#number = number;
    this.#choice = choice;
    this.#main = main;
  }

  /** Resolves when it has its engine. @throws StartError when that cannot be opened */
  async start(): Promise<void> {
    const own = new MessageChannel() as unknown as Ports;
    const registry = hasRegistry(this.#choice) ? undefined : (new MessageChannel() as unknown as Ports);
    if (registry !== undefined) servePort(this.#main, registry.port1);
    const start = startOf(this.#choice, this.#number, this.process, own.port2, registry?.port2);
    const worker = startWorker(start);
    this.#worker = worker;
    this.#transport = new PortTransport(own.port1);
    let failure: Error | undefined;
    worker.once('error', (error: Error) => {
      failure = error;
    });
    await untilReady(worker, this.#choice.onNotice, () => failure);
    worker.once('exit', () => void this.#startAgain(failure));
  }

  /** Has it commit, leave its groups and end. */
  async close(): Promise<void> {
    this.#closing.abort();
    const worker = this.#worker;
    if (worker === undefined || worker.threadId < 0) return;
    const ended = once(worker, 'exit');
    worker.postMessage({ kind: 'close' } satisfies ToThread);
    await ended;
    this.#transport?.close();
  }

  send(request: TransportRequest): Promise<TransportResponse> {
    return this.#transport!.send(request);
  }

  async #startAgain(failure: Error | undefined): Promise<void> {
    const { onNotice, stateDir } = this.#choice;
    this.#transport?.close();
    for (let waitMs = 1000; !this.#closing.signal.aborted; waitMs = Math.min(2 * waitMs, LONGEST_BACKOFF_MS)) {
      onNotice(
        `Thread ${this.#number} has ended: ${failure?.message ?? 'nothing is known of why'}. It is started again.`,
      );
      await sleep(waitMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      if (this.#closing.signal.aborted) return;
      // Who had the directory has ended without giving it back, and its process is this one.
      if (stateDir !== undefined) rmSync(path.join(threadFolder(stateDir, this.#number), 'lock'), { force: true });
      try {
        return await this.start();
      } catch (error) {
        failure = error as Error;
      }
    }
  }
}

type Ports = Readonly<Record<'port1' | 'port2', Port>>;

/** Whether schemas are kept outside the process, where every thread finds them. */
const hasRegistry = ({ schemaRegistry, property }: ThreadChoice): boolean =>
  (schemaRegistry ?? property?.['ksql.schema.registry.url'] ?? '') !== '';

/** Each has a folder of its own for state. */
function startOf(
  { queriesFile, onNotice: _, emptyState: __, ...choice }: ThreadChoice,
  number: number,
  process: string,
  port: Port,
  registry: Port | undefined,
): ThreadStart {
  const { stateDir } = choice;
  const folder = stateDir === undefined ? {} : { stateDir: threadFolder(stateDir, number) };
  return { choice: { ...choice, ...folder, process }, queriesFile, port, registry };
}

/** They are counted from the first that is not the main one, as before others had numbers. */
const threadFolder = (stateDir: string, number: number): string => path.join(stateDir, 'threads', String(number - 1));

/** The program itself once more: in a thread it runs an engine (`engine/cli/main.ts`). */
function startWorker(start: ThreadStart): Worker {
  const ports = [start.port, start.registry].filter((port) => port !== undefined) as unknown as MessagePort[];
  return new Worker(realpathSync(process.argv[1]!), { workerData: start, transferList: ports });
}

function untilReady(
  worker: Worker,
  onNotice: (notice: string) => void,
  failure: () => Error | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.on('message', (message: FromThread) => {
      switch (message.kind) {
        case 'ready':
          return resolve();
        case 'refused':
          return reject(new StartError(message.message));
        case 'notice':
          return onNotice(message.text);
        default:
          return message satisfies never;
      }
    });
    worker.once('exit', () =>
      reject(new StartError(failure()?.message ?? 'A thread has ended before its engine was open.')),
    );
  });
}
