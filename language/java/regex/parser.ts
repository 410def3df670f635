import { EvaluationError } from '../../types/evaluation-error.ts';
import { type CaseMode, caseVariants, classMember, letterClass, propertyClass, rangeMembers } from './classes.ts';
import { characterSet } from './code-point-set.ts';
import { readEscape } from './escapes.ts';
import { lengthOf, type RegexNode, type RegexPlace, type RepeatMode, sequence } from './syntax.ts';

export interface ParsedRegex {
  readonly root: RegexNode;
  readonly groupCount: number;
  readonly names: ReadonlyMap<string, number>;
}

/** Groups within groups beyond this would end the stack of whoever walks over them. */
const MAX_DEPTH = 250;

/**
 * Parses a pattern of java.util.regex. Classes and places are written out for JavaScript, because its own mean other
 * characters.
 * @throws EvaluationError for a pattern that is wrong, or for `\G` and `\X`, which have no counterpart
 */
export const parseRegex = (pattern: string): ParsedRegex => new RegexParser(pattern).parse();

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
const LINE_START = `(?<=${START}|[\\n\\u0085\\u2028\\u2029]|\\r(?!\\n))(?=${ANY})`;
const LINE_ENDS = '[\\n\\r\\u0085\\u2028\\u2029]';
const BEFORE_LAST_LINE_END = `(?=(?:\\r\\n|${LINE_ENDS})?${END})(?<!\\r(?=\\n))`;
/** What Java takes for a part of a word at its boundary: letters and digits of every script, with the marks on them. */
const LETTER = '[\\p{L}\\p{Nd}]';
const BEHIND_WORD = `<=${LETTER}|_|${LETTER}\\p{Mn}+`;
const AT_WORD = `=${LETTER}|_|(?<=${LETTER}\\p{Mn}*)\\p{Mn}`;
const [NOT_BEHIND_WORD, NOT_AT_WORD] = [BEHIND_WORD.replace('=', '!'), AT_WORD.replace('=', '!')];
const BOUNDARY = `(?:(?${BEHIND_WORD})(?${NOT_AT_WORD})|(?${NOT_BEHIND_WORD})(?${AT_WORD}))`;
const NO_BOUNDARY = `(?:(?${BEHIND_WORD})(?${AT_WORD})|(?${NOT_BEHIND_WORD})(?${NOT_AT_WORD}))`;

class RegexParser {
  readonly #pattern: string;
  #at = 0;
  #depth = 0;
  #flags = NO_FLAGS;
  readonly #names = new Map<string, number>();
  #groupCount = 0;
  readonly #totalGroups: number;

  constructor(pattern: string) {
    this.#pattern = pattern;
    this.#totalGroups = countGroups(pattern);
  }

  parse(): ParsedRegex {
    const root = this.#choice();
    if (this.#at < this.#pattern.length) throw this.#error('Unmatched closing )');
    return { root, groupCount: this.#groupCount, names: this.#names };
  }

  get #mode(): CaseMode {
    return this.#flags.i ? (this.#flags.u ? 'unicode' : 'ascii') : 'exact';
  }

  #error(message: string): EvaluationError {
    return new EvaluationError(`${message} near index ${this.#at} of the regular expression '${this.#pattern}'`);
  }

  #choice(): RegexNode {
    if (++this.#depth > MAX_DEPTH) throw this.#error(`Groups are nested deeper than ${MAX_DEPTH}`);
    const outer = this.#flags;
    const branches: RegexNode[] = [];
    let items: RegexNode[] = [];
    while (this.#at < this.#pattern.length && this.#pattern[this.#at] !== ')') {
      if (this.#take('|')) {
        branches.push(sequence(items));
        items = [];
      } else this.#term(items);
    }
    branches.push(sequence(items));
    // Flags that were set inside a group end with it.
    this.#flags = outer;
    this.#depth--;
    return branches.length === 1 ? branches[0]! : { kind: 'choice', items: branches };
  }

  #take(text: string): boolean {
    if (!this.#pattern.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #term(items: RegexNode[]): void {
    if (this.#flags.x && this.#skipComment()) return;
    if (this.#take('\\Q')) {
      this.#quoted(items);
      return;
    }
    const atom = this.#atom();
    if (this.#flags.x) while (this.#skipComment());
    if (atom !== undefined) items.push(this.#quantified(atom));
  }

  #skipComment(): boolean {
    const skipped = /(?:\s+|#[^\n]*)/y;
    skipped.lastIndex = this.#at;
    const match = skipped.exec(this.#pattern);
    if (match !== null) this.#at = skipped.lastIndex;
    return match !== null;
  }

  /** Everything up to `\E` as it stands; a quantifier behind it belongs to the last character. */
  #quoted(items: RegexNode[]): void {
    const end = this.#pattern.indexOf('\\E', this.#at);
    const text = this.#pattern.slice(this.#at, end < 0 ? undefined : end);
    this.#at = end < 0 ? this.#pattern.length : end + 2;
    const atoms = Array.from(text, (character) => this.#character(character.codePointAt(0)!));
    const last = atoms.pop();
    for (const atom of atoms) items.push(atom);
    if (last !== undefined) items.push(this.#quantified(last));
  }

  #quantified(body: RegexNode): RegexNode {
    const quantifier = this.#quantifier();
    if (quantifier === undefined) return body;
    this.#at += quantifier.length;
    const [min, max] = bounds(quantifier);
    if (max < min) throw this.#error('Illegal repetition range');
    const mode: RepeatMode = this.#take('+') ? 'possessive' : this.#take('?') ? 'reluctant' : 'greedy';
    return { kind: 'repeat', body, min, max, mode };
  }

  /** The quantifier at this place, without what makes it reluctant or possessive. */
  #quantifier(): string | undefined {
    const pattern = /[*+?]|\{\d+(?:,\d*)?\}/y;
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#pattern)?.[0];
  }

  #set(source: string): RegexNode {
    try {
      return { kind: 'character', set: characterSet(source) };
    } catch (error) {
      throw new EvaluationError(`Invalid regular expression '${this.#pattern}': ${(error as Error).message}`);
    }
  }

  #character(code: number): RegexNode {
    const variants = caseVariants(code, this.#mode);
    return this.#set(variants.length > 1 ? `[${variants.map(classMember).join('')}]` : classMember(code));
  }

  #atom(): RegexNode | undefined {
    const code = this.#pattern.codePointAt(this.#at)!;
    const character = String.fromCodePoint(code);
    switch (character) {
      case '(':
        return this.#group();
      case '[':
        this.#at++;
        return this.#set(this.#class());
      case '\\':
        return this.#escape();
      case '^':
        this.#at++;
        return this.#flags.m ? place('other', LINE_START) : place('start', START);
      case '$':
        this.#at++;
        return place('other', this.#dollar());
      case '.':
        this.#at++;
        return this.#set(this.#flags.s ? ANY : this.#flags.d ? '[^\\n]' : '[^\\n\\r\\u0085\\u2028\\u2029]');
      case '*':
      case '+':
      case '?':
        throw this.#error(`Dangling meta character '${character}'`);
      case '{':
        if (this.#quantifier() === undefined) throw this.#error('Illegal repetition');
        // Behind another quantifier, or with nothing before it, Java repeats the empty text.
        return sequence([]);
      default:
        this.#at += character.length;
        return this.#character(code);
    }
  }

  #dollar(): string {
    if (this.#flags.d) return this.#flags.m ? `(?=\\n|${END})` : `(?=\\n?${END})`;
    return this.#flags.m ? `(?=${LINE_ENDS}|${END})(?<!\\r(?=\\n))` : BEFORE_LAST_LINE_END;
  }

  #group(): RegexNode | undefined {
    this.#at++;
    const flags = /\?([idmsuxU]*)(?:-([idmsuxU]*))?([:)])/y;
    flags.lastIndex = this.#at;
    const match = flags.exec(this.#pattern);
    if (match !== null) {
      this.#at += match[0].length;
      const outer = this.#flags;
      this.#flags = changedFlags(outer, match[1]!, match[2] ?? '');
      if (match[3] === ')') return undefined;
      const body = this.#closed();
      this.#flags = outer;
      return body;
    }
    for (const look of ['?=', '?!', '?<=', '?<!']) if (this.#take(look)) return this.#look(look);
    if (this.#take('?>')) return { kind: 'atomic', body: this.#closed() };
    const name = /\?<([A-Za-z][A-Za-z0-9]*)>/y;
    name.lastIndex = this.#at;
    const named = name.exec(this.#pattern);
    if (named !== null) {
      this.#at += named[0].length;
      if (this.#names.has(named[1]!)) throw this.#error(`Named capturing group <${named[1]}> is already defined`);
      this.#names.set(named[1]!, this.#groupCount + 1);
    } else if (this.#take('?')) throw this.#error('Unknown inline modifier');
    const number = ++this.#groupCount;
    return { kind: 'group', number, body: this.#closed() };
  }

  #look(opening: string): RegexNode {
    const isBehind = opening.includes('<');
    const body = this.#closed();
    if (isBehind && lengthOf(body)[1] === Infinity)
      throw this.#error('Look-behind group does not have an obvious maximum length');
    return { kind: 'look', isBehind, isNegated: opening.endsWith('!'), body };
  }

  /** What stands up to the closing bracket of a group. */
  #closed(): RegexNode {
    const body = this.#choice();
    if (!this.#take(')')) throw this.#error('Unclosed group');
    return body;
  }

  #escape(): RegexNode {
    const next = this.#pattern[this.#at + 1];
    const anchor = next === undefined ? undefined : ANCHORS[next];
    if (anchor !== undefined) {
      this.#at += 2;
      return anchor;
    }
    if (next === 'R') {
      this.#at += 2;
      const windows = sequence([this.#set(classMember(13)), this.#set(classMember(10))]);
      return { kind: 'choice', items: [windows, this.#set('[\\n\\x0B\\f\\r\\u0085\\u2028\\u2029]')] };
    }
    if (/[1-9]/.test(next ?? '')) return this.#reference();
    const named = /\\k<([A-Za-z][A-Za-z0-9]*)>/y;
    named.lastIndex = this.#at;
    const match = named.exec(this.#pattern);
    if (match !== null) {
      this.#at += match[0].length;
      const group = this.#names.get(match[1]!);
      if (group === undefined) throw this.#error(`named capturing group <${match[1]}> does not exist`);
      return { kind: 'reference', group, mode: this.#mode };
    }
    const member = this.#classEscape();
    return typeof member === 'number' ? this.#character(member) : this.#set(member);
  }

  /** A number refers to as many digits as there are groups for; a group that there is not never matches. */
  #reference(): RegexNode {
    let group = Number(this.#pattern[++this.#at]);
    for (this.#at++; /[0-9]/.test(this.#pattern[this.#at] ?? ''); this.#at++) {
      const longer = group * 10 + Number(this.#pattern[this.#at]);
      if (longer > this.#totalGroups) break;
      group = longer;
    }
    return { kind: 'reference', group: group > this.#totalGroups ? undefined : group, mode: this.#mode };
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
    if (++this.#depth > MAX_DEPTH) throw this.#error(`Classes are nested deeper than ${MAX_DEPTH}`);
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
    this.#depth--;
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

const place = (name: RegexPlace, source: string): RegexNode => ({ kind: 'place', place: name, source });

const ANCHORS: Readonly<Record<string, RegexNode>> = {
  A: place('start', START),
  z: place('end', END),
  Z: place('other', BEFORE_LAST_LINE_END),
  b: place('boundary', BOUNDARY),
  B: place('no-boundary', NO_BOUNDARY),
};

function bounds(quantifier: string): readonly [min: number, max: number] {
  if (quantifier === '*') return [0, Infinity];
  if (quantifier === '+') return [1, Infinity];
  if (quantifier === '?') return [0, 1];
  const [min, max] = quantifier.slice(1, -1).split(',');
  return [Number(min), max === undefined ? Number(min) : max === '' ? Infinity : Number(max)];
}

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
  const bare = pattern.replace(/\\Q[\s\S]*?(?:\\E|$)|\\[\s\S]/g, '').replace(/\[[^\]]*(?:\]|$)/g, '');
  return [...bare.matchAll(/\((?!\?)|\(\?<(?![=!])/g)].length;
}
