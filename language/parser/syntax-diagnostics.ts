import type { ParseResult } from 'langium';
import type { Diagnostic } from '../analysis/diagnostic.ts';
import type { StatementText } from '../generated/ast.ts';
import type { ParseOptions } from './parse-script.ts';

/** What is wrong with the syntax of one statement: at most one message, at the place where the text stops making sense. */
export function diagnoseSyntax(
  text: string,
  result: ParseResult<StatementText>,
  _options: ParseOptions,
): Omit<Diagnostic, 'statement'>[] {
  const lexical = result.lexerErrors[0];
  const parser = result.parserErrors[0];
  const start = Math.min(
    lexical?.offset ?? text.length,
    Number.isFinite(parser?.token.startOffset) ? (parser?.token.startOffset ?? text.length) : text.length,
  );
  if (lexical === undefined && parser === undefined) return [];
  const near = /^\S+/.exec(text.slice(start))?.[0];
  const message = near === undefined ? `Syntax error at or near ";"` : `Syntax error at or near '${near}'`;
  return [
    { code: 'syntax-error', severity: 'error', message, range: { start, end: start + (near?.length ?? 0) }, fixes: [] },
  ];
}
