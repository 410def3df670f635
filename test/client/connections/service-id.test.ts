import { expect, test } from 'vitest';
import { serviceIdOf } from '../../../client/connections/service-id.ts';

/** A workspace's storage as VS Code keeps it. */
function workspaceState() {
  const values = new Map<string, unknown>();
  return {
    get: <T>(key: string) => values.get(key) as T | undefined,
    update: async (key: string, value: unknown) => void values.set(key, value),
    keys: () => [...values.keys()],
  } as Parameters<typeof serviceIdOf>[2];
}

const KAFKA = { kind: 'kafka', name: 'k', url: 'localhost:9092' } as const;

test('each workspace has a service of its own on a cluster, and keeps it', async () => {
  const here = workspaceState();
  const first = await serviceIdOf(KAFKA, {}, here);
  expect(first).toMatch(/^vscode_\w+_$/);
  expect(await serviceIdOf({ kind: 'sandbox' }, {}, here)).toBe(first);
  expect(await serviceIdOf(KAFKA, {}, workspaceState())).not.toBe(first);
});

test('a connection may name its service, and so may the properties of the engine', async () => {
  const properties = { 'ksql.service.id': 'team_' };
  expect(await serviceIdOf(KAFKA, properties, workspaceState())).toBe('team_');
  expect(await serviceIdOf({ ...KAFKA, serviceId: 'mine_' }, properties, workspaceState())).toBe('mine_');
});
