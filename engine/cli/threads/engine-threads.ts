import { ClusterClient } from '../../api/cluster/cluster-client.ts';
import type { Engine } from '../../index.ts';
import { KeptThread, type ThreadChoice } from './kept-thread.ts';

/**
 * The engines in further threads of a process, which share the queries of its service as engines of other processes
 * would: each is a member of the queries' groups with connections of its own, and only requests and answers, as bytes,
 * go from one thread to another. Others know them by the address of the main thread, which asks them.
 */
export class EngineThreads {
  readonly #threads: readonly KeptThread[];
  /** What asks each, by the id that it has as a member. */
  readonly clients: ReadonlyMap<string, ClusterClient>;

  private constructor(threads: readonly KeptThread[]) {
    this.#threads = threads;
    this.clients = new Map(threads.map((thread) => [thread.process, new ClusterClient(thread.client)]));
  }

  /**
   * Starts them, and waits until each has its engine.
   * @param main the engine of the main thread
   * @throws StartError when one cannot be opened; then none is left
   */
  static async start(count: number, choice: ThreadChoice, main: Engine): Promise<EngineThreads> {
    const threads = new EngineThreads(Array.from({ length: count }, (_, i) => new KeptThread(i + 2, choice, main)));
    const started = await Promise.allSettled(threads.#threads.map((thread) => thread.start()));
    const refused = started.find(({ status }) => status === 'rejected');
    if (refused === undefined) return threads;
    await threads.close();
    throw (refused as PromiseRejectedResult).reason;
  }

  /** Has them commit, leave their groups and end. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
    for (const client of this.clients.values()) client.close();
  }
}
