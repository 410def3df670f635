import type * as ast from '../generated/ast.ts';
import type { StatementContext } from '../query/statement-context.ts';
import { findProperty, isEditable, propertyValueProblem } from '../settings/properties.ts';
import { CONFIG_PROPERTIES } from '../settings/property-table.ts';
import { AnalysisError } from '../text/analysis-error.ts';
import type { QuickFix } from '../text/diagnostic.ts';
import { closest } from '../text/suggestions.ts';
import type { TextRange } from '../text/text-range.ts';

/** Settings of this product that ksqlDB does not know. */
const OWN_PROPERTIES: ReadonlySet<string> = new Set(['ksql.dialect', 'ksql.workbench.until.end']);

/** Checks SET and UNSET: the property exists, may be set, and takes the value. */
export function checkProperty(node: ast.SetProperty | ast.UnsetProperty, context: StatementContext): void {
  const { name } = node;
  if (OWN_PROPERTIES.has(name)) {
    if (name === 'ksql.dialect' && node.$type === 'SetProperty' && node.value !== 'latest' && node.value !== '2018') {
      throw new AnalysisError('property-value', "Invalid value for ksql.dialect: it is 'latest' or '2018'.", {
        range: context.rangeOfProperty(node, 'value'),
      });
    }
    return;
  }
  const property = findProperty(name);
  if (property === undefined) throw unknownProperty(name, node, context);
  if (!isEditable(property)) {
    const message = `One or more properties overrides set locally are prohibited by the KSQL server denylist (use UNSET to reset their default value): [${name}]`;
    // A server takes the statement all the same; the setting has no effect.
    context.report('property-denied', message, context.rangeOfProperty(node, 'name'));
  }
  const problem = node.$type === 'SetProperty' ? propertyValueProblem(property, node.value, 'property') : undefined;
  if (problem !== undefined && node.$type === 'SetProperty') {
    const range = context.rangeOfProperty(node, 'value');
    const nearest = closest(node.value, property.values ?? []);
    throw new AnalysisError('property-value', problem, {
      range,
      fixes: nearest === undefined ? [] : [changeToText(nearest, range)],
      explanation: nearest && `${name} cannot be ${node.value}. Did you mean ${nearest}?`,
    });
  }
}

const changeToText = (text: string, range: TextRange): QuickFix => ({
  title: `Change to ${text}`,
  edits: [{ range, text: `'${text}'` }],
});

function unknownProperty(
  name: string,
  node: ast.SetProperty | ast.UnsetProperty,
  context: StatementContext,
): AnalysisError {
  const nearest = closest(
    name,
    CONFIG_PROPERTIES.map((property) => property.name),
  );
  const range = context.rangeOfProperty(node, 'name');
  const fixes = nearest === undefined ? [] : [changeToText(nearest, range)];
  return new AnalysisError(
    'unknown-property',
    `Unknown property: ${name}${nearest === undefined ? '' : `. Did you mean ${nearest}?`}`,
    { range, fixes },
  );
}
