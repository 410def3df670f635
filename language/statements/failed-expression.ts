import { AstUtils } from 'langium';
import { type NamePrinter, PLAIN_NAMES, printExpression } from '../format/expression-text.ts';
import { FUNCTIONS } from '../functions/catalogue.ts';
import * as ast from '../generated/ast.ts';
import type { Metastore } from '../metastore/metastore.ts';
import { flattenRelation } from '../query/relation-analysis.ts';
import { identifierText } from '../text/identifier-text.ts';
import type { TextRange } from '../text/text-range.ts';

export type Clause = 'SELECT' | 'JOIN' | 'WHERE' | 'GROUP BY' | 'PARTITION BY' | 'HAVING';

/** The expression of a query that an error stands in. */
export interface FailedExpression {
  readonly clause: Clause;
  readonly expression: ast.Expression;
  /** The whole expression as the plan of the query has it. */
  readonly text: string;
  /** The part at just the place of the error, likewise; undefined where that is no expression. */
  readonly partText: string | undefined;
  readonly isNull: boolean;
  readonly hasAggregate: boolean;
  /** Behind GROUP BY: it names a column that is none of the keys, and in no aggregate. */
  readonly namesUngrouped: boolean;
}

/** The expression around a place in the text of a query; undefined where none is. */
export function failedExpression(
  query: ast.Query,
  place: TextRange,
  metastore: Metastore,
): FailedExpression | undefined {
  for (const [clause, expression] of expressionsOf(query)) {
    const { $cstNode: cst } = expression;
    if (cst === undefined || cst.offset > place.start || place.end > cst.end) continue;
    const names = plannedNames(query, clause, metastore);
    const part = expressionAt(expression, place);
    return {
      clause,
      expression,
      text: printExpression(expression, names),
      partText: part && printExpression(part, names),
      isNull: isNull(expression),
      hasAggregate: hasAggregate(expression),
      namesUngrouped:
        (clause === 'SELECT' || clause === 'HAVING') &&
        query.groupBy !== undefined &&
        namesUngrouped(expression, keysOf(query.groupBy)),
    };
  }
  return undefined;
}

function* expressionsOf(query: ast.Query): Iterable<readonly [Clause, ast.Expression]> {
  for (const item of query.items) {
    if (item.$type === 'SelectExpression') yield ['SELECT', item.expression];
    if (item.$type === 'SelectStructFields') yield ['SELECT', item.base.expression];
  }
  for (const { join } of flattenRelation(query.from)) if (join !== undefined) yield ['JOIN', join.criteria];
  if (query.where !== undefined) yield ['WHERE', query.where];
  for (const key of query.groupBy?.keys ?? []) yield ['GROUP BY', key];
  for (const key of query.partitionBy?.keys ?? []) yield ['PARTITION BY', key];
  if (query.having !== undefined) yield ['HAVING', query.having];
}

/** The innermost expression that stands at just that place. */
function expressionAt(node: ast.Expression, place: TextRange): ast.Expression | undefined {
  for (const [name, child] of Object.entries(node)) {
    if (name.startsWith('$')) continue;
    for (const candidate of Array.isArray(child) ? child : [child]) {
      if (typeof candidate !== 'object' || candidate === null || !('$type' in candidate)) continue;
      const inside = expressionAt(candidate, place);
      if (inside !== undefined) return inside;
    }
  }
  const { $cstNode: cst } = node;
  return cst?.offset === place.start && cst.end === place.end ? node : undefined;
}

/** Columns in a plan have no source before them; behind a join they have names that tell it. */
function plannedNames({ from }: ast.Query, clause: Clause, { sources }: Metastore): NamePrinter {
  const joined = flattenRelation(from).map(({ node }) => node);
  if (joined.length === 1 || clause === 'JOIN') return { column: (name) => identifierText(name) };
  return {
    column: (name, qualifier) => {
      const owner =
        qualifier ??
        joined
          .filter((source) => sources.get(source.name)?.schema.columns.some((column) => column.name === name))
          .map((source) => source.alias ?? source.name)[0];
      return owner === undefined ? PLAIN_NAMES.column(name, undefined) : identifierText(`${owner}_${name}`);
    },
  };
}

const isNull = (expression: ast.Expression): boolean =>
  expression.$type === 'NullLiteral' || (expression.$type === 'Parenthesized' && isNull(expression.expression));

const UNQUALIFIED: NamePrinter = { column: (name) => name };

const keysOf = ({ keys }: ast.GroupBy): ReadonlySet<string> =>
  new Set(keys.map((key) => printExpression(key, UNQUALIFIED)));

function namesUngrouped(node: ast.Expression, keys: ReadonlySet<string>): boolean {
  if (isAggregate(node)) return false;
  if (ast.isExpression(node) && keys.has(printExpression(node, UNQUALIFIED))) return false;
  if (node.$type === 'ColumnReference' || node.$type === 'QualifiedReference') return true;
  return AstUtils.streamContents(node).some((child) => namesUngrouped(child as ast.Expression, keys));
}

const hasAggregate = (node: ast.Expression): boolean =>
  AstUtils.streamAst(node).some((part) => isAggregate(part as ast.Expression));

const isAggregate = (node: ast.Expression): boolean =>
  node.$type === 'FunctionCall' && FUNCTIONS.get(node.name)?.kind === 'aggregate';
