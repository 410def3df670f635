import { describe, expect, test } from 'vitest';
import { type ResolutionArgument, resolveOverload } from '../../../language/binding/function-resolution.ts';
import { parseType } from '../../../language/types/parse-type.ts';
import { aggregate, parameter, scalar } from './bind-fixture.ts';

const args = (...types: (string | null)[]): ResolutionArgument[] =>
  types.map((type) => ({ kind: 'value', type: type === null ? null : parseType(type) }));

/** The index of the chosen overload, or the code of the fault. */
function choose(
  definition: ReturnType<typeof scalar> | ReturnType<typeof aggregate>,
  ...types: (string | null)[]
): number | string {
  try {
    const { overload } = resolveOverload(definition as ReturnType<typeof scalar>, args(...types), {});
    return definition.overloads.indexOf(overload as never);
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('the choice of an overload', () => {
  const greatest = scalar(
    'GREATEST',
    [['INT', parameter('INT', true)], 'INT'],
    [['BIGINT', parameter('BIGINT', true)], 'BIGINT'],
    [['DECIMAL', parameter('DECIMAL', true)], 'INT'],
    [['DOUBLE', parameter('DOUBLE', true)], 'DOUBLE'],
    [['STRING', parameter('STRING', true)], 'STRING'],
  );
  const variadic = scalar(
    'F',
    [['INT', 'STRING'], 'INT'],
    [['INT', parameter('STRING', true)], 'INT'],
    [['T', 'T'], 'T'],
  );
  const middle = aggregate('TOPK', ['INT'], [['INT'], 'INT'], [['INT', parameter('T', true)], 'INT']);

  test.each([
    ['exact types', greatest, ['BIGINT', 'BIGINT'], 1],
    ['a variadic parameter may take nothing', greatest, ['STRING'], 4],
    ['several after implicit casts', greatest, ['INT', 'BIGINT'], 'function-ambiguous'],
    ['one after implicit casts', greatest, ['DOUBLE', 'INT'], 3],
    ['NULL as a value or as all values', greatest, ['STRING', null], 'function-ambiguous'],
    ['NULL among values', greatest, [null, 'STRING', 'STRING'], 4],
    ['all values as an array', greatest, ['STRING', 'ARRAY<STRING>'], 4],
    ['no such number of arguments', greatest, [], 'function-arguments'],
    ['fixed before variadic', variadic, ['INT', 'STRING'], 0],
    ['variadic where nothing else fits', variadic, ['INT', 'STRING', 'STRING'], 1],
    ['fewer generics first', variadic, ['INT', null], 0],
    ['generics must agree', variadic, ['INT', 'BIGINT'], 'function-arguments'],
    ['generics', variadic, ['BIGINT', 'BIGINT'], 2],
    ['variadic in the middle', middle, ['INT', 'STRING', 'BIGINT', 'INT'], 'function-arguments'],
    ['variadic in the middle, agreeing', middle, ['INT', 'STRING', 'STRING', 'INT'], 1],
    ['aggregates are not cast for', middle, ['BIGINT', 'INT'], 'function-arguments'],
  ] as const)('%s', (_, definition, types, expected) => expect(choose(definition, ...types)).toBe(expected));

  test('messages list what would be valid', () => {
    expect(() => resolveOverload(variadic, args('STRUCT<A INT>'), {})).toThrow(
      "Function 'F' does not accept parameters (STRUCT<A INTEGER>).\nValid alternatives are:\n" +
        'F(INT p, VARCHAR p)\nF(INT p, VARCHAR... p)\nF(T p, T p)\nFor detailed information',
    );
  });

  test('to messages a unit of time has no type, as NULL has none', () => {
    const given: ResolutionArgument[] = [{ kind: 'unit' }, ...args(null, 'BIGINT')];
    expect(() => resolveOverload(variadic, given, {})).toThrow('does not accept parameters (null, null, BIGINT).');
  });

  test('an ambiguous call is told what to cast to', () => {
    expect(() => resolveOverload(greatest, args('INT', 'BIGINT'), {})).toThrow(
      'ambiguous method parameters (INTEGER, BIGINT).\nUse CAST() to explicitly cast your parameters to one of the ' +
        'supported function calls.\nValid function calls are:\nGREATEST(INT p, INT... p)\n',
    );
  });
});
