import { expect, test } from 'vitest';
import { HostStatuses } from '../../../../engine/runtime/cluster/host-statuses.ts';

const settings = { sendIntervalMs: 100, checkIntervalMs: 10_000, windowMs: 2000, missedThreshold: 3 };

test('a host is dead once it has missed as many signs of life in a row as are allowed, and alive again with the next', () => {
  const statuses = new HostStatuses(settings);
  statuses.setHosts(new Set(['a:1']), 0);
  expect(statuses.get('a:1')).toEqual({ isAlive: true, lastStatusUpdateMs: 0 });
  statuses.heartbeat('a:1', 1000);
  statuses.check(1300);
  expect(statuses.get('a:1')).toEqual({ isAlive: true, lastStatusUpdateMs: 1300 });
  statuses.check(1301);
  expect(statuses.get('a:1')).toEqual({ isAlive: false, lastStatusUpdateMs: 1301 });
  statuses.check(5000);
  expect(statuses.get('a:1')).toEqual({ isAlive: false, lastStatusUpdateMs: 1301 });
  statuses.heartbeat('a:1', 5100);
  statuses.check(5150);
  expect(statuses.get('a:1')).toEqual({ isAlive: true, lastStatusUpdateMs: 5150 });
});

test('the window counts where the threshold allows more than it', () => {
  const statuses = new HostStatuses({ ...settings, missedThreshold: 1000 });
  statuses.setHosts(new Set(['a:1']), 0);
  statuses.check(1999);
  expect(statuses.get('a:1')?.isAlive).toBe(true);
  statuses.check(2000);
  expect(statuses.get('a:1')?.isAlive).toBe(false);
});

test('a host that has left is not known, whatever it still says', () => {
  const statuses = new HostStatuses(settings);
  statuses.setHosts(new Set(['a:1', 'b:1']), 0);
  statuses.setHosts(new Set(['b:1']), 10);
  statuses.heartbeat('a:1', 20);
  statuses.check(30);
  expect([statuses.get('a:1'), statuses.get('b:1')?.isAlive]).toEqual([undefined, true]);
});

test('an engine that was too busy to look finds nobody dead for it', () => {
  const statuses = new HostStatuses({ ...settings, checkIntervalMs: 200 });
  statuses.setHosts(new Set(['a:1']), 0);
  statuses.heartbeat('a:1', 150);
  statuses.check(200);
  statuses.check(10_000);
  expect(statuses.get('a:1')).toEqual({ isAlive: true, lastStatusUpdateMs: 10_000 });
  statuses.check(10_200);
  expect(statuses.get('a:1')).toEqual({ isAlive: false, lastStatusUpdateMs: 10_200 });
});
