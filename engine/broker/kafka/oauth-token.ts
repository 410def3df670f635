import { httpRequest } from '../../tls/http-request.ts';
import type { TlsOptions } from '../../tls/tls-options.ts';
import { BrokerError } from '../broker.ts';

/** Where an access token is had by an id and a secret of this program (OAuth 2.0, client credentials, RFC 6749 4.4). */
export interface OAuthClient {
  readonly tokenEndpoint: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope?: string | undefined;
}

interface Token {
  readonly value: string;
  readonly untilMs: number;
}

const TIMEOUT_MS = 10_000;
/** A token counts as used up when so much of its life is over, so that none ends on its way. */
const USED_SHARE = 0.8;
/** How long one is kept that does not say. */
const DEFAULT_LIFE_S = 300;

/** Fetches access tokens, and keeps one while it lasts. */
export class OAuthTokens {
  readonly #client: OAuthClient;
  readonly #tls: TlsOptions | undefined;
  #token: Promise<Token> | undefined;

  /** @param tls the certificates that a token endpoint over HTTPS is known by */
  constructor(client: OAuthClient, tls: TlsOptions | undefined) {
    this.#client = client;
    this.#tls = tls;
  }

  /** @throws BrokerError that says what the token endpoint answered */
  async value(): Promise<string> {
    const known = await this.#token?.catch(() => undefined);
    if (known !== undefined && Date.now() < known.untilMs) return known.value;
    const fetching = this.#fetch();
    this.#token = fetching;
    return (await fetching).value;
  }

  async #fetch(): Promise<Token> {
    const { tokenEndpoint, clientId, clientSecret, scope } = this.#client;
    const about = `Getting an access token from ${tokenEndpoint}`;
    const form = new URLSearchParams({ grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) });
    const encoded = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`;
    const answer = await httpRequest({
      url: tokenEndpoint,
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(encoded).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
      },
      body: form.toString(),
      timeoutMs: TIMEOUT_MS,
      tls: this.#tls,
    }).catch((error: Error) => {
      throw new BrokerError(`${about}: ${error.message}`, 'unreachable', { cause: error });
    });
    const { access_token, expires_in, error, error_description } = parse(answer.body);
    if (answer.status !== 200 || typeof access_token !== 'string') {
      const reason = [error, error_description].filter((part) => typeof part === 'string').join(': ');
      throw new BrokerError(`${about}: HTTP ${answer.status}${reason && ` ${reason}`}`, 'not-authorized');
    }
    const lifeS = typeof expires_in === 'number' ? expires_in : DEFAULT_LIFE_S;
    return { value: access_token, untilMs: Date.now() + lifeS * 1000 * USED_SHARE };
  }
}

function parse(body: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(body));
  } catch {
    return {};
  }
}
