import { javaTlsSettings } from '../../tls/java-tls-settings.ts';
import type { TlsOptions } from '../../tls/tls-options.ts';
import { CODECS, type Codec } from '../compression.ts';
import { OAuthTokens } from './oauth-token.ts';

/** How a client proves to a broker who it is. */
export type KafkaLogin =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: string;
    }
  | {
      readonly mechanism: 'oauthbearer';
      /** An access token that is valid now. */
      readonly token: () => Promise<string>;
      /** What the broker is told besides the token (KIP-342). */
      readonly extensions?: Readonly<Record<string, string>> | undefined;
    };

/** How to reach a Kafka cluster. */
export interface KafkaSettings {
  /** `host:port` of one broker or more; the others are learnt from them. */
  readonly bootstrapServers: readonly string[];
  /** Absent or false: no TLS. True: TLS with the system's certificate authorities. */
  readonly ssl?: boolean | TlsOptions;
  readonly sasl?: KafkaLogin;
  /** How the client calls itself in the broker's log and quotas. */
  readonly clientId?: string;
  readonly connectTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
  /** After so long without a sign of life an engine has lost its service to others. */
  readonly sessionTimeoutMs?: number;
  /** How batches are compressed that are written; absent: not at all. */
  readonly compression?: Codec | undefined;
  /** Whether records of transactions are read before they are committed; absent: not. */
  readonly readsUncommitted?: boolean | undefined;
}

/** Cuts `host:port`; an IPv6 host may stand in brackets. */
export function hostAndPort(server: string): { host: string; port: number } {
  const match = /^(?:[A-Z_]+:\/\/)?(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/i.exec(server.trim());
  return { host: match?.[1] ?? match?.[2] ?? server, port: Number(match?.[3] ?? 9092) };
}

type Properties = Readonly<Record<string, unknown>>;

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/**
 * The settings that Kafka's own property names give: `bootstrap.servers`, `security.protocol`, those of TLS (see
 * {@link javaTlsSettings}), `sasl.mechanism`, `sasl.jaas.config`, `sasl.oauthbearer.*`, `session.timeout.ms`,
 * `compression.type`, `isolation.level`. Files that they name are read.
 * @throws Error that names the property when a value is missing or not supported
 */
export function kafkaSettings(properties: Properties): KafkaSettings {
  const servers = text(properties['bootstrap.servers']);
  if (servers === undefined) throw new Error('Missing required configuration "bootstrap.servers": give HOST:PORT, …');
  const protocol = oneOf(properties, 'security.protocol', PROTOCOLS, 'PLAINTEXT');
  const sessionTimeoutMs = Number(properties['session.timeout.ms']);
  const ssl = protocol.endsWith('SSL') ? (javaTlsSettings(properties) ?? true) : false;
  const compression = oneOf(properties, 'compression.type', ['none', ...CODECS], 'none');
  const isolation = oneOf(properties, 'isolation.level', ['read_committed', 'read_uncommitted'], 'read_committed');
  return {
    ...(sessionTimeoutMs > 0 ? { sessionTimeoutMs } : {}),
    bootstrapServers: servers.split(',').map((server) => server.trim()),
    ...(ssl === false ? {} : { ssl }),
    ...(protocol.startsWith('SASL') ? { sasl: loginOf(properties, typeof ssl === 'object' ? ssl : undefined) } : {}),
    ...(compression === 'none' ? {} : { compression: compression as Codec }),
    ...(isolation === 'read_uncommitted' ? { readsUncommitted: true } : {}),
  };
}

const PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'] as const;
const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'] as const;

/** The value of a property that takes one of a few, in any case. @throws Error that names them */
function oneOf(properties: Properties, name: string, values: readonly string[], otherwise: string): string {
  const given = text(properties[name]) ?? otherwise;
  const found = values.find((value) => value.toLowerCase() === given.toLowerCase());
  if (found !== undefined) return found;
  const list = `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
  throw new Error(`Invalid value ${given} for configuration ${name}: give ${list}.`);
}

function loginOf(properties: Properties, tls: TlsOptions | undefined): KafkaLogin {
  // Kafka's default is GSSAPI (Kerberos), which is none of them.
  const name = oneOf(properties, 'sasl.mechanism', MECHANISMS, 'GSSAPI');
  const jaas = jaasOptions(text(properties['sasl.jaas.config']) ?? '');
  if (name === 'OAUTHBEARER') return oauthLogin(properties, jaas, tls);
  const { username, password } = jaas;
  if (username === undefined || password === undefined)
    throw new Error('sasl.jaas.config names no username="…" and password="…".');
  return { mechanism: name.toLowerCase() as 'plain' | 'scram-sha-256' | 'scram-sha-512', username, password };
}

/** What Java puts before the options of a login that are told to the broker. */
const EXTENSION = 'extension_';

function oauthLogin(
  properties: Properties,
  jaas: Readonly<Record<string, string>>,
  tls: TlsOptions | undefined,
): KafkaLogin {
  const tokenEndpoint = text(properties['sasl.oauthbearer.token.endpoint.url']);
  if (tokenEndpoint === undefined || !URL.canParse(tokenEndpoint))
    throw new Error(
      'OAUTHBEARER needs sasl.oauthbearer.token.endpoint.url: the URL where an access token is had for the client credentials.',
    );
  const credential = (property: string, option: string): string => {
    const value = text(properties[property]) ?? jaas[option];
    if (value === undefined) throw new Error(`OAUTHBEARER needs ${property}, or ${option}="…" in sasl.jaas.config.`);
    return value;
  };
  const extensions = Object.fromEntries(
    Object.entries(jaas)
      .filter(([option]) => option.startsWith(EXTENSION))
      .map(([option, value]) => [option.slice(EXTENSION.length), value]),
  );
  const tokens = new OAuthTokens(
    {
      tokenEndpoint,
      clientId: credential('sasl.oauthbearer.client.credentials.client.id', 'clientId'),
      clientSecret: credential('sasl.oauthbearer.client.credentials.client.secret', 'clientSecret'),
      scope: text(properties['sasl.oauthbearer.scope']) ?? jaas['scope'],
    },
    tls,
  );
  return { mechanism: 'oauthbearer', token: () => tokens.value(), extensions };
}

/** The options of a login module, `name="value"` each; a backslash keeps what follows it. */
function jaasOptions(jaas: string): Record<string, string> {
  const options: Record<string, string> = {};
  for (const [, name, quoted] of jaas.matchAll(/\b([\w.]+)\s*=\s*"((?:[^"\\]|\\.)*)"/g))
    options[name!] = quoted!.replace(/\\(.)/g, '$1');
  return options;
}
