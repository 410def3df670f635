/**
 * A call and its answer between two threads that wait for one another: texts in shared memory. The caller is never in an event loop
 * while it waits, because rows are processed synchronously.
 */

/** What stands in the first cell of the control block. */
const IDLE = 0;
const ASKED = 1;
const ANSWERED = 2;
const STATE = 0;
const LENGTH = 1;
/** Looking a few times before sleeping makes quick functions several times faster. */
const SPINS = 5_000;
/** The largest text that goes through, in bytes. */
export const CAPACITY_BYTES = 4 * 1024 * 1024;

/** The shared memory of a channel; it can be sent to a worker. */
export interface ChannelMemory {
  readonly control: SharedArrayBuffer;
  readonly data: SharedArrayBuffer;
}

export const createMemory = (): ChannelMemory => ({
  control: new SharedArrayBuffer(8),
  data: new SharedArrayBuffer(CAPACITY_BYTES),
});

export class Channel {
  readonly #control: Int32Array;
  readonly #data: Buffer;

  constructor({ control, data }: ChannelMemory) {
    this.#control = new Int32Array(control);
    this.#data = Buffer.from(data);
  }

  /**
   * Sends a text and waits for the answer.
   * @returns undefined when there was none in time
   * @throws RangeError when the text is too long
   */
  ask(text: string, timeoutMs: number): string | undefined {
    this.#write(text);
    this.#set(ASKED);
    if (!this.#await(ANSWERED, timeoutMs)) return undefined;
    const answer = this.#read();
    this.#set(IDLE);
    return answer;
  }

  /** Waits for the other side's first sign of life. */
  awaitGreeting(timeoutMs: number): string | undefined {
    if (!this.#await(ANSWERED, timeoutMs)) return undefined;
    const text = this.#read();
    this.#set(IDLE);
    return text;
  }

  greet(text: string): void {
    this.#answer(text);
  }

  /** Answers what is asked, for ever. */
  serve(answer: (text: string) => string): never {
    for (;;) {
      this.#await(ASKED, Number.POSITIVE_INFINITY);
      this.#answer(answer(this.#read()));
    }
  }

  #answer(text: string): void {
    if (Buffer.byteLength(text) > CAPACITY_BYTES)
      this.#write(JSON.stringify({ error: `its result is larger than ${CAPACITY_BYTES / 1024 / 1024} MB.` }));
    else this.#write(text);
    this.#set(ANSWERED);
  }

  #write(text: string): void {
    if (Buffer.byteLength(text) > CAPACITY_BYTES)
      throw new RangeError(`Its arguments are larger than ${CAPACITY_BYTES / 1024 / 1024} MB.`);
    this.#control[LENGTH] = this.#data.write(text, 'utf8');
  }

  #read(): string {
    return this.#data.toString('utf8', 0, this.#control[LENGTH]);
  }

  #set(state: number): void {
    Atomics.store(this.#control, STATE, state);
    Atomics.notify(this.#control, STATE);
  }

  #await(wanted: number, timeoutMs: number): boolean {
    for (let i = 0; i < SPINS; i++) if (Atomics.load(this.#control, STATE) === wanted) return true;
    const until = performance.now() + timeoutMs;
    for (;;) {
      const state = Atomics.load(this.#control, STATE);
      if (state === wanted) return true;
      const left = until - performance.now();
      if (left <= 0) return false;
      Atomics.wait(this.#control, STATE, state, left);
    }
  }
}
