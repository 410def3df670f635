import { AsyncLocalStorage } from 'node:async_hooks';
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import timersPromises from 'node:timers/promises';
import { EventQueue } from './event-queue.ts';

/** Where time begins: not at 0, which means a time that is not known. */
const EPOCH_MS = 1_700_000_000_000;
/** What giving way to others takes, so that who waits for a time in turns gets there. */
const TURN_MS = 0.02;

const REAL = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
  setImmediate: globalThis.setImmediate,
  clearImmediate: globalThis.clearImmediate,
  MessageChannel: globalThis.MessageChannel,
  now: Date.now,
  random: Math.random,
  performanceNow: performance.now,
  sleep: timersPromises.setTimeout,
  turn: timersPromises.setImmediate,
  randomUUID: crypto.randomUUID,
};

/** Whose work is being done. */
const owners = new AsyncLocalStorage<VirtualProcess>();

/** A process that can be stopped: what it waits for happens to it only while it runs. */
export class VirtualProcess {
  readonly name: string;
  readonly #time: VirtualTime;
  /** Goes into the process; made once, since making it costs more than most of what is done inside. */
  readonly #enter: ReturnType<typeof AsyncLocalStorage.snapshot>;
  #state: 'running' | 'paused' | 'killed' = 'running';
  /** What has come while it was paused. */
  #held: Event[] = [];

  /** @internal */
  constructor(name: string, time: VirtualTime) {
    this.name = name;
    this.#time = time;
    this.#enter = owners.run(this, () => AsyncLocalStorage.snapshot());
  }

  get isKilled(): boolean {
    return this.#state === 'killed';
  }

  get isPaused(): boolean {
    return this.#state === 'paused';
  }

  /** Does something as part of the process, with all that comes of it. */
  run<T>(work: () => T): T {
    return this.#enter(work);
  }

  /** Does something later as part of the process, unless it is killed before. @returns keeps it from being done */
  after(delayMs: number, work: () => void): () => void {
    return this.#time.after(delayMs, work, this);
  }

  /** As `kill -9` does: nothing of it goes on from where it is. */
  kill(): void {
    this.#state = 'killed';
    this.#held = [];
  }

  /** It stands still, as in a long collection of garbage, and does not know of it. */
  pause(): void {
    if (this.#state === 'running') this.#state = 'paused';
  }

  resume(): void {
    if (this.#state !== 'paused') return;
    this.#state = 'running';
    for (const event of this.#held.splice(0)) this.#time.again(event);
  }

  /** @internal @returns whether it may happen to it now */
  takes(event: Event): boolean {
    if (this.#state === 'paused') this.#held.push(event);
    return this.#state === 'running';
  }
}

/** Something that will happen. */
interface Event {
  atMs: number;
  order: number;
  readonly owner: VirtualProcess;
  readonly run: () => void;
  isCancelled: boolean;
}

/** What Node's functions give who wants to end the waiting. */
class VirtualTimer {
  event: Event | undefined;
  readonly #begin: () => Event;

  /** @param begin has it happen once more */
  constructor(begin: () => Event) {
    this.#begin = begin;
    this.event = begin();
  }

  refresh(): this {
    this.cancel();
    this.event = this.#begin();
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }

  cancel(): void {
    if (this.event !== undefined) this.event.isCancelled = true;
  }
}

/** One end of a channel between two processes: what is sent arrives a moment later at whoever listens. */
class VirtualPort {
  readonly #time: VirtualTime;
  readonly #waiting: unknown[] = [];
  #peer: VirtualPort | undefined;
  #listener: { readonly owner: VirtualProcess; readonly hear: (event: { readonly data: unknown }) => void } | undefined;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  connect(peer: VirtualPort): void {
    this.#peer = peer;
  }

  set onmessage(hear: (event: { readonly data: unknown }) => void) {
    this.#listener = { owner: this.#time.currentProcess, hear };
    for (const message of this.#waiting.splice(0)) this.take(message);
  }

  postMessage(message: unknown): void {
    this.#peer?.take(message);
  }

  close(): void {
    this.#peer = undefined;
  }

  take(data: unknown): void {
    const listener = this.#listener;
    if (listener === undefined) this.#waiting.push(data);
    else this.#time.after(TURN_MS, () => listener.hear({ data }), listener.owner);
  }
}

/**
 * Time for all code of this thread, that passes only when all that could happen now has happened, in the same order
 * every time: minutes of waiting take no time. What Node gives of time and chance is replaced while it runs, so that
 * the code that ships is what runs, and knows nothing of it.
 */
export class VirtualTime {
  readonly #random: () => number;
  readonly #events = new EventQueue<Event>();
  readonly #outside: VirtualProcess;
  #nowMs = 0;
  #order = 0;

  /** @param random what chance is, from 0 to 1 */
  constructor(random: () => number) {
    this.#random = random;
    this.#outside = this.process('outside');
  }

  /** Milliseconds since the beginning. */
  get nowMs(): number {
    return this.#nowMs;
  }

  process(name: string): VirtualProcess {
    return new VirtualProcess(name, this);
  }

  /** The process whose work is being done. */
  get currentProcess(): VirtualProcess {
    return owners.getStore() ?? this.#outside;
  }

  /** Does something later. @returns keeps it from being done */
  after(delayMs: number, run: () => void, owner = this.currentProcess): () => void {
    const event = this.#add(delayMs, run, owner);
    return () => {
      event.isCancelled = true;
    };
  }

  /** @internal */
  again(event: Event): void {
    if (event.isCancelled) return;
    event.atMs = this.#nowMs;
    event.order = this.#order++;
    this.#events.add(event);
  }

  /**
   * Does something, and lets time pass until it is done.
   * @throws Error when nothing is waited for any more, or `mostMs` are over
   */
  async run<T>(work: () => Promise<T>, mostMs: number): Promise<T> {
    const restore = this.#install();
    try {
      const finished = new Promise<T>((resolve, reject) => {
        let isDone = false;
        const end = () => {
          isDone = true;
        };
        const done = this.#outside.run(work);
        done.then(end, end);
        const step = () => {
          if (isDone) resolve(done);
          else if (this.#step(mostMs, reject)) REAL.setImmediate(step);
        };
        REAL.setImmediate(step);
      });
      return await finished;
    } finally {
      restore();
    }
  }

  /** Has the next thing happen. @returns whether there was one */
  #step(mostMs: number, fail: (error: Error) => void): boolean {
    try {
      for (;;) {
        const event = this.#events.take();
        if (event === undefined) throw new Error('It waits for something that never happens.');
        if (event.isCancelled || !event.owner.takes(event)) continue;
        if (event.atMs > mostMs) throw new Error(`It is not done after ${mostMs} ms.`);
        this.#nowMs = event.atMs;
        event.owner.run(event.run);
        return true;
      }
    } catch (error) {
      fail(error as Error);
      return false;
    }
  }

  #add(delayMs: number, run: () => void, owner: VirtualProcess): Event {
    const atMs = this.#nowMs + (delayMs > 0 ? delayMs : 0);
    const event = { atMs, order: this.#order++, owner, run, isCancelled: false };
    this.#events.add(event);
    return event;
  }

  /** @returns puts back what was there */
  #install(): () => void {
    const set = globalThis as unknown as Record<string, unknown>;
    Object.assign(set, this.#timers());
    Date.now = () => EPOCH_MS + Math.floor(this.#nowMs);
    performance.now = () => this.#nowMs;
    Math.random = this.#random;
    set['MessageChannel'] = this.#channelClass();
    const sleeps = this.#sleeps();
    timersPromises.setTimeout = sleeps.setTimeout;
    timersPromises.setImmediate = sleeps.setImmediate;
    crypto.randomUUID = () => this.#uuid();
    syncBuiltinESMExports();
    return () => {
      const { now, random, performanceNow, sleep, turn, randomUUID, ...globals } = REAL;
      Object.assign(set, globals);
      Date.now = now;
      performance.now = performanceNow;
      Math.random = random;
      timersPromises.setTimeout = sleep;
      timersPromises.setImmediate = turn;
      crypto.randomUUID = randomUUID;
      syncBuiltinESMExports();
    };
  }

  #uuid(): ReturnType<typeof crypto.randomUUID> {
    const part = () => Math.floor(this.#random() * 2 ** 32).toString(16);
    return `${part()}-0-4-8-${part()}`;
  }

  #timers() {
    const timer = (delayMs: number, run: () => void): VirtualTimer => {
      const owner = this.currentProcess;
      return new VirtualTimer(() => this.#add(delayMs, run, owner));
    };
    const every = (run: () => void, delayMs = 1): VirtualTimer => {
      const made = timer(Math.max(1, delayMs), () => {
        made.refresh();
        run();
      });
      return made;
    };
    const clear = (real: (timer: never) => void) => (given: unknown) =>
      given instanceof VirtualTimer ? given.cancel() : real(given as never);
    return {
      setTimeout: (run: (...given: unknown[]) => void, delayMs = 1, ...given: unknown[]) =>
        timer(Math.max(1, delayMs), () => run(...given)),
      setImmediate: (run: (...given: unknown[]) => void, ...given: unknown[]) => timer(TURN_MS, () => run(...given)),
      setInterval: every,
      clearTimeout: clear(REAL.clearTimeout),
      clearInterval: clear(REAL.clearInterval),
      clearImmediate: clear(REAL.clearImmediate),
    };
  }

  #channelClass() {
    const port = () => new VirtualPort(this);
    return class {
      readonly port1 = port();
      readonly port2 = port();

      constructor() {
        this.port1.connect(this.port2);
        this.port2.connect(this.port1);
      }
    };
  }

  #sleeps() {
    const sleep = <T>(delayMs: number, value: T, signal: AbortSignal | undefined): Promise<T> =>
      new Promise((resolve, reject) => {
        const abort = () => {
          cancel();
          reject(new DOMException('The operation was aborted', { name: 'AbortError', cause: signal?.reason }));
        };
        const cancel = this.after(delayMs, () => {
          signal?.removeEventListener('abort', abort);
          resolve(value);
        });
        if (signal?.aborted) abort();
        else signal?.addEventListener('abort', abort, { once: true });
      });
    const setTimeout: typeof timersPromises.setTimeout = (delayMs = 1, value, options) =>
      sleep(Math.max(1, delayMs), value as never, options?.signal ?? undefined);
    const setImmediate: typeof timersPromises.setImmediate = (value, options) =>
      sleep(TURN_MS, value as never, options?.signal ?? undefined);
    return { setTimeout, setImmediate };
  }
}
