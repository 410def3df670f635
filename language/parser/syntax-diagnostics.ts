import type { ParseResult } from 'langium';
import type { Statement, StatementText } from '../generated/ast.ts';
import { editDistance } from '../text/edit-distance.ts';
import { closest } from '../text/suggestions.ts';
import type { ParseOptions } from './parse-options.ts';
import { type Parses, replacement, type SyntaxDiagnostic, syntaxError } from './syntax-diagnostic.ts';
import {
  type BrokenText,
  brokenText,
  CLEAR_REPAIRS,
  findRepair,
  OTHER_REPAIRS,
  unbalancedAnyway,
} from './syntax-repairs.ts';
import { findUnclosed } from './unclosed.ts';
import { STATEMENT_VERBS, TEST_VERBS } from './verbs.ts';

/** The words that can begin a statement; the order decides between equally near ones. */
const STATEMENT_WORDS: readonly string[] = STATEMENT_VERBS;
const TEST_ONLY: ReadonlySet<Statement['$type']> = new Set([
  'AssertValues',
  'AssertNullValues',
  'AssertSource',
  'RunScript',
]);
const OLD_FORMS = /^\s*(?:DESCRIBE\s+EXTENDED\s+[\w`"]|TERMINATE\s+QUERY\s)/i;

/**
 * What other SQL has and KSQL has not, and what KSQL has instead. The first words are looked for where the parser gave
 * up.
 */
const NOT_IN_KSQL: readonly (readonly [words: RegExp, code: string, message: string])[] = [
  [/^ORDER BY\b/, 'ORDER BY', 'rows come in the order of their events.'],
  [/^DISTINCT\b/, 'SELECT DISTINCT', 'GROUP BY the columns instead.'],
  [/^UNION\b/, 'UNION', 'write both queries into one stream with INSERT INTO … SELECT.'],
  [/^\( SELECT\b/, 'subqueries', 'give the inner query a name with CREATE STREAM or TABLE … AS SELECT.'],
  [/^\) , \(/, 'INSERT of several rows', 'write one INSERT INTO … VALUES for each.'],
];

/**
 * What is wrong with the syntax of one statement: at most one message, in words for people, at the place where the text
 * stops making sense, with a fix where one mends the statement. `parsesText` says whether a text has no syntax error.
 */
export function diagnoseSyntax(
  text: string,
  result: ParseResult<StatementText>,
  options: ParseOptions,
  parsesText: Parses,
): SyntaxDiagnostic[] {
  const isBroken = result.lexerErrors.length > 0 || result.parserErrors.length > 0;
  const found = isBroken
    ? findError(text, result, parsesText)
    : (findForbidden(text, result.value.statement, options) ?? fieldsOfNoStruct(result.value.statement));
  return found === undefined ? [] : [found];
}

/** What is tried on one statement, in characters: a long one is not parsed a hundred times to offer a fix. */
const MOST_TRIED_CHARACTERS = 400_000;

function findError(text: string, result: ParseResult<StatementText>, parsesAny: Parses): SyntaxDiagnostic {
  let tried = 0;
  const parsesText: Parses = (changed) => {
    tried += changed.length;
    return tried <= MOST_TRIED_CHARACTERS && parsesAny(changed);
  };
  // A semicolon that is missing as well is a mistake of its own.
  const parses: Parses = (changed) => parsesText(/;\s*$/.test(changed) ? changed : `${changed}\n;`);
  const broken = brokenText(text, errorPlace(text, result));
  const unclosed = findUnclosed(text, parsesText);
  if (unclosed !== undefined) return unclosed;
  const found =
    emptyStatement(broken) ??
    missingSemicolon(broken, parses) ??
    unknownStatement(broken) ??
    notInKsql(broken) ??
    findRepair(broken, CLEAR_REPAIRS, parses) ??
    unbalancedAnyway(broken) ??
    unfinished(broken) ??
    findRepair(broken, OTHER_REPAIRS, parses) ??
    unknownCharacter(text, result) ??
    unknownForm(broken) ??
    cannotStandHere(broken);
  return whereItFails(found, broken);
}

/**
 * What is missing, such as the partner of a bracket far before, is missing where the text stops making sense; ksqlDB
 * has its error there, too.
 */
function whereItFails(found: SyntaxDiagnostic, { tokens, at }: BrokenText): SyntaxDiagnostic {
  const token = tokens[at] ?? tokens.at(-1);
  if (token === undefined || found.related === undefined) return found;
  return { ...found, range: { start: token.start, end: token.end } };
}

/** Where lexer or parser stopped understanding. */
function errorPlace(text: string, { lexerErrors, parserErrors }: ParseResult<StatementText>): number {
  const token = parserErrors[0]?.token;
  const syntactic = token === undefined || token.image === '' ? Number.NaN : token.startOffset;
  return Math.min(lexerErrors[0]?.offset ?? text.length, Number.isFinite(syntactic) ? syntactic : text.length);
}

function emptyStatement({ tokens }: BrokenText): SyntaxDiagnostic | undefined {
  const [only] = tokens;
  if (only?.value !== ';') return undefined;
  return syntaxError('syntax-empty', 'There is no statement before this semicolon.', only.start, only.end, [
    replacement('Remove it', only.start, only.end, ''),
  ]);
}

/** The end of the text, or a line that begins the next statement, with nothing wrong before it. */
function missingSemicolon({ text, tokens }: BrokenText, parses: Parses): SyntaxDiagnostic | undefined {
  const ends = tokens.flatMap((token, i) => {
    const next = tokens[i + 1];
    if (next === undefined) return token.value === ';' ? [] : [token];
    const beginsLine = text.slice(token.end, next.start).includes('\n');
    return beginsLine && next.kind === 'word' && STATEMENT_WORDS.includes(next.value) ? [token] : [];
  });
  const last = ends.find(({ end }) => parses(`${text.slice(0, end)}\n;`));
  if (last === undefined) return undefined;
  const message = "The statement is not finished: ';' is missing.";
  return syntaxError('syntax-missing-semicolon', message, last.start, last.end, [
    replacement('Insert ;', last.end, last.end, ';'),
  ]);
}

function unknownStatement({ text, tokens }: BrokenText): SyntaxDiagnostic | undefined {
  const first = tokens[0];
  if (first === undefined) return syntaxError('syntax-error', 'There is no statement here.', 0, text.length);
  if ([...STATEMENT_WORDS, ...TEST_VERBS].includes(first.value)) return undefined;
  return unknownWord(/^\w+|^\S/.exec(text.slice(first.start))![0], first.start);
}

function unknownWord(word: string, start: number): SyntaxDiagnostic {
  const nearest = closest(word.toUpperCase(), STATEMENT_WORDS);
  const message = `Unknown statement '${word}'. Did you mean '${nearest ?? nearestOf(word.toUpperCase(), STATEMENT_WORDS)}'?`;
  const fixes = nearest === undefined ? [] : [replacement(`Change to ${nearest}`, start, start + word.length, nearest)];
  return syntaxError('syntax-unknown-statement', message, start, start + word.length, fixes);
}

function notInKsql({ tokens, at }: BrokenText): SyntaxDiagnostic | undefined {
  const isList = tokens[at]?.value === ',' && [tokens[at - 2], tokens[at - 3]].some((token) => token?.value === 'FROM');
  if (isList) {
    const message = 'KSQL has no list of sources in FROM: write JOIN … ON.';
    return syntaxError('syntax-not-in-ksql', message, tokens[at]!.start, tokens[at]!.end);
  }
  for (let i = Math.max(0, at - 1); i <= at; i++) {
    const words = tokens.slice(i, i + 3);
    const found = NOT_IN_KSQL.find(([pattern]) => pattern.test(words.map(({ value }) => value).join(' ')));
    const first = words[0];
    if (found === undefined || first === undefined) continue;
    const end = words[1]?.value === 'BY' ? words[1].end : first.end;
    return syntaxError('syntax-not-in-ksql', `KSQL has no ${found[1]}: ${found[2]}`, first.start, end);
  }
  return undefined;
}

function unknownCharacter(text: string, { lexerErrors }: ParseResult<StatementText>): SyntaxDiagnostic | undefined {
  const [first] = lexerErrors;
  if (first === undefined) return undefined;
  const character = String.fromCodePoint(text.codePointAt(first.offset)!);
  const message = `The character ${character} has no meaning here. Names with other characters than letters, digits and _ need quotes: \`…\`.`;
  return syntaxError('syntax-character', message, first.offset, first.offset + character.length);
}

/** What cannot end a statement. */
const OPEN_ENDS =
  /^(?:[=<>+\-/%.([,]|<=|>=|<>|!=|\|\||->|:=|=>|SELECT|FROM|WHERE|BY|AS|ON|AND|OR|NOT|JOIN|LEFT|RIGHT|FULL|INNER|OUTER|INTO|WITH|VALUES|EMIT|LIMIT|HAVING|IN|LIKE|BETWEEN|IS|GROUP|PARTITION|WINDOW|WITHIN|WHEN|THEN|ELSE|CASE|CREATE|DROP|INSERT)$/;

/** The statement ends where something had to follow. */
function unfinished({ text, tokens, at }: BrokenText): SyntaxDiagnostic | undefined {
  const endsWith = tokens.at(-1)?.value === ';' ? tokens.at(-2) : tokens.at(-1);
  const isAtEnd = at >= tokens.length - (tokens.at(-1)?.value === ';' ? 1 : 0);
  if (endsWith === undefined || !(isAtEnd || (endsWith.kind !== 'text' && OPEN_ENDS.test(endsWith.value))))
    return undefined;
  const message = `Syntax error at or near ";": the statement is not finished, something has to follow '${text.slice(endsWith.start, endsWith.end)}'.`;
  return syntaxError('syntax-unfinished', message, endsWith.start, endsWith.end);
}

/** A statement whose first word is known, and no form of it goes on like this. */
function unknownForm({ text, tokens, at }: BrokenText): SyntaxDiagnostic | undefined {
  const [first, second, third] = tokens;
  if (at > 0 || first === undefined) return undefined;
  if (second === undefined || second.value === ';') return unfinished({ text, tokens, at: 1 });
  const isKind = /^(?:STREAM|TABLE|TYPE|TOPIC|CONNECTOR|SOURCE|OR)$/.test(second.value) && second.kind === 'word';
  const subject = isKind && third !== undefined && third.value !== ';' ? third : second;
  const message = `Syntax error at or near '${text.slice(subject.start, subject.end)}': no form of ${first.value} goes on like this.`;
  return syntaxError('syntax-error', message, subject.start, subject.end);
}

function cannotStandHere({ text, tokens, at }: BrokenText): SyntaxDiagnostic {
  const token = tokens[at] ?? tokens.at(-1)!;
  const last = tokens[at - 1];
  const after = last === undefined ? '' : ` after '${text.slice(last.start, last.end)}'`;
  const message = `Syntax error at or near '${text.slice(token.start, token.end)}': it cannot stand here${after}.`;
  return syntaxError('syntax-error', message, token.start, token.end);
}

/** What `->*` cannot follow without parentheses. */
const LOOSE_EXPRESSIONS: ReadonlySet<string> = new Set([
  ...['LogicalExpression', 'NotExpression', 'Comparison', 'IsNull', 'IsDistinct', 'Between', 'InList', 'Like'],
  ...['BinaryExpression', 'UnaryExpression', 'AtTimeZone'],
]);

/** `a + b->*`, which the grammar lets pass. */
function fieldsOfNoStruct(statement: Statement): SyntaxDiagnostic | undefined {
  const query = 'query' in statement ? statement.query : statement;
  if (query.$type !== 'Query') return undefined;
  for (const item of query.items) {
    if (item.$type !== 'SelectStructFields' || !LOOSE_EXPRESSIONS.has(item.base.expression.$type)) continue;
    const { end } = item.$cstNode!;
    const message = `Syntax error at or near '*': the operand before ->* needs parentheses.`;
    return syntaxError('syntax-error', message, end - 1, end);
  }
  return undefined;
}

/** Statements that parse, but belong to the test dialect or to the dialect of 2018. */
function findForbidden(text: string, statement: Statement, options: ParseOptions): SyntaxDiagnostic | undefined {
  const first = /^\S+/.exec(text)?.[0] ?? '';
  if (!options.testStatements && TEST_ONLY.has(statement.$type)) {
    if (statement.$type === 'RunScript') return unknownWord(first, 0);
    const second = /^\S+\s+(\S+)/.exec(text);
    const at = second === null ? 0 : second[0].length - second[1]!.length;
    return syntaxError(
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
  return syntaxError(
    'syntax-2018',
    `${word[0]} stood here in the KSQL of 2018; today's form is: ${fixed}`,
    word.index,
    word.index + word[0].length,
    [replacement("Change to today's form", 0, text.length, fixed)],
  );
}

function nearestOf(word: string, candidates: readonly string[]): string {
  return candidates.reduce((best, candidate) =>
    editDistance(candidate, word) < editDistance(best, word) ? candidate : best,
  );
}
