import { type AstNode, AstUtils } from 'langium';
import { type CodeAction, CodeActionKind } from 'vscode-languageserver';
import type { Expression } from '../../language/binding/expression.ts';
import type * as ast from '../../language/generated/ast.ts';
import type { TextEdit } from '../../language/text/diagnostic.ts';
import { identifierText } from '../../language/text/identifier-text.ts';
import {
  type ActionSite,
  editAction,
  freeName,
  keywords,
  nodeAround,
  placeOf,
  queryNode,
  textOf,
} from './action-site.ts';

/** What can be put into a stream of its own. */
export const extractActions = (site: ActionSite): CodeAction[] => [...extractExpression(site), ...extractFilter(site)];

/** A query of one source, and that source. */
interface SimpleQuery {
  readonly query: ast.Query;
  readonly from: ast.AliasedSource;
  readonly kind: 'STREAM' | 'TABLE';
}

function simpleQuery(site: ActionSite): SimpleQuery | undefined {
  const query = queryNode(site);
  if (query?.from.$type !== 'AliasedSource') return undefined;
  const source = site.metastore.sources.get(query.from.name);
  if (source === undefined || source.window !== undefined || source.schema.columns.length === 0) return undefined;
  return { query, from: query.from, kind: source.kind };
}

/** `FROM new alias` in the place of the source, which goes by the same name as before. */
function readsInstead(site: ActionSite, from: ast.AliasedSource, name: string): TextEdit {
  const usesName = [...AstUtils.streamAst(site.node!)].some(
    (node) => node.$type === 'QualifiedReference' || node.$type === 'SelectAllOf',
  );
  const written = textOf(site, from);
  const [source = '', ...alias] = written.split(/\s+/);
  const kept = alias.length > 0 ? ` ${alias.join(' ')}` : usesName ? ` ${source}` : '';
  return { range: placeOf(site, from), text: `${name}${kept}` };
}

/** The statement that makes a source, to stand before the one that reads it. */
function before(site: ActionSite, text: string): TextEdit {
  const { start } = site.statement.range;
  return { range: { start, end: start }, text: `${text}\n\n` };
}

/** The condition of a query becomes a source of its own. */
function extractFilter(site: ActionSite): CodeAction[] {
  const simple = simpleQuery(site);
  const where = simple?.query.where;
  if (simple === undefined || where === undefined) return [];
  const place = placeOf(site, where);
  const keyword = wordBefore(site, place.start, 'WHERE');
  if (keyword === undefined || site.selected.start < keyword || site.selected.end > place.end) return [];
  const { from, kind } = simple;
  const name = freeName(site, `${plainName(from.name)}_filtered`);
  const word = (text: string) => keywords(site, text);
  const made = `${word(`CREATE ${kind}`)} ${name} ${word('AS')}\n  ${word('SELECT')} *\n  ${word('FROM')} ${textOf(site, from)}\n  ${word('WHERE')} ${textOf(site, where)}\n  ${word('EMIT CHANGES')};`;
  const blankStart = keyword - /\s*$/.exec(site.script.parsed.text.slice(0, keyword))![0].length;
  const edits = [
    before(site, made),
    readsInstead(site, from, name),
    { range: { start: blankStart, end: place.end }, text: '' },
  ];
  return [editAction(site, `Extract the filter into a ${kind.toLowerCase()}`, edits, CodeActionKind.RefactorExtract)];
}

/** Where the keyword before an offset begins. */
function wordBefore({ script }: ActionSite, offset: number, word: string): number | undefined {
  const match = new RegExp(`\\b${word}\\s+$`, 'i').exec(script.parsed.text.slice(0, offset));
  return match?.index;
}

const plainName = (name: string): string =>
  /^[A-Z_][A-Z0-9_]*$/.test(name) ? name.toLowerCase() : identifierText(name).replaceAll('`', '');

/** A part of a query over a stream becomes a column of a stream of its own. */
function extractExpression(site: ActionSite): CodeAction[] {
  const { selected, script, statement } = site;
  const simple = simpleQuery(site);
  if (simple?.kind !== 'STREAM' || selected.start === selected.end) return [];
  const expressions = script.analysis.expressions[statement.index];
  const isTyped = (node: AstNode): node is ast.Expression => expressions?.has(node) === true;
  const node = nodeAround(site, isTyped);
  const expression = node && expressions?.get(node);
  if (node === undefined || expression === undefined || !isExtractable(site, node, expression, simple)) return [];
  const { from } = simple;
  const column = freeColumn(site, from.name, columnName(textOf(site, node)));
  const name = freeName(site, `${plainName(from.name)}_with_${column}`);
  const word = (text: string) => keywords(site, text);
  const made = `${word('CREATE STREAM')} ${name} ${word('AS')}\n  ${word('SELECT')} *, ${textOf(site, node)} ${word('AS')} ${column}\n  ${word('FROM')} ${textOf(site, from)}\n  ${word('EMIT CHANGES')};`;
  const edits = [before(site, made), { range: placeOf(site, node), text: column }, readsInstead(site, from, name)];
  return [editAction(site, 'Extract into a stream', edits, CodeActionKind.RefactorExtract)];
}

/** Whether a node is what is selected, of columns that exist before the query groups them. */
function isExtractable(site: ActionSite, node: AstNode, expression: Expression, { query }: SimpleQuery): boolean {
  const { start, end } = placeOf(site, node);
  if (start !== site.selected.start || end !== site.selected.end) return false;
  if (expression.kind === 'column' || query.items.some((item) => item.$type !== 'SelectExpression')) return false;
  for (const inner of AstUtils.streamAst(node)) {
    if (inner.$type === 'FunctionCall') {
      const kind = site.script.functions.get((inner as ast.FunctionCall).name.toUpperCase())?.kind;
      if (kind !== 'scalar') return false;
    }
  }
  for (let around = node.$container; around !== undefined; around = around.$container)
    if (around.$type === 'Lambda') return false;
  return true;
}

/** A name that no column of a source has. */
function freeColumn({ metastore }: ActionSite, source: string, wanted: string): string {
  const names = new Set(metastore.sources.get(source)?.schema.columns.map(({ name }) => name));
  if (!names.has(wanted.toUpperCase())) return wanted;
  for (let i = 2; ; i++) if (!names.has(`${wanted}_${i}`.toUpperCase())) return `${wanted}_${i}`;
}

/** A name for what an expression gives, from the words in it. */
function columnName(text: string): string {
  const words = text.match(/[A-Za-z_]\w*/g) ?? [];
  return words.slice(0, 3).join('_').toLowerCase() || 'extracted';
}
