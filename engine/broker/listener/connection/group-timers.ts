/** Waiting, by the system's clock or by that of a test. */
export interface Timers {
  /** Runs something later. @returns keeps it from running */
  after(delayMs: number, run: () => void): () => void;
}

export const SYSTEM_TIMERS: Timers = {
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs).unref();
    return () => clearTimeout(timer);
  },
};
