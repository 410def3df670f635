import { type Hover, MarkupKind, type Position } from 'vscode-languageserver';
import type { ParsedStatement } from '../../language/index.ts';
import type { DataSource, Metastore } from '../../language/metastore/metastore.ts';
import type { NamedColumn } from '../../language/names/name.ts';
import { querySources } from '../../language/names/tree-names.ts';
import { CONFIG_PROPERTIES } from '../../language/settings/property-table.ts';
import { WITH_PROPERTIES } from '../../language/settings/with-properties.ts';
import { identifierText } from '../../language/text/identifier-text.ts';
import type { TextRange } from '../../language/text/text-range.ts';
import { tokenize } from '../../language/text/tokens.ts';
import { typeToString } from '../../language/types/sql-type.ts';
import { originText } from '../scripts/column-origin.ts';
import { dataFlows } from '../scripts/data-flows.ts';
import { columnDescription } from '../scripts/descriptions.ts';
import { expressionAt } from '../scripts/expression-at.ts';
import { scriptsNaming } from '../scripts/mentions.ts';
import { type PlacedName, placedNameAt } from '../scripts/names.ts';
import { type Script, statementAt, toLspRange } from '../scripts/script-store.ts';
import { sourceLink, sourceNotes } from '../scripts/source-notes.ts';
import { type StarColumn, starAt } from '../scripts/star-columns.ts';
import { functionMarkdown } from '../text/function-text.ts';
import { shortType, sourceMarkdown } from '../text/source-text.ts';

/** Asks for what a connected engine knows of a source right now; undefined when nothing does. */
export type LiveFigures = (source: string) => Promise<string | undefined>;

/** What stands at a position: a function, a source, a column or expression with its type, a setting. */
export async function hover(script: Script, position: Position, figures: LiveFigures): Promise<Hover | undefined> {
  const offset = script.document.offsetAt(position);
  const statement = statementAt(script, offset);
  if (statement === undefined) return undefined;
  const star = starAt(script, statement, offset);
  if (star !== undefined) return show(script, star.range, starText(script, statement, star.columns));
  const found = placedNameAt(script, offset);
  if (found === undefined) return expressionHover(script, statement, offset);
  const { named } = found.use;
  const source = named.kind === 'source' ? named.name : named.kind === 'alias' ? named.source : undefined;
  if (source !== undefined) return show(script, found.range, await sourceText(script, statement, source, figures));
  return show(script, found.range, textOf(found, script)) ?? expressionHover(script, statement, offset);
}

/** The columns that a `*` stands for. */
function starText(script: Script, { node }: ParsedStatement, columns: readonly StarColumn[]): string {
  const sources = node && querySources(node);
  const rows = columns.map(({ name, type, from, key }) => {
    const source = from && sources?.get(from.alias)?.source;
    const origin = from === undefined || source === undefined ? '' : `${sourceLink(script, source)}.\`${from.column}\``;
    const role = [origin, ...(key ? ['key'] : [])].filter(Boolean).join(' · ');
    return `| \`${identifierText(name)}\` | \`${shortType(typeToString(type)).replaceAll('|', '\\|')}\` | ${role} |`;
  });
  const count = columns.length === 1 ? 'one column' : `${columns.length} columns`;
  return [`\`*\` stands for ${count}`, ['| Column | Type | |', '|---|---|---|', ...rows].join('\n')].join('\n\n');
}

function show(script: Script, range: TextRange, value: string | undefined): Hover | undefined {
  if (value === undefined) return undefined;
  return { contents: { kind: MarkupKind.Markdown, value }, range: toLspRange(script.document, range) };
}

/** What there is to say of a name that is no source's; undefined where an expression around it says more. */
function textOf({ use: { named, defines, form }, statement }: PlacedName, script: Script): string | undefined {
  switch (named.kind) {
    case 'function': {
      const definition = script.functions.get(named.name);
      return definition && functionMarkdown(definition);
    }
    case 'setting': {
      const setting = CONFIG_PROPERTIES.find(({ name }) => name === named.name);
      if (setting === undefined) return undefined;
      const value = setting.default === undefined ? '' : ` · default \`${setting.default}\``;
      return `\`${setting.name}\`\n\n${setting.docs}\n\n${setting.type}${value}`;
    }
    case 'property': {
      const property = WITH_PROPERTIES.find(({ name }) => name === named.name);
      return property && `\`${property.name}\`\n\n${property.docs}`;
    }
    case 'column':
      return defines || form === 'text' || !isInExpression(statement)
        ? columnDeclaration(named, metastoreAfter(script, statement), script)
        : undefined;
    case 'type': {
      const type = metastoreAfter(script, statement).types.get(named.name);
      return type && ksqlText(`TYPE ${named.name} AS ${shortType(typeToString(type))}`);
    }
    default:
      return undefined;
  }
}

/** Whether the columns that a statement names stand in a query. */
const isInExpression = ({ node }: ParsedStatement): boolean =>
  node !== undefined && ('query' in node || node.$type === 'Query' || node.$type === 'ExplainStatement');

/** The sources and types that a statement can name, and what it makes itself. */
const metastoreAfter = ({ analysis }: Script, { index }: ParsedStatement): Metastore =>
  analysis.metastores[index + 1] ?? analysis.metastore;

const ksqlText = (text: string): string => `\`\`\`ksql\n${text}\n\`\`\``;

/** The type of the innermost expression around a word. */
function expressionHover(script: Script, statement: ParsedStatement, offset: number): Hover | undefined {
  const at = offset - statement.offset;
  const token = tokenize(statement.text).find(({ start, end }) => start <= at && at < end);
  if (token?.kind !== 'word' && token?.kind !== 'quoted') return undefined;
  const found = expressionAt(script, statement, offset);
  if (found === undefined) return undefined;
  const { expression, range } = found;
  const name = script.parsed.text.slice(range.start, range.end);
  const text = ksqlText(`${name.length > 80 ? token.value : name} ${shortType(typeToString(expression.type))}`);
  if (expression.kind !== 'column' || expression.source === undefined) return show(script, range, text);
  const source = statement.node && querySources(statement.node).get(expression.source)?.source;
  return show(script, range, text + columnText(script, source ?? expression.source, expression.name));
}

async function sourceText(
  script: Script,
  statement: ParsedStatement,
  name: string,
  figures: LiveFigures,
): Promise<string | undefined> {
  const source = metastoreAfter(script, statement).sources.get(name);
  if (source === undefined) return undefined;
  return sourceMarkdown(source, {
    ...sourceNotes(script, source.name),
    readers: readersOf(source, script),
    figures: await figures(source.name),
  });
}

/** A column where it is declared or named without being part of an expression. */
function columnDeclaration({ source, name }: NamedColumn, metastore: Metastore, script: Script): string | undefined {
  const column = metastore.sources.get(source)?.schema.columns.find((each) => each.name === name);
  if (column === undefined) return undefined;
  const key = column.namespace === 'value' ? '' : ` ${column.namespace.toUpperCase()}`;
  return ksqlText(`${column.name} ${shortType(typeToString(column.type))}${key}`) + columnText(script, source, name);
}

/** What the comments at its declaration say, whose column it is, and what it is computed from. */
function columnText(script: Script, source: string, column: string): string {
  const description = columnDescription(script, { kind: 'column', source, name: column });
  const origin = originText(script, { source, column });
  const parts = [description, `column of ${sourceLink(script, source)}`, origin === '' ? undefined : origin];
  return parts.flatMap((part) => (part === undefined ? [] : [`\n\n${part}`])).join('');
}

/** What the project's files and the connected server read from a source. */
function readersOf({ name }: DataSource, script: Script): string[] {
  const flows = scriptsNaming({ kind: 'source', name }, script).flatMap(dataFlows);
  const made = flows.filter(({ sources }) => sources.includes(name)).flatMap(({ sink }) => sink ?? []);
  const queries = [...script.analysis.metastore.queries.values()];
  const running = queries.filter((query) => query.sources.includes(name)).map(({ sink }) => sink);
  return [...new Set([...made, ...running])];
}
