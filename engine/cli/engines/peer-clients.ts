import { ClusterClient } from '../../api/cluster/cluster-client.ts';
import { type Credentials, httpClient } from '../../api/http-client.ts';
import type { ServerOptions } from '../../rest/server.ts';
import { javaTlsSettings } from '../../tls/java-tls-settings.ts';

const DEFAULT_TIMEOUT_MS = 20_000;

/**
 * What asks other engines of the service. It shows them the token, or the first user and password, that this engine
 * itself wants to see: engines of a service are given the same. Certificates of others are checked by
 * `ssl.truststore.*`.
 */
export function peerClients(
  server: Pick<ServerOptions, 'token' | 'users'>,
  properties: Readonly<Record<string, string>>,
): (endpoint: string) => ClusterClient {
  const credentials = credentialsOf(server);
  const tls = javaTlsSettings(properties);
  const timeoutMs = Number(properties['ksql.query.pull.forwarding.timeout.ms'] ?? DEFAULT_TIMEOUT_MS);
  return (url) =>
    new ClusterClient(httpClient({ url, timeoutMs, ...(credentials && { credentials }), ...(tls && { tls }) }));
}

function credentialsOf({ token, users }: Pick<ServerOptions, 'token' | 'users'>): Credentials | undefined {
  if (token !== undefined) return { kind: 'bearer', token };
  const [first] = users ?? [];
  return first && { kind: 'basic', user: first[0], password: first[1] };
}
