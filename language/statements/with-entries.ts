import { AnalysisError, rangeOf } from '../analysis/analysis-error.ts';
import type { StatementContext } from '../analysis/statement-context.ts';
import { readWithClause, type WithClause, type WithEntry, type WithStatement } from '../analysis/with-properties.ts';
import { stringText } from '../format/identifier-text.ts';
import type { PropertyValue } from '../format/statement-text.ts';
import type * as ast from '../generated/ast.ts';

/** Checks the WITH clause of a statement; one that has none has no property. */
export function withClause(
  node: ast.Properties | undefined,
  statement: WithStatement,
  context: StatementContext,
): WithClause {
  const entries = (node?.entries ?? []).map(entryOf);
  return readWithClause(entries, statement, context.rangeOf(node));
}

function entryOf(property: ast.Property): WithEntry {
  const whole = rangeOf(property)!;
  const value = rangeOf(property.value)!;
  const { value: plain, text } = literalValue(property.value);
  return {
    name: property.name,
    value: plain,
    text,
    nameRange: { start: whole.start, end: whole.start + property.name.length },
    valueRange: value,
  };
}

function literalValue(literal: ast.Literal): { readonly value: WithEntry['value']; readonly text: string } {
  switch (literal.$type) {
    case 'StringLiteral':
      return { value: literal.value, text: stringText(literal.value) };
    case 'BooleanLiteral':
      return { value: literal.value === 'TRUE', text: literal.value.toLowerCase() };
    case 'NumberLiteral':
      return {
        value:
          /^\d+$/.test(literal.value) && !Number.isSafeInteger(Number(literal.value))
            ? BigInt(literal.value)
            : Number(literal.value),
        text: literal.value,
      };
    case 'NullLiteral':
      throw new AnalysisError('invalid-property-value', 'A property in the WITH clause cannot be NULL.', {
        node: literal,
      });
    case 'VariableReference':
      throw new AnalysisError('undefined-variable', `The variable ${literal.name} is not defined.`, { node: literal });
    default:
      return literal satisfies never;
  }
}

/** The properties of a clause as a statement is printed back with them. */
export function printedProperties(
  clause: WithClause,
  injected: Readonly<Record<string, PropertyValue | undefined>>,
): ReadonlyMap<string, PropertyValue> {
  const printed = new Map<string, PropertyValue>(clause.values);
  for (const [name, value] of Object.entries(injected))
    if (value !== undefined && !printed.has(name)) printed.set(name, value);
  return printed;
}
