import * as l10n from '@vscode/l10n';
export type SecurityProtocol = 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';
export type SaslMechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512' | 'OAUTHBEARER';

/** What statements run on. */
export type Connection =
  /** The engine inside the extension, nothing else. */
  | { readonly kind: 'embedded' }
  /** The engine over a Redpanda container on this machine. */
  | { readonly kind: 'sandbox' }
  /** The engine over a Kafka cluster; `url` are its bootstrap servers. */
  | {
      readonly kind: 'kafka';
      readonly name: string;
      readonly url: string;
      readonly schemaRegistryUrl?: string;
      /** `ksql.service.id` of the engine; absent: the workspace's own. */
      readonly serviceId?: string;
      /** Absent: as the user name tells, TLS with one and nothing without. */
      readonly securityProtocol?: SecurityProtocol;
      readonly saslMechanism?: SaslMechanism;
      /** The user, or for OAUTHBEARER the client id. */
      readonly user?: string;
      /** Where an access token is had for the client id and its secret (OAUTHBEARER). */
      readonly tokenEndpoint?: string;
      readonly scope?: string;
      /** A PEM file of the authorities that are trusted; absent: the system's. */
      readonly caFile?: string;
      /** The key that is shown to brokers with its certificates: PKCS#12, or PEM. */
      readonly keyFile?: string;
      readonly connectUrl?: string;
    }
  /** A ksqlDB server. */
  | { readonly kind: 'ksqldb'; readonly name: string; readonly url: string; readonly user?: string };

export type NamedConnection = Extract<Connection, { readonly name: string }>;
type KafkaConnection = Extract<Connection, { readonly kind: 'kafka' }>;
type ServerConnection = Extract<Connection, { readonly kind: 'ksqldb' }>;
/** A connection whose engine is ours, and runs here. */
export type EngineConnection = Exclude<Connection, ServerConnection>;

/** What is to be known of a kind of connection; one that lacks it does not compile. */
interface ConnectionTraits {
  /** The name of a codicon. */
  readonly icon: string;
  /** Whether statements run on our engine: it is started, tells figures and knows the records of rows. */
  readonly isOurEngine: boolean;
  /**
   * Whether its engine is started again with the window in which it ran: a container only when somebody asks for it,
   * and an engine in memory would have nothing of what it had.
   */
  readonly resumes: 'always' | 'where its state is kept' | 'never';
}

export const CONNECTION_TRAITS: Readonly<Record<Connection['kind'], ConnectionTraits>> = {
  embedded: { icon: 'zap', isOurEngine: true, resumes: 'where its state is kept' },
  sandbox: { icon: 'package', isOurEngine: true, resumes: 'never' },
  kafka: { icon: 'server-environment', isOurEngine: true, resumes: 'always' },
  ksqldb: { icon: 'server', isOurEngine: false, resumes: 'never' },
};

export type ConnectionState =
  /** Nothing was started or asked yet. */
  | { readonly kind: 'idle' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'connected'; readonly version: string }
  /** It cannot be reached, or was there and has ended. */
  | { readonly kind: 'failed'; readonly reason: string; readonly hasEnded?: boolean };

/** How a connection is named where people read it. */
export function connectionName(connection: Connection): string {
  switch (connection.kind) {
    case 'embedded':
      return l10n.t('embedded engine');
    case 'sandbox':
      return l10n.t('Redpanda container');
    case 'kafka':
    case 'ksqldb':
      return connection.name;
    default:
      return connection satisfies never;
  }
}

/** How a Kafka connection is secured: as it says, else as its user name tells. */
export const securityProtocolOf = ({ securityProtocol, user }: KafkaConnection): SecurityProtocol =>
  securityProtocol ?? (user === undefined || user === '' ? 'PLAINTEXT' : 'SASL_SSL');

/** The settings of Kafka's clients that a connection and its password stand for. */
export function kafkaProperties(connection: KafkaConnection, password: string | undefined): Record<string, string> {
  const protocol = securityProtocolOf(connection);
  if (protocol === 'PLAINTEXT') return {};
  return {
    'security.protocol': protocol,
    ...(protocol.endsWith('SSL') ? tlsProperties(connection, protocol === 'SSL' ? password : undefined) : {}),
    ...(protocol.startsWith('SASL') ? loginProperties(connection, password) : {}),
  };
}

function tlsProperties(
  { caFile = '', keyFile = '' }: KafkaConnection,
  password: string | undefined,
): Record<string, string> {
  return {
    ...(caFile === '' ? {} : { 'ssl.truststore.location': caFile }),
    ...(keyFile === '' ? {} : { 'ssl.keystore.location': keyFile }),
    ...(keyFile === '' || password === undefined ? {} : { 'ssl.keystore.password': password }),
  };
}

const LOGIN_MODULES: Readonly<Record<SaslMechanism, string>> = {
  PLAIN: 'plain.PlainLoginModule',
  'SCRAM-SHA-256': 'scram.ScramLoginModule',
  'SCRAM-SHA-512': 'scram.ScramLoginModule',
  OAUTHBEARER: 'oauthbearer.OAuthBearerLoginModule',
};

function loginProperties(
  { user = '', saslMechanism = 'PLAIN', tokenEndpoint = '', scope = '' }: KafkaConnection,
  password = '',
): Record<string, string> {
  const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;
  const isToken = saslMechanism === 'OAUTHBEARER';
  const [name, secret] = isToken ? ['clientId', 'clientSecret'] : ['username', 'password'];
  const login = `${name}=${quoted(user)} ${secret}=${quoted(password)}`;
  const asked = isToken && scope !== '' ? `${login} scope=${quoted(scope)}` : login;
  return {
    'sasl.mechanism': saslMechanism,
    'sasl.jaas.config': `org.apache.kafka.common.security.${LOGIN_MODULES[saslMechanism]} required ${asked};`,
    ...(isToken ? { 'sasl.oauthbearer.token.endpoint.url': tokenEndpoint } : {}),
  };
}
