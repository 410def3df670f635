import type { GroupMemberOptions } from '../../broker/groups/group-membership.ts';
import type { QueryProperties } from '../session/session-properties.ts';
import type { WorkSharing } from './work-sharing.ts';

/** What Kafka's settings say of a membership (with or without `ksql.streams.`), with Kafka's defaults. */
export function groupOptions(group: string, properties: QueryProperties, sharing: WorkSharing): GroupMemberOptions {
  const number = (name: string): number | undefined => {
    const value = properties.number(name);
    return value === undefined || Number.isNaN(value) ? undefined : value;
  };
  return {
    group,
    process: sharing.process,
    capacity: sharing.capacity,
    endpoint: sharing.endpoint(),
    sessionTimeoutMs: number('session.timeout.ms'),
    probingIntervalMs: number('probing.rebalance.interval.ms'),
    assignment: {
      standbys: number('num.standby.replicas') ?? 0,
      acceptableLag: number('acceptable.recovery.lag') ?? 10_000,
      warmups: number('max.warmup.replicas') ?? 2,
    },
  };
}
