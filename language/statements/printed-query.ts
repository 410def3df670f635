import type { QueryText } from '../format/statement-text.ts';
import type * as ast from '../generated/ast.ts';
import { GeneratedNames, isPseudoColumn, joinedColumnName } from '../query/column-names.ts';
import { identifierText } from '../text/identifier-text.ts';
import type { Schema } from '../types/schema.ts';

/** A source of a query as far as it is known: one that does not exist has no schema. */
export interface PrintedSource {
  readonly alias: string;
  readonly schema: Schema | undefined;
}

/**
 * How a query is printed over its sources: columns with the source they belong to, and a name behind each select item.
 */
export function printedQuery(query: ast.Query, sources: readonly PrintedSource[]): QueryText {
  const ownersOf = (name: string) =>
    sources.filter(({ schema }) => isPseudoColumn(name) || schema?.columns.some((column) => column.name === name));
  const generated = new GeneratedNames(sources.flatMap(({ schema }) => schema ?? []));
  const columnName = (name: string, qualifier: string | undefined): string => {
    const owners = ownersOf(name);
    const source = qualifier ?? owners[0]?.alias;
    const told = sources.length === 1 || (owners.length < 2 && !isPseudoColumn(name));
    return told || source === undefined ? name : joinedColumnName(source, name);
  };
  const names = query.items.map((item) => {
    if (item.$type !== 'SelectExpression') return undefined;
    return item.alias ?? defaultName(item.expression, columnName, generated);
  });
  return {
    names: {
      column: (name, qualifier) => {
        const owner = qualifier ?? ownersOf(name)[0]?.alias;
        return owner === undefined ? identifierText(name) : `${identifierText(owner)}.${identifierText(name)}`;
      },
    },
    aliasOf: (_item, i) => names[i],
  };
}

function defaultName(
  expression: ast.Expression,
  columnName: (name: string, qualifier: string | undefined) => string,
  generated: GeneratedNames,
): string {
  switch (expression.$type) {
    case 'Parenthesized':
      return defaultName(expression.expression, columnName, generated);
    case 'ColumnReference':
      return columnName(expression.name, undefined);
    case 'QualifiedReference':
      return columnName(expression.name, expression.qualifier);
    case 'AccessPath':
      return generated.forPath(expression);
    default:
      return generated.nextColumn();
  }
}
