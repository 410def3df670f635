import type { ParameterType } from '../functions/function.ts';
import { asDecimalType } from '../types/decimal.ts';
import { array, map, type SqlType, STRING, sameType } from '../types/sql-type.ts';

/** What the generics of an overload stand for in one call, by name. */
export type GenericBindings = Map<string, SqlType>;

/** The names of the generics in a parameter type. */
export function genericNames(type: ParameterType): readonly string[] {
  switch (type.kind) {
    case 'GENERIC':
      return [type.name];
    case 'ARRAY':
      return genericNames(type.element);
    case 'MAP':
      return [...genericNames(type.key), ...genericNames(type.value)];
    case 'LAMBDA':
      return [...type.parameters.flatMap(genericNames), ...genericNames(type.result)];
    default:
      return [];
  }
}

export const hasGenerics = (type: ParameterType): boolean => genericNames(type).length > 0;

/**
 * Binds the generics of a parameter type by the type of its argument. False when the argument has another structure, or
 * a generic is bound to another type already (types must be equal; nothing is widened).
 */
export function bindGenerics(type: ParameterType, argument: SqlType, bindings: GenericBindings): boolean {
  switch (type.kind) {
    case 'GENERIC': {
      const bound = bindings.get(type.name);
      if (bound) return sameType(bound, argument);
      bindings.set(type.name, argument);
      return true;
    }
    case 'ARRAY':
      return argument.kind === 'ARRAY' && bindGenerics(type.element, argument.element, bindings);
    case 'MAP':
      return (
        argument.kind === 'MAP' &&
        bindGenerics(type.key, argument.key, bindings) &&
        bindGenerics(type.value, argument.value, bindings)
      );
    case 'ANY':
      return true;
    case 'ANY_DECIMAL':
      return argument.kind === 'DECIMAL';
    case 'LAMBDA':
    case 'INTERVAL_UNIT':
      return false;
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
    case 'DOUBLE':
    case 'STRING':
    case 'BYTES':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
    case 'STRUCT':
      return sameType(type as SqlType, argument);
    default:
      return type satisfies never;
  }
}

/**
 * The SQL type that a parameter or return type stands for once the generics are bound; undefined when one is not.
 * `argument` is what DECIMAL and ANY take their type from.
 */
export function concreteType(
  type: ParameterType,
  bindings: GenericBindings,
  argument?: SqlType | null,
): SqlType | undefined {
  switch (type.kind) {
    case 'GENERIC':
      return bindings.get(type.name);
    case 'ARRAY': {
      const element = concreteType(type.element, bindings, argument?.kind === 'ARRAY' ? argument.element : undefined);
      return element && array(element);
    }
    case 'MAP': {
      const actual = argument?.kind === 'MAP' ? argument : undefined;
      const key = concreteType(type.key, bindings, actual?.key);
      const value = concreteType(type.value, bindings, actual?.value);
      return key && value && map(key, value);
    }
    case 'ANY':
      return argument ?? STRING;
    case 'ANY_DECIMAL':
      return argument ? asDecimalType(argument) : { kind: 'DECIMAL', precision: 1, scale: 0 };
    case 'LAMBDA':
    case 'INTERVAL_UNIT':
      return undefined;
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
    case 'DOUBLE':
    case 'STRING':
    case 'BYTES':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
    case 'STRUCT':
      return type;
    default:
      return type satisfies never;
  }
}
