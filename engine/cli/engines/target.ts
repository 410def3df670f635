import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Metastore } from '../../../language/metastore/metastore.ts';
import type { KsqlClient } from '../../api/client.ts';
import { type HttpOptions, httpClient } from '../../api/http-client.ts';
import { UsageError } from '../../script/exit-codes.ts';
import type { EngineChoice } from './chosen-engine.ts';

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
  readonly user?: string;
  readonly password?: string;
  /** A PEM file with the authority that has signed the server's certificate. */
  readonly ca?: string;
}

/** Connects to a server, or starts the embedded engine on a free port of this machine. */
export async function openTarget(options: TargetOptions): Promise<Target> {
  if (options.server !== undefined) {
    const client = httpClient({ url: options.server, ...credentialsOf(options), ...authorityOf(options) });
    return { client, name: options.server, isEmbedded: false, close: async () => client.close() };
  }
  const [{ openChosenEngine }, { startServer }] = await Promise.all([
    import('./chosen-engine.ts'),
    import('../../rest/server.ts'),
  ]);
  const engine = await openChosenEngine(options);
  const token = randomBytes(18).toString('base64url');
  const server = await startServer(engine, { host: '127.0.0.1', port: 0, token });
  const client = httpClient({ url: server.url, credentials: { kind: 'bearer', token } });
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

/** Does something on what {@link openTarget} opens, and closes it. */
export async function onTarget<T>(options: TargetOptions, work: (target: Target) => Promise<T>): Promise<T> {
  const target = await openTarget(options);
  try {
    return await work(target);
  } finally {
    await target.close();
  }
}

function credentialsOf({ token, user, password }: TargetOptions): Pick<HttpOptions, 'credentials'> {
  if (user !== undefined)
    return { credentials: { kind: 'basic', user, password: password ?? process.env['KSQL_PASSWORD'] ?? '' } };
  return token === undefined ? {} : { credentials: { kind: 'bearer', token } };
}

function authorityOf({ ca }: TargetOptions): Pick<HttpOptions, 'tls'> {
  if (ca === undefined) return {};
  try {
    return { tls: { ca: readFileSync(ca) } };
  } catch (error) {
    throw new UsageError(`--ca ${ca} cannot be read: ${(error as Error).message}`);
  }
}
