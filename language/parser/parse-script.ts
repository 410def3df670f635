import type { AstNode } from 'langium';
import type { Statement } from '../generated/ast.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import type { TextRange } from '../text/text-range.ts';
import { MOST_NESTED } from './fragments.ts';
import { makeTrials, parseStatementText } from './ksql-parser.ts';
import type { ParseOptions } from './parse-options.ts';
import { type Directive, type SplitScript, type StatementSlice, splitStatements } from './split-statements.ts';
import { diagnoseSyntax } from './syntax-diagnostics.ts';

/** One statement of a script, parsed on its own. */
export interface ParsedStatement {
  readonly index: number;
  /** From the first character after blanks and comments to the semicolon. */
  readonly range: TextRange;
  /** Offset of `text` in the script; what rebases the offsets of nodes. */
  readonly offset: number;
  readonly text: string;
  /** Absent when the statement has a syntax error. */
  readonly node: Statement | undefined;
  /** What can still be made of a broken statement, for completion and the outline. */
  readonly partial: Statement | undefined;
  readonly diagnostics: readonly Diagnostic[];
  readonly directives: readonly Directive[];
}

export interface ParsedScript {
  readonly text: string;
  readonly options: ParseOptions;
  readonly statements: readonly ParsedStatement[];
  readonly diagnostics: readonly Diagnostic[];
  readonly trailingDirectives: readonly Directive[];
}

/** The outcome of parsing one text, wherever it stands; ranges are relative to the text. */
interface ParsedText {
  readonly text: string;
  readonly node: Statement | undefined;
  readonly partial: Statement | undefined;
  readonly diagnostics: readonly Omit<Diagnostic, 'statement'>[];
}

/** Broken statements of a script for which fixes are looked for, which costs a hundred times what parsing them does. */
const MOST_REPAIRED = 100;

/** Statements that are remembered, unless a script has more of them. */
const CACHE_SIZE = 5_000;
let cacheSize = CACHE_SIZE;
const cache = new Map<string, ParsedText>();

/**
 * Parses a script, statement by statement. A statement whose text was parsed before is not parsed again, so a keystroke
 * costs one statement, and a broken statement costs one diagnostic. Never throws.
 *
 * @param split the text, cut into statements
 * @param before another text: what the two have in common at both ends is taken over
 */
export function parseScript(
  text: string,
  options: ParseOptions,
  split: SplitScript = splitStatements(text),
  before?: ParsedScript,
): ParsedScript {
  const { statements: slices, trailing } = split;
  cacheSize = Math.max(CACHE_SIZE, 2 * slices.length);
  let repairs = MOST_REPAIRED;
  const known = before && isAlike(before, options) ? before.statements : [];
  const unchanged = unchangedAtStart(text, slices, known);
  const statements = slices.map((slice, index) => {
    const same = index < unchanged ? known[index]! : known[index + known.length - slices.length];
    const statement =
      same !== undefined && repairs > 0 && (index < unchanged || isSame(text, slice, same))
        ? moved(same, slice, index)
        : parseSlice(text, slice, index, options, repairs > 0);
    if (statement.node === undefined) repairs--;
    return statement;
  });
  return {
    text,
    options,
    statements,
    diagnostics: statements.flatMap((statement) => statement.diagnostics),
    trailingDirectives: trailing,
  };
}

/** Whether a statement of one script is parsed as in the other, fixes included. */
function isAlike({ options, statements }: ParsedScript, { dialect, testStatements }: ParseOptions): boolean {
  if (options.dialect !== dialect || options.testStatements !== testStatements) return false;
  let broken = 0;
  for (const { node } of statements) if (node === undefined) broken++;
  return broken < MOST_REPAIRED;
}

/** How many statements at the beginning stand in a text as in one that was parsed. */
function unchangedAtStart(text: string, slices: readonly StatementSlice[], known: readonly ParsedStatement[]): number {
  const most = Math.min(slices.length, known.length);
  let count = 0;
  while (count < most && isSame(text, slices[count]!, known[count]!)) count++;
  return count;
}

const isSame = (script: string, { start, end }: StatementSlice, { text }: ParsedStatement): boolean =>
  end - start === text.length && script.slice(start, end) === text;

/** A statement that was parsed elsewhere in a script. */
function moved(statement: ParsedStatement, slice: StatementSlice, index: number): ParsedStatement {
  const { offset, diagnostics } = statement;
  const by = slice.start - offset;
  if (by === 0 && statement.index === index && statement.directives === slice.directives) return statement;
  return {
    ...statement,
    index,
    range: { start: slice.start, end: slice.end },
    offset: slice.start,
    diagnostics: diagnostics.length === 0 ? diagnostics : diagnostics.map((each) => rebase(each, by, index)),
    directives: slice.directives,
  };
}

/**
 * Parses one statement of a script that was cut before.
 * @param repair whether fixes are looked for if it is broken, which costs a hundred times what parsing does
 */
export function parseSlice(
  script: string,
  slice: StatementSlice,
  index: number,
  options: ParseOptions,
  repair: boolean,
): ParsedStatement {
  const parsed = parseCached(script.slice(slice.start, slice.end), options, repair);
  return {
    index,
    range: { start: slice.start, end: slice.end },
    offset: slice.start,
    text: parsed.text,
    node: parsed.node,
    partial: parsed.partial,
    diagnostics: parsed.diagnostics.map((diagnostic) => rebase(diagnostic, slice.start, index)),
    directives: slice.directives,
  };
}

function parseCached(text: string, options: ParseOptions, repair: boolean): ParsedText {
  const key = `${options.dialect}${options.testStatements ? '+' : '-'}${repair ? '' : '!'}${text}`;
  const known = cache.get(key);
  if (known !== undefined) {
    cache.delete(key);
    cache.set(key, known);
    return known;
  }
  // A piece of a script would keep the whole of it in memory, for as long as the statement is known.
  const own = key.slice(key.length - text.length);
  const parsed = { text: own, ...parseText(own, options, repair) };
  cache.set(key, parsed);
  while (cache.size > cacheSize) cache.delete(cache.keys().next().value!);
  return parsed;
}

function parseText(text: string, options: ParseOptions, repair: boolean): Omit<ParsedText, 'text'> {
  // A backslash at the end of a line joined lines in the terminals of 2018; a blank keeps the offsets.
  const plain = options.dialect === '2018' ? text.replace(/\\(?=\r?\n)/g, ' ') : text;
  const parsed = parseStatementText(plain);
  if (parsed.kind === 'too-deep') return tooDeep(parsed);
  const partial = parsed.result.value.statement;
  const diagnostics = diagnoseSyntax(plain, parsed.result, options, repair ? makeTrials() : () => false);
  return { node: diagnostics.length === 0 ? partial : undefined, partial, diagnostics };
}

function tooDeep(range: TextRange): Omit<ParsedText, 'text'> {
  const message =
    `This is nested more than ${MOST_NESTED} levels deep, counting brackets, calls, CASE, NOT, signs and joins. ` +
    'Give the inner part a name of its own: with AS in a query before this one, or with CREATE TYPE.';
  const code = 'expression-too-deep';
  return {
    node: undefined,
    partial: undefined,
    diagnostics: [{ code, severity: 'error', message, range: { start: range.start, end: range.end }, fixes: [] }],
  };
}

function rebase(diagnostic: Omit<Diagnostic, 'statement'>, offset: number, statement: number): Diagnostic {
  const move = (range: TextRange): TextRange => ({ start: range.start + offset, end: range.end + offset });
  const fixes = diagnostic.fixes.map((fix) => ({
    ...fix,
    edits: fix.edits.map((edit) => ({ ...edit, range: move(edit.range) })),
  }));
  const related = diagnostic.related?.map((place) => ({ ...place, range: move(place.range) }));
  return {
    ...diagnostic,
    statement,
    range: move(diagnostic.range),
    fixes,
    ...(related === undefined ? {} : { related }),
  };
}

/** Where a node of a statement stands in the script. */
export function rangeOf(node: AstNode, statement: Pick<ParsedStatement, 'offset'>): TextRange {
  const { offset = 0, end = 0 } = node.$cstNode ?? {};
  return { start: statement.offset + offset, end: statement.offset + end };
}
