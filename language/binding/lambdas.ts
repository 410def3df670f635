import type { ParameterType } from '../functions/function.ts';
import type * as ast from '../generated/ast.ts';
import { AnalysisError } from '../text/analysis-error.ts';
import { type SqlType, typeToString } from '../types/sql-type.ts';
import type { Binder } from './binder.ts';
import type { CallArgument } from './expression.ts';
import { parameterTypeToString } from './function-signature.ts';
import { bindGenerics, concreteType, type GenericBindings, hasGenerics } from './generics.ts';
import { rejectDuplicateParameters, rejectTakenParameters } from './lambda-parameters.ts';
import { requireTyped } from './literals.ts';

/**
 * Checks the lambdas of a call before anything is bound: they stand last, and their parameters have names of their own.
 * @throws AnalysisError with ksqlDB's words
 */
export function checkLambdaOrder(node: ast.FunctionCall, binder: Binder): void {
  const first = node.args.findIndex((arg) => arg.$type === 'Lambda');
  if (first < 0) return;
  if (binder.context.lambdas === false) {
    throw new AnalysisError('lambdas-disabled', 'Lambdas are not enabled: ksql.lambdas.enabled is false.', { node });
  }
  for (const arg of node.args.slice(first)) {
    if (arg.$type !== 'Lambda') {
      throw new AnalysisError('lambda-order', 'Syntax error: lambdas must come after all other arguments.', {
        node: arg,
      });
    }
    rejectDuplicateParameters(arg);
    rejectTakenParameters(arg, binder.surroundings.lambdaParameters, (name) => binder.scope.hasColumn(name));
  }
}

/**
 * Binds a lambda once the arguments before it have told the types of its parameters, and lets the type of its body bind
 * the generics of its result.
 */
export function bindLambda(
  node: ast.Lambda,
  parameterType: ParameterType,
  bindings: GenericBindings,
  binder: Binder,
): CallArgument {
  if (parameterType.kind !== 'LAMBDA') throw new TypeError('A lambda was resolved to a parameter of another kind');
  const parameterTypes = parameterType.parameters.map((type) => parameterSqlType(type, bindings, node));
  const lambdaParameters = new Map(binder.surroundings.lambdaParameters);
  node.parameters.forEach((name, i) => {
    lambdaParameters.set(name, parameterTypes[i]!);
  });
  const body = requireTyped(binder.inside({ lambdaParameters }).bind(node.body));
  if (!acceptsResult(parameterType.result, body.type, bindings)) {
    const actual = `LAMBDA (${parameterTypes.map(typeToString).join(', ')}) => ${typeToString(body.type)}`;
    const message =
      `Cannot infer generics for ${parameterTypeToString(parameterType)} from ${actual} because they do not have the same ` +
      'schema structure.';
    throw new AnalysisError('lambda-result-type', message, { node: node.body });
  }
  return { kind: 'lambda', parameters: node.parameters, parameterTypes, body };
}

function parameterSqlType(type: ParameterType, bindings: GenericBindings, node: ast.Lambda): SqlType {
  const sqlType = concreteType(type, bindings);
  if (sqlType) return sqlType;
  const message = `Could not resolve type for generic ${parameterTypeToString(type)}. Cast the NULL arguments before the lambda.`;
  throw new AnalysisError('untyped-null', message, { node });
}

function acceptsResult(declared: ParameterType, actual: SqlType, bindings: GenericBindings): boolean {
  if (hasGenerics(declared)) return bindGenerics(declared, actual, bindings);
  return declared.kind === 'ANY' || declared.kind === actual.kind;
}
