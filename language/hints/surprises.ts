import { columnsOf } from '../binding/expression-tree.ts';
import type { DiagnosticCode } from '../diagnostics/diagnostic-codes.ts';
import type * as ast from '../generated/ast.ts';
import { eachNode } from '../parser/each-node.ts';
import type { ParsedStatement } from '../parser/parse-script.ts';
import { propertyRange } from '../parser/property-range.ts';
import type { AnalyzedQuery, AnalyzedStatement, JoinRelation, Relation } from '../query/analyzed.ts';
import type { ExpressionTable } from '../query/statement-context.ts';
import { rangeOf } from '../text/analysis-error.ts';
import { identifierText } from '../text/identifier-text.ts';
import type { TextRange } from '../text/text-range.ts';

/** Something about a statement that is right, and may not be what was meant; the range is the statement's. */
export interface Surprise {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly range: TextRange;
}

/** What the statement says by itself: it is found once for each meaning of it. */
const known = new WeakMap<ExpressionTable, readonly Surprise[]>();

/** What may surprise about a statement, by itself. */
export function surprisesOf(
  { node }: ParsedStatement,
  analyzed: AnalyzedStatement | undefined,
  expressions: ExpressionTable,
): readonly Surprise[] {
  if (node === undefined || analyzed === undefined || !('query' in analyzed)) return [];
  const remembered = known.get(expressions);
  if (remembered !== undefined) return remembered;
  const found = surprises(node, analyzed.query, expressions);
  known.set(expressions, found);
  return found;
}

function surprises(node: ast.Statement, query: AnalyzedQuery, expressions: ExpressionTable): readonly Surprise[] {
  const written = queryIn(node);
  if (written === undefined) return [];
  return [
    ...unboundedState(written, query),
    ...finalWaits(written, query),
    ...tableConditions(written, query),
    ...repartitions(written, query.relation),
    ...textOrder(written, expressions),
  ];
}

function queryIn(node: ast.Statement): ast.Query | undefined {
  if (node.$type === 'Query') return node;
  return node.$type === 'CreateAs' || node.$type === 'InsertSelect' ? node.query : undefined;
}

const at = (node: ast.Query, property: string): TextRange => propertyRange(node, property) ?? rangeOf(node)!;

function unboundedState(node: ast.Query, { kind, grouping, relation }: AnalyzedQuery): readonly Surprise[] {
  if (kind !== 'persistent' || grouping === undefined || grouping.window !== undefined) return [];
  if (grouping.keys.every((key) => columnsOf(key).length === 0) || kindOf(relation) === 'TABLE') return [];
  const message = 'One row is kept for each group, for as long as the query runs: without a window no group ends.';
  return [{ code: 'unbounded-state', message, range: at(node, 'groupBy') }];
}

const kindOf = (relation: Relation): 'STREAM' | 'TABLE' =>
  relation.kind === 'source' ? relation.source.kind : relation.resultKind;

function finalWaits(node: ast.Query, { emit }: AnalyzedQuery): readonly Surprise[] {
  if (emit !== 'FINAL') return [];
  const message =
    'A window is given out when a newer row of its partition passes its end and its grace period: where rows cease, the last windows do not come.';
  return [{ code: 'final-waits', message, range: at(node, 'emit') }];
}

/** Conditions on the columns of a table that are no key. */
function tableConditions(node: ast.Query, { kind, relation, where }: AnalyzedQuery): readonly Surprise[] {
  if (relation.kind !== 'source' || relation.source.kind !== 'TABLE' || where === undefined) return [];
  const roles = columnsOf(where).map(({ index }) => relation.layout[index]?.role);
  const range = at(node, 'where');
  if (kind === 'pull' && !roles.includes('key'))
    return [
      { code: 'full-scan', message: 'The condition names no key: the whole table is read for the answer.', range },
    ];
  if (kind !== 'persistent' || roles.every((role) => role === 'key')) return [];
  const message = 'A row that stops matching is deleted from the result: the condition looks at columns that change.';
  return [{ code: 'filter-deletes', message, range }];
}

/** Sides of joins that are spread anew. */
function repartitions(node: ast.Query, relation: Relation): readonly Surprise[] {
  const found: Surprise[] = [];
  const joins = joinsOf(relation);
  for (const [i, { $cstNode: _, criteria, right }] of writtenJoins(node.from).entries()) {
    const join = joins[i];
    if (join === undefined) continue;
    const sides = [
      ...(join.repartitionLeft ? [`what stands before ${identifierText(right.name)}`] : []),
      ...(join.repartitionRight ? [identifierText(right.name)] : []),
    ];
    if (sides.length === 0) continue;
    const message = `This is not the key of ${sides.join(' or of ')}: its rows go through a topic of their own, to be spread anew.`;
    found.push({ code: 'join-repartition', message, range: rangeOf(criteria)! });
  }
  return found;
}

/** From the first to the last, as they are written. */
function joinsOf(relation: Relation): readonly JoinRelation[] {
  const found: JoinRelation[] = [];
  for (let each = relation; each.kind === 'join'; each = each.left) found.unshift(each);
  return found;
}

function writtenJoins(from: ast.Relation): readonly ast.Join[] {
  const found: ast.Join[] = [];
  for (let each = from; each.$type === 'Join'; each = each.left) found.unshift(each);
  return found;
}

const ORDER: ReadonlySet<string> = new Set(['<', '>', '<=', '>=']);
const NUMBER = /^\s*[+-]?\d+(?:\.\d+)?\s*$/;

/** Texts that are compared by their order, with one that looks like a number. */
function textOrder(node: ast.Query, expressions: ExpressionTable): readonly Surprise[] {
  const found: Surprise[] = [];
  eachNode(node, (each) => {
    if (each.$type !== 'Comparison') return;
    const { left, right, operator } = each as ast.Comparison;
    if (!ORDER.has(operator)) return;
    const number = [left, right].find((side) => side.$type === 'StringLiteral' && NUMBER.test(side.value));
    const other = number === left ? right : left;
    if (number?.$type !== 'StringLiteral' || expressions.get(other)?.type.kind !== 'STRING') return;
    const message = "Texts are compared letter by letter: '9' comes after '10'. Cast the other side to a number.";
    found.push({ code: 'text-order', message, range: rangeOf(each)! });
  });
  return found;
}
