import { type NamedConnection, securityProtocolOf } from './connection.ts';

/** A password as the secret storage keeps it: with the place that it was entered for. */
interface StoredPassword {
  readonly password: string;
  readonly place: string;
}

/** What is stored for a connection's name, as far as its present settings are concerned. */
export type PasswordLookup =
  | { readonly kind: 'none' }
  | { readonly kind: 'found'; readonly password: string }
  /** The settings name another place now; `place` is where the password was entered for, when that is known. */
  | { readonly kind: 'other-place'; readonly place: string | undefined };

/** Key of the connection's password in the secret storage. */
export const secretKey = (connection: NamedConnection): string =>
  `ksql.connection.${connection.kind}.${connection.name}`;

/**
 * Where a password goes, and how: settings of a workspace can give a connection's name another address, another user or
 * a weaker protection, and the password must then stay where it is.
 */
export function placeOf(connection: NamedConnection): string {
  const user = connection.user ? `${connection.user}@` : '';
  const { url } = connection;
  switch (connection.kind) {
    case 'ksqldb':
      return `${user}${URL.canParse(url) ? new URL(url).origin : url}`;
    case 'kafka':
      return `${user}${url} (${kafkaProtection(connection)})`;
    default:
      return connection satisfies never;
  }
}

/** Whom it is sent to besides, and who is trusted to be the broker. */
function kafkaProtection(connection: Extract<NamedConnection, { kind: 'kafka' }>): string {
  const { saslMechanism = 'PLAIN', tokenEndpoint, caFile } = connection;
  return [securityProtocolOf(connection), saslMechanism, tokenEndpoint, caFile].filter(Boolean).join(', ');
}

/** What to keep for a password that was entered for a connection as it stands. */
export function storedForm(connection: NamedConnection, password: string): string {
  return JSON.stringify({ password, place: placeOf(connection) } satisfies StoredPassword);
}

/** Reads what is kept; gives the password only where it was entered for the place that the connection names now. */
export function readPassword(connection: NamedConnection, stored: string | undefined): PasswordLookup {
  if (stored === undefined) return { kind: 'none' };
  const { password, place } = parse(stored);
  return place !== undefined && place === placeOf(connection)
    ? { kind: 'found', password }
    : { kind: 'other-place', place };
}

/** The first version kept the password alone, so that nobody knows where it belongs. */
function parse(stored: string): { readonly password: string; readonly place: string | undefined } {
  try {
    const { password, place } = JSON.parse(stored) as Partial<StoredPassword>;
    if (typeof password === 'string' && typeof place === 'string') return { password, place };
  } catch {
    // Not this form.
  }
  return { password: stored, place: undefined };
}
