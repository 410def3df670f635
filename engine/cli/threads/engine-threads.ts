import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { ClusterClient } from '../../api/cluster/cluster-client.ts';
import type { Port } from '../../api/port/messages.ts';
import { portClient } from '../../api/port/port-client.ts';
import { StartError } from '../../script/exit-codes.ts';
import type { EngineChoice } from '../engines/chosen-engine.ts';
import type { FromThread, ThreadStart, ToThread } from './thread-messages.ts';

/** As the engine of the main thread is opened. */
export interface ThreadChoice extends EngineChoice {
  readonly queriesFile?: string;
  readonly onNotice: (notice: string) => void;
}

/**
 * The engines in further threads of a process, which share the queries of its service as engines of other processes
 * would: each is a member of the queries' groups with connections of its own, and only requests and answers, as bytes,
 * go from one thread to another. Others know them by the address of the main thread, which asks them.
 */
export class EngineThreads {
  readonly #workers: readonly Worker[];
  /** What asks each, by the id that it has as a member. */
  readonly clients: ReadonlyMap<string, ClusterClient>;

  private constructor(workers: readonly Worker[], clients: ReadonlyMap<string, ClusterClient>) {
    this.#workers = workers;
    this.clients = clients;
  }

  /**
   * Starts them, and waits until each has its engine.
   * @throws StartError when one cannot be opened; then none is left
   */
  static async start(count: number, choice: ThreadChoice): Promise<EngineThreads> {
    const clients = new Map<string, ClusterClient>();
    const workers: Worker[] = [];
    const threads = new EngineThreads(workers, clients);
    try {
      await Promise.all(
        Array.from({ length: count }, async (_, i) => {
          const process = randomUUID();
          const { port1, port2 } = new MessageChannel() as unknown as Readonly<Record<'port1' | 'port2', Port>>;
          clients.set(process, new ClusterClient(portClient(port1)));
          const worker = startWorker(startOf(choice, i + 1, process, port2));
          workers.push(worker);
          await untilReady(worker, choice.onNotice);
        }),
      );
    } catch (error) {
      await threads.close();
      throw error;
    }
    return threads;
  }

  /** Has them commit, leave their groups and end. */
  async close(): Promise<void> {
    await Promise.all(
      this.#workers.map(async (worker) => {
        if (worker.threadId < 0) return;
        const ended = once(worker, 'exit');
        worker.postMessage({ kind: 'close' } satisfies ToThread);
        await ended;
      }),
    );
    for (const client of this.clients.values()) client.close();
  }
}

/** Each has a folder of its own for state. */
function startOf(
  { queriesFile, onNotice: _, emptyState: __, ...choice }: ThreadChoice,
  number: number,
  process: string,
  port: Port,
): ThreadStart {
  const { stateDir } = choice;
  const folder = stateDir === undefined ? {} : { stateDir: threadFolder(stateDir, number) };
  return { choice: { ...choice, ...folder, process }, queriesFile, port };
}

const threadFolder = (stateDir: string, number: number): string => path.join(stateDir, 'threads', String(number));

/** The program itself once more: in a thread it runs an engine (`engine/cli/main.ts`). */
function startWorker(start: ThreadStart): Worker {
  const port = start.port as unknown as import('node:worker_threads').MessagePort;
  return new Worker(realpathSync(process.argv[1]!), { workerData: start, transferList: [port] });
}

function untilReady(worker: Worker, onNotice: (notice: string) => void): Promise<void> {
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
    worker.once('exit', () => reject(new StartError('A thread has ended before its engine was open.')));
  });
}
