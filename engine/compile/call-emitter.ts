import type { CallArgument, Expression } from '../../language/binding/expression.ts';
import type { Parameter } from '../../language/functions/function.ts';
import { EvaluationError } from '../../language/types/evaluation-error.ts';
import type { ExpressionEmitter, Frame } from './expression-emitter.ts';
import { SYSTEM_ENVIRONMENT } from './function-environment.ts';

/** The source of a call of a scalar function. */
export function emitCall(
  emitter: ExpressionEmitter,
  call: Extract<Expression, { kind: 'call' }>,
  frame: Frame,
): string {
  const { overload, site, definition } = call;
  const implementation = emitter.callable(overload.implement(site, SYSTEM_ENVIRONMENT));
  const variables: string[] = [];
  const nullTests: string[] = [];
  const failures: string[] = [];
  const prepared = call.args.map((argument, i) => {
    const code = emitArgument(emitter, argument, frame);
    if (argument.kind !== 'value') return { setup: undefined, use: code };
    if (argument.expression.kind === 'literal' && argument.expression.value !== null)
      return { setup: undefined, use: code };
    const variable = emitter.temporary(frame);
    variables.push(variable);
    const parameter = parameterOf(overload.parameters, i, call.args.length);
    if (parameter.nonNull) failures.push(`${variable} === null`);
    else if (!overload.handlesNull) nullTests.push(`${variable} === null`);
    return { setup: `${variable} = ${code}`, use: variable };
  });
  const setups = prepared.flatMap(({ setup }) => setup ?? []);
  let result = `${implementation}(${prepared.map(({ use }) => use).join(', ')})`;
  if (nullTests.length > 0) result = `(${nullTests.join(' || ')} ? null : ${result})`;
  if (failures.length > 0) {
    const fail = emitter.callable(() => {
      throw new EvaluationError(
        `Failed to invoke function ${definition.spelling ?? definition.name}: an argument is NULL`,
      );
    });
    result = `(${failures.join(' || ')} ? ${fail}() : ${result})`;
  }
  return setups.length === 0 ? result : `(${setups.join(', ')}, ${result})`;
}

/** The source of an argument: nested calls, field accesses and texts that are converted are guarded on their own. */
export function emitArgument(emitter: ExpressionEmitter, argument: CallArgument, frame: Frame): string {
  switch (argument.kind) {
    case 'lambda':
      return emitter.lambda(argument, frame);
    case 'unit':
      return JSON.stringify(argument.unit);
    case 'value': {
      const { expression } = argument;
      return isGuardedArgument(expression) ? emitter.guarded(expression, frame) : emitter.emit(expression, frame);
    }
    default:
      return argument satisfies never;
  }
}

/** Text that cannot be read as the parameter's type is NULL for the function, not the end of the call. */
export function isGuardedArgument(expression: Expression): boolean {
  const converted = expression.kind === 'cast' && expression.implicit === true;
  const bare = converted ? expression.operand : expression;
  return bare.kind === 'call' || bare.kind === 'field' || (converted && bare.type.kind === 'STRING');
}

/** The parameter that the i-th of `count` arguments is for. */
function parameterOf(parameters: readonly Parameter[], i: number, count: number): Parameter {
  const variadic = parameters.findIndex((parameter) => parameter.variadic);
  if (variadic < 0 || i < variadic) return parameters[i]!;
  const repeats = count - parameters.length + 1;
  return i < variadic + repeats ? parameters[variadic]! : parameters[i - repeats + 1]!;
}
