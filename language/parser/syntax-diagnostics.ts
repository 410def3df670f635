import type { ParseResult } from 'langium';
import type { Diagnostic, QuickFix } from '../analysis/diagnostic.ts';
import { closest } from '../analysis/suggestions.ts';
import { RESERVED_WORDS } from '../format/identifier-text.ts';
import type { Statement, StatementText } from '../generated/ast.ts';
import type { ParseOptions } from './parse-script.ts';

/** What is needed of a token of Langium's lexer. */
type Token = ParseResult['parserErrors'][number]['token'];

/** A diagnostic of one statement, not yet at its place in the script. */
export type SyntaxDiagnostic = Omit<Diagnostic, 'statement'>;

/** The words that can begin a statement; the order decides between equally near ones. */
const STATEMENT_WORDS =
  'SELECT CREATE INSERT DESCRIBE PRINT EXPLAIN SHOW LIST TERMINATE PAUSE RESUME DROP SET DEFINE UNDEFINE UNSET ASSERT ALTER'.split(
    ' ',
  );
/** Clauses of a query, which are often misspelt and often follow a comma too many. */
const CLAUSE_WORDS =
  'FROM WHERE GROUP PARTITION HAVING EMIT LIMIT WINDOW JOIN ON WITHIN WITH AS VALUES BY CHANGES'.split(' ');
const TEST_ONLY: ReadonlySet<Statement['$type']> = new Set([
  'AssertValues',
  'AssertNullValues',
  'AssertSource',
  'RunScript',
]);
const OLD_FORMS = /^\s*(?:DESCRIBE\s+EXTENDED\s+[\w`"]|TERMINATE\s+QUERY\s)/i;

/**
 * What is wrong with the syntax of one statement: at most one message, in words for people, at the place where the text stops
 * making sense, with a fix where there is an obvious one.
 */
export function diagnoseSyntax(
  text: string,
  result: ParseResult<StatementText>,
  options: ParseOptions,
): SyntaxDiagnostic[] {
  const found =
    findUnclosed(text) ??
    findOpenBracket(text, result) ??
    findError(text, result) ??
    findForbidden(text, result.value.statement, options);
  return found === undefined ? [] : [found];
}

function error(
  code: string,
  message: string,
  start: number,
  end: number,
  fixes: readonly QuickFix[] = [],
): SyntaxDiagnostic {
  return { code, severity: 'error', message, range: { start, end: Math.max(end, start) }, fixes };
}

const replacement = (title: string, start: number, end: number, text: string): QuickFix => ({
  title,
  edits: [{ range: { start, end }, text }],
});

const QUOTED = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|--[^\n]*|\/\*[\s\S]*?\*\//g;
const NAMES: Readonly<Record<string, string>> = { "'": 'string', '"': 'quoted name', '`': 'quoted name' };

/** A string, quoted name or comment that does not end. */
function findUnclosed(text: string): SyntaxDiagnostic | undefined {
  const rest = text.replace(QUOTED, (piece) => ' '.repeat(piece.length));
  const comment = rest.indexOf('/*');
  if (comment >= 0)
    return error('syntax-unclosed-comment', 'This comment is not closed: */ is missing.', comment, comment + 2, [
      replacement('Close the comment', text.length, text.length, ' */'),
    ]);
  const open = rest.search(/['"`]/);
  if (open < 0) return undefined;
  const quote = rest[open]!;
  const lineEnd = text.indexOf('\n', open);
  const end = lineEnd < 0 ? text.trimEnd().replace(/;$/, '').length : lineEnd;
  return error('syntax-unclosed-quote', `This ${NAMES[quote]} is not closed: ${quote} is missing.`, open, end, [
    replacement(`Close it with ${quote}`, end, end, quote),
  ]);
}

const PAIRS: Readonly<Record<string, string>> = { '(': ')', '[': ']' };

/** A bracket that has no partner, where that is what broke the statement. */
function findOpenBracket(text: string, { parserErrors }: ParseResult<StatementText>): SyntaxDiagnostic | undefined {
  if (parserErrors.length === 0) return undefined;
  const plain = text.replace(QUOTED, (piece) => ' '.repeat(piece.length));
  const open: number[] = [];
  for (let at = 0; at < plain.length; at++) {
    const character = plain[at]!;
    if (character in PAIRS) open.push(at);
    else if (character === ')' || character === ']') {
      const partner = open.pop();
      if (partner !== undefined && PAIRS[plain[partner]!] === character) continue;
      return error('syntax-bracket', `This ${character} closes nothing.`, at, at + 1, [
        replacement(`Remove ${character}`, at, at + 1, ''),
      ]);
    }
  }
  const unclosed = open.at(-1);
  if (unclosed === undefined) return undefined;
  const close = PAIRS[plain[unclosed]!]!;
  const end = plain.trimEnd().replace(/;$/, '').trimEnd().length;
  const at = Math.min(startOf(parserErrors[0]!.token, end), end);
  return error('syntax-bracket', `${close} is missing: the ${plain[unclosed]} is not closed.`, unclosed, unclosed + 1, [
    replacement(`Insert ${close}`, at, at, close),
  ]);
}

const startOf = (token: Token, fallback: number): number =>
  Number.isFinite(token.startOffset) ? token.startOffset : fallback;

/** The first error of lexer or parser, in the user's words. */
function findError(
  text: string,
  { lexerErrors, parserErrors }: ParseResult<StatementText>,
): SyntaxDiagnostic | undefined {
  const lexical = lexerErrors[0];
  const syntactic = parserErrors[0];
  if (
    lexical !== undefined &&
    lexical.offset <= startOf(syntactic?.token ?? ({ startOffset: text.length } as Token), text.length)
  ) {
    const character = String.fromCodePoint(text.codePointAt(lexical.offset)!);
    const message = `The character ${character} has no meaning here. Names with other characters than letters, digits and _ need quotes: \`…\`.`;
    return error('syntax-character', message, lexical.offset, lexical.offset + character.length);
  }
  if (syntactic === undefined) return undefined;
  const end = text.trimEnd().length;
  const start = startOf(syntactic.token, end);
  const word = Number.isFinite(syntactic.token.startOffset) ? syntactic.token.image : '';
  const previous = tokenBefore(text, start);
  if (text.slice(0, start).trim() === '') {
    return STATEMENT_WORDS.includes(word.toUpperCase())
      ? unknownForm(text, word, start)
      : unknownStatement(word, start);
  }
  return (
    missingSemicolon(text, word, start) ??
    commaTooMany(text, word, start) ??
    misspelt(word, start, previous) ??
    reservedName(word, start, previous) ??
    missingComma(text, word, start, previous) ??
    unfinished(text, word, start, previous) ??
    error(
      'syntax-error',
      `Syntax error at or near '${word}': it cannot stand here${previous?.image ? ` after '${previous.image}'` : ''}.`,
      start,
      start + word.length,
    )
  );
}

/** The piece of text that ends before an offset: what the parser had read when it stopped. */
function tokenBefore(text: string, offset: number): PreviousToken | undefined {
  const match = /('(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|[\w$@{}]+|->|=>|:=|[^\s\w])\s*$/.exec(
    text.slice(0, offset).replace(/--[^\n]*/g, (comment) => ' '.repeat(comment.length)),
  );
  return match === null
    ? undefined
    : { image: match[1]!, startOffset: match.index, endOffset: match.index + match[1]!.length - 1 };
}

interface PreviousToken {
  readonly image: string;
  readonly startOffset: number;
  readonly endOffset: number;
}

/** A statement whose first word is known, and whose second is not: no form of it begins like this. */
function unknownForm(text: string, word: string, start: number): SyntaxDiagnostic {
  const next = /^\s*(\S+)(?:\s+(\S+))?/.exec(text.slice(start + word.length));
  const [, second = '', third] = next ?? [];
  const subject =
    /^(STREAM|TABLE|TYPE|TOPIC|CONNECTOR|SOURCE|OR)$/i.test(second) && third !== undefined ? third : second;
  const at = Math.max(start, text.indexOf(subject, start + word.length));
  return error(
    'syntax-error',
    `Syntax error at or near '${subject}': no form of ${word.toUpperCase()} goes on like this.`,
    at,
    at + subject.length,
  );
}

function unknownStatement(word: string, start: number): SyntaxDiagnostic {
  const nearest = closest(word.toUpperCase(), STATEMENT_WORDS) ?? nearestOf(word.toUpperCase(), STATEMENT_WORDS);
  const message = `Unknown statement '${word}'. Did you mean '${nearest}'?`;
  return error('syntax-unknown-statement', message, start, start + word.length, [
    replacement(`Change to ${nearest}`, start, start + word.length, nearest),
  ]);
}

function missingSemicolon(text: string, word: string, start: number): SyntaxDiagnostic | undefined {
  if (word !== '' || text.trimEnd().endsWith(';')) return undefined;
  const end = text.trimEnd().length;
  const last = /\S+$/.exec(text.slice(0, end))?.[0] ?? '';
  const finished =
    !/[,(=+\-*/<>|]$|\b(?:FROM|WHERE|BY|AS|ON|AND|OR|JOIN|SELECT|INTO|WITH|VALUES|EMIT|LIMIT|HAVING|IN|LIKE|BETWEEN|NOT|IS)$/i.test(
      last,
    );
  if (!finished) return undefined;
  return error(
    'syntax-missing-semicolon',
    "The statement is not finished: ';' is missing.",
    Math.max(0, Math.min(start, end) - last.length),
    end,
    [replacement('Insert ;', end, end, ';')],
  );
}

/** `SELECT a, b, FROM` and the like. */
function commaTooMany(text: string, word: string, start: number): SyntaxDiagnostic | undefined {
  const comma = /,\s*$/.exec(text.slice(0, start));
  if (comma === null || !(word === ')' || word === ';' || word === ',' || CLAUSE_WORDS.includes(word.toUpperCase())))
    return undefined;
  return error('syntax-trailing-comma', `There is a comma too many before '${word}'.`, comma.index, comma.index + 1, [
    replacement('Remove the comma', comma.index, comma.index + 1, ''),
  ]);
}

/** A keyword that is misspelt stands where the parser stops, or just before it. */
function misspelt(word: string, start: number, previous: PreviousToken | undefined): SyntaxDiagnostic | undefined {
  const candidates = [{ text: word, at: start }];
  if (previous?.image) candidates.push({ text: previous.image, at: previous.startOffset });
  for (const { text, at } of candidates) {
    const upper = text.toUpperCase();
    if (!/^[A-Z]{3,}$/.test(upper) || RESERVED_WORDS.has(upper)) continue;
    const meant = CLAUSE_WORDS.find(
      (keyword) => keyword.length > 3 && keyword !== upper && distance(keyword, upper) <= (keyword.length > 5 ? 2 : 1),
    );
    if (meant !== undefined) {
      return error('syntax-misspelt', `'${text}' is no keyword. Did you mean '${meant}'?`, at, at + text.length, [
        replacement(`Change to ${meant}`, at, at + text.length, meant),
      ]);
    }
  }
  return undefined;
}

/** A reserved word that is used as a name. */
function reservedName(word: string, start: number, previous: PreviousToken | undefined): SyntaxDiagnostic | undefined {
  const before = previous?.image?.toUpperCase() ?? '';
  const wantsName = [
    '(',
    ',',
    '.',
    '->',
    'STREAM',
    'TABLE',
    'FROM',
    'JOIN',
    'AS',
    'SELECT',
    'INTO',
    'TYPE',
    'BY',
    'EXISTS',
  ].includes(before);
  const upper = word.toUpperCase();
  if (
    !wantsName ||
    !RESERVED_WORDS.has(upper) ||
    CLAUSE_WORDS.includes(upper) ||
    (upper === 'SELECT' && before === 'AS')
  )
    return undefined;
  const message = `"${word}" is a reserved keyword and it can't be used as an identifier. You can use it as an identifier by escaping it as \`${word}\`.`;
  return error('syntax-reserved-word', message, start, start + word.length, [
    replacement('Put it in quotes', start, start + word.length, `\`${upper}\``),
  ]);
}

/** Two expressions of a list with nothing between them: `SELECT a b(c)`, or `VALUES (1 2)`. */
function missingComma(
  text: string,
  word: string,
  start: number,
  previous: PreviousToken | undefined,
): SyntaxDiagnostic | undefined {
  if (previous === undefined || !Number.isFinite(previous.startOffset)) return undefined;
  const lineBreak = text.slice(previous.startOffset, start).includes('\n');
  const ends = /^(?:[\w`"'$].*|\)|\])$/s.test(previous.image) && !RESERVED_WORDS.has(previous.image.toUpperCase());
  // After `event_id anomaly` the parser takes the second word for an alias and stops at what follows it.
  const begins = /^[\w`"'$]/.test(word) && !RESERVED_WORDS.has(word.toUpperCase());
  const isCall = word === '(' && /^\w+$/.test(previous.image);
  if (!(ends && (begins || isCall))) return undefined;
  const at = isCall
    ? text.slice(0, previous.startOffset).trimEnd().length
    : (previous.endOffset ?? previous.startOffset) + 1;
  const what = isCall ? previous.image : word;
  const where = isCall ? previous.startOffset : start;
  return error(
    'syntax-missing-comma',
    `A comma is missing before '${what}'${lineBreak ? ' (or at the end of the line before)' : ''}.`,
    where,
    where + what.length,
    [replacement('Insert a comma', at, at, ',')],
  );
}

/** The statement ends where something had to follow. */
function unfinished(
  text: string,
  word: string,
  start: number,
  previous: PreviousToken | undefined,
): SyntaxDiagnostic | undefined {
  if (word !== ';' && word !== '') return undefined;
  const last = previous?.image ?? '';
  const at = Number.isFinite(previous?.startOffset) ? previous!.startOffset : Math.max(0, start - 1);
  const message = `Syntax error at or near ";": the statement is not finished, something has to follow${last === '' ? '' : ` '${last}'`}.`;
  return error('syntax-unfinished', message, at, Math.min(text.length, at + Math.max(1, last.length)));
}

/** Statements that parse, but belong to the test dialect or to the dialect of 2018. */
function findForbidden(
  text: string,
  statement: Statement | undefined,
  options: ParseOptions,
): SyntaxDiagnostic | undefined {
  if (statement === undefined) return undefined;
  const first = /^\S+/.exec(text)?.[0] ?? '';
  if (!options.testStatements && TEST_ONLY.has(statement.$type)) {
    if (statement.$type === 'RunScript') return unknownStatement(first, 0);
    const second = /^\S+\s+(\S+)/.exec(text);
    const at = second === null ? 0 : second[0].length - second[1]!.length;
    return error(
      'syntax-test-statement',
      `Syntax error at or near '${second?.[1]}': this form of ASSERT belongs to test files (ksql test).`,
      at,
      at + (second?.[1]?.length ?? first.length),
    );
  }
  const old =
    options.dialect === 'latest' &&
    (statement.$type === 'DescribeSource' || statement.$type === 'TerminateQuery') &&
    OLD_FORMS.test(text);
  if (!old) return undefined;
  const word = /EXTENDED|QUERY/i.exec(text)!;
  const fixed =
    statement.$type === 'DescribeSource'
      ? text.replace(/^(\s*DESCRIBE)\s+EXTENDED\s+([^;]*?)\s*;/i, '$1 $2 EXTENDED;')
      : text.replace(/^(\s*TERMINATE)\s+QUERY\s/i, '$1 ');
  return error(
    'syntax-2018',
    `${word[0]} stood here in the KSQL of 2018; today's form is: ${fixed}`,
    word.index,
    word.index + word[0].length,
    [replacement("Change to today's form", 0, text.length, fixed)],
  );
}

function nearestOf(word: string, candidates: readonly string[]): string {
  return candidates.reduce((best, candidate) => (distance(candidate, word) < distance(best, word) ? candidate : best));
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
