import { describe, expect, test } from 'vitest';
import type { BindContext } from '../../../language/binding/bind-context.ts';
import { bindExpression } from '../../../language/binding/binder.ts';
import type { AggregateCall, Expression } from '../../../language/binding/expression.ts';
import type { ParameterType } from '../../../language/functions/function.ts';
import { AnalysisError } from '../../../language/text/analysis-error.ts';
import { typeToString } from '../../../language/types/sql-type.ts';
import {
  aggregate,
  arrayOf,
  bindText,
  type Fixture,
  generic,
  parameter,
  parseExpression,
  scalar,
  scopeOf,
  table,
} from './bind-fixture.ts';

const lambda = (parameters: readonly ParameterType[], result: ParameterType): ParameterType => ({
  kind: 'LAMBDA',
  parameters,
  result,
});
const T = generic('T');
const R = generic('R');

const fixture: Fixture = {
  columns: {
    I: 'INT',
    L: 'BIGINT',
    D: 'DOUBLE',
    N: 'DECIMAL(6, 2)',
    S: 'STRING',
    B: 'BOOLEAN',
    Y: 'BYTES',
    DT: 'DATE',
    TM: 'TIME',
    TS: 'TIMESTAMP',
    AR: 'ARRAY<INT>',
    MP: 'MAP<STRING, BIGINT>',
    ST: 'STRUCT<X INT, Y STRING, `low` DOUBLE>',
    DAY: 'INT',
  },
  functions: [
    scalar('ABS', [['INT'], 'INT'], [['BIGINT'], 'BIGINT'], [['DOUBLE'], 'DOUBLE'], [['DECIMAL'], (args) => args[0]!]),
    scalar('CONCAT', [[parameter('STRING', true)], 'STRING'], [[parameter('BYTES', true)], 'BYTES']),
    scalar('COALESCE', [['T', parameter('T', true)], 'T']),
    scalar('LEN', [['STRING'], 'INT'], [['BYTES'], 'INT']),
    scalar('ARRAY_CONTAINS', [[parameter(arrayOf(T)), 'T'], 'BOOLEAN']),
    scalar('ARRAY_MAX', [[parameter(arrayOf(T))], 'T']),
    scalar('DATEADD', [[parameter({ kind: 'INTERVAL_UNIT' }), 'INT', 'DATE'], 'DATE']),
    scalar('TRANSFORM', [[parameter(arrayOf(T)), parameter(lambda([T], R))], arrayOf(R)]),
    scalar('FILTER', [[parameter(arrayOf(T)), parameter(lambda([T], { kind: 'BOOLEAN' }))], arrayOf(T)]),
    aggregate('COUNT', [], [['T'], 'BIGINT']),
    aggregate('SUM', [], [['INT'], 'INT'], [['BIGINT'], 'BIGINT']),
    aggregate('TOPK', ['INT'], [['INT'], arrayOf({ kind: 'INTEGER' })]),
    table('EXPLODE', [[parameter(arrayOf(T))], 'T']),
  ],
};

const bind = (text: string) => bindText(text, fixture);
const typeOf = (text: string) => typeToString(bind(text).type);

function fault(text: string, run: (text: string) => Expression = bind): AnalysisError {
  try {
    run(text);
  } catch (error) {
    if (error instanceof AnalysisError) return error;
    throw error;
  }
  throw new Error(`Accepted: ${text}`);
}

describe('types', () => {
  test.each([
    ['1', 'INTEGER'],
    ['2147483648', 'BIGINT'],
    ['-2147483648', 'INTEGER'],
    ['-9223372036854775808', 'BIGINT'],
    ['.5', 'DECIMAL(2, 1)'],
    ['5.', 'DECIMAL(1, 0)'],
    ['00.10', 'DECIMAL(3, 2)'],
    ['0.00000193', 'DECIMAL(9, 8)'],
    ['-1.50', 'DECIMAL(3, 2)'],
    ['1e3', 'DOUBLE'],
    ["'x'", 'STRING'],
    ['I + L', 'BIGINT'],
    ['I / 2', 'INTEGER'],
    ['N + I', 'DECIMAL(13, 2)'],
    ['N * N', 'DECIMAL(13, 4)'],
    ['N / L', 'DECIMAL(26, 22)'],
    ['N % 0.1', 'DECIMAL(3, 2)'],
    ['N - D', 'DOUBLE'],
    ["S + 'x'", 'STRING'],
    ["S || 'x' || S", 'STRING'],
    ['-N', 'DECIMAL(6, 2)'],
    ['I > 1.5 AND NOT B', 'BOOLEAN'],
    ["TS BETWEEN '2020' AND DT", 'BOOLEAN'],
    ['L IN (1, 2.5)', 'BOOLEAN'],
    ['CASE WHEN B THEN NULL WHEN I > 1 THEN 2 END', 'INTEGER'],
    ['CAST(NULL AS ARRAY<STRING>)', 'ARRAY<STRING>'],
    ['ARRAY[NULL, 1, 2.50, L]', 'ARRAY<DECIMAL(21, 2)>'],
    ["ARRAY[1, '2e1']", 'ARRAY<DECIMAL(10, 0)>'],
    ["ARRAY[ARRAY[L], ARRAY['3', NULL]]", 'ARRAY<ARRAY<BIGINT>>'],
    ['ARRAY[STRUCT(A := 1), STRUCT(B := S, A := L)]', 'ARRAY<STRUCT<`A` BIGINT, `B` STRING>>'],
    ["MAP('a' := 1, 'b' := 2.5)", 'MAP<STRING, DECIMAL(11, 1)>'],
    ['STRUCT()', 'STRUCT< >'],
    ['AR[1]', 'INTEGER'],
    ['MP[S]', 'BIGINT'],
    ['MP[NULL]', 'BIGINT'],
    ['ST->`low`', 'DOUBLE'],
    ['COALESCE(I, 1, 2)', 'INTEGER'],
    ['ABS(N)', 'DECIMAL(6, 2)'],
    ['DATEADD(DAYS, I, DT)', 'DATE'],
    ['DATEADD(HOUR, I, DT)', 'DATE'],
    ["DATEADD(MINUTES, I, '2020-01-01')", 'DATE'],
    ['TRANSFORM(AR, X1 => X1 * 2.5)', 'ARRAY<DECIMAL(13, 1)>'],
    ['TRANSFORM(AR, X1 => TRANSFORM(AR, X2 => CAST(X1 + X2 AS STRING)))', 'ARRAY<ARRAY<STRING>>'],
    ['EXPLODE(AR) + 1', 'INTEGER'],
  ])('%s is %s', (text, type) => expect(typeOf(text)).toBe(type));
});

describe('what ksqlDB prints', () => {
  test.each([
    ['i + 1 * l', '(I + (1 * L))'],
    ["s NOT LIKE 'a!%' ESCAPE '!'", "(NOT (S LIKE 'a!%' ESCAPE '!'))"],
    ['NOT i IS NOT NULL', '(NOT (I IS NOT NULL))'],
    ['CASE WHEN b THEN 1 ELSE null END', '(CASE WHEN B THEN 1 ELSE null END)'],
    ['st->x + ar[-1]', '(ST->X + AR[-1])'],
    ['st->`low`', 'ST->`low`'],
    ["MAP('a':=1)", "MAP('a':=1)"],
    ['transform(ar, x1 => x1 + 1)', 'TRANSFORM(AR, (X1) => (X1 + 1))'],
    ['cast(i as decimal(4,2))', 'CAST(I AS DECIMAL(4, 2))'],
    ['ABS(L + I)', 'ABS((L + I))'],
    ['-1.50 + 25e-1 + 5.', '((-1.50 + 2.5E0) + 5)'],
    ["s || 'it''s'", "CONCAT(S, 'it''s')"],
  ])('%s', (text, printed) => expect(bind(text).text).toBe(printed));
});

describe('faults', () => {
  test.each([
    ['I + NULL', 'arithmetic-types', 'Arithmetic on types INTEGER and null are not supported.'],
    [
      'TS - TS',
      'arithmetic-types',
      'Error processing expression: (TS - TS). Unsupported arithmetic types. TIMESTAMP TIMESTAMP',
    ],
    ['-S', 'unary-operand', 'STRING'],
    ['I = NULL', 'comparison-with-null', 'Comparison with NULL not supported: INTEGER = NULL'],
    ["I = '1'", 'comparison-types', "Cannot compare I (INTEGER) to '1' (STRING) with EQUAL."],
    ['B < B', 'comparison-types', 'Cannot compare B (BOOLEAN) to B (BOOLEAN) with LESS_THAN.'],
    ['DT IS DISTINCT FROM TM', 'comparison-types', 'Cannot compare DT (DATE) to TM (TIME) with IS_DISTINCT_FROM.'],
    ["I BETWEEN '1' AND '5'", 'comparison-types', 'Cannot compare'],
    ['I IN (NULL)', 'in-list-null', 'not NULL'],
    ["I IN (1, 'x')", 'invalid-input-syntax', 'invalid input syntax for type INTEGER: "x".'],
    ['L IN (1, S)', 'types-not-unifiable', 'operator does not exist: BIGINT = STRING (S)\nHint: You might need'],
    ["I LIKE '1'", 'like-operand', 'LIKE needs STRINGs'],
    ["S LIKE 'a' ESCAPE 'ab'", 'like-escape', 'Expected single character escape but got: ab'],
    ['I AND B', 'logical-operand', 'AND needs BOOLEANs, but I is INTEGER.'],
    ['B AND NULL', 'untyped-null', "Can't infer a type of null."],
    ['CASE I WHEN 1 THEN 2 END', 'simple-case', 'Simple CASE'],
    ['CASE WHEN I THEN 2 END', 'case-condition', "WHEN operand type should be boolean.\nType for 'I' is INTEGER"],
    ['CASE WHEN B THEN I ELSE L END', 'case-types', 'THEN type: INTEGER.\nDEFAULT type: BIGINT.'],
    ['CASE WHEN B THEN I WHEN B THEN N END', 'case-types', "Type for all 'THEN' clauses should be the same."],
    ['CAST(Y AS STRING)', 'cast-not-supported', 'Cast of BYTES to STRING is not supported.'],
    ['CAST(I AS WIDGET)', 'unknown-type', 'Cannot resolve unknown type: WIDGET'],
    ['CAST(I AS DECIMAL(2, 3))', 'invalid-decimal', 'precision must be >= scale'],
    ['ARRAY[]', 'empty-constructor', 'Array constructor cannot be empty.'],
    ['ARRAY[NULL]', 'untyped-null', 'Cannot construct an array with all NULL elements'],
    ["MAP('a' := 1, 'a' := 2)", 'duplicate-map-key', "Multiple entries with same key: 'a'=2 and 'a'=1"],
    ['STRUCT(A := NULL)', 'untyped-null', "Can't infer a type of null."],
    ['AR[L]', 'array-index-type', 'must be an INTEGER'],
    ['I[1]', 'subscript-type', 'Subscript expression (I[1]) do not apply to INTEGER.'],
    ['ST[1]', 'subscript-type', 'Use the dereference operator for STRUCTS: ST->1'],
    ['I->X', 'struct-expected', 'Expected STRUCT type, got: INTEGER'],
    ['ST->LOW', 'unknown-field', "Could not find field 'LOW' in 'ST'. Did you mean `low`?"],
    ['COALESCE(I, L)', 'function-arguments', "Function 'COALESCE' does not accept parameters (INTEGER, BIGINT)."],
    ['ABS(NULL)', 'function-ambiguous', "Function 'ABS' cannot be resolved due to ambiguous method parameters (null)."],
    ['ARRAY_MAX(NULL)', 'untyped-null', 'cannot be inferred'],
    ['ABS()', 'function-arguments', 'does not accept parameters ()'],
    ['ABZ(I)', 'unknown-function', "Can't find any functions with the name 'ABZ'\nDid you mean ABS?"],
    ['99999999999999999999', 'invalid-number', 'Invalid numeric literal'],
    ['1e400', 'invalid-number', 'Number overflows DOUBLE'],
    ["S AT TIME ZONE 'UTC'", 'not-implemented', 'not yet implemented'],
    [
      'FILTER(AR, X1 => X1 + 1)',
      'lambda-result-type',
      'Cannot infer generics for LAMBDA (T) => BOOLEAN from LAMBDA (INTEGER) => INTEGER',
    ],
    ['FILTER(AR, (X1, X2) => TRUE)', 'function-arguments', 'does not accept parameters (ARRAY<INTEGER>, LAMBDA).'],
    ['TRANSFORM(AR, I => I)', 'lambda-column-name', "Lambda function argument can't be a column name: I"],
    ['TRANSFORM(AR, (X1, X1) => 1)', 'lambda-duplicate-parameter', 'Lambda arguments have duplicates: [X1, X1]'],
    [
      'TRANSFORM(AR, X1 => TRANSFORM(AR, X1 => 1))',
      'lambda-reused-parameter',
      'Reusing lambda arguments in nested lambda',
    ],
    ['SUM(COUNT(I))', 'nested-aggregate', 'Aggregate functions can not be nested: SUM(COUNT())'],
    ['TOPK(I, I)', 'aggregate-literal', 'must be a literal constant'],
    ['SUM(D)', 'function-arguments', "Function 'SUM' does not accept parameters (DOUBLE)."],
    ['EXPLODE(EXPLODE(AR))', 'nested-table-function', 'Table functions cannot be nested: `EXPLODE`(`EXPLODE`())'],
    ['CASE WHEN B THEN EXPLODE(AR) END', 'table-function-in-case', 'Table functions cannot be used in CASE'],
  ])('%s', (text, code, message) => {
    const error = fault(text);
    expect(error.message).toContain(message);
    expect(error.code).toBe(code);
    expect(error.range).toBeDefined();
  });

  test('fixes replace just what is wrong', () => {
    const apply = (text: string) => {
      const source = `SELECT ${text} AS X FROM S;`;
      const edits = [...fault(text).fixes[0]!.edits].sort((a, b) => b.range.start - a.range.start);
      return edits.reduce(
        (changed, { range, text: by }) => changed.slice(0, range.start) + by + changed.slice(range.end),
        source,
      );
    };
    expect(apply('1 + ABZ(I)')).toBe('SELECT 1 + ABS(I) AS X FROM S;');
    expect(apply('ST->LOW')).toBe('SELECT ST->`low` AS X FROM S;');
    expect(apply('I = NULL')).toBe('SELECT I IS NULL AS X FROM S;');
    expect(apply('CASE I WHEN 1 THEN 2 WHEN 3 THEN 4 END')).toBe(
      'SELECT CASE  WHEN I = 1 THEN 2 WHEN I = 3 THEN 4 END AS X FROM S;',
    );
    expect(apply('CAST(I AS STRNG)')).toBe('SELECT CAST(I AS STRING) AS X FROM S;');
  });
});

describe('calls', () => {
  test('the exact overload wins, then one after implicit casts', () => {
    const call = bind("LEN('x')") as Extract<Expression, { kind: 'call' }>;
    expect(call.site.argumentTypes.map((type) => typeToString(type!))).toEqual(['STRING']);
    const cast = bind("DATEADD(DAYS, 1, '2020-01-01')") as Extract<Expression, { kind: 'call' }>;
    expect(cast.args[2]).toMatchObject({
      kind: 'value',
      expression: { kind: 'cast', implicit: true, type: { kind: 'DATE' } },
    });
    expect(cast.args[0]).toEqual({ kind: 'unit', unit: 'DAYS' });
  });

  test('one array may stand for the values of a variadic parameter, as text', () => {
    const call = bind("CONCAT(ARRAY['a', 'b'])") as Extract<Expression, { kind: 'call' }>;
    expect(call.args).toMatchObject([{ kind: 'value', expression: { kind: 'cast', type: { kind: 'STRING' } } }]);
    expect(fault('CONCAT(ARRAY[Y])').code).toBe('cast-not-supported');
    expect(fault('CONCAT(NULL)').code).toBe('function-ambiguous');
    expect(typeOf('CONCAT(S, NULL, S)')).toBe('STRING');
  });

  test('a singular unit is a unit only where no column has its name', () => {
    expect(bind('DATEADD(SECOND, 1, DT)')).toMatchObject({ args: [{ kind: 'unit', unit: 'SECONDS' }, {}, {}] });
    expect(fault('DATEADD(DAY, 1, DT)').message).toContain('does not accept parameters (INTEGER, INTEGER, DATE)');
  });

  test('aggregates go to the hook, with their literal arguments apart', () => {
    const calls: AggregateCall[] = [];
    const bound = bindText('TOPK(I + 1, 3)[1] + SUM(I) + COUNT(*)', fixture, {}, calls);
    expect(typeToString(bound.type)).toBe('BIGINT');
    expect(calls.map((call) => call.text)).toEqual(['TOPK((I + 1), 3)', 'SUM(I)', 'COUNT(ROWTIME)']);
    expect(calls[0]).toMatchObject({ initArgs: [3], args: [{ kind: 'arithmetic' }] });
  });

  test('where aggregates cannot stand they are no functions', () => {
    const functions = { get: (name: string) => fixture.functions.find((f) => f.name === name), names: () => [] };
    const node = parseExpression('SUM(I) > 1');
    const bindWith = (context: Partial<BindContext>) => () =>
      bindExpression(node, scopeOf(fixture.columns), { functions, types: new Map(), ...context });
    expect(bindWith({})).toThrow("Can't find any functions with the name 'SUM'");
    const beforeAggregate = () => {
      throw new AnalysisError('aggregate-in-group-by', 'GROUP BY does not support aggregate functions');
    };
    expect(bindWith({ beforeAggregate })).toThrow('GROUP BY does not support aggregate functions');
  });
});

describe('timestamps in conditions', () => {
  const condition = (text: string) => bindText(text, fixture, { timestampLiterals: true });

  test('text beside ROWTIME becomes milliseconds', () => {
    expect(condition("ROWTIME >= '2020-01-01'")).toMatchObject({
      right: { value: 1577836800000, type: { kind: 'BIGINT' } },
    });
    expect(condition("'2020-01-01T00:00:01+0100' < ROWTIME")).toMatchObject({ left: { value: 1577833201000 } });
    expect(condition("ROWTIME NOT BETWEEN '2020' AND '2021'")).toMatchObject({ low: { value: 1577836800000 } });
  });

  test('but nothing else does', () => {
    expect(fault("ROWTIME >= '2020-01-01'").code).toBe('comparison-types');
    expect(fault("L >= '2020-01-01'", condition).code).toBe('comparison-types');
    expect(fault("ROWTIME + 1 >= '2020-01-01'", condition).code).toBe('comparison-types');
    expect(fault("ROWTIME > 'noon'", condition).message).toContain("Failed to parse timestamp 'noon'");
  });
});

test('the types of nodes are told, innermost first', () => {
  const seen: string[] = [];
  bindText('ABS(ST->X + 1)', fixture, {
    onTyped: (_, expression) => seen.push(`${expression.text}: ${expression.type.kind}`),
  });
  expect(seen).toEqual([
    'ST: STRUCT',
    'ST->X: INTEGER',
    '1: INTEGER',
    '(ST->X + 1): INTEGER',
    'ABS((ST->X + 1)): INTEGER',
  ]);
});
