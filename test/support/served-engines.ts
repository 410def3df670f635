import { once } from 'node:events';
import { type Served, serveKsql } from './ksql-command.ts';

/** Settings as `ksql serve` is given them. */
export const propertyOptions = (settings: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(settings).flatMap(([name, value]) => ['--property', `${name}=${value}`]);

/** `ksql serve` as processes of their own on one broker; what still runs at the end is ended with them. */
export class ServedEngines {
  readonly #running = new Set<Served>();

  /**
   * Starts one on a free port of this machine.
   * @param more options; whoever asks it needs no token, unless they name one, and it has one thread
   * @throws Error with its last words when it ends instead
   */
  async start(bootstrapServer: string, home: string, ...more: readonly string[]): Promise<Served> {
    const where = ['--listen', '127.0.0.1:0', '--bootstrap-server', bootstrapServer];
    const access = more.includes('--token') ? [] : ['--no-token'];
    const threads = more.includes('--threads') ? [] : ['--threads', '1'];
    const engine = await serveKsql([...where, ...access, ...threads, ...more], home);
    this.#running.add(engine);
    return engine;
  }

  /** Ends one, if it runs, and waits until it has ended. */
  async end(engine: Served, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (!this.#running.delete(engine)) return;
    const { child } = engine;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, 'close');
    child.kill(signal);
    await closed;
  }

  async endAll(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    await Promise.all([...this.#running].map((engine) => this.end(engine, signal)));
  }
}
