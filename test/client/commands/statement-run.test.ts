import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test, vi } from 'vitest';
import type { RunParts, RunSurroundings } from '../../../client/commands/statement-run.ts';
import { ServerSession } from '../../../client/connections/server-session.ts';
import { Result } from '../../../client/results/result.ts';
import { httpClient } from '../../../engine/api/http-client.ts';

vi.mock('vscode', async () => ({ l10n: await import('@vscode/l10n') }));
const { StatementRun } = await import('../../../client/commands/statement-run.ts');

const SQL = 'SELECT * FROM s EMIT CHANGES;';

test.each([
  ['stopped', 'it was stopped', 'stopped'],
  ['crashed', 'killed by SIGKILL', 'failed'],
] as const)(
  'a query whose engine was %s says so, and has failed only where nobody wanted that',
  async (kind, reason, state) => {
    const begun = '[{"header":{"queryId":"q","schema":"`A` INTEGER"}},\n{"row":{"columns":[1]}}';
    const server = createServer((_request, response) => response.write(begun)).listen(0);
    const url = `http://localhost:${(server.address() as AddressInfo).port}`;
    const client = httpClient({ url });
    const connection = { kind: 'ksqldb', name: 'server', url } as const;
    const session = new ServerSession({ connection, client, keeping: { kind: 'kept' } });
    const result = new Result(1, { statement: SQL, engine: 'server' }, { maxRows: 10, maxBytes: 10_000 });
    const lost = vi.fn();
    const document = { uri: 'file:///a.ksql' };
    const parts = {
      request: { document, statement: { text: SQL, form: 'push' } },
      sql: SQL,
      options: {},
      result,
      cards: { changed: () => undefined },
      isNewest: () => true,
    } as unknown as RunParts;
    const surroundings = {
      connections: { open: async () => session, refresh: async () => undefined },
      marks: { running: () => undefined, lost },
      running: { addQuery: () => undefined, ended: () => undefined },
      history: { add: () => undefined },
    } as unknown as RunSurroundings;
    expect(await new StatementRun(parts, surroundings).run()).toBe(true);
    await expect.poll(() => result.buffer.total).toBe(1);
    session.close({ kind, reason });
    server.closeAllConnections();
    await expect.poll(() => result.isOpen).toBe(false);
    expect(result.summary()).toMatchObject({ state, message: `It ended with its engine: ${reason}.`, rows: 1 });
    expect(result.summary().offer).toBe('Run Again What Ended');
    expect(lost).toHaveBeenCalledWith(document.uri, SQL, session);
    server.close();
  },
);
