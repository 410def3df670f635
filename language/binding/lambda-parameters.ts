import type * as ast from '../generated/ast.ts';
import { propertyRange } from '../parser/property-range.ts';
import { AnalysisError } from '../text/analysis-error.ts';

/** @throws AnalysisError where two parameters of a lambda have one name */
export function rejectDuplicateParameters(lambda: ast.Lambda): void {
  for (const [i, name] of lambda.parameters.entries()) {
    if (lambda.parameters.indexOf(name) === i) continue;
    const message = `Lambda arguments have duplicates: [${lambda.parameters.join(', ')}]`;
    throw new AnalysisError('lambda-duplicate-parameter', message, {
      range: propertyRange(lambda, 'parameters', i),
    });
  }
}

/**
 * @param outer the parameters of the lambdas around
 * @throws AnalysisError where a parameter is called like one of a lambda around, or like a column
 */
export function rejectTakenParameters(
  lambda: ast.Lambda,
  outer: { has(name: string): boolean },
  hasColumn: (name: string) => boolean,
): void {
  for (const [i, name] of lambda.parameters.entries()) {
    const range = propertyRange(lambda, 'parameters', i);
    if (outer.has(name)) {
      const message = `Reusing lambda arguments in nested lambda is not allowed: ${name}`;
      throw new AnalysisError('lambda-reused-parameter', message, { range });
    }
    if (hasColumn(name)) {
      throw new AnalysisError('lambda-column-name', `Lambda function argument can't be a column name: ${name}`, {
        range,
      });
    }
  }
}
