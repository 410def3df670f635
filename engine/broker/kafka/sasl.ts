import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';
import type { KafkaSettings } from './settings.ts';

/** Sends one step of the conversation and gives the server's answer. */
export type SaslExchange = (bytes: Uint8Array) => Promise<Buffer>;

const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8');

/** Logs in over a connection on which the mechanism has been agreed. @throws Error when the server cannot be trusted */
export async function authenticate(sasl: NonNullable<KafkaSettings['sasl']>, exchange: SaslExchange): Promise<void> {
  const { mechanism, username, password } = sasl;
  switch (mechanism) {
    case 'plain':
      await exchange(utf8(`\0${username}\0${password}`));
      return;
    case 'scram-sha-256':
      return authenticateScram('sha256', username, password, exchange);
    case 'scram-sha-512':
      return authenticateScram('sha512', username, password, exchange);
    default:
      mechanism satisfies never;
  }
}

/** RFC 5802: the password never leaves this process, and the server has to prove that it knows it too. */
async function authenticateScram(
  hash: 'sha256' | 'sha512',
  username: string,
  password: string,
  exchange: SaslExchange,
): Promise<void> {
  const nonce = randomBytes(24).toString('base64url');
  const first = `n=${username.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${nonce}`;
  const challenge = (await exchange(utf8(`n,,${first}`))).toString();
  const server = attributes(challenge);
  if (!server.r?.startsWith(nonce)) throw new Error('The broker answered with a nonce that is not ours.');
  const digestBytes = hash === 'sha256' ? 32 : 64;
  const salted = pbkdf2Sync(password, Buffer.from(server.s ?? '', 'base64'), Number(server.i), digestBytes, hash);
  const hmac = (key: Uint8Array, text: string) => createHmac(hash, key).update(text).digest();
  const clientKey = hmac(salted, 'Client Key');
  const storedKey = createHash(hash).update(clientKey).digest();
  const unsigned = `c=${utf8('n,,').toString('base64')},r=${server.r}`;
  const conversation = `${first},${challenge},${unsigned}`;
  const signature = hmac(storedKey, conversation);
  const proof = clientKey.map((byte, i) => byte ^ signature[i]!);
  const last = attributes((await exchange(utf8(`${unsigned},p=${Buffer.from(proof).toString('base64')}`))).toString());
  if (last.e !== undefined) throw new Error(last.e);
  const expected = hmac(hmac(salted, 'Server Key'), conversation);
  const given = Buffer.from(last.v ?? '', 'base64');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new Error('The broker could not prove that it knows the password.');
  }
}

/** `r=…,s=…,i=…` by name. */
function attributes(message: string): Record<string, string | undefined> {
  return Object.fromEntries(message.split(',').map((part) => [part.slice(0, 1), part.slice(2)]));
}
