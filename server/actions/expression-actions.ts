import type { AstNode } from 'langium';
import type { CodeAction } from 'vscode-languageserver';
import type { Expression } from '../../language/binding/expression.ts';
import type * as ast from '../../language/generated/ast.ts';
import { type SqlType, typeToString } from '../../language/types/sql-type.ts';
import { type ActionSite, editAction, isSound, keywords, nodeAround, placeOf, textOf } from './action-site.ts';
import { valueCopy } from './projection-mends.ts';

/** What can be done with an expression that is selected, or the one at the cursor. */
export const expressionActions = (site: ActionSite): CodeAction[] => [
  ...castToOther(site),
  ...castAction(site),
  ...asValue(site),
];

const COMPARABLE_LATER: ReadonlySet<string> = new Set(['INTEGER', 'BIGINT', 'DOUBLE', 'DECIMAL', 'STRING']);

/** The expression of a node, as far as the analysis came to it. */
function typed({ script, statement }: ActionSite, node: AstNode): Expression | undefined {
  return script.analysis.expressions[statement.index]?.get(node);
}

const isComparison = (node: AstNode): node is ast.Comparison => node.$type === 'Comparison';

/** Of two sides that cannot be compared as they are, the one at the cursor gets the type of the other. */
function castToOther(site: ActionSite): CodeAction[] {
  const comparison = nodeAround(site, isComparison);
  if (comparison === undefined) return [];
  const { left, right } = comparison;
  const [leftType, rightType] = [typed(site, left)?.type, typed(site, right)?.type];
  if (leftType === undefined || rightType === undefined || leftType.kind === rightType.kind) return [];
  if (!COMPARABLE_LATER.has(leftType.kind) || !COMPARABLE_LATER.has(rightType.kind)) return [];
  if (leftType.kind !== 'STRING' && rightType.kind !== 'STRING') return [];
  const isRight = site.selected.start >= placeOf(site, right).start;
  const [node, type] = isRight ? [right, leftType] : [left, rightType];
  return cast(site, node, type, `Cast ${textOf(site, node)} to ${typeToString(type)}, as the other side is`);
}

/** What has a type of its own, by itself: an operand in the grammar is as well all that is around it. */
const isExpression =
  (site: ActionSite) =>
  (node: AstNode): node is ast.Expression =>
    typed(site, node) !== undefined;

function castAction(site: ActionSite): CodeAction[] {
  const node = nodeAround(site, isExpression(site));
  const type = node && typed(site, node)?.type;
  if (node === undefined || type === undefined || !isWhole(site, node)) return [];
  const wanted: SqlType['kind'] | undefined =
    type.kind === 'STRING'
      ? 'DOUBLE'
      : type.kind === 'ARRAY' || type.kind === 'MAP' || type.kind === 'STRUCT'
        ? undefined
        : 'STRING';
  return wanted === undefined ? [] : cast(site, node, { kind: wanted } as SqlType, `Cast to ${wanted}`);
}

/** Whether a node is what is selected: all of it, or a column around the cursor. */
function isWhole({ selected, ...site }: ActionSite, node: AstNode): boolean {
  if (selected.start === selected.end) return node.$type === 'ColumnReference' || node.$type === 'QualifiedReference';
  const { start, end } = placeOf(site, node);
  return start === selected.start && end === selected.end;
}

function cast(site: ActionSite, node: AstNode, type: SqlType, title: string): CodeAction[] {
  const text = `${keywords(site, 'CAST')}(${textOf(site, node)} ${keywords(site, 'AS')} ${typeToString(type)})`;
  const edits = [{ range: placeOf(site, node), text }];
  return isSound(site, edits) ? [editAction(site, title, edits)] : [];
}

/** A key that is selected by itself can be had as a value as well. */
function asValue(site: ActionSite): CodeAction[] {
  const isItem = (node: AstNode): node is ast.SelectExpression => node.$type === 'SelectExpression';
  const item = nodeAround(site, isItem);
  const column = item && typed(site, item.expression);
  const analyzed = site.analyzed;
  if (item === undefined || column?.kind !== 'column' || analyzed?.kind !== 'create-as') return [];
  const { start, end } = placeOf(site, item);
  const isKey = analyzed.query.output.columns.some(
    ({ keyIndex, selected }) => keyIndex !== undefined && selected?.range.start === start - site.statement.offset,
  );
  if (!isKey) return [];
  const name = textOf(site, item.expression);
  return [
    editAction(site, 'Add a copy of the key to the value (AS_VALUE)', [
      { range: { start: end, end }, text: `, ${valueCopy(site, name)}` },
    ]),
  ];
}
