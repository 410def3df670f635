import { setTimeout as timeout } from 'node:timers/promises';

/** The time that waiting goes by; tests bring one of their own, which runs as fast as there is nothing to do. */
export interface WaitClock {
  /** Milliseconds since some beginning; they never go back. */
  nowMs(): number;
  /** Waits. An abort ends the waiting early, and is no error. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The computer's own. */
export const SYSTEM_WAIT_CLOCK: WaitClock = {
  nowMs: () => performance.now(),
  sleep: async (ms, signal) => {
    await timeout(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  },
};
