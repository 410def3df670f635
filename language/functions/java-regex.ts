import { EvaluationError } from '../types/evaluation-error.ts';

const POSIX: Readonly<Record<string, string>> = {
  Lower: 'a-z',
  Upper: 'A-Z',
  ASCII: '\\x00-\\x7F',
  Alpha: 'a-zA-Z',
  Digit: '0-9',
  Alnum: 'a-zA-Z0-9',
  Punct: '!-\\/:-@\\[-`{-~',
  Graph: '!-~',
  Print: ' -~',
  Blank: ' \\t',
  Cntrl: '\\x00-\\x1F\\x7F',
  XDigit: '0-9a-fA-F',
  Space: ' \\t\\n\\x0B\\f\\r',
};

const cache = new Map<string, RegExp>();
const CACHE_SIZE = 200;

/**
 * A pattern of java.util.regex as a JavaScript one with the flags `g` and, where the pattern begins with `(?i)` and the like, those
 * too. Compiled patterns are kept.
 *
 * @throws EvaluationError for a pattern that is wrong, or that has no counterpart (`\G`, possessive quantifiers of groups).
 */
export function javaRegex(pattern: string): RegExp {
  let compiled = cache.get(pattern);
  if (compiled === undefined) {
    compiled = translate(pattern);
    cache.set(pattern, compiled);
    if (cache.size > CACHE_SIZE) cache.delete(cache.keys().next().value!);
  }
  compiled.lastIndex = 0;
  return compiled;
}

function translate(pattern: string): RegExp {
  let flags = 'gu';
  let rest = pattern;
  const leading = /^\(\?([imsux]+)\)/.exec(rest);
  if (leading !== null) {
    for (const flag of leading[1]!) {
      if ('ims'.includes(flag)) flags += flag;
      if (flag === 'x') throw new EvaluationError('The flag (?x) of regular expressions is not supported.');
    }
    rest = rest.slice(leading[0].length);
  }
  try {
    return new RegExp(translateBody(rest), flags);
  } catch (error) {
    throw new EvaluationError(`Invalid regular expression '${pattern}': ${(error as Error).message}`);
  }
}

function translateBody(pattern: string): string {
  let out = '';
  let depth = 0;
  for (let at = 0; at < pattern.length; ) {
    const character = pattern[at]!;
    if (character === '\\') {
      const [text, next] = translateEscape(pattern, at, depth > 0);
      out += text;
      at = next;
    } else if (character === '[') {
      // Nested classes are unions in Java; inside a class they are written out.
      out += depth > 0 ? '' : pattern[at + 1] === '^' ? '[^' : '[';
      if (depth === 0 && pattern[at + 1] === '^') at++;
      depth++;
      at++;
      if (pattern[at] === ']') {
        out += '\\]';
        at++;
      }
    } else if (character === ']' && depth > 0) {
      depth--;
      out += depth > 0 ? '' : ']';
      at++;
    } else if (depth > 0) {
      out += /[/(){}|\-^]/.test(character) && character !== '-' && character !== '^' ? `\\${character}` : character;
      at++;
    } else if (character === ']' || (character === '}' && !/\{\d+(,\d*)?$/.test(out))) {
      out += `\\${character}`;
      at++;
    } else if (character === '{' && !/^\{\d+(,\d*)?\}/.test(pattern.slice(at))) {
      throw new Error(`Illegal repetition near index ${at}`);
    } else if (character === '+' && /[*+?}]$/.test(out) && !/\\[*+?}]$/.test(out)) {
      // A possessive quantifier: greedy is the nearest there is, and differs only in what fails to match.
      at++;
    } else {
      out += character === '/' ? '\\/' : character;
      at++;
    }
  }
  if (depth > 0) throw new Error('Unclosed character class');
  return out;
}

function translateEscape(pattern: string, at: number, inClass: boolean): [string, number] {
  const next = pattern[at + 1];
  if (next === undefined) throw new Error('A backslash stands at the end');
  if (next === 'Q') {
    const end = pattern.indexOf('\\E', at + 2);
    const literal = pattern.slice(at + 2, end < 0 ? pattern.length : end);
    return [literal.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'), end < 0 ? pattern.length : end + 2];
  }
  const property = /^\\([pP])\{([^}]+)\}/.exec(pattern.slice(at));
  if (property !== null) {
    const [whole, kind, name] = property as unknown as [string, string, string];
    const posix = POSIX[name];
    if (posix !== undefined) return [wrapClass(posix, kind === 'P', inClass), at + whole.length];
    return [`\\${kind}{${name.replace(/^Is(?=[A-Z][a-z]?$|[A-Z])/, '').replace(/^java/, '')}}`, at + whole.length];
  }
  switch (next) {
    case 'A':
      return ['(?<![\\s\\S])', at + 2];
    case 'z':
      return ['(?![\\s\\S])', at + 2];
    case 'Z':
      return ['(?=\\n?(?![\\s\\S]))', at + 2];
    case 'h':
      return [wrapClass(' \\t\\xA0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000', false, inClass), at + 2];
    case 'a':
      return ['\\x07', at + 2];
    case 'e':
      return ['\\x1B', at + 2];
    case 'R':
      return ['(?:\\r\\n|[\\n\\x0B\\f\\r\\u0085\\u2028\\u2029])', at + 2];
    case 'G':
      throw new Error('\\G is not supported');
    case 's':
      return [wrapClass(POSIX['Space']!, false, inClass), at + 2];
    case 'S':
      return [inClass ? '\\S' : wrapClass(POSIX['Space']!, true, false), at + 2];
    default: {
      if (/[dDwWbBnrtfvkxuc0-9]/.test(next)) return [`\\${next}`, at + 2];
      if (/[A-Za-z]/.test(next)) throw new Error(`Illegal/unsupported escape sequence near index ${at + 1}`);
      return [/[\\^$.*+?()[\]{}|/-]/.test(next) && (next !== '-' || inClass) ? `\\${next}` : next, at + 2];
    }
  }
}

const wrapClass = (members: string, negated: boolean, inClass: boolean) =>
  inClass && !negated ? members : `[${negated ? '^' : ''}${members}]`;

/** A replacement text of Java's `replaceAll`: `$1` and `${name}` are groups, a backslash takes the next character as it is. */
export function javaReplace(text: string, pattern: RegExp, replacement: string): string {
  return text.replace(pattern, (...args) => {
    const groups = typeof args.at(-1) === 'object' ? (args.at(-1) as Record<string, string>) : {};
    const captured = args.slice(
      0,
      args.findIndex((arg) => typeof arg === 'number'),
    ) as (string | undefined)[];
    return expand(replacement, captured, groups);
  });
}

function expand(
  replacement: string,
  captured: readonly (string | undefined)[],
  groups: Readonly<Record<string, string>>,
): string {
  let out = '';
  for (let at = 0; at < replacement.length; at++) {
    const character = replacement[at]!;
    if (character === '\\') {
      at++;
      if (at === replacement.length) throw new EvaluationError('character to be escaped is missing');
      out += replacement[at];
    } else if (character === '$') {
      const named = /^\$\{(\w+)\}/.exec(replacement.slice(at));
      const digit = /^\$(\d)/.exec(replacement.slice(at));
      if (named !== null) {
        if (!(named[1]! in groups)) throw new EvaluationError(`No group with name {${named[1]}}`);
        out += groups[named[1]!] ?? '';
        at += named[0].length - 1;
      } else if (digit !== null) {
        let group = Number(digit[1]);
        if (group >= captured.length) throw new EvaluationError(`No group ${group}`);
        at += 1;
        // Further digits belong to the number as long as there is such a group.
        while (/\d/.test(replacement[at + 1] ?? '') && group * 10 + Number(replacement[at + 1]) < captured.length) {
          group = group * 10 + Number(replacement[++at]);
        }
        out += captured[group] ?? '';
      } else throw new EvaluationError('Illegal group reference');
    } else out += character;
  }
  return out;
}
