import { isDiagnosticCode } from '../diagnostics/diagnostic-codes.ts';
import type { ParsedScript } from '../parser/parse-script.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import type { TextRange } from '../text/text-range.ts';
import { commentsIn } from '../text/tokens.ts';

/** A comment that hides the messages of one code. */
interface Ignoring {
  readonly code: string;
  readonly reason: string;
  readonly range: TextRange;
  /** Where messages are hidden: on its line, or on the next one; above a statement, anywhere in it. */
  readonly where: TextRange;
}

const COMMENT = /^--\s*ksql-ignore(?:\s+(?<code>[^\s:]+))?\s*(?::\s*(?<reason>.*))?$/;

/**
 * The diagnostics of a script without those that its comments hide, and one for each comment that hides nothing it may.
 * What a server refuses is never hidden.
 */
export function withoutIgnored(
  { text, statements }: ParsedScript,
  diagnostics: readonly Diagnostic[],
): readonly Diagnostic[] {
  if (!text.includes('ksql-ignore')) return diagnostics;
  const comments = ignoringComments(
    text,
    statements.map(({ range }) => range),
  );
  const isHidden = ({ code, severity, range }: Diagnostic) =>
    severity !== 'error' &&
    comments.some((comment) => comment.code === code && comment.reason !== '' && touches(comment.where, range));
  return [...diagnostics.filter((diagnostic) => !isHidden(diagnostic)), ...comments.flatMap(problemOf)];
}

/** The codes that the comments of a script hide, and where they stand. */
export function ignoredCodes({ text }: Pick<ParsedScript, 'text'>): readonly { code: string; range: TextRange }[] {
  if (!text.includes('ksql-ignore')) return [];
  return ignoringComments(text, [])
    .filter(({ code }) => isDiagnosticCode(code))
    .map(({ code, range }) => {
      const start = text.indexOf(code, range.start);
      return { code, range: { start, end: start + code.length } };
    });
}

const touches = (where: TextRange, { start }: TextRange): boolean => where.start <= start && start <= where.end;

function ignoringComments(text: string, statements: readonly TextRange[]): readonly Ignoring[] {
  const found: Ignoring[] = [];
  for (const { text: comment, start, end } of commentsIn(text)) {
    const groups = COMMENT.exec(comment.trimEnd())?.groups;
    if (groups === undefined) continue;
    const range = { start, end };
    const where = reachOf(text, range, statements);
    found.push({ code: groups['code'] ?? '', reason: (groups['reason'] ?? '').trim(), range, where });
  }
  return found;
}

function reachOf(text: string, { start, end }: TextRange, statements: readonly TextRange[]): TextRange {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  if (text.slice(lineStart, start).trim() !== '') return { start: lineStart, end };
  const within = statements.find((range) => range.start < start && start < range.end);
  const next = statements.find((range) => range.start >= end);
  if (within === undefined) return next ?? { start, end };
  // Within a statement it is about the next line that has more than comments.
  const behind = /^(?:\s*(?:--[^\n]*)?\n)*/.exec(text.slice(end))![0];
  const lineEnd = text.indexOf('\n', end + behind.length);
  return { start: end, end: lineEnd < 0 ? text.length : lineEnd };
}

function problemOf({ code, reason, range }: Ignoring): Diagnostic[] {
  const message = !isDiagnosticCode(code)
    ? `${code === '' ? 'A code is missing here' : `There is no code ${code}`}: write -- ksql-ignore CODE: reason, with the code as the message shows it.`
    : reason === ''
      ? `Say why ${code} is right here: -- ksql-ignore ${code}: reason`
      : undefined;
  if (message === undefined) return [];
  return [{ code: 'ignore-comment', severity: 'warning', message, range, statement: 0, fixes: [] }];
}
