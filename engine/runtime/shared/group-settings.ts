import type { GroupMemberOptions } from '../../broker/groups/group-membership.ts';
import type { QueryProperties } from '../session/session-properties.ts';
import type { WorkSharing } from './work-sharing.ts';

const HEARTBEAT = 'heartbeat.interval.ms';

/**
 * What Kafka's settings say of a membership (with or without `ksql.streams.`), with Kafka's defaults.
 * @throws Error where the signs of life are to be no more often than a session ends, in the words of Kafka's consumer
 */
export function groupOptions(group: string, properties: QueryProperties, sharing: WorkSharing): GroupMemberOptions {
  const number = (name: string): number | undefined => {
    const value = properties.number(name);
    return value === undefined || Number.isNaN(value) ? undefined : value;
  };
  const sessionTimeoutMs = number('session.timeout.ms');
  const heartbeatIntervalMs = properties.explicit(HEARTBEAT) === undefined ? undefined : number(HEARTBEAT);
  if (sessionTimeoutMs !== undefined && heartbeatIntervalMs !== undefined && heartbeatIntervalMs >= sessionTimeoutMs)
    throw new Error(
      `Heartbeat must be set lower than the session timeout: ${HEARTBEAT} is ${heartbeatIntervalMs}, session.timeout.ms ${sessionTimeoutMs}.`,
    );
  return {
    group,
    process: sharing.process,
    capacity: sharing.capacity,
    endpoint: sharing.endpoint(),
    sessionTimeoutMs,
    heartbeatIntervalMs,
    probingIntervalMs: number('probing.rebalance.interval.ms'),
    assignment: {
      standbys: number('num.standby.replicas') ?? 0,
      acceptableLag: number('acceptable.recovery.lag') ?? 10_000,
      warmups: number('max.warmup.replicas') ?? 2,
    },
  };
}
