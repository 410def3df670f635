/** `node:timers/promises` in a browser. */
import { setTimeout as later, setImmediate as soon } from './globals.ts';

interface Wait {
  readonly signal?: AbortSignal;
}

const aborted = ({ reason }: AbortSignal): Error =>
  Object.assign(new Error('The operation was aborted', { cause: reason }), { name: 'AbortError', code: 'ABORT_ERR' });

/** Resolves after so many milliseconds. @throws Error when the signal comes before */
export function setTimeout<T>(ms?: number, value?: T, { signal }: Wait = {}): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(aborted(signal));
    const abort = () => {
      clearTimeout(timer as unknown as number);
      reject(aborted(signal!));
    };
    const timer = later(() => {
      signal?.removeEventListener('abort', abort);
      resolve(value as T);
    }, ms);
    signal?.addEventListener('abort', abort, { once: true });
  });
}

/** Resolves in the next turn of the loop. */
export const setImmediate = <T>(value?: T): Promise<T> => new Promise((resolve) => soon(() => resolve(value as T)));
