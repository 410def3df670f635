import type { FunctionDefinition, Parameter, ParameterType, ReturnType } from '../../language/functions/function.ts';
import type { FunctionArgument, FunctionName, FunctionVariant } from '../rest/protocol.ts';

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
    argumentTypes: parameters.map((parameter) => parameterTypeText(parameter.type)),
  };
}

function functionArgument(parameter: Parameter): FunctionArgument {
  const type = parameterTypeText(parameter.type);
  return {
    name: parameter.name,
    type,
    description: parameter.description ?? `A value of type ${type}.`,
    isVariadic: parameter.variadic === true,
  };
}

/**
 * The declared return type. Where it is computed from the arguments, ksqlDB declares what the computation always gives: a
 * DECIMAL for DECIMAL parameters.
 */
function returnTypeText(returns: ReturnType, parameters: readonly Parameter[]): string {
  if (typeof returns !== 'function') return parameterTypeText(returns);
  return parameters.some(({ type }) => containsDecimal(type)) ? 'DECIMAL' : 'T';
}

function containsDecimal(type: ParameterType): boolean {
  return type.kind === 'ANY_DECIMAL' || (type.kind === 'ARRAY' && containsDecimal(type.element));
}

/** A parameter's type as DESCRIBE FUNCTION prints it, with the older names of INTEGER and STRING. */
export function parameterTypeText(type: ParameterType): string {
  switch (type.kind) {
    case 'INTEGER':
      return 'INT';
    case 'STRING':
      return 'VARCHAR';
    case 'ANY_DECIMAL':
      return 'DECIMAL';
    case 'GENERIC':
      return type.name;
    case 'INTERVAL_UNIT':
      return 'INTERVALUNIT';
    case 'ARRAY':
      return `ARRAY<${parameterTypeText(type.element)}>`;
    case 'MAP':
      return `MAP<${parameterTypeText(type.key)}, ${parameterTypeText(type.value)}>`;
    case 'STRUCT':
      return `STRUCT<${type.fields.map((field) => `${field.name} ${parameterTypeText(field.type as ParameterType)}`).join(', ')}>`;
    case 'LAMBDA': {
      const parameters = type.parameters.map(parameterTypeText).join(', ');
      return `LAMBDA (${parameters}) => ${parameterTypeText(type.result)}`;
    }
    default:
      return type.kind;
  }
}
