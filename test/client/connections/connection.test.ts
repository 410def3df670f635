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
  expect(settingsOf({ ...KAFKA, securityProtocol: 'SSL' })).toMatchObject({ ssl: {} });
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
    ssl: {},
    sasl: { mechanism: 'plain', username: 'alice', password: 'secret' },
  });
});
