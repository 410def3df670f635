const SIMPLE: Readonly<Record<string, number>> = { t: 9, n: 10, r: 13, f: 12, a: 7, e: 27 };

/** The forms of characters by their codes; each has its digits in one group. */
const CODES: readonly (readonly [RegExp, radix: number])[] = [
  [/\\x([0-9A-Fa-f]{2})/y, 16],
  [/\\x\{([0-9A-Fa-f]{1,6})\}/y, 16],
  [/\\u([0-9A-Fa-f]{4})/y, 16],
  [/\\0([0-3][0-7]{2}|[0-7]{1,2})/y, 8],
];

/**
 * A character that a backslash of java.util.regex stands before or describes.
 * @returns its code and where the escape ends; undefined for what is none
 */
export function readEscape(pattern: string, at: number): { readonly code: number; readonly end: number } | undefined {
  for (const [form, radix] of CODES) {
    form.lastIndex = at;
    const match = form.exec(pattern);
    if (match === null) continue;
    const code = Number.parseInt(match[1]!, radix);
    return surrogatePair(pattern, code, form.lastIndex) ?? { code, end: form.lastIndex };
  }
  const next = pattern.codePointAt(at + 1);
  if (next === undefined) return undefined;
  const letter = String.fromCodePoint(next);
  const simple = SIMPLE[letter];
  if (simple !== undefined) return { code: simple, end: at + 2 };
  if (letter === 'c' && pattern.length > at + 2) return { code: pattern.charCodeAt(at + 2) ^ 64, end: at + 3 };
  return /[A-Za-z0-9]/.test(letter) ? undefined : { code: next, end: at + 1 + letter.length };
}

/** Two escapes of four digits may be the halves of one character. */
function surrogatePair(pattern: string, high: number, end: number): { code: number; end: number } | undefined {
  if (high < 0xd800 || high > 0xdbff) return undefined;
  const low = /^\\u([dD][c-fC-F][0-9A-Fa-f]{2})/.exec(pattern.slice(end));
  if (low === null) return undefined;
  return { code: (high - 0xd800) * 0x400 + Number.parseInt(low[1]!, 16) - 0xdc00 + 0x10000, end: end + low[0].length };
}
