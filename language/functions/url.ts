import { EvaluationError } from '../types/evaluation-error.ts';
import type { SqlValue } from '../types/sql-type.ts';
import { p, t } from './define.ts';
import type { ParameterType, ScalarFunction } from './function.ts';
import { utf8 } from './text-bytes.ts';

/** The parts of a URI as java.net.URI finds them, decoded. */
interface UriParts {
  readonly scheme: string | null;
  readonly host: string | null;
  readonly port: number | null;
  readonly path: string | null;
  readonly query: string | null;
  readonly fragment: string | null;
}

const LEGAL =
  /^(?:[A-Za-z0-9\-_.!~*'();/?:@&=+$,[\]#]|%[0-9A-Fa-f]{2}|[^\u0000-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])*$/;
const PARTS = /^(?:([A-Za-z][A-Za-z0-9+\-.]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;
const AUTHORITY = /^(?:[^@]*@)?(\[[^\]]*\]|[A-Za-z0-9.-]*)(?::(\d*))?$/;

/** @throws EvaluationError when the text is no URI */
function parseUri(text: string): UriParts {
  const found = PARTS.exec(text);
  if (found === null || !LEGAL.test(text) || /#.*#/s.test(text))
    throw new EvaluationError(`URL input has invalid syntax: ${text}`);
  const [, scheme, authority, path, query, fragment] = found;
  if (scheme !== undefined && authority === undefined && path === '')
    throw new EvaluationError(`URL input has invalid syntax: ${text}`);
  const isOpaque = scheme !== undefined && authority === undefined && !path!.startsWith('/');
  const server = authority === undefined ? null : AUTHORITY.exec(authority);
  return {
    scheme: scheme ?? null,
    host: server?.[1] || null,
    port: server?.[2] ? Number(server[2]) : null,
    path: isOpaque ? null : decodePercent(path!),
    query: query === undefined || isOpaque ? null : decodePercent(query),
    fragment: fragment === undefined ? null : decodePercent(fragment),
  };
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
