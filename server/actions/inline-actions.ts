import { type AstNode, AstUtils } from 'langium';
import { type CodeAction, CodeActionKind } from 'vscode-languageserver';
import type * as ast from '../../language/generated/ast.ts';
import type { TextEdit } from '../../language/text/diagnostic.ts';
import { type ActionSite, editAction, keywords, nodeAround, placeOf, queryNode, textOf } from './action-site.ts';

const isSource = (node: AstNode): node is ast.AliasedSource => node.$type === 'AliasedSource';

/**
 * A stream of the script that only filters another one is read through: its source and its condition take its place.
 */
export function inlineActions(site: ActionSite): CodeAction[] {
  const query = queryNode(site);
  const from = nodeAround(site, isSource);
  if (query === undefined || from === undefined || query.from !== from) return [];
  const maker = site.script.parsed.statements.find(
    ({ node, index }) => node?.$type === 'CreateAs' && node.name === from.name && index < site.statement.index,
  );
  if (maker?.node?.$type !== 'CreateAs' || !isFilter(maker.node.query)) return [];
  const inner = maker.node.query;
  const innerSite = { script: site.script, statement: maker };
  const source = inner.from as ast.AliasedSource;
  const edits: TextEdit[] = [{ range: placeOf(site, from), text: sourceText(site, from, textOf(innerSite, source)) }];
  if (inner.where !== undefined) edits.push(conditionEdit(site, query, from, textOf(innerSite, inner.where)));
  return [editAction(site, `Inline ${textOf(site, from).split(/\s+/)[0]}`, edits, CodeActionKind.RefactorInline)];
}

/** `SELECT * FROM source [WHERE …]` and no more, with nothing in it that names the source. */
function isFilter(query: ast.Query): boolean {
  const [item, ...items] = query.items;
  if (item?.$type !== 'SelectAll' || items.length > 0 || query.from.$type !== 'AliasedSource') return false;
  if (query.window || query.groupBy || query.partitionBy || query.having || query.limit !== undefined) return false;
  return [...AstUtils.streamAst(query)].every((node) => node.$type !== 'QualifiedReference');
}

/** The inner source, under the name that the outer one went by where that is used. */
function sourceText(site: ActionSite, from: ast.AliasedSource, inner: string): string {
  const [outer = '', ...alias] = textOf(site, from).split(/\s+/);
  const source = inner.split(/\s+/)[0]!;
  if (alias.length > 0) return [source, ...alias].join(' ');
  const isNamed = [...AstUtils.streamAst(site.node!)].some(
    (node) => node.$type === 'QualifiedReference' || node.$type === 'SelectAllOf',
  );
  return isNamed ? `${source} ${outer}` : source;
}

function conditionEdit(site: ActionSite, query: ast.Query, from: ast.AliasedSource, condition: string): TextEdit {
  const and = keywords(site, 'AND');
  const bracketed = (node: ast.Expression, text: string) => (hasOr(node) ? `(${text})` : text);
  if (query.where !== undefined) {
    const own = bracketed(query.where, textOf(site, query.where));
    const inner = /\bOR\b/i.test(condition) ? `(${condition})` : condition;
    return { range: placeOf(site, query.where), text: `${inner} ${and} ${own}` };
  }
  const { end } = placeOf(site, query.window ?? from);
  return { range: { start: end, end }, text: ` ${keywords(site, 'WHERE')} ${condition}` };
}

const hasOr = (node: ast.Expression): boolean =>
  node.$type === 'LogicalExpression' && node.operators.some((operator) => operator.toUpperCase() === 'OR');
