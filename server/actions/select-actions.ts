import { AstUtils } from 'langium';
import type { CodeAction } from 'vscode-languageserver';
import type * as ast from '../../language/generated/ast.ts';
import type { TextEdit } from '../../language/text/diagnostic.ts';
import { identifierText } from '../../language/text/identifier-text.ts';
import { typeToString } from '../../language/types/sql-type.ts';
import { type Spelling, spellingOf } from '../scripts/spelling.ts';
import { starAt } from '../scripts/star-columns.ts';
import { shortType } from '../text/source-text.ts';
import { type ActionSite, editAction, keywords, placeOf, queryNode } from './action-site.ts';

/** What can be done with the columns that a statement names, or does not name. */
export const selectActions = (site: ActionSite): CodeAction[] => [
  ...expandStar(site),
  ...qualifyColumns(site),
  ...declareColumns(site),
  ...listTargetColumns(site),
];

/** The sources of the query by the names that they go by, as those are written. */
function aliasesOf(site: ActionSite): ReadonlyMap<string, { readonly source: string; readonly text: string }> {
  const found = new Map<string, { source: string; text: string }>();
  const query = queryNode(site);
  if (query === undefined) return found;
  for (const each of AstUtils.streamAst(query)) {
    if (each.$type !== 'AliasedSource') continue;
    const { name, alias } = each as ast.AliasedSource;
    const { start, end } = placeOf(site, each);
    const written = site.script.parsed.text.slice(start, end).trim().split(/\s+/).at(-1)!;
    found.set(alias ?? name, { source: name, text: written });
  }
  return found;
}

/** `*` becomes the columns that it stands for, with the names that they have in the result. */
function expandStar(site: ActionSite): CodeAction[] {
  const star = starAt(site.script, site.statement, site.selected.start);
  if (star === undefined) return [];
  const aliases = aliasesOf(site);
  const spelling = spellingOf(site.script);
  const columns = star.columns.map(({ name, from }) => {
    const source = from && aliases.get(from.alias);
    if (from === undefined || source === undefined) return identifierText(name);
    const column = spelling.column(source.source, from.column) ?? identifierText(from.column);
    const text = aliases.size > 1 ? `${source.text}.${column}` : column;
    if (name === from.column) return text;
    const named = /^[a-z]/.test(column) ? name.toLowerCase() : name;
    return `${text} ${keywords(site, 'AS')} ${named.toUpperCase() === name ? named : identifierText(name)}`;
  });
  return [editAction(site, 'Expand * to its columns', [{ range: star.range, text: columns.join(', ') }])];
}

/** Columns without the name of their source get it. */
function qualifyColumns(site: ActionSite): CodeAction[] {
  const query = queryNode(site);
  const expressions = site.script.analysis.expressions[site.statement.index];
  if (query === undefined || expressions === undefined) return [];
  const aliases = aliasesOf(site);
  const edits: TextEdit[] = [];
  for (const node of AstUtils.streamAst(query)) {
    if (node.$type !== 'ColumnReference') continue;
    const expression = expressions.get(node);
    const alias = expression?.kind === 'column' && expression.source !== undefined && aliases.get(expression.source);
    if (!alias) continue;
    const { start } = placeOf(site, node);
    edits.push({ range: { start, end: start }, text: `${alias.text}.` });
  }
  return edits.length === 0 ? [] : [editAction(site, 'Qualify all columns with their sources', edits)];
}

/** A CREATE that leaves its columns to a schema registry gets those that the server knows. */
function declareColumns(site: ActionSite): CodeAction[] {
  const { node, analyzed, statement } = site;
  if (node?.$type !== 'CreateSource' || node.elements.length > 0) return [];
  const known = analyzed?.kind === 'create-source' ? analyzed.source : undefined;
  const columns = known?.schema.columns ?? site.script.analysis.metastore.sources.get(node.name)?.schema.columns ?? [];
  if (columns.length === 0) return [];
  const key = node.kind === 'TABLE' ? ' PRIMARY KEY' : ' KEY';
  const list = columns.map(({ name, type, namespace }) => {
    const role = namespace === 'key' ? key : namespace === 'headers' ? ' HEADERS' : '';
    return `\n  ${identifierText(name)} ${shortType(typeToString(type))}${keywords(site, role)}`;
  });
  const at = /\bWITH\b/i.exec(statement.text)?.index ?? statement.text.length - 1;
  const start = statement.offset + at;
  return [
    editAction(site, 'Declare its columns here', [{ range: { start, end: start }, text: `(${list.join(',')}\n) ` }]),
  ];
}

/** `INSERT INTO t VALUES (…)` gets the columns that its values go to. */
function listTargetColumns(site: ActionSite): CodeAction[] {
  const { node, statement, metastore } = site;
  if (node?.$type !== 'InsertValues' || node.columns.length > 0) return [];
  const source = metastore.sources.get(node.target);
  const columns = (source?.schema.columns ?? []).filter(
    ({ namespace }) => namespace === 'key' || namespace === 'value',
  );
  const at = statement.text.search(/\bVALUES\b/i);
  if (source === undefined || columns.length !== node.values.length || at < 0) return [];
  const start = statement.offset + at;
  const text = `(${namesOf(columns, source.name, spellingOf(site.script)).join(', ')}) `;
  return [editAction(site, 'List the columns', [{ range: { start, end: start }, text }])];
}

const namesOf = (
  columns: readonly { readonly name: string }[],
  source: string,
  spelling: Spelling,
): readonly string[] => columns.map(({ name }) => spelling.column(source, name) ?? identifierText(name));
