import { describe, expect, test } from 'vitest';
import { STATEMENT_DOCS } from '../../../language/documentation/statement-docs.ts';
import { reflection } from '../../../language/generated/ast.ts';
import { parseScript } from '../../../language/index.ts';

describe('statements', () => {
  test.each(STATEMENT_DOCS)('$label: the example is such a statement', ({ type, example }) => {
    const { statements, diagnostics } = parseScript(example, { dialect: 'latest', testStatements: true });
    expect(diagnostics).toEqual([]);
    expect(statements.map(({ node }) => node?.$type)).toEqual([type]);
  });

  test('all are documented', () => {
    const documented = new Set<string>(STATEMENT_DOCS.map(({ type }) => type));
    const concrete = reflection
      .getAllSubTypes('Statement')
      .filter(
        (type) =>
          ![
            'Statement',
            'CreateStatement',
            'CreateRelation',
            'DropStatement',
            'DescribeStatement',
            'ListStatement',
            'AssertStatement',
          ].includes(type),
      );
    expect(concrete.filter((type) => !documented.has(type))).toEqual([]);
  });
});
