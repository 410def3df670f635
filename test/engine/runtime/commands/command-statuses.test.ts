import { expect, test } from 'vitest';
import { CommandStatuses } from '../../../../engine/runtime/commands/command-statuses.ts';

test('the newest commands can be asked for, however many there were', () => {
  const statuses = new CommandStatuses();
  const status = { status: 'SUCCESS', message: '', queryId: null } as const;
  statuses.set('stream/FIRST/create', status);
  for (let i = 0; i < 9_999; i++) statuses.set(`stream/S${i}/create`, status);
  statuses.set('stream/FIRST/create', status);
  statuses.set('stream/LAST/create', status);
  expect(statuses.size).toBe(10_000);
  expect(statuses.has('stream/S0/create')).toBe(false);
  expect(statuses.has('stream/FIRST/create')).toBe(true);
});
