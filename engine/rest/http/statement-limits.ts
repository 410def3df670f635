import { splitStatements } from '../../../language/parser/split-statements.ts';
import { tooLarge } from '../../api/errors.ts';
import type { Limits } from './limits.ts';

/**
 * Refuses a text that would keep the parser busy for long. Nothing is parsed for it.
 * @throws EngineError with status 413
 */
export function checkStatementText(text: string, { maxStatementText, maxStatements }: Limits): void {
  if (text.length > maxStatementText)
    throw tooLarge(
      `The statements have ${text.length} characters; the most that a request may have is ${maxStatementText}. Send them in several requests.`,
    );
  if (!hasMoreSemicolons(text, maxStatements)) return;
  const count = splitStatements(text).statements.length;
  if (count > maxStatements)
    throw tooLarge(
      `The request has ${count} statements; the most that it may have is ${maxStatements}. Send them in several requests.`,
    );
}

/** Without so many semicolons there are not so many statements, whatever stands in strings and comments. */
function hasMoreSemicolons(text: string, count: number): boolean {
  let at = -1;
  for (let found = 0; found < count; found++) {
    at = text.indexOf(';', at + 1);
    if (at < 0) return false;
  }
  return at >= 0;
}
