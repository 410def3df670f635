import type { QueryState } from './protocol.ts';

/** The state of a query that several engines or threads have: that of the one which is worst off. */
export const worstState = (...states: readonly [QueryState, ...QueryState[]]): QueryState =>
  (['ERROR', 'PAUSED'] as const).find((state) => states.includes(state)) ?? states[0];
