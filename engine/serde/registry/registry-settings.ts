import { javaTlsSettings } from '../../tls/java-tls-settings.ts';
import type { HttpRegistryOptions } from './http-registry.ts';

const PREFIX = 'ksql.schema.registry.';

/**
 * How a schema registry is reached, by ksqlDB's property names: `ksql.schema.registry.basic.auth.user.info`
 * (USER:PASSWORD), `ksql.schema.registry.bearer.auth.token`, and those of TLS behind `ksql.schema.registry.`.
 * @param urls one or more, with commas between
 * @throws Error that names the property when a value is missing or not supported
 */
export function registrySettings(urls: string, properties: Readonly<Record<string, unknown>>): HttpRegistryOptions {
  const text = (name: string): string | undefined => {
    const value = properties[PREFIX + name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  requireSource(text, 'basic.auth.credentials.source', ['USER_INFO', 'URL']);
  requireSource(text, 'bearer.auth.credentials.source', ['STATIC_TOKEN']);
  const [user, ...password] = (text('basic.auth.user.info') ?? '').split(':');
  const bearerToken = text('bearer.auth.token');
  if (user && bearerToken !== undefined)
    throw new Error(`${PREFIX}basic.auth.user.info and ${PREFIX}bearer.auth.token are both given: one of them counts.`);
  return {
    urls: urls.split(',').map((part) => part.trim()),
    basicAuth: user ? { user, password: password.join(':') } : undefined,
    bearerToken,
    tls: javaTlsSettings(properties, PREFIX),
  };
}

function requireSource(text: (name: string) => string | undefined, name: string, known: readonly string[]): void {
  const source = text(name);
  if (source !== undefined && !known.includes(source.toUpperCase()))
    throw new Error(`Invalid value ${source} for configuration ${PREFIX}${name}: give ${known.join(' or ')}.`);
}
