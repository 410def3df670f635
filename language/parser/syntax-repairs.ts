import type { QuickFix, RelatedPlace } from '../text/diagnostic.ts';
import { editDistance } from '../text/edit-distance.ts';
import { RESERVED_WORDS } from '../text/identifier-text.ts';
import { type Token, tokenize } from '../text/tokens.ts';
import { fixedText, type Parses, replacement, type SyntaxDiagnostic, syntaxError } from './syntax-diagnostic.ts';

/** A statement that does not parse, and where the parser gave up. */
export interface BrokenText {
  readonly text: string;
  readonly tokens: readonly Token[];
  /** Index of the token that did not fit, or that after the last. */
  readonly at: number;
}

export const brokenText = (text: string, errorAt: number): BrokenText => {
  const tokens = tokenize(text);
  const found = tokens.findIndex(({ end }) => end > errorAt);
  return { text, tokens, at: found < 0 ? tokens.length : found };
};

/** More changes than this are not tried on a statement. */
const MOST_TRIALS = 120;

/**
 * The usual mistake behind a syntax error: the first of the small changes, in the order of how likely they are meant,
 * that makes the statement one without errors. So a quick fix is never offered that does not mend the statement.
 */
export function findRepair(
  broken: BrokenText,
  kinds: readonly Repairs[],
  parses: Parses,
): SyntaxDiagnostic | undefined {
  let trials = 0;
  for (const repairs of kinds) {
    for (const repair of repairs(broken)) {
      if (trials++ >= MOST_TRIALS) return undefined;
      if (parses(fixedText(broken.text, repair.fixes[0]!))) return repair;
    }
  }
  return undefined;
}

/** The changes of one kind that are worth a try. */
type Repairs = (broken: BrokenText) => Iterable<SyntaxDiagnostic>;

/** The tokens near the one that did not fit, those behind it included: the parser stops where an alternative begins. */
function* near({ tokens, at }: BrokenText, before: number, after: number): Iterable<[index: number, token: Token]> {
  const order = [at, at - 1, ...Array.from({ length: after }, (_, i) => at + i + 1)];
  for (let i = 2; i <= before; i++) order.push(at - i);
  for (const index of order) if (tokens[index] !== undefined) yield [index, tokens[index]];
}

const written = ({ text }: BrokenText, { start, end }: Token): string => text.slice(start, end);
const isWord = (token: Token | undefined, ...words: string[]): boolean =>
  token?.kind === 'word' && words.includes(token.value);
const isSymbol = (token: Token | undefined, ...symbols: string[]): boolean =>
  token?.kind === 'symbol' && symbols.includes(token.value);

/** What other languages write. */
function* foreignSymbols(broken: BrokenText): Iterable<SyntaxDiagnostic> {
  const { text } = broken;
  const change = (start: number, end: number, instead: string, message: string) =>
    syntaxError('syntax-foreign', message, start, end, [replacement(`Change to ${instead}`, start, end, instead)]);
  for (const [, { start }] of near(broken, 2, 6)) {
    const two = text.slice(start, start + 2);
    if (two === '==') yield change(start, start + 2, '=', 'KSQL compares with a single =.');
    if (two === '&&') yield change(start, start + 2, 'AND', 'KSQL writes AND instead of &&.');
    if (two === '//') yield change(start, start + 2, '--', 'A comment begins with -- in KSQL.');
    if (text[start] === '#') yield change(start, start + 1, '--', 'A comment begins with -- in KSQL.');
  }
  const doubled = /(?<!')''([^'\n]+)''(?!')/.exec(text);
  if (doubled !== null) {
    const { index } = doubled;
    yield change(index, index + doubled[0].length, `'${doubled[1]}'`, 'One single quote on each side makes a string.');
  }
  const curly = /[“”‘’]([^“”‘’\n]*)[“”‘’]/.exec(text);
  if (curly === null) return;
  for (const quote of ["'", '`']) {
    const instead = quote + curly[1]!.replaceAll(quote, quote + quote) + quote;
    const message = `Typographic quotes mean nothing in KSQL; write ${instead}.`;
    yield change(curly.index, curly.index + curly[0].length, instead, message);
  }
}

/** Double quotes, or none at all, around what has to be a string. */
function* missingQuotes(broken: BrokenText): Iterable<SyntaxDiagnostic> {
  for (const [, token] of near(broken, 1, 3)) {
    const own = written(broken, token);
    if (token.kind !== 'quoted' && (token.kind !== 'word' || RESERVED_WORDS.has(token.value))) continue;
    const instead = `'${(token.kind === 'quoted' ? token.value : own).replaceAll("'", "''")}'`;
    const message =
      token.kind === 'quoted'
        ? `A string stands in single quotes; ${own} is a name.`
        : `A string stands in quotes: ${instead}.`;
    yield syntaxError('syntax-quotes', message, token.start, token.end, [
      replacement(`Change to ${instead}`, token.start, token.end, instead),
    ]);
  }
  yield* unquotedPath(broken);
}

/** `SET auto.offset.reset = …` */
function* unquotedPath(broken: BrokenText): Iterable<SyntaxDiagnostic> {
  const path = /^\s*(?:UN)?SET\s+([\w.-]+)/di.exec(broken.text)?.indices?.[1];
  if (path === undefined) return;
  const [start, end] = path;
  const instead = `'${broken.text.slice(start, end)}'`;
  yield syntaxError('syntax-quotes', `The name of a setting stands in quotes: ${instead}.`, start, end, [
    replacement(`Change to ${instead}`, start, end, instead),
  ]);
}

/** `SELECT a, b, FROM` and the like. */
function* commaTooMany(broken: BrokenText): Iterable<SyntaxDiagnostic> {
  for (const [index, token] of near(broken, 2, 2)) {
    const next = broken.tokens[index + 1];
    if (!isSymbol(token, ',') || next === undefined) continue;
    const message = `There is a comma too many before '${written(broken, next)}'.`;
    yield syntaxError('syntax-trailing-comma', message, token.start, token.end, [
      replacement('Remove the comma', token.start, token.end, ''),
    ]);
  }
}

const PAIRS: Readonly<Record<string, string>> = { '(': ')', '[': ']' };

/** A bracket, or CASE, without its partner. */
function* unbalanced(broken: BrokenText): Iterable<SyntaxDiagnostic> {
  const { open, extra } = brackets(broken.tokens);
  if (extra !== undefined) yield closesNothing(extra);
  else if (open.length > 0) yield* unclosed(broken, open);
  else yield* unclosedTypes(broken);
}

/**
 * A bracket without its partner where no change of a single token mends the statement. The fix at least closes it:
 * nothing else can be right before.
 */
export function unbalancedAnyway({ tokens, at }: BrokenText): SyntaxDiagnostic | undefined {
  const { open, extra } = brackets(tokens);
  // What closes nothing may still be in its place: something is missing before it.
  if (extra !== undefined) return tokens[at] === extra ? closesNothing(extra) : undefined;
  return open.length === 0 ? undefined : notClosed(open, lastOf(tokens).end);
}

interface Brackets {
  /** Opening brackets and CASEs that nothing closes, from the outside in. */
  readonly open: readonly Token[];
  /** The first bracket that closes nothing. */
  readonly extra: Token | undefined;
}

function brackets(tokens: readonly Token[]): Brackets {
  const open: Token[] = [];
  for (const token of tokens) {
    const last = open.at(-1);
    if (isSymbol(token, '(', '[') || isWord(token, 'CASE')) open.push(token);
    else if (isWord(token, 'END') && isWord(last, 'CASE')) open.pop();
    else if (isSymbol(token, ')', ']')) {
      if (last === undefined || PAIRS[last.value] === undefined) return { open, extra: token };
      if (PAIRS[last.value] === token.value) open.pop();
    }
  }
  return { open, extra: undefined };
}

const closesNothing = ({ value, start, end }: Token): SyntaxDiagnostic =>
  syntaxError('syntax-bracket', `This ${value} closes nothing.`, start, end, [
    replacement(`Remove ${value}`, start, end, ''),
  ]);

/** The token before the semicolon. */
const lastOf = (tokens: readonly Token[]): Token => (isSymbol(tokens.at(-1), ';') ? tokens.at(-2)! : tokens.at(-1)!);

/** The partner is put as far behind as the statement makes sense with it. */
function* unclosed({ tokens }: BrokenText, open: readonly Token[]): Iterable<SyntaxDiagnostic> {
  const inner = open.at(-1)!;
  const ends = tokens.filter(({ end }) => end > inner.end && end <= lastOf(tokens).end).map(({ end }) => end);
  for (const at of ends.reverse().slice(0, MOST_TRIALS / 2)) yield notClosed(open, at);
}

/** Closes all that is open at one place; the message speaks of the innermost. */
function notClosed(open: readonly Token[], at: number): SyntaxDiagnostic {
  const inner = open.at(-1)!;
  const { value, start, end } = inner;
  const close = open
    .map((token) => PAIRS[token.value] ?? ' END')
    .reverse()
    .join('');
  const partner = PAIRS[value];
  const message =
    partner === undefined
      ? 'END is missing: the CASE is not closed.'
      : `${partner} is missing: the ${value} is not closed.`;
  const fix = replacement(`Insert ${close.trim()}`, at, at, close);
  return { ...syntaxError('syntax-bracket', message, start, end, [fix]), related: [opened(inner)] };
}

/** The other place that a missing partner has to do with. */
const opened = ({ value, start, end }: Token): RelatedPlace => ({
  range: { start, end },
  message: `This ${value} is not closed.`,
});

function* unclosedTypes(broken: BrokenText): Iterable<SyntaxDiagnostic> {
  const { tokens } = broken;
  for (const [index, token] of tokens.entries()) {
    if (!isSymbol(token, '<') || !isWord(tokens[index - 1], 'ARRAY', 'MAP', 'STRUCT')) continue;
    for (const { end: at } of tokens.slice(index + 1, index + 12))
      yield {
        ...syntaxError('syntax-bracket', '> is missing: the < is not closed.', token.start, token.end, [
          replacement('Insert >', at, at, '>'),
        ]),
        related: [opened(token)],
      };
  }
}

/** Words that mean something where they stand, and that a misspelt word may have meant. */
const KEYWORDS: readonly string[] = [
  ...RESERVED_WORDS,
  ...['CHANGES', 'FINAL', 'EMIT', 'PARTITION', 'PRIMARY', 'KEY', 'GRACE', 'PERIOD', 'REPLACE', 'FUNCTIONS', 'FUNCTION'],
  ...['TABLES', 'TYPES', 'TYPE', 'VARIABLES', 'COLUMN', 'ARRAY', 'MAP', 'STRUCT', 'SOURCE', 'SINK', 'DEFINE', 'SHOW'],
];

function* misspelt(broken: BrokenText): Iterable<SyntaxDiagnostic> {
  for (const [, token] of near(broken, 3, 8)) {
    const { value, start, end } = token;
    // SHOW STREAM is a slip of SHOW STREAMS, though STREAM is a word of its own.
    const isSlip = !RESERVED_WORDS.has(value) || isWord(broken.tokens[0], 'SHOW', 'LIST');
    if (token.kind !== 'word' || value.length < 3 || !isSlip) continue;
    const meant = KEYWORDS.map((keyword) => ({ keyword, distance: editDistance(keyword, value) }))
      .filter(({ keyword, distance }) => distance > 0 && distance <= (keyword.length > 5 ? 2 : 1))
      .sort((a, b) => a.distance - b.distance);
    for (const { keyword } of meant.slice(0, 3)) {
      const message = `'${written(broken, token)}' is no keyword. Did you mean '${keyword}'?`;
      yield syntaxError('syntax-misspelt', message, start, end, [
        replacement(`Change to ${keyword}`, start, end, keyword),
      ]);
    }
  }
}

/** A reserved word that is used as a name. */
function* reservedNames(broken: BrokenText): Iterable<SyntaxDiagnostic> {
  for (const token of broken.tokens.slice(broken.at, broken.at + 4)) {
    if (!RESERVED_WORDS.has(token.value) || isWord(token, 'CASE', 'CAST')) continue;
    const word = written(broken, token);
    const message = `"${word}" is a reserved keyword and it can't be used as an identifier. You can use it as an identifier by escaping it as \`${word}\`.`;
    yield syntaxError('syntax-reserved-word', message, token.start, token.end, [
      replacement('Put it in quotes', token.start, token.end, `\`${token.value}\``),
    ]);
  }
}

/** `my-stream`: several tokens side by side that were meant as one name. */
function* namesWithSymbols(broken: BrokenText): Iterable<SyntaxDiagnostic> {
  const { text } = broken;
  for (const [, token] of near(broken, 1, 4)) {
    if (token.kind !== 'word') continue;
    const name = /^[\w.\-/:@#$%]+/.exec(text.slice(token.start))![0];
    if (/^\w+$/.test(name)) continue;
    // A column of a source, and its name is none.
    const parts = name.split('.');
    if (parts.at(-1) === '' || (parts.length > 1 && parts.some((part) => RESERVED_WORDS.has(part.toUpperCase()))))
      continue;
    const end = token.start + name.length;
    const message = `A name with other characters than letters, digits and _ needs quotes: \`${name}\`.`;
    yield syntaxError('syntax-name', message, token.start, end, [
      replacement('Put it in quotes', token.start, end, `\`${name}\``),
    ]);
  }
}

/**
 * Whether two neighbours are values of a list, between which no word belongs: `IN ('a' 'b')`, `VALUES (1 2)`,
 * `ARRAY['a' 'b']`.
 */
function isInList(tokens: readonly Token[], index: number): boolean {
  const isItem = (token: Token | undefined) => token?.kind === 'text' || token?.kind === 'number';
  let first = index - 1;
  if (!isItem(tokens[first])) return false;
  while (isItem(tokens[first]) || isSymbol(tokens[first], ',')) first--;
  return isSymbol(tokens[first], '[') || (isSymbol(tokens[first], '(') && isWord(tokens[first - 1], 'IN', 'VALUES'));
}

/** The word that belongs between two neighbours and is easily forgotten. */
function forgottenWord(tokens: readonly Token[], index: number): string | undefined {
  const [first] = tokens;
  const left = tokens[index - 1];
  const right = tokens[index];
  const before = (word: string) => tokens.slice(0, index).some((token) => isWord(token, word));
  if (isWord(left, 'GROUP', 'PARTITION')) return 'BY';
  if (isWord(left, 'INSERT')) return 'INTO';
  if (isSymbol(left, '(') && isWord(tokens[index - 2], 'TUMBLING', 'HOPPING')) return 'SIZE';
  if (isWord(right, 'SELECT') && isWord(first, 'CREATE')) return 'AS';
  if (isWord(left, 'SELECT') && isWord(right, 'FROM')) return '*';
  if (isWord(right, 'CHANGES', 'FINAL') && !isWord(left, 'EMIT')) return 'EMIT';
  if (isSymbol(right, '(') && isWord(first, 'CREATE') && !before('WITH')) return 'WITH';
  if (isWord(right, 'WHEN') || isWord(right, 'END')) return undefined;
  if (before('WHEN') && !before('THEN')) return 'THEN';
  if (before('JOIN') && !before('ON')) return 'ON';
  if (isWord(first, 'SELECT') && !before('FROM') && right?.kind === 'word') return 'FROM';
  const isValue = right?.kind === 'text' || right?.kind === 'number';
  if (isInList(tokens, index)) return undefined;
  return isValue && (left?.kind === 'word' || left?.kind === 'text') ? '=' : undefined;
}

function* forgottenWords(broken: BrokenText): Iterable<SyntaxDiagnostic> {
  const { tokens, at } = broken;
  for (let index = Math.max(1, at - 2); index < Math.min(tokens.length, at + 12); index++) {
    const word = forgottenWord(tokens, index);
    const left = tokens[index - 1]!;
    if (word === undefined) continue;
    const space = broken.text[left.end] === ' ' && left.value !== '(' ? '' : ' ';
    const inserted = left.value === '(' ? `${word} ` : ` ${word}${space}`;
    const message = `'${word}' is missing after '${written(broken, left)}'.`;
    yield syntaxError('syntax-missing-word', message, left.start, left.end, [
      replacement(`Insert ${word}`, left.end, left.end, inserted),
    ]);
  }
}

/** Clauses in the order in which they have to stand. */
const CLAUSE_ORDERS: readonly (readonly string[])[] = [
  ['WINDOW', 'WHERE', 'GROUP', 'PARTITION', 'HAVING', 'EMIT', 'LIMIT'],
  ['WITHIN', 'ON'],
];

/** `GROUP BY … WHERE …`: a clause that stands behind one it belongs before. */
function* clauseOrder({ text, tokens, at }: BrokenText): Iterable<SyntaxDiagnostic> {
  const late = tokens[at];
  const order = CLAUSE_ORDERS.find((words) => isWord(late, ...words));
  if (late === undefined || order === undefined) return;
  const later = order.slice(order.indexOf(late.value) + 1);
  const earliest = tokens.slice(0, at).find((token) => isWord(token, ...later));
  if (earliest === undefined) return;
  const words = CLAUSE_ORDERS.flat();
  const next = tokens.slice(at + 1).find((token) => isWord(token, ...words) || isSymbol(token, ';'));
  const end = next?.start ?? text.length;
  const clause = text.slice(late.start, end).trimEnd();
  const message = `'${late.value}' has to stand before '${earliest.value}'.`;
  const edits = [
    { range: { start: earliest.start, end: earliest.start }, text: `${clause} ` },
    { range: { start: tokens[at - 1]!.end, end: late.start + clause.length }, text: '' },
  ];
  yield syntaxError('syntax-order', message, late.start, late.end, [{ title: `Move ${late.value} there`, edits }]);
}

/** `a AND` with nothing behind it: `WHERE a = 1 AND EMIT CHANGES`. */
function* danglingOperator(broken: BrokenText): Iterable<SyntaxDiagnostic> {
  for (const [index, token] of near(broken, 3, 1)) {
    const next = broken.tokens[index + 1];
    if (next === undefined || !(isWord(token, 'AND', 'OR', 'NOT') || isSymbol(token, ...OPERATORS))) continue;
    const own = written(broken, token);
    yield syntaxError('syntax-error', `Something is missing after '${own}'.`, token.start, token.end, [
      replacement(`Remove ${own}`, token.start, next.start, ''),
    ]);
  }
}

const OPERATORS = ['=', '<', '>', '<=', '>=', '<>', '!=', '+', '-', '*', '/', '%', '||'];

/** Two entries of a list with nothing between them: `SELECT a b(c)`, or `VALUES (1 2)`. */
function* missingComma(broken: BrokenText): Iterable<SyntaxDiagnostic> {
  for (const [index, token] of near(broken, 1, 3)) {
    const left = broken.tokens[index - 1];
    if (left === undefined || left.kind === 'symbol' ? !isSymbol(left, ')', ']', '*') : false) continue;
    if (token.kind === 'symbol' || isWord(left, 'SELECT', 'FROM', 'BY')) continue;
    const brokenLine = broken.text.slice(left!.end, token.start).includes('\n');
    const where = brokenLine ? ' (or at the end of the line before)' : '';
    const message = `A comma is missing before '${written(broken, token)}'${where}.`;
    yield syntaxError('syntax-missing-comma', message, token.start, token.end, [
      replacement('Insert a comma', left!.end, left!.end, ','),
    ]);
  }
}

/** `STRUCT(a = 1)` */
function* assignments(broken: BrokenText): Iterable<SyntaxDiagnostic> {
  const { tokens } = broken;
  const opens = tokens.findIndex((token, i) => isWord(token, 'STRUCT', 'MAP') && isSymbol(tokens[i + 1], '('));
  if (opens < 0) return;
  const edits = tokens
    .slice(opens)
    .filter((token) => isSymbol(token, '='))
    .map(({ start, end }) => ({ range: { start, end }, text: ':=' }));
  const [first] = edits;
  if (first === undefined) return;
  const fix: QuickFix = { title: 'Change to :=', edits };
  const message = `The values of ${tokens[opens]!.value} are given with :=.`;
  yield syntaxError('syntax-foreign', message, first.range.start, first.range.end, [fix]);
}

/** A token that is simply too much. */
function* tooMuch(broken: BrokenText): Iterable<SyntaxDiagnostic> {
  for (const [index, token] of near(broken, 1, 0)) {
    if (index === 0 || index >= broken.tokens.length - 1) continue;
    const own = written(broken, token);
    const message = `Syntax error at or near '${own}': it cannot stand here after '${written(broken, broken.tokens[index - 1]!)}'.`;
    const blank = broken.text.slice(token.end).match(/^[ \t]*/)![0].length;
    yield syntaxError('syntax-error', message, token.start, token.end, [
      replacement(`Remove ${own}`, token.start, token.end + blank, ''),
    ]);
  }
}

/** Mistakes that show in the text itself. */
export const CLEAR_REPAIRS: readonly Repairs[] = [
  ...[foreignSymbols, commaTooMany, misspelt, unbalanced, forgottenWords, clauseOrder],
];
/** Changes that only make sense where nothing else explains the error, and the statement is not just unfinished. */
export const OTHER_REPAIRS: readonly Repairs[] = [
  ...[missingComma, missingQuotes, assignments, namesWithSymbols, danglingOperator, reservedNames, tooMuch],
];
