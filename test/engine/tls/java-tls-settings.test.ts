import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { httpRequest } from '../../../engine/tls/http-request.ts';
import { javaTlsSettings } from '../../../engine/tls/java-tls-settings.ts';
import { CERTIFICATES } from '../../support/kafka-server.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'ksql-tls-'));
afterAll(() => rmSync(folder, { recursive: true }));
const certificate = (name: string) => path.join(CERTIFICATES, name);
const pem = (name: string) => readFileSync(certificate(name), 'utf8');
const file = (name: string, content: string | Uint8Array) => {
  writeFileSync(path.join(folder, name), content);
  return path.join(folder, name);
};

/** Who a server that asks for certificates takes a client for. */
async function callerOf(properties: Record<string, string>): Promise<string> {
  const server = createServer(
    {
      key: pem('broker-key.pem'),
      cert: pem('broker.pem'),
      ca: pem('ca.pem'),
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, response) => {
      const { subject } = (
        request.socket as unknown as { getPeerCertificate(): { subject?: { CN: string } } }
      ).getPeerCertificate();
      response.end(subject?.CN ?? 'nobody');
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  try {
    const tls = javaTlsSettings(properties);
    const url = `https://127.0.0.1:${port}/`;
    const answer = await httpRequest({ url, method: 'GET', headers: { connection: 'close' }, timeoutMs: 20_000, tls });
    return answer.body;
  } finally {
    server.close();
  }
}

describe("TLS by Java's property names", () => {
  test('nothing is said', () => {
    expect(javaTlsSettings({ 'security.protocol': 'SSL' })).toBeUndefined();
  });

  test('an authority of its own, in a file or as text', async () => {
    await expect(callerOf({})).rejects.toThrow(/certificate/);
    expect(await callerOf({ 'ssl.truststore.location': certificate('ca.pem') })).toBe('nobody');
    expect(await callerOf({ 'ssl.truststore.certificates': pem('ca.pem') })).toBe('nobody');
  });

  test.each([
    [
      'texts',
      () => ({ 'ssl.keystore.key': pem('client-key.pem'), 'ssl.keystore.certificate.chain': pem('client.pem') }),
    ],
    [
      'a file of both',
      () => ({ 'ssl.keystore.location': file('both.pem', pem('client-key.pem') + pem('client.pem')) }),
    ],
    ['PKCS#12', () => ({ 'ssl.keystore.location': certificate('client.p12'), 'ssl.keystore.password': 'secret' })],
  ])('a key of its own: %s', async (_form, keys) => {
    expect(await callerOf({ 'ssl.truststore.location': certificate('ca.pem'), ...keys() })).toBe('client');
  });

  test.each([
    [{ 'ssl.keystore.location': '/no/such/file.pem' }, /ssl\.keystore\.location: .*\/no\/such\/file\.pem/],
    [
      { 'ssl.truststore.location': file('t.jks', Buffer.from([0xfe, 0xed, 0xfe, 0xed, 0])) },
      /truststore.*JKS.*keytool/,
    ],
    [{ 'ssl.keystore.location': file('k.jks', Buffer.from([0xfe, 0xed, 0xfe, 0xed, 0])) }, /keystore.*JKS.*PKCS12/],
    [{ 'ssl.truststore.location': certificate('client.p12') }, /truststore.*PKCS#12.*openssl/],
    [{ 'ssl.keystore.location': certificate('client.pem') }, /must hold a private key and its certificates/],
    [{ 'ssl.keystore.key': 'x' }, /^ssl\.keystore\.key is given without ssl\.keystore\.certificate\.chain/],
    [
      { 'ssl.keystore.certificate.chain': 'x' },
      /^ssl\.keystore\.certificate\.chain is given without ssl\.keystore\.key/,
    ],
  ])('says what is wrong: %j', (properties, message) => {
    expect(() => javaTlsSettings(properties)).toThrow(message);
  });
});
