import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Connections } from '../../../client/connections/connections.ts';
import { httpClient } from '../../../engine/api/http-client.ts';
import type { Engine } from '../../../engine/index.ts';
import { openEngine } from '../../../engine/open-engine.ts';
import { type RestServer, startServer } from '../../../engine/rest/server.ts';

interface Address {
  readonly scheme: string;
  readonly path: string;
}
type Command = (subject?: unknown) => Promise<void>;
type Provider = { provideTextDocumentContent(uri: Address): string };

const seen = vi.hoisted(() => ({
  commands: new Map<string, (subject?: unknown) => Promise<void>>(),
  providers: [] as { provideTextDocumentContent(uri: object): string }[],
  shown: [] as string[],
  picks: [] as (readonly string[])[],
  errors: [] as string[],
}));

vi.mock('vscode', async () => {
  const address = (parts: { scheme: string; path: string }) => ({
    ...parts,
    toString: () => `${parts.scheme}:${parts.path}`,
  });
  return {
    l10n: await import('@vscode/l10n'),
    EventEmitter: class {
      event = () => undefined;
      fire = () => undefined;
    },
    Disposable: { from: () => undefined },
    Uri: { from: address },
    commands: { registerCommand: (name: string, act: Command) => seen.commands.set(name, act) },
    workspace: {
      registerTextDocumentContentProvider: (_: string, provider: Provider) =>
        seen.providers.push(provider as (typeof seen.providers)[number]),
    },
    window: {
      showTextDocument: async (uri: Address) => {
        seen.shown.push(uri.path, seen.providers[0]!.provideTextDocumentContent(uri));
      },
      showQuickPick: async (items: readonly string[]) => {
        seen.picks.push(items);
        return items.at(-1);
      },
      showErrorMessage: async (text: string) => {
        seen.errors.push(text);
      },
    },
  };
});
const { registerSchemas, SUBJECT_PAGE } = await import('../../../client/commands/show-schema.ts');

let engine: Engine;
let server: RestServer;

beforeEach(async () => {
  engine = await openEngine({ properties: {} });
  server = await startServer(engine, { host: '127.0.0.1', port: 0 });
  await engine.execute(`CREATE STREAM a (id INT KEY, units INT) WITH (KAFKA_TOPIC='a', VALUE_FORMAT='AVRO', PARTITIONS=1);
    CREATE STREAM p (id INT KEY, units INT) WITH (KAFKA_TOPIC='p', VALUE_FORMAT='PROTOBUF', PARTITIONS=1);`);
});

afterEach(async () => {
  await server.close();
  await engine.close();
});

test('a schema of the registry is shown: the one that is named, or the one that is chosen', async () => {
  const client = httpClient({ url: server.url });
  registerSchemas({ open: async () => ({ client }) } as unknown as Connections);
  const show = seen.commands.get(/^command:([^?]+)/.exec(SUBJECT_PAGE)![1]!)!;
  await show('a-value');
  expect(seen.shown[0]).toBe('/a-value.avsc.json');
  expect(JSON.parse(seen.shown[1]!)).toMatchObject({ type: 'record', fields: [{ name: 'UNITS' }] });
  await show();
  expect(seen.picks).toEqual([['a-value', 'p-value']]);
  expect(seen.shown[2]).toBe('/p-value.proto');
  expect(seen.shown[3]).toContain('int32 UNITS');
  expect(seen.errors).toEqual([]);
  await show('nowhere-value');
  expect(seen.errors).toEqual([expect.stringContaining('The schema could not be read')]);
  client.close();
});
