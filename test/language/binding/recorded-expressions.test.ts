import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bindExpression } from '../../../language/binding/binder.ts';
import { requireTyped } from '../../../language/binding/literals.ts';
import { bindType } from '../../../language/binding/type-names.ts';
import { FUNCTIONS } from '../../../language/functions/catalogue.ts';
import type * as ast from '../../../language/generated/ast.ts';
import { parseScript } from '../../../language/parser/parse-script.ts';
import { AnalysisError } from '../../../language/text/analysis-error.ts';
import { backQuoted, type SqlType, typeToString } from '../../../language/types/sql-type.ts';
import { scopeOf } from './bind-fixture.ts';

/**
 * The types of the expressions in cases recorded from ksqlDB: every select item of a query over one stream must be
 * accepted, and have the type that the sink's schema tells. (Whether what is wrong is refused depends on whole
 * statements.)
 */
const FOLDER = new URL('../../../../shared/conformance/generated/', import.meta.url);

interface RecordedCase {
  readonly name: string;
  readonly statements: readonly string[];
  readonly expectedException?: unknown;
  readonly post?: { readonly sources?: readonly { readonly name: string; readonly schema: string }[] };
}

interface Query {
  readonly sink: string;
  readonly items: readonly ast.SelectExpression[];
  readonly columns: Readonly<Record<string, string>>;
}

/** The query of a case, where it is one over a single declared stream, without what a scope of columns cannot tell. */
function queryOf({ statements }: RecordedCase): Query | undefined {
  const parsed = parseScript(statements.join('\n'), { dialect: 'latest' });
  const nodes = parsed.statements.map((statement) => statement.node);
  const last = nodes.at(-1);
  if (last?.$type !== 'CreateAs' || last.query.from.$type !== 'AliasedSource' || last.query.groupBy) return undefined;
  const { name } = last.query.from;
  const source = nodes.find((node) => node?.$type === 'CreateSource' && node.name === name) as
    | ast.CreateSource
    | undefined;
  if (!source || nodes.some((node) => node?.$type === 'AlterSource')) return undefined;
  const columns = source.elements.map(({ name: column, type }) => [column, typeToString(bindType(type, new Map()))]);
  const pseudo = { ROWPARTITION: 'INTEGER', ROWOFFSET: 'BIGINT' };
  const items = last.query.items.filter((item): item is ast.SelectExpression => item.$type === 'SelectExpression');
  return { sink: last.name, items, columns: { ...Object.fromEntries(columns), ...pseudo } };
}

function typeOf(node: ast.Expression, columns: Query['columns']): SqlType {
  const slot = (type: SqlType, text: string) => ({ kind: 'column' as const, index: 0, name: text, type, text });
  const bound = bindExpression(node, scopeOf(columns), {
    functions: { get: (name) => FUNCTIONS.get(name), names: () => FUNCTIONS.keys() },
    types: new Map(),
    onAggregate: ({ type, text }) => slot(type, text),
    onTableFunction: ({ type, text }) => slot(type, text),
  });
  return requireTyped(bound).type;
}

function recordedCases(file: string): readonly RecordedCase[] {
  return JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')).tests;
}

const files = existsSync(FOLDER) ? readdirSync(FOLDER).filter((file) => /^(expressions|functions)-/.test(file)) : [];
if (files.length === 0) console.warn(`Skipped: no recorded cases in ${FOLDER.pathname}`);

describe.skipIf(files.length === 0)('recorded expressions', () => {
  test.each(files)('%s', (file) => {
    const differences: string[] = [];
    let compared = 0;
    for (const recorded of recordedCases(file)) {
      const query = recorded.expectedException === undefined ? queryOf(recorded) : undefined;
      const schema = query && recorded.post?.sources?.find(({ name }) => name === query.sink)?.schema;
      for (const { alias, expression } of query?.items ?? []) {
        try {
          const column = `${backQuoted(alias ?? '')} ${typeToString(typeOf(expression, query!.columns))}`;
          compared++;
          if (alias && schema && !schema.includes(column))
            differences.push(`${recorded.name}: ${column} is not in ${schema}`);
        } catch (error) {
          if (!(error instanceof AnalysisError)) throw error;
          differences.push(`${recorded.name}: ${error.message}`);
        }
      }
    }
    expect(differences).toEqual([]);
    expect(compared).toBeGreaterThan(0);
  });
});
