import { parameterTypeToString } from '../../../language/binding/function-signature.ts';
import { concreteType } from '../../../language/binding/generics.ts';
import type { FunctionDefinition, Parameter, ParameterType, ReturnType } from '../../../language/functions/function.ts';
import type { FunctionArgument, FunctionName, FunctionVariant } from '../../api/protocol.ts';

const TYPES = { scalar: 'SCALAR', aggregate: 'AGGREGATE', table: 'TABLE' } as const;

/** One line of SHOW FUNCTIONS. */
export function functionName(definition: FunctionDefinition): FunctionName {
  return { name: definition.name, type: TYPES[definition.kind], category: definition.category };
}

/** What DESCRIBE FUNCTION says about a function, apart from the statement's text. */
export function functionDescription(definition: FunctionDefinition): {
  name: string;
  description: string;
  author: string;
  version: string;
  path: string;
  functions: readonly FunctionVariant[];
  type: FunctionName['type'];
} {
  return {
    name: definition.name,
    description: definition.summary,
    author: definition.author ?? 'KSQL Workbench',
    version: '',
    path: 'internal',
    functions: definition.overloads.map((overload) => variant(overload, definition.summary)),
    type: TYPES[definition.kind],
  };
}

type Overload = FunctionDefinition['overloads'][number];

function variant(overload: Overload, summary: string): FunctionVariant {
  const initParameters = 'initParameters' in overload ? (overload.initParameters ?? []) : [];
  const parameters = [...overload.parameters, ...initParameters];
  return {
    arguments: parameters.map(functionArgument),
    returnType: returnTypeText(overload.returns, parameters),
    description: overload.description ?? summary,
    argumentTypes: parameters.map(({ type }) => describedType(type)),
  };
}

function functionArgument(parameter: Parameter): FunctionArgument {
  const type = describedType(parameter.type);
  return {
    name: parameter.name,
    type,
    description: parameter.description ?? `A value of type ${type}.`,
    isVariadic: parameter.variadic === true,
  };
}

/** Descriptions write the unit of an interval in two words, messages in one. */
const describedType = (type: ParameterType): string =>
  type.kind === 'INTERVAL_UNIT' ? 'INTERVAL UNIT' : parameterTypeToString(type);

/** The declared return type. Where it follows from the arguments, it is what follows from the declared parameters. */
function returnTypeText(returns: ReturnType, parameters: readonly Parameter[]): string {
  if (typeof returns !== 'function') return parameterTypeToString(returns);
  const type = returns(parameters.map((parameter) => concreteType(parameter.type, new Map()) ?? null));
  return parameterTypeToString(type);
}
