import { utf8 } from '../java/text/text-bytes.ts';
import { EvaluationError } from '../types/evaluation-error.ts';
import { MAX_INT } from '../types/integer.ts';
import type { SqlValue } from '../types/sql-type.ts';
import { p, t } from './define.ts';
import type { ParameterType, ScalarFunction } from './function.ts';

/** The parts of a URI as java.net.URI finds them, decoded. */
interface UriParts {
  readonly scheme: string | null;
  readonly host: string | null;
  readonly port: number | null;
  readonly path: string | null;
  readonly query: string | null;
  readonly fragment: string | null;
}

/**
 * Texts of letters, digits, the marks that are never reserved, escapes, characters beyond ASCII, and some more
 * characters.
 */
const textOf = (more: string): RegExp =>
  new RegExp(
    `^(?:[A-Za-z0-9\\-_.!~*'()${more}]|%[0-9A-Fa-f]{2}|` +
      '[^\\u0000-\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000])*$',
  );

const PARTS = /^(?:([^:/?#]*):)?([^#]*)(?:#(.*))?$/s;
const HIERARCHY = /^(?:\/\/([^/?]*))?([^?]*)(?:\?(.*))?$/s;
const SERVER = /^(?:([^@]*)@)?(\[[^\]]*\]|[^:@]*)(?::(\d*))?$/;
const SCHEME = /^[A-Za-z][A-Za-z0-9+\-.]*$/;
const PATH = textOf(';/:@&=+$,');
const QUERY = textOf(';/?:@&=+$,[\\]');
const USER = textOf(';:&=+$,');
const REGISTRY_NAME = textOf(';:@&=+$,');
const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?';
/** The last of several labels must begin with a letter, so that it is no part of an address. */
const HOST_NAME = new RegExp(`^(?:${LABEL}|(?:${LABEL}\\.)+(?=[A-Za-z])${LABEL})\\.?$`);
const IP4_ADDRESS = /^\d+\.\d+\.\d+\.\d+$/;
const IP6_ADDRESS = /^\[([^%]+)(?:%[A-Za-z0-9_.]+)?\]$/;

/** @throws EvaluationError when the text is no URI */
function parseUri(text: string): UriParts {
  const error = new EvaluationError(`URL input has invalid syntax: ${text}`);
  const [, scheme, specific = '', fragment] = PARTS.exec(text)!;
  if ((scheme !== undefined && !SCHEME.test(scheme)) || (fragment !== undefined && !QUERY.test(fragment))) throw error;
  const outer = { scheme: scheme ?? null, fragment: fragment === undefined ? null : decodePercent(fragment) };
  if (scheme !== undefined && !specific.startsWith('/')) {
    if (specific === '' || !QUERY.test(specific)) throw error;
    return { ...outer, host: null, port: null, path: null, query: null };
  }
  const [, authority, path = '', query] = HIERARCHY.exec(specific)!;
  const isIncomplete = authority === '' && path === '' && query === undefined && fragment === undefined;
  if (isIncomplete || !PATH.test(path) || (query !== undefined && !QUERY.test(query))) throw error;
  const server = serverOf(authority ?? '');
  if (server === undefined && !REGISTRY_NAME.test(authority!)) throw error;
  return {
    ...outer,
    host: server?.host ?? null,
    port: server?.port ?? null,
    path: decodePercent(path),
    query: query === undefined ? null : decodePercent(query),
  };
}

/** The host and the port of an authority; undefined for one that names no server. */
function serverOf(authority: string): Pick<UriParts, 'host' | 'port'> | undefined {
  const [, user = '', host = '', port = ''] = SERVER.exec(authority) ?? [];
  if (!isHost(host) || !USER.test(user) || Number(port) > MAX_INT) return undefined;
  return { host, port: port === '' ? null : Number(port) };
}

function isHost(text: string): boolean {
  const address = IP6_ADDRESS.exec(text);
  return address === null ? HOST_NAME.test(text) || isIp4(text) : isIp6(address[1]!);
}

const isIp4 = (text: string): boolean => text.split('.').every((part) => Number(part) < 256) && IP4_ADDRESS.test(text);

/** Eight groups, or fewer with `::` in one place; an address of four bytes may stand for the last two. */
function isIp6(text: string): boolean {
  const end = text.lastIndexOf(':') + 1;
  const groups = isIp4(text.slice(end)) ? `${text.slice(0, end)}0:0` : text;
  const [left = [], right, ...others] = groups.split('::').map((side) => (side === '' ? [] : side.split(':')));
  const count = left.length + (right?.length ?? 0);
  if (others.length > 0 || (right === undefined ? count !== 8 : count >= 8)) return false;
  return [...left, ...(right ?? [])].every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group));
}

/** `%xx` sequences as UTF-8. */
function decodePercent(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => utf8.decode(percentBytes(run)));
}

const percentBytes = (run: string) => Uint8Array.from(run.slice(1).split('%'), (digits) => Number.parseInt(digits, 16));

function encodeParameter(text: string): string {
  return Array.from(text, (character) => {
    if (/[A-Za-z0-9.\-*_]/.test(character)) return character;
    if (character === ' ') return '+';
    return Array.from(utf8.encode(character), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(
      '',
    );
  }).join('');
}

function decodeParameter(text: string): string {
  if (/%(?![0-9A-Fa-f]{2})/.test(text))
    throw new EvaluationError(`url_decode_param: '${text}' has an incomplete escape`);
  return decodePercent(text.replaceAll('+', ' '));
}

function parameterOf(url: string, name: string): string | null {
  const { query } = parseUri(url);
  if (query === null) return null;
  for (const pair of query.split('&')) {
    const [key, value] = pair.split(/=(.*)/s);
    if (key === name) return value ?? '';
  }
  return null;
}

function urlFunction(
  name: string,
  summary: string,
  returns: ParameterType,
  run: (text: string) => SqlValue,
  call: string,
  result: string,
): ScalarFunction {
  return {
    kind: 'scalar',
    name,
    spelling: name.toLowerCase(),
    category: 'URL',
    summary,
    overloads: [{ parameters: [p('input', t.string)], returns, implement: () => run }],
    examples: [{ call: `${name}(${call})`, result }],
  };
}

const EXAMPLE = "'https://docs.example.com:8080/a?b=c#d'";
const part = (name: string, summary: string, key: keyof UriParts, result: string, returns: ParameterType = t.string) =>
  urlFunction(`URL_EXTRACT_${name}`, summary, returns, (text) => parseUri(text)[key], EXAMPLE, result);

export const URL_FUNCTIONS: readonly ScalarFunction[] = [
  urlFunction(
    'URL_ENCODE_PARAM',
    'A text escaped for a parameter of a URL.',
    t.string,
    encodeParameter,
    "'a b'",
    "'a+b'",
  ),
  urlFunction(
    'URL_DECODE_PARAM',
    'A parameter of a URL without its escapes.',
    t.string,
    decodeParameter,
    "'a+b%21'",
    "'a b!'",
  ),
  part('FRAGMENT', 'The fragment of a URL.', 'fragment', "'d'"),
  part('HOST', 'The host of a URL.', 'host', "'docs.example.com'"),
  part('PATH', 'The path of a URL.', 'path', "'/a'"),
  part('PORT', 'The port of a URL; NULL where it names none.', 'port', '8080', t.int),
  part('PROTOCOL', 'The scheme of a URL.', 'scheme', "'https'"),
  part('QUERY', 'The query of a URL.', 'query', "'b=c'"),
  {
    kind: 'scalar',
    name: 'URL_EXTRACT_PARAMETER',
    category: 'URL',
    summary: 'The value of a parameter of a URL; the first where it occurs more than once.',
    details: 'A parameter without a value gives the empty text.',
    spelling: 'url_extract_parameter',
    overloads: [
      {
        parameters: [p('input', t.string), p('paramToFind', t.string)],
        returns: t.string,
        implement: () => parameterOf,
      },
    ],
    examples: [{ call: `URL_EXTRACT_PARAMETER(${EXAMPLE}, 'b')`, result: "'c'" }],
  },
];
