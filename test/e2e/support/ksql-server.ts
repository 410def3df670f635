import { once } from 'node:events';
import { afterAll, beforeAll } from 'vitest';
import { type Served, serveKsql, Workplace } from '../../support/ksql-command.ts';
import type { Workbench } from './workbench.ts';

/** A server behind a URL that a suite connects to: started before its tests, ended after them. */
export function openServer(token: string): { readonly url: string } {
  const place = new Workplace();
  let server: Served | undefined;
  beforeAll(async () => {
    server = await serveKsql(['--listen', '127.0.0.1:0', '--token', token], place.folder);
  });
  afterAll(async () => {
    if (server !== undefined) {
      server.child.kill();
      await once(server.child, 'exit');
    }
    place.remove();
  });
  return {
    get url() {
      return server!.url;
    },
  };
}

/** Enters a server as a new connection. */
export async function enterServer(workbench: Workbench, url: string, token: string, name: string): Promise<void> {
  await workbench.command('KSQL: New Connection…');
  await workbench.pick('what to connect to', 'ksqlDB server');
  await workbench.answer('where it is', url);
  await workbench.answer('Connection: user', '');
  await workbench.answer('Connection: password', token);
  await workbench.answer('Connection: name', name);
}
