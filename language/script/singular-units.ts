import type * as ast from '../generated/ast.ts';
import type { StatementContext } from '../query/statement-context.ts';
import { functionCalls } from './deprecations.ts';

const SINGULAR = /^(DAY|HOUR|MINUTE|SECOND)$/;

/**
 * Warns of units in the singular: they are understood here, but ksqlDB takes DAY, HOUR, MINUTE and SECOND for columns.
 * To be called after the expressions were bound, because a column may have such a name.
 */
export function singularUnitWarnings(node: ast.Statement, context: StatementContext): void {
  for (const call of functionCalls(node)) {
    const overloads = context.functions.get(call.name.toUpperCase())?.overloads ?? [];
    for (const [i, argument] of call.args.entries()) {
      if (argument.$type !== 'ColumnReference' || !SINGULAR.test(argument.name) || context.expressions.has(argument))
        continue;
      if (!overloads.some(({ parameters }) => parameters[i]?.type.kind === 'INTERVAL_UNIT')) continue;
      const plural = `${argument.name}S`;
      const range = context.rangeOf(argument);
      const message = `A ksqlDB server takes ${argument.name} for a column, and refuses it. Use ${plural}, which is understood everywhere.`;
      context.report('singular-unit', message, range, {
        fixes: [{ title: `Change to ${plural}`, edits: [{ range, text: plural }] }],
      });
    }
  }
}
