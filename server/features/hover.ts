import { type Hover, MarkupKind, type Position } from 'vscode-languageserver';
import type { DataSource, Metastore } from '../../language/metastore/metastore.ts';
import { namedSources } from '../../language/parser/named-sources.ts';
import { CONFIG_PROPERTIES } from '../../language/settings/property-table.ts';
import { WITH_PROPERTIES } from '../../language/settings/with-properties.ts';
import type { TextRange } from '../../language/text/text-range.ts';
import { type Token, tokenize } from '../../language/text/tokens.ts';
import { typeToString } from '../../language/types/sql-type.ts';
import { originText } from '../scripts/column-origin.ts';
import { meaningAt } from '../scripts/meaning-at.ts';
import { type Script, statementAt, toLspRange } from '../scripts/script-store.ts';
import { functionMarkdown } from '../text/function-text.ts';
import { shortType, sourceMarkdown } from '../text/source-text.ts';

/** Asks for what a connected engine knows of a source right now; undefined when nothing does. */
export type LiveFigures = (source: string) => Promise<string | undefined>;

/** What stands at a position: a function, a source, a column or expression with its type, a setting. */
export async function hover(script: Script, position: Position, figures: LiveFigures): Promise<Hover | undefined> {
  const offset = script.document.offsetAt(position);
  const statement = statementAt(script, offset);
  if (statement === undefined) return undefined;
  const tokens = tokenize(statement.text);
  const at = tokens.findIndex(
    ({ start, end }) => start <= offset - statement.offset && offset - statement.offset < end,
  );
  const token = tokens[at];
  if (token === undefined || token.kind === 'symbol' || token.kind === 'number') return undefined;
  const range = { start: token.start + statement.offset, end: token.end + statement.offset };
  const metastore = script.analysis.metastores[statement.index + 1] ?? script.analysis.metastore;

  if (token.kind === 'text') return show(script, range, settingText(tokens, at));
  const definition = script.functions.get(token.value);
  if (tokens[at + 1]?.value === '(' && token.kind === 'word' && definition !== undefined)
    return show(script, range, functionMarkdown(definition));
  const property = WITH_PROPERTIES.find(({ name }) => name === token.value);
  if (property !== undefined && tokens[at + 1]?.value === '=')
    return show(script, range, `\`${property.name}\`\n\n${property.docs}`);

  const found = meaningAt(script, offset);
  if (found?.meaning.kind === 'expression') {
    const { expression } = found.meaning;
    const name = script.parsed.text.slice(found.range.start, found.range.end);
    const text = `\`\`\`ksql\n${name.length > 80 ? token.value : name} ${shortType(typeToString(expression.type))}\n\`\`\``;
    if (expression.kind !== 'column' || expression.source === undefined) return show(script, found.range, text);
    const alias = namedSources(statement.text).find((each) => each.alias === expression.source);
    return show(script, found.range, text + columnText(script, alias?.name ?? expression.source, expression.name));
  }
  const source = sourceNamed(token, statement.text, metastore);
  if (source === undefined) return columnDeclaration(script, range, token, statement.text, metastore);
  const live = await figures(source.name);
  return show(script, range, sourceMarkdown(source, readersOf(source, script), live));
}

function show(script: Script, range: TextRange, value: string | undefined): Hover | undefined {
  if (value === undefined) return undefined;
  return { contents: { kind: MarkupKind.Markdown, value }, range: toLspRange(script.document, range) };
}

function settingText(tokens: readonly Token[], at: number): string | undefined {
  const token = tokens[at]!;
  const setting = CONFIG_PROPERTIES.find(({ name }) => name === token.value);
  if (setting !== undefined) {
    const value = setting.default === undefined ? '' : ` · default \`${setting.default}\``;
    return `\`${setting.name}\`\n\n${setting.docs}\n\n${setting.type}${value}`;
  }
  const property = WITH_PROPERTIES.find(({ name }) => name === token.value);
  return property === undefined || tokens[at + 1]?.value !== '='
    ? undefined
    : `\`${property.name}\`\n\n${property.docs}`;
}

function sourceNamed(token: Token, statement: string, metastore: Metastore): DataSource | undefined {
  const alias = namedSources(statement).find((source) => source.alias === token.value);
  return metastore.sources.get(alias?.name ?? token.value);
}

/** A column where it is declared or named without being part of an expression. */
function columnDeclaration(
  script: Script,
  range: TextRange,
  token: Token,
  statement: string,
  metastore: Metastore,
): Hover | undefined {
  const tokens = tokenize(statement);
  const named = [...namedSources(statement).map(({ name }) => name), ...tokens.slice(0, 8).map(({ value }) => value)];
  for (const name of named) {
    const column = metastore.sources.get(name)?.schema.columns.find((each) => each.name === token.value);
    if (column === undefined) continue;
    const key = column.namespace === 'value' ? '' : ` ${column.namespace.toUpperCase()}`;
    const text = `\`\`\`ksql\n${column.name} ${shortType(typeToString(column.type))}${key}\n\`\`\``;
    return show(script, range, text + columnText(script, name, column.name));
  }
  return undefined;
}

/** Whose column it is, and what it is computed from. */
function columnText(script: Script, source: string, column: string): string {
  const origin = originText(script, { source, column });
  return `\n\ncolumn of \`${source}\`${origin === '' ? '' : `\n\n${origin}`}`;
}

/** What the script and the connected server read from a source. */
function readersOf(source: DataSource, script: Script): string[] {
  const { sources, queries } = script.analysis.metastore;
  const made = [...sources.values()].filter((other) => other.readsFrom?.includes(source.name)).map(({ name }) => name);
  const running = [...queries.values()].filter((query) => query.sources.includes(source.name)).map(({ sink }) => sink);
  return [...new Set([...made, ...running])];
}
