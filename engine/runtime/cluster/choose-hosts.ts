import type { SharedTasks } from '../shared/shared-tasks.ts';
import type { HostStatus } from './host-statuses.ts';
import { hostOf, partitionOfTask } from './shared-query-view.ts';

/** What decides whether a host may answer for a task. */
export interface HostRules {
  /** Only this engine may, and those in other threads of its process. */
  readonly onlyLocal: boolean;
  /** Whether a member of the group is an engine in another thread of this process. */
  readonly isThread: (process: string) => boolean;
  /** `ksql.query.pull.enable.standby.reads` */
  readonly standbyReads: boolean;
  /** `ksql.query.pull.max.allowed.offset.lag` */
  readonly allowedLag: number;
  /** Whether a host is alive; undefined where nobody looks. */
  readonly statusOf: (host: string) => HostStatus | undefined;
  /** How far a host's state of a task is behind; undefined where it is not known. Absent: nobody tells. */
  readonly lagOf?: ((host: string, task: string) => number | undefined) | undefined;
}

/** A host that has a task. */
export interface TaskHost {
  /** As ksqlDB calls it; the id of its process where it is not reached. */
  readonly host: string;
  readonly endpoint: string | undefined;
  readonly isLocal: boolean;
  /** The id of an engine in another thread of this process. */
  readonly thread?: string | undefined;
  readonly isActive: boolean;
  /** Why it is not to answer, in ksqlDB's words; empty where it may. */
  readonly refusals: readonly string[];
  /** It is refused for its silence alone, which may come of too much to do. */
  readonly isOnlySilent?: boolean;
}

/** The hosts that have a task, in the order in which they are asked: who does it, then standbys, the nearest first. */
export function hostsOfTask(task: string, shared: SharedTasks, rules: HostRules): readonly TaskHost[] {
  const hosts: (TaskHost & { readonly lag: number })[] = [];
  for (const { process, endpoint, active, standby } of shared.placements) {
    const isLocal = process === shared.process;
    const isActive = active.includes(task);
    const thread = !isLocal && rules.isThread(process) ? process : undefined;
    if ((!isActive && !standby.includes(task)) || (rules.onlyLocal && !isLocal && thread === undefined)) continue;
    const host = endpoint === undefined || thread !== undefined ? process : hostOf(endpoint);
    const lag = isLocal ? localLag(task, shared) : rules.lagOf?.(host, task);
    const found = { host, endpoint, isLocal, isActive, thread };
    const refusals = refusalsOf(found, lag, rules);
    const isOnlySilent = refusals.length === 1 && !isLocal && rules.statusOf(host)?.isAlive === false;
    hosts.push({ ...found, lag: lag ?? Number.POSITIVE_INFINITY, refusals, isOnlySilent });
  }
  return hosts.sort(
    (a, b) =>
      Number(b.isActive) - Number(a.isActive) ||
      (a.lag === b.lag ? Number(b.isLocal) - Number(a.isLocal) : a.lag - b.lag),
  );
}

/** The state of a task that runs here is as of its changelog. */
function localLag(task: string, shared: SharedTasks): number | undefined {
  const part = shared.local.find(({ id }) => id === task);
  if (part === undefined) return undefined;
  return part.isActive && !part.isRestoring ? 0 : Math.max(0, part.changelog.endOffset - part.changelog.position);
}

function refusalsOf(
  { host, endpoint, isLocal, isActive, thread }: Omit<TaskHost, 'refusals' | 'isOnlySilent'>,
  lag: number | undefined,
  { standbyReads, allowedLag, statusOf, lagOf }: HostRules,
): readonly string[] {
  const refusals: string[] = [];
  if (!isActive && !standbyReads) refusals.push('Host is not the active host for this partition.');
  if (!isLocal && thread === undefined && endpoint === undefined)
    refusals.push('Host has no listener that others know of.');
  const status = isLocal ? undefined : statusOf(host);
  if (status?.isAlive === false) refusals.push(`Host is not alive as of time ${status.lastStatusUpdateMs}`);
  // Where any lag is allowed there is nothing to know; who does the task says itself whether it can answer.
  const isUnbounded = allowedLag >= Number.MAX_SAFE_INTEGER;
  if (lag !== undefined && lag > allowedLag) {
    refusals.push(`Host excluded because lag ${lag} exceeds maximum allowed lag ${allowedLag}.`);
  } else if (lag === undefined && lagOf !== undefined && !isUnbounded && !isActive) {
    refusals.push('Lag information is not present for host.');
  }
  return refusals;
}

/** Why a partition finds nobody who answers, as ksqlDB puts it. */
export function noHostText(task: string, hosts: readonly TaskHost[]): string {
  const scanned = hosts.map(({ host, refusals }) => `${host} was not selected because ${refusals.join(',')}`);
  return `Partition ${partitionOfTask(task)} failed to find valid host. Hosts scanned: [${scanned.join(', ')}]`;
}
