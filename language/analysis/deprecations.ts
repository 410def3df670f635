import { AstUtils } from 'langium';
import { FUNCTIONS } from '../functions/index.ts';
import type * as ast from '../generated/ast.ts';
import { rangeOf } from './analysis-error.ts';
import type { StatementContext } from './statement-context.ts';

/** Hints at calls of functions that have a successor; the fix only renames, and says so where the types differ. */
export function deprecationHints(node: ast.Statement, context: StatementContext): void {
  for (const call of AstUtils.streamAst(node)) {
    if (call.$type !== 'FunctionCall') continue;
    const { name } = call as ast.FunctionCall;
    const successor = FUNCTIONS.get(name)?.successor;
    const whole = rangeOf(call);
    if (successor === undefined || whole === undefined) continue;
    const range = { start: whole.start, end: whole.start + name.length };
    context.report(
      'hint',
      'deprecated-function',
      `${name} is deprecated: use ${successor}, which works with the types DATE and TIMESTAMP.`,
      range,
      {
        tags: ['deprecated'],
        fixes: [{ title: `Change to ${successor}`, edits: [{ range, text: successor }] }],
      },
    );
  }
}
