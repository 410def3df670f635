import type { FunctionEnvironment } from '../../language/functions/function.ts';

/** Begins with the time, and grows more slowly than it: after a restart it goes on above what stores hold. */
let nextInOrder = Date.now() * 1000;

/** What functions find where queries run: the clock and the chance of this machine. */
export const SYSTEM_ENVIRONMENT: FunctionEnvironment = {
  nowMs: () => Date.now(),
  random: () => Math.random(),
  randomUuid: () => crypto.randomUUID(),
  nextInOrder: () => nextInOrder++,
};
