import { expect, test } from 'vitest';
import { kafkaProperties } from '../../../client/connections/connection.ts';
import { kafkaSettings } from '../../../engine/broker/kafka/settings.ts';

const KAFKA = { kind: 'kafka', name: 'k', url: 'localhost:9092' } as const;

/** What the engine makes of a connection of the editor. */
const settingsOf = (connection: Parameters<typeof kafkaProperties>[0], password?: string) =>
  kafkaSettings({ 'bootstrap.servers': connection.url, ...kafkaProperties(connection, password) });

test('a connection without security asks for none', () => {
  expect(settingsOf(KAFKA)).toEqual({ bootstrapServers: ['localhost:9092'] });
  expect(settingsOf({ ...KAFKA, securityProtocol: 'PLAINTEXT' })).toEqual({ bootstrapServers: ['localhost:9092'] });
});

test('TLS alone', () => {
  expect(settingsOf({ ...KAFKA, securityProtocol: 'SSL' })).toMatchObject({ ssl: true });
});

test.each([
  ['PLAIN', 'plain'],
  ['SCRAM-SHA-256', 'scram-sha-256'],
  ['SCRAM-SHA-512', 'scram-sha-512'],
] as const)('a login by %s, whatever is in the password', (saslMechanism, mechanism) => {
  const password = 'a "quoted" \\ one; and = more';
  const connection = { ...KAFKA, securityProtocol: 'SASL_PLAINTEXT', saslMechanism, user: 'al ice' } as const;
  expect(settingsOf(connection, password)).toEqual({
    bootstrapServers: ['localhost:9092'],
    sasl: { mechanism, username: 'al ice', password },
  });
});

test('a user name alone means a login over TLS', () => {
  expect(settingsOf({ ...KAFKA, user: 'alice' }, 'secret')).toMatchObject({
    ssl: true,
    sasl: { mechanism: 'plain', username: 'alice', password: 'secret' },
  });
});

test('certificates of files, and the password of a key where it is no login', () => {
  const files = { caFile: '/ca.pem', keyFile: '/key.p12' };
  const tls = kafkaProperties({ ...KAFKA, ...files, securityProtocol: 'SSL' }, 'secret');
  expect(tls).toEqual({
    'security.protocol': 'SSL',
    'ssl.truststore.location': '/ca.pem',
    'ssl.keystore.location': '/key.p12',
    'ssl.keystore.password': 'secret',
  });
  const login = kafkaProperties({ ...KAFKA, ...files, securityProtocol: 'SASL_SSL', user: 'alice' }, 'secret');
  expect(login).not.toHaveProperty('ssl.keystore.password');
  expect(kafkaProperties({ ...KAFKA, ...files }, undefined)).toEqual({});
});

test('a login by a token', () => {
  const connection = {
    ...KAFKA,
    securityProtocol: 'SASL_PLAINTEXT',
    saslMechanism: 'OAUTHBEARER',
    user: 'client "one"',
    tokenEndpoint: 'https://id.example/token',
    scope: 'kafka',
  } as const;
  expect(settingsOf(connection, 's"cret').sasl).toMatchObject({ mechanism: 'oauthbearer' });
  expect(kafkaProperties(connection, 's"cret')).toMatchObject({
    'sasl.oauthbearer.token.endpoint.url': 'https://id.example/token',
    'sasl.jaas.config':
      'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required clientId="client \\"one\\"" clientSecret="s\\"cret" scope="kafka";',
  });
});
