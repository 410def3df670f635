import { EvaluationError } from '../../types/evaluation-error.ts';

/** How letters are matched: exactly, whatever the case of ASCII letters, or of all letters. */
export type CaseMode = 'exact' | 'ascii' | 'unicode';

const POSIX: Readonly<Record<string, string>> = {
  Lower: 'a-z',
  Upper: 'A-Z',
  ASCII: '\\x00-\\x7F',
  Alpha: 'a-zA-Z',
  Digit: '0-9',
  Alnum: 'a-zA-Z0-9',
  Punct: '!-\\x2F:-@\\x5B-\\x60\\x7B-\\x7E',
  Graph: '!-\\x7E',
  Print: '\\x20-\\x7E',
  Blank: '\\x20\\t',
  Cntrl: '\\x00-\\x1F\\x7F',
  XDigit: '0-9a-fA-F',
  Space: '\\x20\\t\\n\\x0B\\f\\r',
};

/** The classes that one letter behind a backslash stands for; a capital stands for what is outside of it. */
const LETTER_CLASSES: Readonly<Record<string, string>> = {
  d: '0-9',
  w: 'a-zA-Z_0-9',
  s: POSIX['Space']!,
  h: '\\x20\\t\\xA0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000',
  v: '\\n\\x0B\\f\\r\\x85\\u2028\\u2029',
};

/** The same with the flag U. */
const UNICODE_LETTER_CLASSES: Readonly<Record<string, string>> = {
  ...LETTER_CLASSES,
  d: '\\p{Nd}',
  w: '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}',
  s: '\\p{White_Space}',
};

/** What Java's names of properties are to JavaScript, where they differ. */
const PROPERTIES: Readonly<Record<string, string>> = {
  javaLowerCase: 'Lowercase',
  javaUpperCase: 'Uppercase',
  javaAlphabetic: 'Alphabetic',
  javaIdeographic: 'Ideographic',
  javaTitleCase: 'Lt',
  javaDigit: 'Nd',
  javaLetter: 'L',
  javaWhitespace: 'White_Space',
  Digit: 'Nd',
  Titlecase: 'Lt',
};

/** `\d` and the like as a class of JavaScript, or undefined for a letter that stands for none. */
export function letterClass(letter: string, isUnicode: boolean): string | undefined {
  const classes = isUnicode ? UNICODE_LETTER_CLASSES : LETTER_CLASSES;
  const members = classes[letter.toLowerCase()];
  if (members === undefined) return undefined;
  return `[${letter === letter.toLowerCase() ? '' : '^'}${members}]`;
}

/** `\p{name}` as a class of JavaScript. @throws EvaluationError for a property that there is not */
export function propertyClass(name: string, isNegated: boolean, mode: CaseMode): string {
  const ignoresCase = mode !== 'exact' && /^(Lower|Upper)$/.test(name);
  const posix = ignoresCase ? POSIX['Alpha'] : POSIX[name];
  if (posix !== undefined) return `[${isNegated ? '^' : ''}${posix}]`;
  for (const candidate of candidates(name)) {
    const source = `\\${isNegated ? 'P' : 'p'}{${candidate}}`;
    try {
      new RegExp(source, 'v');
      return `[${source}]`;
    } catch {
      // The next form of the name may be one that JavaScript knows.
    }
  }
  throw new EvaluationError(`Unknown character property name {${name}}`);
}

function candidates(name: string): readonly string[] {
  const [key, value] = name.split('=');
  if (value !== undefined) {
    if (/^(sc|script)$/i.test(key!)) return [`Script=${capitalized(value)}`];
    return /^(gc|general_category)$/i.test(key!) ? [value] : [];
  }
  const plain = name.replace(/^Is/, '');
  return [PROPERTIES[plain] ?? plain, capitalized(plain), `Script=${capitalized(plain)}`];
}

/** GREEK and greek are Greek. */
const capitalized = (text: string) =>
  text.replace(/[A-Za-z]+/g, (word) => word[0]!.toUpperCase() + word.slice(1).toLowerCase());

/** A character as a member of a class. */
export function classMember(code: number): string {
  const text = String.fromCodePoint(code);
  return /[A-Za-z0-9]/.test(text) ? text : `\\u{${code.toString(16)}}`;
}

/** A character and what else it matches when its case does not matter. */
export function caseVariants(code: number, mode: CaseMode): readonly number[] {
  const text = String.fromCodePoint(code);
  if (mode === 'exact' || (mode === 'ascii' && code > 0x7f)) return [code];
  const variants = [text.toLowerCase(), text.toUpperCase()].filter((variant) => [...variant].length === 1);
  return [...new Set([code, ...variants.map((variant) => variant.codePointAt(0)!)])];
}

/** The members of a range, with those of the other case where it does not matter. */
export function rangeMembers(from: number, to: number, mode: CaseMode): string {
  let members = from === to ? classMember(from) : `${classMember(from)}-${classMember(to)}`;
  if (mode === 'exact') return members;
  const last = mode === 'ascii' ? Math.min(to, 0x7f) : Math.min(to, from + 0x1000);
  for (let code = from; code <= last; code++) {
    for (const variant of caseVariants(code, mode)) {
      if (variant < from || variant > to) members += classMember(variant);
    }
  }
  return members;
}
