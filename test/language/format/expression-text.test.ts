import { describe, expect, test } from 'vitest';
import { printExpression } from '../../../language/format/expression-text.ts';
import type { Query, SelectExpression } from '../../../language/generated/ast.ts';
import { parseScript } from '../../../language/parser/parse-script.ts';

function printed(expression: string): string {
  const [statement] = parseScript(`SELECT ${expression} FROM S EMIT CHANGES;`, { dialect: 'latest' }).statements;
  return printExpression(((statement!.node as Query).items[0] as SelectExpression).expression);
}

describe('expressions are printed as ksqlDB does', () => {
  test.each([
    ['a not in (1, 2)', '(NOT (A IN (1, 2)))'],
    ['a not between 1 and 2', '(NOT (A BETWEEN 1 AND 2))'],
    ["a not like 'x%' escape '!'", "(NOT (A LIKE 'x%' ESCAPE '!'))"],
    ['a is not distinct from b', '(NOT (A IS DISTINCT FROM B))'],
    ['a is not null', '(A IS NOT NULL)'],
    ['a != 1', '(A <> 1)'],
    ["a || 'x' || b", "CONCAT(CONCAT(A, 'x'), B)"],
    ['transform(a, x => x + 1)', 'TRANSFORM(A, (X) => (X + 1))'],
    ['reduce(a, 0, (s, x) => s + x)', 'REDUCE(A, 0, (S, X) => (S + X))'],
    ['count()', 'COUNT(*)'],
    ['now()', 'NOW()'],
    ['1.5e-2', '1.5E-2'],
    ['1e3', '1E3'],
    ['.5', '0.5'],
    ['1.50', '1.50'],
    ['- -1', '- -1'],
    ['a->b[1]', 'A->B[1]'],
  ])('%s', (written, expected) => {
    expect(printed(written)).toBe(expected);
  });
});
