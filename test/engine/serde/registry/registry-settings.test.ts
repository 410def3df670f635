import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { HttpRegistry } from '../../../../engine/serde/registry/http-registry.ts';
import { registrySettings } from '../../../../engine/serde/registry/registry-settings.ts';
import { CERTIFICATES } from '../../../support/kafka-server.ts';

const certificate = (name: string) => path.join(CERTIFICATES, name);
const pem = (name: string) => readFileSync(certificate(name), 'utf8');
const PREFIX = 'ksql.schema.registry.';
const TRUST = { [`${PREFIX}ssl.truststore.location`]: certificate('ca.pem') };

/** What a registry over TLS, which asks for a certificate, is told of who asks it for its subjects. */
async function told(properties: Record<string, string>): Promise<readonly string[]> {
  const identity = { key: pem('broker-key.pem'), cert: pem('broker.pem'), ca: pem('ca.pem'), requestCert: true };
  const server = createServer(identity, (request, response) => {
    response.end(JSON.stringify([request.headers.authorization ?? 'nobody']));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  try {
    return await new HttpRegistry(registrySettings(`https://127.0.0.1:${port}`, properties)).subjects();
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('a schema registry over TLS', () => {
  const key = {
    [`${PREFIX}ssl.keystore.location`]: certificate('client.p12'),
    [`${PREFIX}ssl.keystore.password`]: 'secret',
  };

  test('is asked with a key of ours, and a user or a token', async () => {
    expect(await told({ ...TRUST, ...key })).toEqual(['nobody']);
    const basic = {
      [`${PREFIX}basic.auth.credentials.source`]: 'USER_INFO',
      [`${PREFIX}basic.auth.user.info`]: 'me:a:b',
    };
    expect(await told({ ...TRUST, ...key, ...basic })).toEqual([`Basic ${Buffer.from('me:a:b').toString('base64')}`]);
    const bearer = {
      [`${PREFIX}bearer.auth.credentials.source`]: 'STATIC_TOKEN',
      [`${PREFIX}bearer.auth.token`]: 't0ken',
    };
    expect(await told({ ...TRUST, ...key, ...bearer })).toEqual(['Bearer t0ken']);
  });

  test('is not trusted without its authority, and does not trust without a key', async () => {
    await expect(told(key)).rejects.toThrow(/Cannot reach the schema registry at https:.*certificate/);
    await expect(told(TRUST)).rejects.toThrow(/Cannot reach the schema registry at https:/);
  });

  test('says what it does not know', () => {
    const asked = (properties: Record<string, string>) => () => registrySettings('http://x', properties);
    expect(asked({ [`${PREFIX}bearer.auth.credentials.source`]: 'CUSTOM' })).toThrow(
      /CUSTOM for configuration ksql\.schema\.registry\.bearer\.auth\.credentials\.source: give STATIC_TOKEN/,
    );
    expect(asked({ [`${PREFIX}basic.auth.user.info`]: 'a:b', [`${PREFIX}bearer.auth.token`]: 't' })).toThrow(
      /both given/,
    );
  });
});
