import type { FunctionDefinition, Parameter, ParameterType } from '../functions/function.ts';
import type { SqlType } from '../types/sql-type.ts';

/**
 * A parameter's type as ksqlDB's function descriptions and messages spell it: INT, VARCHAR, `ARRAY<T>`, `LAMBDA (T) =>
 * R`.
 */
export function parameterTypeToString(type: ParameterType | SqlType): string {
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
      return `ARRAY<${parameterTypeToString(type.element)}>`;
    case 'MAP':
      return `MAP<${parameterTypeToString(type.key)}, ${parameterTypeToString(type.value)}>`;
    case 'LAMBDA':
      return `LAMBDA (${type.parameters.map(parameterTypeToString).join(', ')}) => ${parameterTypeToString(type.result)}`;
    case 'STRUCT':
      return `STRUCT<${type.fields.map((field) => `${field.name} ${parameterTypeToString(field.type)}`).join(', ')}>`;
    case 'BOOLEAN':
    case 'BIGINT':
    case 'DECIMAL':
    case 'DOUBLE':
    case 'BYTES':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
    case 'ANY':
      return type.kind;
    default:
      return type satisfies never;
  }
}

/** All parameters of an overload in the order of the arguments, the literal ones of an aggregate last. */
export function parametersOf(overload: {
  readonly parameters: readonly Parameter[];
  readonly initParameters?: readonly Parameter[] | undefined;
}): readonly Parameter[] {
  return overload.initParameters ? [...overload.parameters, ...overload.initParameters] : overload.parameters;
}

/** `COALESCE(T first, T... others)`, as the list of valid alternatives in messages has it. */
export function signatureToString(definition: FunctionDefinition, parameters: readonly Parameter[]): string {
  const list = parameters.map(
    (parameter) => `${parameterTypeToString(parameter.type)}${parameter.variadic ? '...' : ''} ${parameter.name}`,
  );
  return `${definition.name}(${list.join(', ')})`;
}
