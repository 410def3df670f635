import { describe, expect, test } from 'vitest';
import { STATEMENT_DOCS } from '../../../language/documentation/statement-docs.ts';
import { TEMPLATES } from '../../../language/documentation/templates.ts';
import { reflection } from '../../../language/generated/ast.ts';
import { parseScript } from '../../../language/index.ts';

/** A snippet with its first choices and samples in their places. */
const filled = (snippet: string): string =>
  snippet
    .replaceAll(/\$\{\d+\|([^,|]*)[^}]*\}/g, '$1')
    .replaceAll(/\$\{\d+:([^}]*)\}/g, '$1')
    .replaceAll(/\$\d/g, 'x');

describe('statements', () => {
  test.each(STATEMENT_DOCS.filter(({ label }) => label !== 'EXPLAIN'))(
    '$label: the snippet is one',
    ({ snippet, type }) => {
      const { statements, diagnostics } = parseScript(filled(snippet), { dialect: 'latest', testStatements: true });
      expect(diagnostics).toEqual([]);
      // One snippet shows all kinds of things.
      if (!type.startsWith('List')) expect(statements.map(({ node }) => node?.$type)).toEqual([type]);
    },
  );

  test.each(TEMPLATES)('$label: the template has no syntax error', ({ snippet }) => {
    expect(parseScript(filled(snippet), { dialect: 'latest' }).diagnostics).toEqual([]);
  });

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
