import { expect, test } from 'vitest';
import type { NamedConnection } from '../../../client/connections/connection.ts';
import { readPassword, secretKey, storedForm } from '../../../client/connections/stored-password.ts';

const SERVER = { kind: 'ksqldb', name: 'production', url: 'https://ksql.example:8088', user: 'alice' } as const;
const KAFKA = { kind: 'kafka', name: 'production', url: 'one:9092,two:9092', user: 'alice' } as const;

test('a password comes back for the connection that it was entered for', () => {
  for (const connection of [SERVER, KAFKA])
    expect(readPassword(connection, storedForm(connection, 'p"w'))).toEqual({ kind: 'found', password: 'p"w' });
  expect(readPassword(SERVER, storedForm(SERVER, 'pw'))).toEqual(
    readPassword({ ...SERVER, url: 'https://ksql.example:8088/' }, storedForm(SERVER, 'pw')),
  );
  expect(readPassword(SERVER, undefined)).toEqual({ kind: 'none' });
});

test.each<[string, NamedConnection, NamedConnection]>([
  ['another host', SERVER, { ...SERVER, url: 'https://evil.example:8088' }],
  ['another port', SERVER, { ...SERVER, url: 'https://ksql.example:8089' }],
  ['no TLS any more', SERVER, { ...SERVER, url: 'http://ksql.example:8088' }],
  ['a host before the host', SERVER, { ...SERVER, url: 'https://ksql.example:8088@evil.example' }],
  ['another user', SERVER, { ...SERVER, user: 'mallory' }],
  ['another broker', KAFKA, { ...KAFKA, url: 'one:9092,evil:9092' }],
  ['a login without encryption', KAFKA, { ...KAFKA, securityProtocol: 'SASL_PLAINTEXT' }],
  [
    'a login that shows the password',
    { ...KAFKA, saslMechanism: 'SCRAM-SHA-512' },
    { ...KAFKA, saslMechanism: 'PLAIN' },
  ],
  [
    'another place for tokens',
    { ...KAFKA, saslMechanism: 'OAUTHBEARER', tokenEndpoint: 'https://id.example/token' },
    { ...KAFKA, saslMechanism: 'OAUTHBEARER', tokenEndpoint: 'https://evil.example/token' },
  ],
  ['another authority', KAFKA, { ...KAFKA, caFile: '/tmp/evil.pem' }],
])('the settings of a workspace give the name %s: the password stays', (_change, before, after) => {
  expect(secretKey(after)).toBe(secretKey(before));
  const lookup = readPassword(after, storedForm(before, 'secret'));
  expect(lookup.kind).toBe('other-place');
  expect(JSON.stringify(lookup)).not.toContain('secret');
});

test('a password of which nobody knows where it belongs stays', () => {
  expect(readPassword(SERVER, 'bare')).toEqual({ kind: 'other-place', place: undefined });
  expect(readPassword(SERVER, '{"password":"bare"}')).toEqual({ kind: 'other-place', place: undefined });
});
