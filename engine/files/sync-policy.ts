/**
 * When what was acknowledged is on the disk itself, and outlives a power failure: `always` before it is acknowledged,
 * `interval` a second later at most, `never` when the system thinks fit. A crash of the process alone loses nothing
 * under any of them.
 */
export type SyncPolicy = 'always' | 'interval' | 'never';

/** The server setting that names it. */
export const SYNC_PROPERTY = 'ksql.workbench.fsync';

const SYNC_POLICIES: readonly string[] = ['always', 'interval', 'never'] satisfies SyncPolicy[];

/** @throws Error for what is no policy */
export function syncPolicy(text: string | undefined): SyncPolicy {
  const policy = (text ?? 'always').trim().toLowerCase();
  if (SYNC_POLICIES.includes(policy)) return policy as SyncPolicy;
  throw new Error(`${SYNC_PROPERTY} is '${text}': give ${SYNC_POLICIES.join(', ')}.`);
}
