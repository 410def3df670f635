import { setTimeout as sleep } from 'node:timers/promises';
import { ClientError } from '../../api/client.ts';
import { EngineError, ERROR_CODE } from '../../api/errors.ts';
import { noHostText, type TaskHost } from './choose-hosts.ts';
import { comparePlaces, type PlacedRow, type RowPlace, type RowSource } from './placed-row.ts';

export interface Routes {
  /** The tasks that have what is asked for. */
  readonly tasks: readonly string[];
  /** Who has a task at this moment, in the order in which they are asked. */
  readonly hostsOf: (task: string) => readonly TaskHost[];
  /** Asks a host for the rows of some tasks. */
  readonly open: (host: TaskHost, tasks: readonly string[]) => RowSource;
  /** So many rows are wanted. */
  readonly limit?: number | undefined;
  /** How long tasks are looked for that are on their way from one host to another. */
  readonly patienceMs: number;
}

/** So many rows are given at once; their reader says when it wants more. */
const ROWS_AT_ONCE = 1000;
const PAUSE_MS = 100;

/** Why a host did not answer; `hasMoved` where it, or another, may in a moment. */
interface Failure {
  readonly message: string;
  readonly hasMoved: boolean;
}

/** The rows of some tasks from the host that was chosen for them. */
interface Asked {
  readonly host: TaskHost;
  readonly tasks: readonly string[];
  readonly source: RowSource;
  rows: readonly PlacedRow[];
  at: number;
  /** Whether some of its rows have been handed on: nobody else can take its place then. */
  isTaken: boolean;
  hasEnded: boolean;
}

/** A pull query finds nobody who can answer. */
export function unanswered(partitions: readonly string[]): EngineError {
  const message = `Unable to execute pull query. [${partitions.join(', ')}]`;
  return new EngineError(ERROR_CODE.serverError, message, { httpStatus: 503 });
}

/**
 * The rows of a table whose tasks several engines have, merged by their places: each task is asked of the first host
 * that may answer. Where one fails before it has given anything, the next is asked, as ksqlDB does.
 */
export class RoutedRows {
  readonly #routes: Routes;
  readonly #untilMs: number;
  /** By task, what came of the hosts that were asked. */
  readonly #failures = new Map<string, Map<string, Failure>>();
  #asked: Asked[] = [];
  #given = 0;
  #isClosed = false;

  private constructor(routes: Routes) {
    this.#routes = routes;
    this.#untilMs = Date.now() + routes.patienceMs;
  }

  /** Asks all that have to be, and waits until each has begun to answer. @throws EngineError when nobody can */
  static async open(routes: Routes): Promise<RoutedRows> {
    const rows = new RoutedRows(routes);
    try {
      await rows.#ask(routes.tasks);
      await rows.#fill();
      return rows;
    } catch (error) {
      rows.close();
      throw error;
    }
  }

  /** The next rows; undefined at the end. @throws EngineError */
  async next(): Promise<readonly PlacedRow[] | undefined> {
    const limit = this.#routes.limit ?? Number.POSITIVE_INFINITY;
    const rows: PlacedRow[] = [];
    while (!this.#isClosed && this.#given < limit && rows.length < ROWS_AT_ONCE) {
      if (this.#asked.some((each) => each.at >= each.rows.length)) {
        if (rows.length > 0) break;
        await this.#fill();
      }
      if (this.#asked.length === 0) break;
      this.#take(rows, Math.min(ROWS_AT_ONCE - rows.length, limit - this.#given));
    }
    if (rows.length > 0) return rows;
    this.close();
    return undefined;
  }

  close(): void {
    this.#isClosed = true;
    for (const { source } of this.#asked) source.close();
    this.#asked = [];
  }

  /** Takes from the one whose rows come first as many as come before those of all others. */
  #take(rows: PlacedRow[], most: number): void {
    let first = this.#asked[0]!;
    let bound: RowPlace | undefined;
    for (const each of this.#asked.slice(1)) {
      const place = placeOf(each);
      if (comparePlaces(place, placeOf(first)) < 0) {
        bound = least(bound, placeOf(first));
        first = each;
      } else {
        bound = least(bound, place);
      }
    }
    const end = Math.min(first.rows.length, first.at + most);
    const from = first.at;
    do rows.push(first.rows[first.at++]!);
    while (first.at < end && (bound === undefined || comparePlaces(first.rows[first.at]!.place, bound) <= 0));
    first.isTaken = true;
    this.#given += first.at - from;
  }

  /** Waits until everybody who has not ended has rows. */
  async #fill(): Promise<void> {
    for (;;) {
      const empty = this.#asked.filter((each) => each.at >= each.rows.length);
      if (empty.length === 0) return;
      const orphaned = (await Promise.all(empty.map((each) => this.#refill(each)))).flat();
      this.#asked = this.#asked.filter(({ hasEnded }) => !hasEnded);
      if (orphaned.length > 0) await this.#ask(orphaned);
    }
  }

  /** @returns the tasks that somebody else is to be asked for */
  async #refill(asked: Asked): Promise<readonly string[]> {
    try {
      const rows = await asked.source.next();
      asked.rows = rows ?? [];
      asked.at = 0;
      asked.hasEnded = rows === undefined;
      return [];
    } catch (error) {
      asked.hasEnded = true;
      asked.source.close();
      if (this.#isClosed) return [];
      const failure = failureOf(error);
      if (asked.isTaken)
        throw new EngineError(
          ERROR_CODE.serverError,
          `${asked.host.host} failed while it answered: ${failure.message}`,
        );
      for (const task of asked.tasks) {
        const failures = this.#failures.get(task) ?? new Map<string, Failure>();
        this.#failures.set(task, failures.set(asked.host.host, failure));
      }
      return asked.tasks;
    }
  }

  /** Asks the hosts of tasks, one request to each, waiting for tasks that are on their way. */
  async #ask(tasks: readonly string[]): Promise<void> {
    for (;;) {
      const byHost = new Map<string, { readonly host: TaskHost; readonly tasks: string[] }>();
      const unanswerable: string[] = [];
      let hasMoved = false;
      for (const task of tasks) {
        const hosts = this.#routes.hostsOf(task).map((host) => this.#withFailure(host, task));
        // Before a query is refused, who is only taken for dead is asked whether that is so.
        const chosen =
          hosts.find(({ refusals }) => refusals.length === 0) ?? hosts.find(({ isOnlySilent }) => isOnlySilent);
        if (chosen === undefined) {
          unanswerable.push(noHostText(task, hosts));
          hasMoved ||= hosts.length === 0 || [...(this.#failures.get(task)?.values() ?? [])].some((f) => f.hasMoved);
        } else {
          const found = byHost.get(chosen.host) ?? { host: chosen, tasks: [] };
          byHost.set(chosen.host, found);
          found.tasks.push(task);
        }
      }
      if (unanswerable.length === 0) {
        for (const { host, tasks: own } of byHost.values()) this.#open(host, own);
        return;
      }
      if (!hasMoved || Date.now() > this.#untilMs || this.#isClosed) throw unanswered(unanswerable);
      await sleep(PAUSE_MS);
      for (const task of tasks) this.#failures.delete(task);
    }
  }

  #open(host: TaskHost, tasks: readonly string[]): void {
    const source = this.#routes.open(host, tasks);
    this.#asked.push({ host, tasks, source, rows: [], at: 0, isTaken: false, hasEnded: false });
  }

  #withFailure(host: TaskHost, task: string): TaskHost {
    const failure = this.#failures.get(task)?.get(host.host);
    if (failure === undefined) return host;
    const refusals = host.refusals.length > 0 ? host.refusals : [failure.message];
    return { ...host, refusals, isOnlySilent: false };
  }
}

const placeOf = ({ rows, at }: Asked): RowPlace => rows[at]!.place;

const least = (a: RowPlace | undefined, b: RowPlace): RowPlace => (a === undefined || comparePlaces(b, a) < 0 ? b : a);

function failureOf(error: unknown): Failure {
  const { message } = error as Error;
  const status = error instanceof ClientError ? error.status : error instanceof EngineError ? error.httpStatus : 0;
  return { message, hasMoved: status === 503 };
}
