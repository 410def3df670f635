import { describe, expect, test } from 'vitest';
import { kafkaSettings } from '../../../../engine/broker/kafka/settings.ts';

const settings = (properties: Record<string, string>) =>
  kafkaSettings({ 'bootstrap.servers': 'a:1, b:2', ...properties });
const sasl = { 'security.protocol': 'SASL_SSL' };

describe("settings by Kafka's names", () => {
  test('the least', () => {
    expect(settings({})).toEqual({ bootstrapServers: ['a:1', 'b:2'] });
    expect(settings({ 'security.protocol': 'ssl' })).toEqual({ bootstrapServers: ['a:1', 'b:2'], ssl: true });
    expect(settings({ 'compression.type': 'zstd', 'isolation.level': 'read_uncommitted' })).toMatchObject({
      compression: 'zstd',
      readsUncommitted: true,
    });
  });

  test('a password with quotes in it', () => {
    const jaas = 'o.a.PlainLoginModule required username="me" password="a\\"b\\\\c;";';
    expect(settings({ ...sasl, 'sasl.mechanism': 'PLAIN', 'sasl.jaas.config': jaas })).toMatchObject({
      sasl: { mechanism: 'plain', username: 'me', password: 'a"b\\c;' },
    });
  });

  test('what a cloud asks for besides a token', () => {
    const login = settings({
      ...sasl,
      'sasl.mechanism': 'OAUTHBEARER',
      'sasl.oauthbearer.token.endpoint.url': 'https://id.example/token',
      'sasl.jaas.config': 'x required clientId="c" clientSecret="s" extension_logicalCluster="lkc-1" scope="a b";',
    }).sasl;
    expect(login).toMatchObject({ mechanism: 'oauthbearer', extensions: { logicalCluster: 'lkc-1' } });
  });

  test.each([
    [
      { 'security.protocol': 'TLS' },
      /TLS for configuration security\.protocol: give PLAINTEXT, SSL, SASL_PLAINTEXT or/,
    ],
    [sasl, /GSSAPI for configuration sasl\.mechanism: give PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER/],
    [{ ...sasl, 'sasl.mechanism': 'PLAIN' }, /sasl\.jaas\.config names no username/],
    [{ ...sasl, 'sasl.mechanism': 'OAUTHBEARER' }, /sasl\.oauthbearer\.token\.endpoint\.url/],
    [
      { ...sasl, 'sasl.mechanism': 'OAUTHBEARER', 'sasl.oauthbearer.token.endpoint.url': 'https://x/t' },
      /client\.credentials\.client\.id, or clientId="…" in sasl\.jaas\.config/,
    ],
    [
      { 'compression.type': 'brotli' },
      /brotli for configuration compression\.type: give none, gzip, snappy, lz4 or zstd/,
    ],
    [{ 'isolation.level': 'serializable' }, /isolation\.level: give read_committed or read_uncommitted/],
  ])('says what is wrong: %j', (properties, message) => {
    expect(() => settings(properties)).toThrow(message);
  });
});
