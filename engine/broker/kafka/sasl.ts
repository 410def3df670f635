import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';
import type { KafkaLogin } from './settings.ts';

/** Sends one step of the conversation and gives the server's answer. */
export type SaslExchange = (bytes: Uint8Array) => Promise<Buffer>;

const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8');

/** Logs in over a connection on which the mechanism has been agreed. @throws Error when the server cannot be trusted */
export async function authenticate(sasl: KafkaLogin, exchange: SaslExchange): Promise<void> {
  switch (sasl.mechanism) {
    case 'plain':
      await exchange(utf8(`\0${sasl.username}\0${sasl.password}`));
      return;
    case 'scram-sha-256':
      return authenticateScram('sha256', sasl.username, sasl.password, exchange);
    case 'scram-sha-512':
      return authenticateScram('sha512', sasl.username, sasl.password, exchange);
    case 'oauthbearer':
      return authenticateOAuth(await sasl.token(), sasl.extensions ?? {}, exchange);
    default:
      sasl satisfies never;
  }
}

/** RFC 7628: the token, and what the broker is told besides. */
async function authenticateOAuth(
  token: string,
  extensions: Readonly<Record<string, string>>,
  exchange: SaslExchange,
): Promise<void> {
  const told = Object.entries(extensions).map(([name, value]) => `${name}=${value}${SEPARATOR}`);
  const refusal = await exchange(utf8(`n,,${SEPARATOR}auth=Bearer ${token}${SEPARATOR}${told.join('')}${SEPARATOR}`));
  if (refusal.length === 0) return;
  // A broker that refuses says why, and waits for a word before it says no.
  await exchange(utf8(SEPARATOR)).catch(() => undefined);
  throw new Error(`the broker does not take the token: ${refusal}`);
}

const SEPARATOR = '\x01';

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
