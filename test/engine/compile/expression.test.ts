import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileExpression, compilePredicate, compileProjection } from '../../../engine/compile/expression.ts';
import { bindExpression } from '../../../language/binding/binder.ts';
import type { Expression } from '../../../language/binding/expression.ts';
import { FUNCTIONS } from '../../../language/functions/catalogue.ts';
import type { SqlValue } from '../../../language/types/sql-type.ts';
import { parseExpression, scopeOf } from '../../language/binding/bind-fixture.ts';

const SCOPE = scopeOf({ I: 'INT', L: 'BIGINT', S: 'STRING', A: 'BOOLEAN', B: 'BOOLEAN', AR: 'ARRAY<INT>' });

const bind = (text: string): Expression =>
  bindExpression(parseExpression(text), SCOPE, {
    functions: { get: (name) => FUNCTIONS.get(name), names: () => FUNCTIONS.keys() },
    types: new Map(),
  });

type Columns = Partial<Record<'I' | 'L' | 'S' | 'A' | 'B' | 'AR', SqlValue>>;

const rowOf = ({ I = null, L = null, S = null, A = null, B = null, AR = null }: Columns): SqlValue[] => [
  ...[I, L, S, A, B, AR],
  0,
];

/** The value of an expression, and how many errors were told of. */
function evaluate(text: string, columns: Columns = {}): { value: SqlValue; errors: number } {
  let errors = 0;
  const value = compileExpression(bind(text), () => errors++)(rowOf(columns));
  return { value, errors };
}

const resultOf = (text: string, columns: Columns = {}): SqlValue => evaluate(text, columns).value;

describe('NULL', () => {
  const LOGIC = [true, false, null] as const;
  const cases = LOGIC.flatMap((A) => LOGIC.map((B) => ({ A, B })));

  // ksqlDB runs Java's && and ||, to which a NULL is an error where it is looked at: the right side is where the left
  // does not decide.
  test.each(cases)('AND and OR of $A and $B are as in ksqlDB', ({ A, B }) => {
    expect(resultOf('A AND B', { A, B })).toBe(A === true ? B : A);
    expect(resultOf('A OR B', { A, B })).toBe(A === false ? B : A);
    expect(resultOf('NOT A', { A, B })).toBe(A === null ? null : !A);
  });

  test.each(['CAST(I AS STRING)', 'UCASE(S)', 'AR[1]'])('%s of NULL is NULL', (text) =>
    expect(evaluate(text)).toEqual({ value: null, errors: 0 }),
  );

  test.each(['I + 1', 'L * I', '-I'])('%s of NULL is NULL, and an error as in Java', (text) =>
    expect(evaluate(text)).toEqual({ value: null, errors: 1 }),
  );

  test('joined to a text is the word, as in Java', () => expect(resultOf("S + 'x'")).toBe('nullx'));

  test.each(['I > 10 / 0', 'S > UCASE(ELT(10 / 0, S))', 'L <> 1.5 / I', 'S BETWEEN ELT(10 / 0, S) AND S'])(
    '%s of NULL does not look at the right side, as in ksqlDB',
    (text) => expect(evaluate(text)).toEqual({ value: false, errors: 0 }),
  );

  test('a condition that is NULL is not met', () => {
    expect(compilePredicate(bind('I > 1'), () => expect.unreachable())(rowOf({}))).toBe(false);
  });
});

describe('numbers are those of Java', () => {
  test('INTEGER and BIGINT wrap', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (i, j, long) => {
        const L = BigInt(Number(long)) === long && Number.isSafeInteger(Number(long)) ? Number(long) : long;
        expect(resultOf(`I * ${j < 0 ? `(${j})` : j}`, { I: i })).toBe(Math.imul(i, j));
        expect(BigInt(resultOf('L + L', { L }) as number)).toBe(BigInt.asIntN(64, long * 2n));
      }),
      { numRuns: 200 },
    );
  });

  test('division by zero is an error, which makes NULL', () => {
    expect(evaluate('10 / I', { I: 0 })).toEqual({ value: null, errors: 1 });
    expect(evaluate('-7 / I', { I: 2 })).toEqual({ value: -3, errors: 0 });
    expect(evaluate('-7 % I', { I: 2 })).toEqual({ value: -1, errors: 0 });
  });
});

describe('an error', () => {
  test('makes its own column NULL, is told once with that column, and the row goes on', () => {
    const told: number[] = [];
    const project = compileProjection(
      ['I', '10 / I', 'UCASE(S)'].map((text) => bind(text)),
      (index) => told.push(index),
    );
    expect(project(rowOf({ I: 0, S: 'a' }))).toEqual([0, null, 'A']);
    expect(project(rowOf({ I: 5, S: 'a' }))).toEqual([5, 2, 'A']);
    expect(told).toEqual([1]);
  });

  test('in a condition leaves the row out', () => {
    let errors = 0;
    const isMet = compilePredicate(bind('10 / I > 1'), () => errors++);
    expect([0, 2, 20].map((I) => isMet(rowOf({ I })))).toEqual([false, true, false]);
    expect(errors).toBe(1);
  });

  test.each([
    ['CAST(S AS INT) IS NULL', true],
    ['COALESCE(CAST(S AS INT), -1)', -1],
    ['CAST(S AS INT) > 1 OR L = 1', true],
    ['NOT (CAST(S AS DOUBLE) > 1)', true],
    ['CAST(S AS DATE) IS DISTINCT FROM CAST(S AS DATE)', false],
    ['CAST(L * 1000 AS DECIMAL(3, 1)) IN (1.5)', false],
  ])('of a cast makes only the cast NULL, as in ksqlDB: %s', (text, expected) => {
    const { value, errors } = evaluate(text, { S: 'abc', L: 1 });
    expect(value).toBe(expected);
    expect(errors).toBeGreaterThan(0);
  });

  test.each(['I IN (1, 10 / L)', 'AR[I] = 1'])('ends %s, whatever the other operands are', (text) => {
    expect(evaluate(text, { I: text.includes('IN') ? 1 : null, L: 0, AR: [1] })).toEqual({ value: null, errors: 1 });
  });

  test('does not happen in a branch that is not taken', () => {
    expect(evaluate('CASE WHEN I = 0 THEN 0 ELSE 10 / I END', { I: 0 })).toEqual({ value: 0, errors: 0 });
  });
});

describe('what users write', () => {
  test('is never code, whatever it is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(resultOf(`S + '${text.replaceAll("'", "''")}'`, { S: '' })).toBe(text);
      }),
      { examples: [["'; throw new Error() //"], ['${process.exit()}'], ['\\'], ['`'], ['\u2028']] },
    );
  });

  test('may be nested as deep as the parser lets it, and lambdas see what is around them', () => {
    expect(resultOf(`${'('.repeat(150)}I + 1${')'.repeat(150)}`, { I: 1 })).toBe(2);
    expect(resultOf(Array.from({ length: 2_000 }, () => 'I').join(' + '), { I: 1 })).toBe(2_000);
    expect(resultOf('TRANSFORM(AR, x => REDUCE(AR, I, (sum, y) => sum + x * y))', { I: 1, AR: [1, 2] })).toEqual([
      4, 7,
    ]);
  });
});
