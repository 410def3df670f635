import type { ParseOptions } from '../parser/parse-options.ts';
import { type ParsedScript, type ParsedStatement, parseScript } from '../parser/parse-script.ts';
import type { TextEdit } from '../text/diagnostic.ts';
import type { TextRange } from '../text/text-range.ts';
import { DEFAULT_STYLE, type FormatStyle } from './format-style.ts';
import { type GapPlace, gapText } from './gap-text.ts';
import { StatementPrinter } from './layout.ts';
import { statementLayout } from './layout-blocks.ts';
import { isLineComment, type StatementToken, statementTokens } from './statement-tokens.ts';

/** What is not given is as in {@link DEFAULT_STYLE}. */
export interface FormatOptions extends ParseOptions, Partial<FormatStyle> {}

/**
 * A script in one style: keywords in upper case, one clause a line, lists that do not fit or that were broken already
 * one entry a line; names, strings and comments as they are. A statement with a syntax error stays untouched.
 * Formatting twice changes nothing more.
 */
export function formatScript(text: string, options: FormatOptions): string {
  let formatted = '';
  let end = 0;
  for (const edit of formatEdits(parseScript(text, options), options)) {
    formatted += text.slice(end, edit.range.start) + edit.text;
    end = edit.range.end;
  }
  return formatted + text.slice(end);
}

/** What formatting changes in a script, in order: edits of statements, and of what stands between them. */
export function formatEdits({ text, statements }: ParsedScript, options: Partial<FormatOptions>): TextEdit[] {
  const edits: TextEdit[] = [];
  const style: FormatStyle = { ...DEFAULT_STYLE, ...options };
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const replace = (range: TextRange, formatted: string) => {
    if (text.slice(range.start, range.end) !== formatted) edits.push({ range, text: formatted });
  };
  let end = 0;
  let trailing = '';
  let after: GapPlace['after'] = 'start';
  for (const statement of statements) {
    const { range } = statement;
    const gap = trailing + gapText(text.slice(end, range.start), { after, last: false, newline });
    replace({ start: end, end: range.start }, gap);
    const column = gap.length - gap.lastIndexOf('\n') - 1;
    const formatted = formatStatement(statement, style, newline, column);
    replace(range, formatted.text);
    trailing = formatted.trailing;
    after = trailing === '' ? 'statement' : 'line comment';
    end = range.end;
  }
  const tail = gapText(text.slice(end), { after, last: true, newline });
  replace({ start: end, end: text.length }, trailing + tail);
  return edits;
}

/** A statement, and a comment that stood before its semicolon and is to stand after it. */
interface FormattedStatement {
  readonly text: string;
  readonly trailing: string;
}

function formatStatement(
  { node, text }: ParsedStatement,
  style: FormatStyle,
  newline: string,
  column: number,
): FormattedStatement {
  if (node?.$cstNode === undefined) return { text, trailing: '' };
  const tokens = statementTokens(node, text, style);
  const trailing = commentBeforeSemicolon(tokens);
  if (trailing !== '') tokens.push({ ...tokens.pop()!, comments: [], afterLineBreak: false, startsLine: false });
  return {
    text: new StatementPrinter(tokens, statementLayout(node, tokens, style), { ...style, newline }, column).print(),
    trailing,
  };
}

/**
 * One comment at the end of the last line; a directive to the test runner would come to belong to the next statement.
 */
function commentBeforeSemicolon(tokens: readonly StatementToken[]): string {
  const [comment, ...others] = tokens.at(-1)!.comments;
  const moves = comment !== undefined && others.length === 0 && !comment.startsLine && isLineComment(comment);
  return moves && !comment.text.startsWith('--@') ? ` ${comment.text}` : '';
}
