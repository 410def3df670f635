/** Globals of Node that code which runs in a browser uses; the bundler puts them in where they are missing. */
import { Buffer } from 'buffer/';

const utf8 = new TextDecoder();

/** What Node's buffers have besides, and is called on other arrays of bytes, too. */
const SLICES = {
  latin1Slice(this: Uint8Array, start = 0, end = this.length): string {
    let text = '';
    for (let i = start; i < end; i++) text += String.fromCharCode(this[i]!);
    return text;
  },
  utf8Slice(this: Uint8Array, start = 0, end = this.length): string {
    return utf8.decode(this.subarray(start, end));
  },
};
Object.assign(Buffer.prototype, SLICES);

export { Buffer };

/** A timer that can be told not to keep the program alive, which in a browser it never does. */
class Timer {
  readonly #id: number;

  constructor(id: number) {
    this.#id = id;
  }

  unref(): this {
    return this;
  }

  /** The browser's own functions take it for the number that they gave. */
  [Symbol.toPrimitive](): number {
    return this.#id;
  }
}

type Action = (...args: unknown[]) => void;
const inBrowser = globalThis as unknown as Record<'setTimeout' | 'setInterval', (...args: unknown[]) => number>;

export const setTimeout = (action: Action, ms?: number, ...args: unknown[]): Timer =>
  new Timer(Number(inBrowser.setTimeout(action, ms, ...args)));

export const setInterval = (action: Action, ms?: number, ...args: unknown[]): Timer =>
  new Timer(Number(inBrowser.setInterval(action, ms, ...args)));

const turns: (() => void)[] = [];
const { port1, port2 } = new MessageChannel() as unknown as {
  readonly port1: { onmessage: (() => void) | null };
  readonly port2: { postMessage(message: null): void };
};
port1.onmessage = () => turns.shift()?.();

/** A turn of the loop in which messages and timers have theirs. Timers of browsers wait for some milliseconds. */
export function setImmediate(action: Action, ...args: unknown[]): void {
  turns.push(() => action(...args));
  port2.postMessage(null);
}
