import { type Dialect, type ParsedStatement, parseScript } from '../../language/index.ts';
import { ToolError } from './tool.ts';

/**
 * A text as one whole statement, its end included. A tool that only reads must not be talked into a second statement
 * behind the first.
 * @throws ToolError where there are several, or none
 */
export function oneStatement(text: string, dialect: Dialect): ParsedStatement {
  const trimmed = text.trim();
  const { statements } = parseScript(trimmed.endsWith(';') ? trimmed : `${trimmed}\n;`, { dialect });
  const [statement] = statements;
  if (statement === undefined || statements.length > 1) throw new ToolError('Give one statement.');
  return statement;
}
