import type { PropertyValue } from '../format/statement-text.ts';
import type * as ast from '../generated/ast.ts';
import type { StatementContext } from '../query/statement-context.ts';
import { readWithClause, type WithClause, type WithEntry, type WithStatement } from '../settings/with-properties.ts';
import { AnalysisError, rangeOf } from '../text/analysis-error.ts';
import { stringText } from '../text/identifier-text.ts';

/** Checks the WITH clause of a statement; one that has none has no property. */
export function withClause(
  node: ast.Properties | undefined,
  statement: WithStatement,
  context: StatementContext,
): WithClause {
  const clause = readWithClause(withEntries(node), statement, context.rangeOf(node));
  if (clause.values.has('CLEANUP_POLICY')) {
    const message =
      'CLEANUP_POLICY has no effect: it is inferred from the kind of the source, compact for a table and delete for a stream.';
    context.report('ineffective-property', message, clause.rangeOf('CLEANUP_POLICY'));
  }
  return clause;
}

/** The properties of a clause as they are written. @throws AnalysisError for a value that is none */
export const withEntries = (node: ast.Properties | undefined): readonly WithEntry[] =>
  (node?.entries ?? []).map(entryOf);

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
          /^-?\d+$/.test(literal.value) && !Number.isSafeInteger(Number(literal.value))
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

/**
 * The properties of a clause as a statement is printed back with them: those of `replaced` in any case, those injected
 * where it has none.
 */
export function printedProperties(
  clause: WithClause,
  injected: Readonly<Record<string, PropertyValue | undefined>>,
  replaced: Readonly<Record<string, PropertyValue>> = {},
): ReadonlyMap<string, PropertyValue> {
  const printed = new Map<string, PropertyValue>([...clause.values, ...Object.entries(replaced)]);
  for (const [name, value] of Object.entries(injected))
    if (value !== undefined && !printed.has(name)) printed.set(name, value);
  return printed;
}

/**
 * Where a statement leaves a format to the server, ksqlDB prints both back by their proper names; where it says both,
 * as written.
 */
export function printedFormats(
  clause: WithClause,
  key: string,
  value: string,
): Readonly<Record<string, PropertyValue>> {
  const stated = clause.values.has('FORMAT') || (clause.values.has('KEY_FORMAT') && clause.values.has('VALUE_FORMAT'));
  return stated ? {} : { KEY_FORMAT: key, VALUE_FORMAT: value };
}
