/**
 * Where the runtime takes the wall-clock time from, in milliseconds since the epoch; tests and replays give their own.
 */
export interface Clock {
  nowMs(): number;
}

export const SYSTEM_CLOCK: Clock = { nowMs: () => Date.now() };
