import { concatBytes, indexOfBytes } from '../java/text/text-bytes.ts';
import { EvaluationError } from '../types/evaluation-error.ts';
import { trimJava } from '../types/integer.ts';
import type { SqlValue } from '../types/sql-type.ts';
import { environmental, nullable, overload, p, primitive, scalarIn, t, variadic } from './define.ts';
import type { ScalarFunction } from './function.ts';

type Texts = readonly (string | null)[];

const string = scalarIn('STRING');
const input = p('input', t.string);

/** The place that a position of SUBSTRING means: from 1, negative from the end, kept within the text. */
function startOf(position: number, length: number): number {
  const start = position > 0 ? position - 1 : position < 0 ? length + position : 0;
  return Math.min(Math.max(0, start), length);
}

/** The end is summed as a Java int: from the fourth character on, 2147483647 characters are none. */
function endOf(start: number, length: number, count: number): number {
  return Math.max(start, Math.min(length, (start + count) | 0));
}

function instr(text: string | null, wanted: string | null, position = 1, occurrence = 1): number {
  if (text === null || wanted === null || Math.abs(position) > text.length || position === 0 || occurrence <= 0)
    return 0;
  const backwards = position < 0;
  // Backwards, an empty text stands at the end of what is searched.
  if (wanted === '') return backwards ? text.length + position + 2 : position;
  let at = backwards ? text.length + position : position - 1;
  for (let found = 0; ; ) {
    at = backwards ? (at < 0 ? -1 : text.lastIndexOf(wanted, at)) : text.indexOf(wanted, at);
    if (at < 0) return 0;
    if (++found >= occurrence) return at + 1;
    at += backwards ? -1 : 1;
  }
}

function chr(value: number | string): SqlValue {
  if (typeof value === 'number') {
    const valid = value >= 0 && value <= 0x10ffff;
    return valid ? (value > 0xffff ? String.fromCodePoint(value) : String.fromCharCode(value)) : null;
  }
  return value.length < 6 || !value.startsWith('\\u') ? null : unescapeJava(value);
}

const ESCAPE = /\\(?:u+\+?([0-9a-fA-F]{4})|([0-3]?[0-7]{1,2})|([\s\S]?))/g;
const CONTROLS: Readonly<Record<string, string>> = { b: '\b', n: '\n', t: '\t', f: '\f', r: '\r' };

/**
 * The escapes of Java's string literals, as commons-text resolves them: a backslash before anything else is dropped.
 */
function unescapeJava(text: string): string {
  return text.replace(ESCAPE, (_, hex?: string, octal?: string, character?: string) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
    if (character === 'u') throw new EvaluationError(`'${text}' has an escape of less than four hexadecimal digits`);
    return CONTROLS[character!] ?? character!;
  });
}

/** A word with the blanks behind it. Blanks are those of ASCII: a no-break space, say, is a part of a word. */
const WORD = /[^ \t\n\v\f\r]+[ \t\n\v\f\r]*/g;

/** Each word between blanks gets a capital; blanks before the first word are dropped. */
function initcap(text: string): string {
  const words = text.toLowerCase().match(WORD) ?? [];
  return words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('');
}

function padText(text: string, length: number, padding: string, left: boolean): string | null {
  if (padding === '' || length < 0) return null;
  const missing = length - text.length;
  if (missing <= 0) return text.slice(0, length);
  const fill = padding.repeat(Math.ceil(missing / padding.length)).slice(0, missing);
  return left ? fill + text : text + fill;
}

function padBytes(bytes: Uint8Array, length: number, padding: Uint8Array, left: boolean): Uint8Array | null {
  if (padding.length === 0 || length < 0) return null;
  const missing = length - bytes.length;
  if (missing <= 0) return bytes.slice(0, length);
  const fill = Uint8Array.from({ length: missing }, (_, i) => padding[i % padding.length]!);
  return concatBytes(left ? [fill, bytes] : [bytes, fill]);
}

function pad(name: 'LPAD' | 'RPAD', left: boolean): ScalarFunction {
  const length = p('targetLen', t.int);
  return string(
    name,
    `Fills a text up to a length at its ${left ? 'beginning' : 'end'}; a longer one is cut.`,
    [
      overload([input, length, p('padding', t.string)], t.string, (text, size, padding) =>
        padText(text, size, padding, left),
      ),
      overload([p('input', t.bytes), length, p('padding', t.bytes)], t.bytes, (bytes, size, padding) =>
        padBytes(bytes, size, padding, left),
      ),
    ],
    [{ call: `${name}('7', 3, '0')`, result: left ? "'007'" : "'700'" }],
    {
      details: 'NULL, empty padding or a negative length gives NULL. What is too long loses its end.',
      spelling: left ? 'LPad' : 'RPad',
    },
  );
}

function splitText(text: string, delimiter: string): readonly string[] {
  if (text === '') return [''];
  return delimiter === '' ? Array.from({ length: text.length }, (_, i) => text[i]!) : text.split(delimiter);
}

function splitBytes(bytes: Uint8Array, delimiter: Uint8Array): readonly Uint8Array[] {
  if (bytes.length === 0) return [bytes];
  if (delimiter.length === 0) return Array.from(bytes, (byte) => Uint8Array.of(byte));
  const parts: Uint8Array[] = [];
  let start = 0;
  for (;;) {
    const at = indexOfBytes(bytes, delimiter, start);
    parts.push(bytes.slice(start, at < 0 ? bytes.length : at));
    if (at < 0) return parts;
    start = at + delimiter.length;
  }
}

function splitToMap(text: string, entryDelimiter: string, pairDelimiter: string): SqlValue {
  if (entryDelimiter === '' || pairDelimiter === '' || entryDelimiter === pairDelimiter) return null;
  const map = new Map<string, string>();
  for (const entry of text.split(entryDelimiter)) {
    const [key, value] = entry.split(pairDelimiter);
    if (entry !== '' && value !== undefined) map.set(key!, value);
  }
  return map;
}

/** The parts that are not NULL. */
const present = <V>(parts: readonly (V | null)[]): V[] => parts.filter((part) => part !== null);

function joinBytes(separator: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
  return concatBytes(parts.flatMap((part, i) => (i === 0 ? [part] : [separator, part])));
}

function uuidOf(bytes: Uint8Array | null): string | null {
  if (bytes === null || bytes.length !== 16) return null;
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export const STRING_FUNCTIONS: readonly ScalarFunction[] = [
  string(
    'CHR',
    'The character of a code point, or of \\u escapes.',
    [overload([p('decimalCode', t.int)], t.string, chr), overload([p('utf16Code', t.string)], t.string, chr)],
    [{ call: 'CHR(75)', result: "'K'" }],
    {
      details:
        'A code point that does not exist gives NULL, and so does a text of less than six characters or without `\\u` at its beginning.',
      spelling: 'Chr',
    },
  ),
  string(
    'CONCAT',
    'Its arguments one after the other; NULLs are passed over.',
    [
      nullable([variadic('inputs', t.string)], t.string, (...texts: Texts) => present(texts).join('')),
      nullable([variadic('inputs', t.bytes)], t.bytes, (...parts: (Uint8Array | null)[]) =>
        concatBytes(present(parts)),
      ),
    ],
    [{ call: "CONCAT('a', NULL, 'b')", result: "'ab'" }],
    { details: 'All NULL gives the empty text. The operator || does the same.' },
  ),
  string(
    'CONCAT_WS',
    'Its arguments with a separator between them; NULLs are passed over, without a separator.',
    [
      nullable(
        [variadic('inputs', t.string, 'The separator, then what it stands between.')],
        t.string,
        (separator: string | null = null, ...texts: Texts) =>
          separator === null || texts.length === 0 ? null : present(texts).join(separator),
      ),
      nullable(
        [variadic('inputs', t.bytes, 'The separator, then what it stands between.')],
        t.bytes,
        (separator: Uint8Array | null = null, ...parts: (Uint8Array | null)[]) =>
          separator === null || parts.length === 0 ? null : joinBytes(separator, present(parts)),
      ),
    ],
    [{ call: "CONCAT_WS('-', 'a', NULL, 'b')", result: "'a-b'" }],
    { details: 'The first argument is the separator; where it is NULL, or nothing follows it, the result is NULL.' },
  ),
  string(
    'ELT',
    'The n-th of the texts that follow, from 1; NULL outside.',
    [
      nullable(
        [primitive('pos', t.int), variadic('inputs', t.string)],
        t.string,
        (n: number, ...texts: Texts) => texts[n - 1] ?? null,
      ),
    ],
    [{ call: "ELT(2, 'a', 'b')", result: "'b'" }],
    { details: 'The position must not be NULL.' },
  ),
  string(
    'FIELD',
    'Where the first argument stands among the others, from 1; 0 where it does not, or is NULL.',
    [
      nullable([p('str', t.string), variadic('args', t.string)], t.int, (text: string | null, ...texts: Texts) =>
        text === null ? 0 : texts.indexOf(text) + 1,
      ),
    ],
    [{ call: "FIELD('b', 'a', 'b')", result: '2' }],
  ),
  string(
    'INITCAP',
    'Each word with a capital, the rest in lower case.',
    [overload([input], t.string, initcap)],
    [{ call: "INITCAP('the Quick')", result: "'The Quick'" }],
    { details: 'Blanks stay as they are, except that those before the first word are dropped.' },
  ),
  string(
    'INSTR',
    'Where a text stands in another, from 1; 0 where it does not. A negative position searches backwards.',
    [
      nullable([input, p('substring', t.string)], t.int, instr),
      nullable([input, p('substring', t.string), primitive('position', t.int)], t.int, instr),
      nullable(
        [input, p('substring', t.string), primitive('position', t.int), primitive('occurrence', t.int)],
        t.int,
        instr,
      ),
    ],
    [{ call: "INSTR('CORPORATE FLOOR', 'OR', 3, 2)", result: '14' }],
    { details: 'A position beyond the text gives 0, and so does NULL for either text.' },
  ),
  string(
    'LCASE',
    'The text in lower case.',
    [overload([input], t.string, (text: string) => text.toLowerCase())],
    [{ call: "LCASE('Ab')", result: "'ab'" }],
  ),
  string(
    'UCASE',
    'The text in upper case.',
    [overload([input], t.string, (text: string) => text.toUpperCase())],
    [{ call: "UCASE('Ab')", result: "'AB'" }],
  ),
  string(
    'LEN',
    'The length of a text in UTF-16 units, or of bytes.',
    [
      overload([input], t.int, (text: string) => text.length),
      overload([p('input', t.bytes)], t.int, (bytes: Uint8Array) => bytes.length),
    ],
    [{ call: "LEN('abc')", result: '3' }],
  ),
  pad('LPAD', true),
  pad('RPAD', false),
  string(
    'REPLACE',
    'The text with every occurrence of another replaced.',
    [
      overload(
        [input, p('oldStr', t.string), p('newStr', t.string)],
        t.string,
        (text: string, from: string, to: string) => text.replaceAll(from, () => to),
      ),
    ],
    [{ call: "REPLACE('a-b-c', '-', '+')", result: "'a+b+c'" }],
  ),
  string(
    'SPLIT',
    'The parts of a text between a delimiter; an empty one splits into characters.',
    [
      overload([input, p('delimiter', t.string)], t.array(t.string), splitText),
      overload([p('input', t.bytes), p('delimiter', t.bytes)], t.array(t.bytes), splitBytes),
    ],
    [{ call: "SPLIT('a,b', ',')", result: "ARRAY['a', 'b']" }],
    { details: 'The delimiter is taken literally, and empty parts are kept.' },
  ),
  string(
    'SPLIT_TO_MAP',
    'A text of key-value pairs as a map.',
    [
      overload(
        [input, p('entryDelimiter', t.string), p('kvDelimiter', t.string)],
        t.map(t.string, t.string),
        splitToMap,
      ),
    ],
    [{ call: "SPLIT_TO_MAP('a=1&b=2', '&', '=')['b']", result: "'2'" }],
    {
      details:
        'Entries without the delimiter of key and value are dropped; of entries with the same key the last counts. Empty or equal delimiters give NULL.',
    },
  ),
  string(
    'SUBSTRING',
    'Part of a text from a position, from 1, negative from the end; optionally so many characters.',
    [
      overload([input, p('pos', t.int)], t.string, (text: string, position: number) =>
        text.slice(startOf(position, text.length)),
      ),
      overload(
        [input, p('pos', t.int), p('length', t.int)],
        t.string,
        (text: string, position: number, count: number) => {
          const start = startOf(position, text.length);
          return text.slice(start, endOf(start, text.length, count));
        },
      ),
      overload([p('input', t.bytes), p('pos', t.int)], t.bytes, (bytes: Uint8Array, position: number) =>
        bytes.slice(startOf(position, bytes.length)),
      ),
      overload(
        [p('input', t.bytes), p('pos', t.int), p('length', t.int)],
        t.bytes,
        (bytes: Uint8Array, position: number, count: number) => {
          const start = startOf(position, bytes.length);
          return bytes.slice(start, endOf(start, bytes.length, count));
        },
      ),
    ],
    [{ call: "SUBSTRING('stream', -3, 2)", result: "'ea'" }],
    {
      details:
        'Position 0 means 1, and a position beyond the beginning is cut off there. What lies outside is the empty text.',
    },
  ),
  string(
    'TRIM',
    'The text without blanks and control characters at its ends.',
    [overload([input], t.string, trimJava)],
    [{ call: "TRIM('  a ')", result: "'a'" }],
    { details: 'What counts is every character up to U+0020.' },
  ),
  string(
    'UUID',
    'A random UUID, or the one that 16 bytes hold.',
    [environmental([], t.string, ({ randomUuid }) => randomUuid), nullable([p('bytes', t.bytes)], t.string, uuidOf)],
    [{ call: 'LEN(UUID())', result: '36' }],
    { details: 'Bytes must be 16, else the result is NULL.', volatile: true, spelling: 'UUID' },
  ),
];
