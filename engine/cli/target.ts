import { randomBytes } from 'node:crypto';
import type { Metastore } from '../../language/analysis/metastore.ts';
import { KsqlClient } from '../rest/client.ts';
import type { EngineChoice } from './open-engine.ts';

/** What statements are sent to: a server somewhere, or an engine in this process behind the same API. */
export interface Target {
  readonly client: KsqlClient;
  readonly name: string;
  readonly isEmbedded: boolean;
  /** What there is, where the engine runs in this process. */
  readonly metastore?: () => Metastore;
  close(): Promise<void>;
}

export interface TargetOptions extends EngineChoice {
  readonly server?: string;
  readonly token?: string;
}

/** Connects to a server, or starts the embedded engine on a free port of this machine. */
export async function openTarget(options: TargetOptions): Promise<Target> {
  if (options.server !== undefined) {
    const credentials =
      options.token === undefined ? {} : { credentials: { kind: 'bearer' as const, token: options.token } };
    const client = new KsqlClient({ url: options.server, ...credentials });
    return { client, name: options.server, isEmbedded: false, close: async () => client.close() };
  }
  const [{ openEngine }, { startServer }] = await Promise.all([
    import('./open-engine.ts'),
    import('../rest/server.ts'),
  ]);
  const engine = await openEngine(options);
  const token = randomBytes(18).toString('base64url');
  const server = await startServer(engine, { host: '127.0.0.1', port: 0, token });
  engine.hostAndPort = `${server.host}:${server.port}`;
  const client = new KsqlClient({ url: server.url, credentials: { kind: 'bearer', token } });
  return {
    client,
    name: 'embedded engine',
    isEmbedded: true,
    metastore: () => engine.metastore,
    close: async () => {
      client.close();
      await server.close();
      await engine.close();
    },
  };
}
