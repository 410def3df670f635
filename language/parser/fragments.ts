import type { LexerResult } from 'langium';
import { RESERVED_WORDS } from '../text/identifier-text.ts';

export type LexedToken = LexerResult['tokens'][number];

/**
 * How deep expressions and types may be nested: brackets, calls, CASE, signs, NOT and joins, each in the one before.
 */
export const MOST_NESTED = 200;

/**
 * Levels of nesting that are parsed at once. Each takes some 25 kB of the call stack, of which there may be as little
 * as half a MB.
 */
const LEVELS_AT_ONCE = 4;

/** A part of a statement that is parsed on its own, because it is nested in others. */
export interface Fragment {
  /** The grammar rule that it is parsed by. */
  readonly rule: 'StatementText' | 'AtomicExpression' | 'Expression' | 'ValueExpression' | 'PlainType';
  readonly tokens: LexedToken[];
  /** Comments in it. */
  readonly hidden: LexedToken[];
  /** The parts cut out of it, each with the token that stands for it. */
  readonly inner: Map<LexedToken, Fragment>;
  /** What follows it in the statement; undefined at the end. */
  next: LexedToken | undefined;
}

export interface CutStatement {
  /** Inner fragments before those around them; the last is the statement itself. */
  readonly fragments: readonly Fragment[];
  /** The first token that is nested too deep. */
  readonly tooDeep: LexedToken | undefined;
}

/** Makes a token that stands for a fragment: one that is an expression, or a type, by itself. */
export type MakePlaceholder = (rule: Fragment['rule'], first: LexedToken) => LexedToken;

/**
 * Cuts a statement into fragments of a few levels of nesting each, so that neither the parser's call stack nor its
 * lookahead grows with the nesting of the text: Langium's parser is generated code that recurses through all levels of
 * precedence, and it can neither go on in another stack nor be stopped halfway.
 *
 * It is sound because a cut is made only at a bracket or CASE within an expression or a type, where the grammar has one
 * rule for what stands there, and the text around sees no more of it than that there is such an expression. A place
 * that is none after all gets an error, since the token that stands for the fragment does not fit there. With less than
 * three levels at once, the parameters of a column's type would be taken for an expression.
 */
export function cutStatement(
  lexed: Pick<LexerResult, 'tokens' | 'hidden'>,
  placeholder: MakePlaceholder,
  levelsAtOnce = LEVELS_AT_ONCE,
): CutStatement {
  return new Cutter(lexed, placeholder, levelsAtOnce).cut();
}

/** Something open: a bracket or CASE. */
interface Open {
  readonly kind: '(' | '[' | '<' | 'CASE';
  readonly depth: number;
  /** The nesting up to which the fragment around was cut off. */
  readonly cutDepth: number;
  /** Where it is a fragment by itself, from its name or opening token on. */
  readonly whole?: boolean;
  /** Where what stands in it is, or several between commas are. */
  readonly content?: 'Expression' | 'ValueExpression';
}

class Cutter {
  readonly #tokens: readonly LexedToken[];
  readonly #hidden: readonly LexedToken[];
  readonly #placeholder: MakePlaceholder;
  readonly #levelsAtOnce: number;
  readonly #done: Fragment[] = [];
  readonly #open: Open[] = [];
  /** The fragments around the present token, from the outside in. */
  readonly #fragments: Fragment[] = [newFragment('StatementText')];
  #hiddenIndex = 0;
  #joins = 0;
  /** Signs, NOTs and their like in a row before the present token. */
  #prefixes = 0;

  constructor(
    { tokens, hidden }: Pick<LexerResult, 'tokens' | 'hidden'>,
    placeholder: MakePlaceholder,
    levelsAtOnce: number,
  ) {
    this.#tokens = tokens;
    this.#hidden = hidden;
    this.#placeholder = placeholder;
    this.#levelsAtOnce = levelsAtOnce;
  }

  cut(): CutStatement {
    let tooDeep: LexedToken | undefined;
    for (let i = 0; i < this.#tokens.length && tooDeep === undefined; i++) {
      if (this.#depthAt(i) > MOST_NESTED) tooDeep = this.#tokens[i];
      this.#step(i);
    }
    while (this.#open.length > 0) this.#close(undefined);
    this.#takeHidden(Number.POSITIVE_INFINITY);
    return { fragments: [...this.#done, this.#fragments[0]!], tooDeep };
  }

  /** Counts the token among its like; gives how deep it is nested. */
  #depthAt(i: number): number {
    const { name } = this.#tokens[i]!.tokenType;
    const before = this.#tokens[i - 1];
    const weight = PREFIXES.get(name) ?? 0;
    const isPrefix = weight > 0 && (name === 'ARRAY' ? before?.tokenType.name === 'ARRAY' : !endsOperand(before));
    if (isPrefix) this.#prefixes += weight;
    else if (!OPENING.has(name) && name !== 'CAST' && !isName(this.#tokens[i])) this.#prefixes = 0;
    if (name === 'JOIN') this.#joins++;
    return Math.max(this.#joins, (this.#open.at(-1)?.depth ?? 0) + this.#prefixes + (OPENING.has(name) ? 1 : 0));
  }

  #step(i: number): void {
    const token = this.#tokens[i]!;
    const { name } = token.tokenType;
    const top = this.#open.at(-1);
    const isEnd = name === ';' && i === this.#tokens.length - 1;
    if (isEnd) while (this.#open.length > 0) this.#close(token);
    else if (name === ')' || name === ']' || name === 'END') this.#closeUpTo(CLOSES[name], token);
    if (name === ',' && top?.content === 'Expression') {
      this.#endFragment(token);
      this.#add(token);
      this.#fragments.push(newFragment('Expression'));
      return;
    }
    const kind = this.#openingAt(i);
    if (kind === undefined) this.#add(token);
    else this.#openAt(i, kind);
    if (name === ')' || name === ']' || name === 'END') this.#leave(CLOSES[name], this.#tokens[i + 1]);
    if (name === '>' && top?.kind === '<') this.#leave('<', this.#tokens[i + 1]);
  }

  /** What a token opens; `<` does so behind ARRAY, MAP or STRUCT. */
  #openingAt(i: number): Open['kind'] | undefined {
    const { name } = this.#tokens[i]!.tokenType;
    if (name === '(' || name === '[' || name === 'CASE') return name;
    return name === '<' && CONSTRUCTORS.has(this.#tokens[i - 1]?.tokenType.name ?? '') ? '<' : undefined;
  }

  #openAt(i: number, kind: Open['kind']): void {
    const token = this.#tokens[i]!;
    const around = this.#open.at(-1);
    const depth = (around?.depth ?? 0) + this.#prefixes + 1;
    this.#prefixes = 0;
    const cutDepth = around?.cutDepth ?? 0;
    const cut = depth - cutDepth >= this.#levelsAtOnce ? this.#cutAt(i, kind, around) : undefined;
    if (cut === undefined) {
      this.#add(token);
      this.#open.push({ kind, depth, cutDepth });
    } else if (cut === 'Expression' || cut === 'ValueExpression') {
      this.#add(token);
      this.#fragments.push(newFragment(cut));
      this.#open.push({ kind, depth, cutDepth: depth, content: cut });
    } else {
      const fragment = newFragment(cut);
      const named = kind !== 'CASE' && this.#isNamed(i, kind);
      if (named) fragment.tokens.push(this.#fragments.at(-1)!.tokens.pop()!);
      this.#fragments.push(fragment);
      this.#add(token);
      this.#open.push({ kind, depth, cutDepth: depth, whole: true });
    }
  }

  /** The rule of the fragment that begins at an opening token; undefined where none can. */
  #cutAt(i: number, kind: Open['kind'], around: Open | undefined): Fragment['rule'] | undefined {
    if (kind === '<') return around?.kind === '<' ? 'PlainType' : undefined;
    if (around?.kind === '<') return undefined;
    const before = this.#tokens[i - 1]?.tokenType.name;
    if (kind === '[') return before === 'ARRAY' ? 'AtomicExpression' : 'ValueExpression';
    if (kind === '(' && before === 'IN') return 'Expression';
    // The parameters of a type: CAST(a AS DECIMAL(4, 2)).
    if (kind === '(' && this.#tokens[i - 2]?.tokenType.name === 'AS') return undefined;
    return kind === '(' && this.#isParameterList(i) ? undefined : 'AtomicExpression';
  }

  /** `(a, b) =>` */
  #isParameterList(open: number): boolean {
    let i = open + 1;
    while (isName(this.#tokens[i]) || this.#tokens[i]?.tokenType.name === ',') i++;
    return this.#tokens[i]?.tokenType.name === ')' && this.#tokens[i + 1]?.tokenType.name === '=>';
  }

  /** Whether the token before an opening one belongs to it: the name of a function, ARRAY before `[`. */
  #isNamed(i: number, kind: Open['kind']): boolean {
    const before = this.#tokens[i - 1];
    return kind !== '(' || isName(before) || before?.tokenType.name === 'CAST';
  }

  /** Closes what stands open within the last thing that the token closes. */
  #closeUpTo(kind: Open['kind'], token: LexedToken): void {
    const found = this.#open.findLastIndex((open) => open.kind === kind);
    const bracket = kind === 'CASE' ? this.#open.findLastIndex((open) => open.kind !== 'CASE') : -1;
    if (found < 0 || found < bracket) return;
    while (this.#open.length > found + 1) this.#close(token);
    if (this.#open.at(-1)?.content !== undefined) this.#endFragment(token);
  }

  /** After the closing token. */
  #leave(kind: Open['kind'], next: LexedToken | undefined): void {
    const top = this.#open.at(-1);
    if (top?.kind !== kind) return;
    this.#open.pop();
    this.#prefixes = 0;
    if (top.whole) this.#endFragment(next);
  }

  /** Ends what nothing closes. */
  #close(next: LexedToken | undefined): void {
    const top = this.#open.pop();
    if (top?.whole || top?.content !== undefined) this.#endFragment(next);
  }

  /** The innermost fragment is over; a placeholder stands for it in the one around. */
  #endFragment(next: LexedToken | undefined): void {
    const fragment = this.#fragments.pop()!;
    const first = fragment.tokens[0];
    const around = this.#fragments.at(-1)!;
    if (first === undefined) {
      around.hidden.push(...fragment.hidden);
      return;
    }
    fragment.next = next;
    const placeholder = this.#placeholder(fragment.rule, first);
    around.tokens.push(placeholder);
    around.inner.set(placeholder, fragment);
    this.#done.push(fragment);
  }

  #add(token: LexedToken): void {
    this.#takeHidden(token.startOffset);
    this.#fragments.at(-1)!.tokens.push(token);
  }

  #takeHidden(before: number): void {
    const { hidden } = this.#fragments.at(-1)!;
    for (; this.#hiddenIndex < this.#hidden.length; this.#hiddenIndex++) {
      const comment = this.#hidden[this.#hiddenIndex]!;
      if (comment.startOffset > before) return;
      hidden.push(comment);
    }
  }
}

const newFragment = (rule: Fragment['rule']): Fragment => ({
  rule,
  tokens: [],
  hidden: [],
  inner: new Map(),
  next: undefined,
});

const CLOSES = { ')': '(', ']': '[', END: 'CASE' } as const;
const OPENING: ReadonlySet<string> = new Set(['(', '[', 'CASE']);
const CONSTRUCTORS: ReadonlySet<string> = new Set(['ARRAY', 'MAP', 'STRUCT']);
/**
 * What may stand before an operand many times, each in the one before, and how many levels of other nesting it takes.
 */
const PREFIXES: ReadonlyMap<string, number> = new Map([
  ['NOT', 1],
  ['-', 1],
  ['+', 1],
  ['ARRAY', 1],
  ['EXPLAIN', 20],
]);
const OPERAND_ENDS: ReadonlySet<string> = new Set([')', ']', 'END', 'NULL', 'TRUE', 'FALSE', 'TEXT', 'VARIABLE']);

/** An identifier, or a keyword that can be one. */
function isName(token: LexedToken | undefined): boolean {
  if (token === undefined) return false;
  const { name } = token.tokenType;
  return /_ID$|^VARIABLE$/.test(name) || (/^[A-Z]+$/.test(name) && name !== 'TEXT' && !RESERVED_WORDS.has(name));
}

/** Whether an operand may end with the token: a sign behind it is an operator then. */
function endsOperand(token: LexedToken | undefined): boolean {
  if (token === undefined || PREFIXES.has(token.tokenType.name)) return false;
  return isName(token) || OPERAND_ENDS.has(token.tokenType.name) || /_VALUE$/.test(token.tokenType.name);
}
