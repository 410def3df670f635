import type { AstNode } from 'langium';
import { type CodeAction, CodeActionKind } from 'vscode-languageserver';
import type * as ast from '../../language/generated/ast.ts';
import type { TextEdit } from '../../language/text/diagnostic.ts';
import { identifierText } from '../../language/text/identifier-text.ts';
import { castable } from '../../language/types/cast.ts';
import { sameType, typeToString } from '../../language/types/sql-type.ts';
import { spellingOf } from '../scripts/spelling.ts';
import { shortType } from '../text/source-text.ts';
import {
  type ActionSite,
  editAction,
  isMended,
  keywords,
  placeOf,
  problemAt,
  queryNode,
  textOf,
} from './action-site.ts';

/** Mends of what is wrong with a select list as a whole. */
export const projectionMends = (site: ActionSite): CodeAction[] => [
  ...copyOfKey(site),
  ...valueFromKey(site),
  ...castToTarget(site),
];

const mend = (site: ActionSite, title: string, edits: readonly TextEdit[]): CodeAction[] =>
  isMended(site, edits) ? [editAction(site, title, edits, CodeActionKind.QuickFix)] : [];

const isExpression = (item: AstNode): item is ast.SelectExpression => item.$type === 'SelectExpression';

/** A key that is selected a second time becomes a value. */
function copyOfKey(site: ActionSite): CodeAction[] {
  const problem = problemAt(site, 'key-selected-twice');
  const item = queryNode(site)?.items.find((each) => placeOf(site, each).start === problem?.range.start);
  if (item === undefined || !isExpression(item)) return [];
  const { start, end } = placeOf(site, item.expression);
  const alias = item.alias === undefined ? copyAlias(site, textOf(site, item.expression)) : '';
  return mend(site, 'Make it a value (AS_VALUE)', [
    { range: { start, end: start }, text: `${keywords(site, 'AS_VALUE')}(` },
    { range: { start: end, end }, text: `)${alias}` },
  ]);
}

/** A result that is nothing but a key gets a copy of it as its value. */
function valueFromKey(site: ActionSite): CodeAction[] {
  const last = problemAt(site, 'no-value-columns') && queryNode(site)?.items.at(-1);
  if (last === undefined || !isExpression(last)) return [];
  const { end } = placeOf(site, last);
  return mend(site, 'Add a copy of the key to the value (AS_VALUE)', [
    { range: { start: end, end }, text: `, ${valueCopy(site, textOf(site, last.expression))}` },
  ]);
}

/** A key as a value of another name. */
export const valueCopy = (site: ActionSite, key: string): string =>
  `${keywords(site, 'AS_VALUE')}(${key})${copyAlias(site, key)}`;

function copyAlias(site: ActionSite, key: string): string {
  const plain = key.split('.').at(-1)!;
  const name = plain.startsWith('`')
    ? `\`${plain.slice(1, -1)}_value\``
    : `${plain}${/[a-z]/.test(plain) ? '_value' : '_VALUE'}`;
  return ` ${keywords(site, 'AS')} ${name}`;
}

/** What is selected for a stream gets the types of its columns. */
function castToTarget(site: ActionSite): CodeAction[] {
  const { node, metastore, script, statement } = site;
  if (node?.$type !== 'InsertSelect' || problemAt(site, 'incompatible-schema') === undefined) return [];
  const columns = metastore.sources.get(node.target)?.schema.columns ?? [];
  const edits = node.query.items.filter(isExpression).flatMap((item): TextEdit[] => {
    const { expression, alias } = item;
    const isColumn = expression.$type === 'ColumnReference' || expression.$type === 'QualifiedReference';
    const name = alias ?? (isColumn ? expression.name : undefined);
    const from = script.analysis.expressions[statement.index]?.get(expression)?.type;
    const to = columns.find((column) => column.name === name)?.type;
    if (from === undefined || to === undefined || sameType(from, to) || !castable(from, to)) return [];
    const { start, end } = placeOf(site, expression);
    const as = keywords(site, 'AS');
    const named = alias === undefined ? ` ${as} ${isColumn ? nameOf(site, expression) : identifierText(name!)}` : '';
    return [
      { range: { start, end: start }, text: `${keywords(site, 'CAST')}(` },
      { range: { start: end, end }, text: ` ${as} ${shortType(typeToString(to))})${named}` },
    ];
  });
  if (edits.length === 0) return [];
  const target = spellingOf(script).source(node.target) ?? identifierText(node.target);
  return mend(site, `Cast to the types of ${target}`, edits);
}

/** A column without its source, as it is written. */
const nameOf = (site: ActionSite, column: AstNode): string => /(?:`[^`]*`|[^.`]+)$/.exec(textOf(site, column))![0];
