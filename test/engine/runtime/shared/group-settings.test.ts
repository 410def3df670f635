import { expect, test } from 'vitest';
import { QueryProperties } from '../../../../engine/runtime/session/session-properties.ts';
import { groupOptions } from '../../../../engine/runtime/shared/group-settings.ts';

const of = (properties: Readonly<Record<string, string>>) =>
  groupOptions('g', new QueryProperties(new Map(Object.entries(properties)), new Map()), {
    process: 'p',
    capacity: 1,
    endpoint: () => undefined,
  });

test('a membership takes the timeouts that are set, with or without their prefix', () => {
  expect(of({})).toMatchObject({ sessionTimeoutMs: 45_000, heartbeatIntervalMs: undefined });
  expect(of({ 'session.timeout.ms': '6000', 'ksql.streams.heartbeat.interval.ms': '500' })).toMatchObject({
    sessionTimeoutMs: 6000,
    heartbeatIntervalMs: 500,
  });
});

test('a session that would end before the next sign of life is refused, as by consumers of Kafka', () => {
  expect(() => of({ 'session.timeout.ms': '6000', 'heartbeat.interval.ms': '6000' })).toThrow(
    'Heartbeat must be set lower than the session timeout',
  );
});
