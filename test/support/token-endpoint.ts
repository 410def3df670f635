import { createServer } from 'node:http';

export interface TokenEndpoint {
  readonly url: string;
  /** How many tokens were given. */
  readonly given: () => number;
  close(): void;
}

/**
 * Gives access tokens that are not signed to a client `workbench` with the secret `s3cret`, as an OAuth server does for
 * client credentials.
 * @param lifeS how long they are valid, in seconds
 */
export async function startTokenEndpoint(lifeS = 60): Promise<TokenEndpoint> {
  let given = 0;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const form = new URLSearchParams(Buffer.concat(parts).toString());
      const [, encoded = ''] = (request.headers.authorization ?? '').split('Basic ');
      const isKnown = Buffer.from(encoded, 'base64').toString() === 'workbench:s3cret';
      const isRight = isKnown && form.get('grant_type') === 'client_credentials' && form.get('scope') === 'kafka';
      response.writeHead(isRight ? 200 : 401, { 'content-type': 'application/json' });
      if (isRight) given++;
      const refusal = { error: 'invalid_client', error_description: 'nobody of that name' };
      response.end(JSON.stringify(isRight ? { access_token: token(lifeS), expires_in: lifeS } : refusal));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}/token`, given: () => given, close: () => server.close() };
}

function token(lifeS: number): string {
  const nowS = Date.now() / 1000;
  const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  return `${encoded({ alg: 'none' })}.${encoded({ sub: 'workbench', iat: nowS, exp: nowS + lifeS, scope: 'kafka' })}.`;
}
