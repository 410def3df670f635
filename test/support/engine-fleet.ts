import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Served } from './ksql-command.ts';
import { ServedEngines } from './served-engines.ts';

/** So often an engine is started again that has ended before it listened, as it does where there is no broker. */
const STARTS = 60;
const PAUSE_MS = 500;
const ANSWER_MS = 5000;

/** Engines of one service in places of their own, which are killed and started again as a supervisor would. */
export class EngineFleet {
  readonly #engines = new ServedEngines();
  readonly #bootstrapServer: string;
  readonly #home: string;
  readonly #options: (place: number) => readonly string[];
  readonly #places: (Served | undefined)[];
  readonly #started: { readonly place: number; readonly engine: Served }[] = [];
  #isOver = false;

  /**
   * @param home the folder that they are started in
   * @param options those of `ksql serve` for an engine in that place, asked at each start
   */
  constructor(bootstrapServer: string, home: string, places: number, options: (place: number) => readonly string[]) {
    this.#bootstrapServer = bootstrapServer;
    this.#home = home;
    this.#options = options;
    this.#places = Array.from({ length: places }, () => undefined);
  }

  /** Those that listen. */
  get running(): readonly Served[] {
    return this.#places.flatMap((engine) => engine ?? []);
  }

  at(place: number): Served | undefined {
    return this.#places[place];
  }

  /**
   * Starts the engine of a place, again and again until it listens.
   * @throws Error with its last words when it never does
   */
  async start(place: number): Promise<void> {
    for (let attempt = 1; !this.#isOver; attempt++) {
      try {
        const engine = await this.#engines.start(this.#bootstrapServer, this.#home, ...this.#options(place));
        this.#started.push({ place, engine });
        this.#places[place] = engine;
        return;
      } catch (error) {
        if (attempt === STARTS) throw error;
        await sleep(PAUSE_MS);
      }
    }
  }

  startAll(): Promise<unknown> {
    return Promise.all(this.#places.map((_, place) => this.start(place)));
  }

  /** Ends the engine of a place, if there is one, and waits until it has ended. */
  async end(place: number, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const engine = this.#places[place];
    this.#places[place] = undefined;
    if (engine !== undefined) await this.#engines.end(engine, signal);
  }

  /** Ends all, and starts none any more. */
  async endAll(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    this.#isOver = true;
    this.#places.fill(undefined);
    await this.#engines.endAll(signal);
  }

  /** Writes what each engine has said into a file of its own, and what those that run tell of their queries. */
  async keepLogs(folder: string): Promise<void> {
    mkdirSync(folder, { recursive: true });
    for (const [place, engine] of this.#places.entries())
      for (const page of ['workbench/queries', 'metrics'])
        if (engine !== undefined)
          writeFileSync(path.join(folder, `place-${place}-${path.basename(page)}`), await textOf(engine, page));
    for (const [i, { place, engine }] of this.#started.entries())
      writeFileSync(path.join(folder, `${i}-place-${place}-process-${engine.child.pid}.log`), engine.said());
  }
}

/** What an engine answers, or why it does not. */
const textOf = ({ url }: Served, page: string): Promise<string> =>
  fetch(`${url}/${page}`, { signal: AbortSignal.timeout(ANSWER_MS) }).then((answer) => answer.text(), String);
