import type { TlsOptions } from '../tls-options.ts';

export type SaslMechanism = 'plain' | 'scram-sha-256' | 'scram-sha-512';

/** How to reach a Kafka cluster. */
export interface KafkaSettings {
  /** `host:port` of one broker or more; the others are learnt from them. */
  readonly bootstrapServers: readonly string[];
  /** Absent or false: no TLS. True: TLS with the system's certificate authorities. */
  readonly ssl?: boolean | TlsOptions;
  readonly sasl?: { readonly mechanism: SaslMechanism; readonly username: string; readonly password: string };
  /** How the client calls itself in the broker's log and quotas. */
  readonly clientId?: string;
  readonly connectTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
  /** After so long without a sign of life an engine has lost its service to others. */
  readonly sessionTimeoutMs?: number;
}

/** Cuts `host:port`; an IPv6 host may stand in brackets. */
export function hostAndPort(server: string): { host: string; port: number } {
  const match = /^(?:[A-Z_]+:\/\/)?(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/i.exec(server.trim());
  return { host: match?.[1] ?? match?.[2] ?? server, port: Number(match?.[3] ?? 9092) };
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/**
 * The settings that Kafka's own property names give: `bootstrap.servers`, `security.protocol`, `sasl.mechanism`,
 * `sasl.jaas.config` (user and password), `ssl.truststore.certificates`, `ssl.keystore.key`,
 * `ssl.keystore.certificate.chain`, `session.timeout.ms`.
 * @throws Error that names the property when a value is missing or not supported
 */
export function kafkaSettings(properties: Readonly<Record<string, unknown>>): KafkaSettings {
  const servers = text(properties['bootstrap.servers']);
  if (servers === undefined) throw new Error('Missing required configuration "bootstrap.servers": give HOST:PORT, …');
  const protocol = (text(properties['security.protocol']) ?? 'PLAINTEXT').toUpperCase();
  if (!/^(PLAINTEXT|SSL|SASL_PLAINTEXT|SASL_SSL)$/.test(protocol)) {
    throw new Error(
      `Invalid value ${protocol} for configuration security.protocol: give PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.`,
    );
  }
  const sessionTimeoutMs = Number(properties['session.timeout.ms']);
  return {
    ...(sessionTimeoutMs > 0 ? { sessionTimeoutMs } : {}),
    bootstrapServers: servers.split(',').map((server) => server.trim()),
    ...(protocol.endsWith('SSL') ? { ssl: tlsOptions(properties) } : {}),
    ...(protocol.startsWith('SASL') ? { sasl: saslOptions(properties) } : {}),
  };
}

function tlsOptions(properties: Readonly<Record<string, unknown>>): TlsOptions {
  const ca = text(properties['ssl.truststore.certificates']);
  const key = text(properties['ssl.keystore.key']);
  const cert = text(properties['ssl.keystore.certificate.chain']);
  const passphrase = text(properties['ssl.key.password']);
  return {
    ca,
    key,
    cert,
    passphrase,
    // Kafka's own way of switching the check of the host's name off.
    ...(properties['ssl.endpoint.identification.algorithm'] === '' ? { checkServerIdentity: () => undefined } : {}),
  };
}

function saslOptions(properties: Readonly<Record<string, unknown>>): NonNullable<KafkaSettings['sasl']> {
  const name = text(properties['sasl.mechanism']) ?? 'GSSAPI';
  const mechanism = (['plain', 'scram-sha-256', 'scram-sha-512'] as const).find((each) => each === name.toLowerCase());
  if (mechanism === undefined) {
    throw new Error(
      `Invalid value ${name} for configuration sasl.mechanism: give PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512.`,
    );
  }
  const jaas = text(properties['sasl.jaas.config']) ?? '';
  const username = /\busername\s*=\s*"((?:[^"\\]|\\.)*)"/.exec(jaas)?.[1];
  const password = /\bpassword\s*=\s*"((?:[^"\\]|\\.)*)"/.exec(jaas)?.[1];
  if (username === undefined || password === undefined) {
    throw new Error('sasl.jaas.config names no username="…" and password="…".');
  }
  const unescaped = (quoted: string) => quoted.replace(/\\(.)/g, '$1');
  return { mechanism, username: unescaped(username), password: unescaped(password) };
}
