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
      readonly user?: string;
    }
  /** A ksqlDB server. */
  | { readonly kind: 'ksqldb'; readonly name: string; readonly url: string; readonly user?: string };

export type NamedConnection = Extract<Connection, { readonly name: string }>;

export type ConnectionState =
  /** Nothing was started or asked yet. */
  | { readonly kind: 'idle' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'connected'; readonly version: string }
  | { readonly kind: 'failed'; readonly reason: string };

/** How a connection is named where people read it. */
export function connectionName(connection: Connection): string {
  switch (connection.kind) {
    case 'embedded':
      return 'embedded engine';
    case 'sandbox':
      return 'Redpanda container';
    default:
      return connection.name;
  }
}

/** Key of the connection's password in the secret storage. */
export const secretKey = (connection: NamedConnection): string =>
  `ksql.connection.${connection.kind}.${connection.name}`;

/** The settings of Kafka's clients that a user name with its password stand for. */
export function kafkaProperties(user: string | undefined, password: string | undefined): Record<string, string> {
  if (user === undefined || user === '') return {};
  const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;
  return {
    'security.protocol': 'SASL_SSL',
    'sasl.mechanism': 'PLAIN',
    'sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required username=${quoted(user)} password=${quoted(password ?? '')};`,
  };
}
