/**
 * What may reach beyond ASCII in a class as this project writes them: negations, properties, intersections, other
 * codes.
 */
const BEYOND_ASCII =
  /\^|\\[pPsSdDwW]|&&|\\u(?:\{(?:[89a-f][0-9a-f]|[0-9a-f]{3,})\}|[0-9a-f]{4})|\\x[89a-f]|[^\0-\x7f]/i;

/** What Java takes for a class of characters of two units, which `.` is not. */
const WIDE = /\^(?!\\n)|\\p|\\u\{[0-9a-f]{5}/i;

/** The characters that one class of JavaScript matches. */
export class CharacterSet {
  /** The class, for the flag `v`. */
  readonly source: string;
  /** Whether nothing beyond ASCII is among them. True only when that is certain. */
  readonly isAscii: boolean;
  /** Whether Java searches a pattern with this class by whole characters. */
  readonly isWide: boolean;
  /** For each character of ASCII 1 where it is among them. */
  readonly ascii = new Uint8Array(128);
  readonly #regex: RegExp;
  /** For each unit beyond ASCII, 256 of them together, whether it is among them: 0 unknown yet, 1 yes, 2 no. */
  readonly #known: (Uint8Array | undefined)[] = [];

  constructor(source: string) {
    this.source = source;
    this.isAscii = !BEYOND_ASCII.test(source);
    this.isWide = WIDE.test(source);
    this.#regex = new RegExp(`^${source}`, 'v');
    for (let code = 0; code < 128; code++) this.ascii[code] = this.#regex.test(String.fromCharCode(code)) ? 1 : 0;
  }

  /** Whether a code point is among them. */
  has(code: number): boolean {
    if (code < 128) return this.ascii[code] === 1;
    if (this.isAscii) return false;
    if (code > 0xffff) return this.#regex.test(String.fromCodePoint(code));
    const page = this.#known[code >> 8] ?? new Uint8Array(256);
    this.#known[code >> 8] = page;
    const known = page[code & 255]!;
    if (known !== 0) return known === 1;
    const isMember = this.#regex.test(String.fromCharCode(code));
    page[code & 255] = isMember ? 1 : 2;
    return isMember;
  }
}

const sets = new Map<string, CharacterSet>();
const CACHE_SIZE = 500;

/**
 * The characters of a class. Sets are kept, since most patterns share their letters. @throws SyntaxError for what is no
 * class
 */
export function characterSet(source: string): CharacterSet {
  let set = sets.get(source);
  if (set === undefined) {
    set = new CharacterSet(source);
    if (sets.size >= CACHE_SIZE) sets.clear();
    sets.set(source, set);
  }
  return set;
}
