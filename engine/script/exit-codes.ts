/** What the process ends with; scripts depend on these. */
export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Wrong usage found after the options were parsed, such as a file that does not exist. Printed without a stack. */
export class UsageError extends Error {}

/**
 * What keeps an engine from starting, whatever part of it says so. Printed without a stack; `cause` is what was thrown.
 */
export class StartError extends Error {}
