import type { ClusterSettings } from './service-cluster.ts';

/** How engines of a service watch one another, as the settings of the server say. */
export function clusterSettings(setting: (name: string) => string | undefined): ClusterSettings {
  const number = (name: string): number => Math.max(1, Number(setting(name)));
  const isOn = (name: string): boolean => setting(name)?.trim().toLowerCase() === 'true';
  return {
    heartbeat: isOn('ksql.heartbeat.enable')
      ? {
          sendIntervalMs: number('ksql.heartbeat.send.interval.ms'),
          checkIntervalMs: number('ksql.heartbeat.check.interval.ms'),
          windowMs: number('ksql.heartbeat.window.ms'),
          missedThreshold: number('ksql.heartbeat.missed.threshold.ms'),
        }
      : undefined,
    discoverIntervalMs: number('ksql.heartbeat.discover.interval.ms'),
    lagSendIntervalMs: isOn('ksql.lag.reporting.enable') ? number('ksql.lag.reporting.send.interval.ms') : undefined,
  };
}
