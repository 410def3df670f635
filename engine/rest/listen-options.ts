import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isLoopback } from './http/browser-guard.ts';
import type { TlsIdentity } from './http/listener.ts';
import type { ServerOptions } from './server.ts';

/** Where and to whom a server answers, as the options of `ksql serve` are called. */
export interface ListenChoice {
  /** `HOST:PORT`, `[IPv6]:PORT` or `PORT`, with `http://` or `https://` before it or without. */
  readonly listen: string;
  /** false: none is asked for; absent: one is made up, unless there are users. */
  readonly token?: string | false | undefined;
  /** `USER:PASSWORD`. */
  readonly basicAuth?: readonly string[] | undefined;
  /** A file with a line `USER:PASSWORD` for each user. */
  readonly basicAuthFile?: string | undefined;
  /** A PEM file: the certificate, and those that it is signed by. */
  readonly tlsCert?: string | undefined;
  /** A PEM file. */
  readonly tlsKey?: string | undefined;
  readonly property?: Readonly<Record<string, string>> | undefined;
}

/** What the options mean. */
export interface ListenSettings {
  readonly server: ServerOptions;
  /** The token, where nobody has given one: whoever starts the server has to be told. */
  readonly madeUpToken?: string | undefined;
  /** What whoever starts the server should know. */
  readonly warnings: readonly string[];
}

/** An option that means nothing. The message names it, and says what to write. */
export class ListenOptionError extends Error {}

/**
 * Reads the options, the files that they name, and from the environment `KSQL_TOKEN` and `KSQL_BASIC_AUTH` (a line for
 * each user), which others cannot see as they see a command line.
 * @throws ListenOptionError
 */
export function listenSettings(choice: ListenChoice, environment: NodeJS.ProcessEnv): ListenSettings {
  const { host, port, isHttps } = listenAddress(choice.listen);
  const users = usersOf(choice, environment);
  const given = choice.token === false ? undefined : (choice.token ?? environment['KSQL_TOKEN']);
  const needsToken = given === undefined && choice.token !== false && users.size === 0;
  const madeUpToken = needsToken ? randomBytes(24).toString('base64url') : undefined;
  const token = given ?? madeUpToken;
  const tls = tlsOf(choice, isHttps);
  const server = {
    host,
    port,
    names: advertisedNames(choice.property ?? {}),
    token,
    ...(users.size === 0 ? {} : { users }),
    tls,
  };
  return { server, madeUpToken, warnings: isLoopback(host) ? [] : warningsOf(choice.listen, server) };
}

/**
 * Takes passwords and tokens out of the list of processes, where everybody on the machine reads them.
 * @param title what stands there instead
 */
export function hideSecrets({ token, basicAuth = [] }: Pick<ListenChoice, 'token' | 'basicAuth'>, title: string): void {
  if (typeof token === 'string' || basicAuth.length > 0) process.title = title;
}

/**
 * What `HOST:PORT` says.
 * @param option what to name where it says nothing
 * @throws ListenOptionError
 */
export function listenAddress(
  text: string,
  option = '--listen',
): { readonly host: string; readonly port: number; readonly isHttps: boolean } {
  const [, scheme, ip6, name, port] = /^(?:(https?):\/\/)?(?:(?:\[([^\]]+)\]|([^:]*)):)?(\d+)\/?$/.exec(text) ?? [];
  if (port === undefined || Number(port) > 65_535)
    throw new ListenOptionError(`${option} takes HOST:PORT, not ${text}.`);
  return { host: ip6 ?? (name || '127.0.0.1'), port: Number(port), isHttps: scheme === 'https' };
}

function usersOf({ basicAuth = [], basicAuthFile }: ListenChoice, environment: NodeJS.ProcessEnv): Map<string, string> {
  const lines = (text: string) => text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const sources: readonly (readonly [string, readonly string[]])[] = [
    ['--basic-auth', basicAuth],
    ['KSQL_BASIC_AUTH', lines(environment['KSQL_BASIC_AUTH'] ?? '')],
    [
      `--basic-auth-file ${basicAuthFile}`,
      basicAuthFile === undefined ? [] : lines(fileOf('--basic-auth-file', basicAuthFile)),
    ],
  ];
  const users = new Map<string, string>();
  for (const [source, entries] of sources) {
    for (const entry of entries) {
      const colon = entry.indexOf(':');
      // The entry itself is not told: it may be a password.
      if (colon < 1 || colon === entry.length - 1) throw new ListenOptionError(`${source}: write USER:PASSWORD.`);
      users.set(entry.slice(0, colon), entry.slice(colon + 1));
    }
  }
  return users;
}

/** From `--tls-cert` and `--tls-key`, or as ksqlDB has it: one PEM file with both. */
function tlsOf({ tlsCert, tlsKey, property = {} }: ListenChoice, isHttps: boolean): TlsIdentity | undefined {
  if (tlsCert !== undefined || tlsKey !== undefined) {
    if (tlsCert === undefined || tlsKey === undefined)
      throw new ListenOptionError('--tls-cert and --tls-key go together: a certificate is of no use without its key.');
    return { cert: fileOf('--tls-cert', tlsCert), key: fileOf('--tls-key', tlsKey) };
  }
  if (!isHttps) return undefined;
  const keystore = property['ssl.keystore.location'];
  if (keystore === undefined || property['ssl.keystore.type']?.toUpperCase() !== 'PEM')
    throw new ListenOptionError(
      '--listen https://… needs a certificate: give --tls-cert and --tls-key, or the properties ssl.keystore.type=PEM and ssl.keystore.location.',
    );
  const pem = fileOf('ssl.keystore.location', keystore);
  const passphrase = property['ssl.key.password'];
  return { cert: pem, key: pem, passphrase };
}

function fileOf(option: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ListenOptionError(`${option} ${file} cannot be read: ${(error as Error).message}`);
  }
}

/** The name that ksqlDB's clients are told to use. */
function advertisedNames(properties: Readonly<Record<string, string>>): readonly string[] {
  const listener = properties['ksql.advertised.listener'];
  if (listener === undefined) return [];
  if (!URL.canParse(listener))
    throw new ListenOptionError(
      `ksql.advertised.listener takes a URL, such as http://engine.example:8088, not ${listener}.`,
    );
  return [new URL(listener).hostname];
}

function warningsOf(listen: string, { token, users, tls }: ServerOptions): readonly string[] {
  const warnings: string[] = [];
  if (token === undefined && users === undefined)
    warnings.push(
      `warning: whoever reaches ${listen} can run statements, and read and write topics. Give --token or --basic-auth.`,
    );
  if (tls === undefined)
    warnings.push(
      `warning: what goes to and from ${listen}, tokens and passwords included, can be read on its way. Give --tls-cert and --tls-key.`,
    );
  return warnings;
}
