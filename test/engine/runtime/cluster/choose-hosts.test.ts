import { expect, test } from 'vitest';
import { type HostRules, hostsOfTask, noHostText } from '../../../../engine/runtime/cluster/choose-hosts.ts';
import type { SharedTasks } from '../../../../engine/runtime/shared/shared-tasks.ts';

const part = (id: string, isActive: boolean, position = 10, isRestoring = false) => ({
  id,
  isActive,
  isRestoring,
  isCurrent: isActive,
  table: undefined,
  changelog: { position, endOffset: 10 },
  positions: [],
  stateBytes: 0,
});

/** Three engines; this one does task 0_0 and keeps the state of 0_1, as far as `position`. */
const shared = (position = 10): SharedTasks => ({
  process: 'here',
  placements: [
    { memberId: 'm1', process: 'here', endpoint: 'http://here:1', active: ['0_0'], standby: ['0_1'] },
    { memberId: 'm2', process: 'there', endpoint: 'http://there:2', active: ['0_1'], standby: [] },
    { memberId: 'm3', process: 'yonder', endpoint: 'http://yonder', active: [], standby: ['0_1', '0_0'] },
  ],
  local: [part('0_0', true), part('0_1', false, position)],
  tableTasks: ['0_0', '0_1'],
  taskOfKey: () => '0_0',
  partsOf: () => ({ inputs: [], stores: [] }),
});

const rules: HostRules = {
  onlyLocal: false,
  isThread: () => false,
  standbyReads: true,
  allowedLag: 5,
  statusOf: () => undefined,
};
const lagOf = (lags: Record<string, number>) => (host: string) => lags[host];

test('who does a task is asked first, then standbys, the one that is least behind first', () => {
  const hosts = (position: number) =>
    hostsOfTask('0_1', shared(position), { ...rules, lagOf: lagOf({ 'there:2': 0, 'yonder:80': 2 }) });
  expect(hosts(10).map(({ host }) => host)).toEqual(['there:2', 'here:1', 'yonder:80']);
  expect(hosts(7).map(({ host }) => host)).toEqual(['there:2', 'yonder:80', 'here:1']);
  expect(hosts(7).every(({ refusals }) => refusals.length === 0)).toBe(true);
});

test('a standby answers where that is allowed, and is not too far behind', () => {
  const refused = (of: Partial<HostRules>, position = 10) =>
    hostsOfTask('0_1', shared(position), { ...rules, ...of }).map(({ refusals }) => refusals);
  expect(refused({ standbyReads: false })).toEqual([
    [],
    ['Host is not the active host for this partition.'],
    ['Host is not the active host for this partition.'],
  ]);
  expect(refused({ lagOf: lagOf({ 'there:2': 0 }) }, 1)).toEqual([
    [],
    ['Host excluded because lag 9 exceeds maximum allowed lag 5.'],
    ['Lag information is not present for host.'],
  ]);
  expect(refused({ lagOf: lagOf({}), allowedLag: Number.MAX_SAFE_INTEGER }, 1)).toEqual([[], [], []]);
});

test('a partition that nobody answers for says whom it has tried and why not, in the words of ksqlDB', () => {
  const statusOf = (host: string) => ({ isAlive: host !== 'there:2', lastStatusUpdateMs: 77 });
  const hosts = hostsOfTask('0_1', shared(), { ...rules, standbyReads: false, statusOf });
  expect(noHostText('0_1', hosts)).toBe(
    'Partition 1 failed to find valid host. Hosts scanned: [there:2 was not selected because Host is not alive as of time 77, here:1 was not selected because Host is not the active host for this partition., yonder:80 was not selected because Host is not the active host for this partition.]',
  );
});

test('of a request that another engine has sent, this one alone is looked at', () => {
  const hosts = hostsOfTask('0_1', shared(), { ...rules, onlyLocal: true });
  expect(hosts.map(({ host, isLocal }) => [host, isLocal])).toEqual([['here:1', true]]);
});
