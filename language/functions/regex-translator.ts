import { EvaluationError } from '../types/evaluation-error.ts';
import { type CaseMode, caseVariants, classMember, letterClass, propertyClass, rangeMembers } from './regex-classes.ts';
import { readEscape } from './regex-escapes.ts';

export interface Translation {
  /** For the flag `v`. */
  readonly source: string;
  /** For each group of Java's pattern, 0 being the whole match, its number in the translation. */
  readonly groups: readonly number[];
  readonly names: ReadonlyMap<string, number>;
}

/**
 * Translates a pattern of java.util.regex. Classes, anchors and letter case are written out, because JavaScript's own mean other
 * characters; possessive quantifiers and atomic groups become a lookahead and a reference to what it found.
 *
 * What remains different: a group that took no part in the match refers to the empty text, where Java's reference fails; groups
 * in a repetition are forgotten with each round, and one that found the empty text in an optional round counts as not found.
 *
 * @throws EvaluationError for a pattern that is wrong, or for `\G` and `\X`, which have no counterpart
 */
export const translateRegex = (pattern: string): Translation => new RegexTranslator(pattern).translate();

interface Flags {
  readonly i: boolean;
  readonly u: boolean;
  readonly m: boolean;
  readonly s: boolean;
  readonly d: boolean;
  readonly x: boolean;
  readonly U: boolean;
}

const NO_FLAGS: Flags = { i: false, u: false, m: false, s: false, d: false, x: false, U: false };

const ANY = '[\\s\\S]';
/** Without the flag `m` these are the ends of the text, and nothing else. */
const START = '^';
const END = '$';
const LINE_ENDS = '[\\n\\r\\u0085\\u2028\\u2029]';
const BEFORE_LAST_LINE_END = `(?=(?:\\r\\n|${LINE_ENDS})?${END})(?<!\\r(?=\\n))`;
/** What Java takes for a part of a word at its boundary: letters and digits of every script, with the marks on them. */
const LETTER = '[\\p{L}\\p{Nd}]';
const BEHIND_WORD = `<=${LETTER}|_|${LETTER}\\p{Mn}+`;
const AT_WORD = `=${LETTER}|_|(?<=${LETTER}\\p{Mn}*)\\p{Mn}`;
const [NOT_BEHIND_WORD, NOT_AT_WORD] = [BEHIND_WORD.replace('=', '!'), AT_WORD.replace('=', '!')];
const BOUNDARY = `(?:(?${BEHIND_WORD})(?${NOT_AT_WORD})|(?${NOT_BEHIND_WORD})(?${AT_WORD}))`;
const NO_BOUNDARY = `(?:(?${BEHIND_WORD})(?${AT_WORD})|(?${NOT_BEHIND_WORD})(?${NOT_AT_WORD}))`;

/** A piece of a translation. */
interface Atom {
  readonly source: string;
  /** Whether a quantifier may stand right behind it. */
  readonly isSingle: boolean;
}

const single = (source: string): Atom => ({ source, isSingle: true });
const several = (source: string): Atom => ({ source, isSingle: false });

class RegexTranslator {
  readonly #pattern: string;
  #at = 0;
  #flags = NO_FLAGS;
  readonly #names = new Map<string, number>();
  #groupCount = 0;
  #atomicCount = 0;
  readonly #totalGroups: number;

  constructor(pattern: string) {
    this.#pattern = pattern;
    this.#totalGroups = countGroups(pattern);
  }

  translate(): Translation {
    const source = this.#alternatives();
    if (this.#at < this.#pattern.length) throw this.#error('Unmatched closing )');
    return { source, groups: this.#groupNumbers(source), names: this.#names };
  }

  /** Groups are named after their numbers in Java's pattern, as those of atomic groups come in between. */
  #groupNumbers(source: string): readonly number[] {
    const order = Array.from(source.matchAll(/\(\?<([ga]\d+)>/g), (match) => match[1]!);
    return Array.from({ length: this.#groupCount + 1 }, (_, group) => order.indexOf(`g${group}`) + 1);
  }

  get #mode(): CaseMode {
    return this.#flags.i ? (this.#flags.u ? 'unicode' : 'ascii') : 'exact';
  }

  #error(message: string): EvaluationError {
    return new EvaluationError(`${message} near index ${this.#at} of the regular expression '${this.#pattern}'`);
  }

  #alternatives(): string {
    const outer = this.#flags;
    let source = '';
    while (this.#at < this.#pattern.length && this.#pattern[this.#at] !== ')') {
      if (this.#take('|')) source += '|';
      else source += this.#term();
    }
    // Flags that were set inside a group end with it.
    this.#flags = outer;
    return source;
  }

  #take(text: string): boolean {
    if (!this.#pattern.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #term(): string {
    if (this.#flags.x && this.#skipComment()) return '';
    if (this.#take('\\Q')) return this.#quoted();
    const atom = this.#atom();
    if (this.#flags.x) while (this.#skipComment());
    return atom === undefined ? '' : this.#quantified(atom);
  }

  #skipComment(): boolean {
    const skipped = /(?:\s+|#[^\n]*)/y;
    skipped.lastIndex = this.#at;
    const match = skipped.exec(this.#pattern);
    if (match !== null) this.#at = skipped.lastIndex;
    return match !== null;
  }

  /** Everything up to `\E` as it stands; a quantifier behind it belongs to the last character. */
  #quoted(): string {
    const end = this.#pattern.indexOf('\\E', this.#at);
    const text = this.#pattern.slice(this.#at, end < 0 ? undefined : end);
    this.#at = end < 0 ? this.#pattern.length : end + 2;
    const atoms = Array.from(text, (character) => this.#character(character.codePointAt(0)!));
    const last = atoms.pop();
    return atoms.map(({ source }) => source).join('') + (last === undefined ? '' : this.#quantified(last));
  }

  #quantified({ source, isSingle }: Atom): string {
    const quantifier = this.#quantifier();
    if (quantifier === undefined) return source;
    this.#at += quantifier.length;
    const repeated = `${isSingle ? source : `(?:${source})`}${quantifier}`;
    if (this.#take('+')) return this.#atomic(repeated);
    return this.#take('?') ? `${repeated}?` : repeated;
  }

  /** The quantifier at this place, without what makes it reluctant or possessive. */
  #quantifier(): string | undefined {
    const pattern = /[*+?]|\{\d+(?:,\d*)?\}/y;
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#pattern)?.[0];
  }

  /** What a pattern matches first, and nothing else: a group found by a lookahead, then repeated. */
  #atomic(source: string): string {
    const name = `a${++this.#atomicCount}`;
    return `(?:(?=(?<${name}>${source}))\\k<${name}>)`;
  }

  #character(code: number): Atom {
    const variants = caseVariants(code, this.#mode);
    if (variants.length > 1) return single(`[${variants.map(classMember).join('')}]`);
    return single(classMember(code));
  }

  #atom(): Atom | undefined {
    const code = this.#pattern.codePointAt(this.#at)!;
    const character = String.fromCodePoint(code);
    switch (character) {
      case '(':
        return this.#group();
      case '[':
        this.#at++;
        return single(this.#class());
      case '\\':
        return this.#escape();
      case '^':
        this.#at++;
        return several(this.#flags.m ? `(?<=${START}|[\\n\\u0085\\u2028\\u2029]|\\r(?!\\n))(?=${ANY})` : START);
      case '$':
        this.#at++;
        return several(this.#dollar());
      case '.':
        this.#at++;
        return single(this.#flags.s ? ANY : this.#flags.d ? '[^\\n]' : '[^\\n\\r\\u0085\\u2028\\u2029]');
      case '*':
      case '+':
      case '?':
        throw this.#error(`Dangling meta character '${character}'`);
      case '{':
        if (this.#quantifier() === undefined) throw this.#error('Illegal repetition');
        // Behind another quantifier, or with nothing before it, Java repeats the empty text.
        return several('');
      default:
        this.#at += character.length;
        return this.#character(code);
    }
  }

  #dollar(): string {
    if (this.#flags.d) return this.#flags.m ? `(?=\\n|${END})` : `(?=\\n?${END})`;
    return this.#flags.m ? `(?=${LINE_ENDS}|${END})(?<!\\r(?=\\n))` : BEFORE_LAST_LINE_END;
  }

  #group(): Atom | undefined {
    this.#at++;
    const flags = /\?([idmsuxU]*)(?:-([idmsuxU]*))?([:)])/y;
    flags.lastIndex = this.#at;
    const match = flags.exec(this.#pattern);
    if (match !== null) {
      this.#at += match[0].length;
      const outer = this.#flags;
      this.#flags = changedFlags(outer, match[1]!, match[2] ?? '');
      if (match[3] === ')') return undefined;
      const source = this.#closed('(?:');
      this.#flags = outer;
      return single(source);
    }
    for (const look of ['?=', '?!', '?<=', '?<!']) if (this.#take(look)) return several(this.#closed(`(${look}`));
    if (this.#take('?>')) return single(this.#atomic(this.#closed('(?:')));
    const name = /\?<([A-Za-z][A-Za-z0-9]*)>/y;
    name.lastIndex = this.#at;
    const named = name.exec(this.#pattern);
    if (named !== null) {
      this.#at += named[0].length;
      if (this.#names.has(named[1]!)) throw this.#error(`Named capturing group <${named[1]}> is already defined`);
      this.#names.set(named[1]!, this.#groupCount + 1);
    } else if (this.#take('?')) throw this.#error('Unknown inline modifier');
    return single(this.#closed(`(?<g${++this.#groupCount}>`));
  }

  #closed(open: string): string {
    const source = `${open}${this.#alternatives()})`;
    if (!this.#take(')')) throw this.#error('Unclosed group');
    return source;
  }

  #escape(): Atom {
    const next = this.#pattern[this.#at + 1];
    const anchor = next === undefined ? undefined : ANCHORS[next];
    if (anchor !== undefined) {
      this.#at += 2;
      return several(anchor);
    }
    if (next === 'R') {
      this.#at += 2;
      return single('(?:\\r\\n|[\\n\\x0B\\f\\r\\u0085\\u2028\\u2029])');
    }
    if (/[1-9]/.test(next ?? '')) return this.#reference();
    const named = /\\k<([A-Za-z][A-Za-z0-9]*)>/y;
    named.lastIndex = this.#at;
    const match = named.exec(this.#pattern);
    if (match !== null) {
      this.#at += match[0].length;
      const group = this.#names.get(match[1]!);
      if (group === undefined) throw this.#error(`named capturing group <${match[1]}> does not exist`);
      return single(`\\k<g${group}>`);
    }
    const member = this.#classEscape();
    return typeof member === 'number' ? this.#character(member) : single(member);
  }

  /** A number refers to as many digits as there are groups for; a group that there is not never matches. */
  #reference(): Atom {
    let group = Number(this.#pattern[++this.#at]);
    for (this.#at++; /[0-9]/.test(this.#pattern[this.#at] ?? ''); this.#at++) {
      const longer = group * 10 + Number(this.#pattern[this.#at]);
      if (longer > this.#totalGroups) break;
      group = longer;
    }
    return single(group > this.#totalGroups ? '(?:(?!))' : `\\k<g${group}>`);
  }

  /** An escape that may stand in a class: a class, or the code of a character. */
  #classEscape(): string | number {
    const letter = this.#pattern[this.#at + 1];
    if (letter === undefined) throw this.#error('Unexpected internal error: a backslash stands at the end');
    const letters = letterClass(letter, this.#flags.U);
    if (letters !== undefined) {
      this.#at += 2;
      return letters;
    }
    const property = /\\([pP])(?:\{([^}]*)\}|([A-Z]))/y;
    property.lastIndex = this.#at;
    const match = property.exec(this.#pattern);
    if (match !== null) {
      this.#at += match[0].length;
      return propertyClass(match[2] ?? match[3]!, match[1] === 'P', this.#mode);
    }
    const found = readEscape(this.#pattern, this.#at);
    if (found === undefined) throw this.#error('Illegal/unsupported escape sequence');
    this.#at = found.end;
    return found.code;
  }

  /** A class whose bracket was read: unions, `&&` for intersections, classes within. */
  #class(): string {
    const isNegated = this.#take('^');
    const operands: string[] = [];
    let members = '';
    for (let isFirst = true; ; isFirst = false) {
      if (this.#at >= this.#pattern.length) throw this.#error('Unclosed character class');
      if (!isFirst && this.#take(']')) break;
      if (this.#take('&&')) {
        operands.push(members);
        members = '';
      } else members += this.#classMembers();
    }
    operands.push(members);
    const given = operands.filter((operand) => operand !== '');
    const inner = given.length === 1 ? given[0]! : given.map((operand) => `[${operand}]`).join('&&');
    return `[${isNegated ? '^' : ''}${inner}]`;
  }

  #classMembers(): string {
    if (this.#flags.x && this.#skipComment()) return '';
    if (this.#take('[')) return this.#class();
    if (this.#take('\\Q')) {
      const end = this.#pattern.indexOf('\\E', this.#at);
      const text = this.#pattern.slice(this.#at, end < 0 ? undefined : end);
      this.#at = end < 0 ? this.#pattern.length : end + 2;
      return Array.from(text, (character) =>
        rangeMembers(character.codePointAt(0)!, character.codePointAt(0)!, this.#mode),
      ).join('');
    }
    const from = this.#classCharacter();
    if (typeof from === 'string') return from;
    const isRange = this.#pattern[this.#at] === '-' && !/^-(?:\]|\[|&&|$)/.test(this.#pattern.slice(this.#at));
    if (!isRange) return rangeMembers(from, from, this.#mode);
    this.#at++;
    const to = this.#classCharacter();
    if (typeof to === 'string' || to < from) throw this.#error('Illegal character range');
    return rangeMembers(from, to, this.#mode);
  }

  #classCharacter(): string | number {
    if (this.#pattern[this.#at] === '\\') return this.#classEscape();
    const code = this.#pattern.codePointAt(this.#at)!;
    this.#at += code > 0xffff ? 2 : 1;
    return code;
  }
}

const ANCHORS: Readonly<Record<string, string>> = {
  A: START,
  z: END,
  Z: BEFORE_LAST_LINE_END,
  b: BOUNDARY,
  B: NO_BOUNDARY,
};

function changedFlags(flags: Flags, on: string, off: string): Flags {
  const changed: Record<string, boolean> = { ...flags };
  for (const flag of on) changed[flag] = true;
  for (const flag of off) changed[flag] = false;
  // Unicode classes imply that the case of all letters may be ignored.
  if (on.includes('U')) changed['u'] = true;
  return changed as unknown as Flags;
}

/** How many groups a pattern has; classes and quoted parts hold none. */
function countGroups(pattern: string): number {
  const bare = pattern.replace(/\\Q[\s\S]*?(?:\\E|$)|\\[\s\S]/g, '').replace(/\[[^\]]*\]/g, '');
  return [...bare.matchAll(/\((?!\?)|\(\?<(?![=!])/g)].length;
}
