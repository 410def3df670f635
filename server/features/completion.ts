// biome-ignore-all lint/suspicious/noTemplateCurlyInString: editors fill in the places of snippets, JavaScript does not.
import {
  type CompletionItem,
  CompletionItemKind,
  type CompletionList,
  InsertTextFormat,
  MarkupKind,
  type Position,
} from 'vscode-languageserver';
import { FUNCTIONS } from '../../language/functions/catalogue.ts';
import type { FunctionDefinition } from '../../language/functions/function.ts';
import type { DataSource, Metastore } from '../../language/metastore/metastore.ts';
import { tokenSources } from '../../language/names/token-names.ts';
import { type QuerySource, querySources } from '../../language/names/tree-names.ts';
import { CONFIG_PROPERTIES } from '../../language/settings/property-table.ts';
import { identifierText } from '../../language/text/identifier-text.ts';
import { inComment } from '../../language/text/tokens.ts';
import type { SqlType } from '../../language/types/sql-type.ts';
import { typeToString } from '../../language/types/sql-type.ts';
import { type CompletionPlace, placeAt } from '../scripts/completion-place.ts';
import type { Script } from '../scripts/script-store.ts';
import { functionMarkdown, signatureText } from '../text/function-text.ts';
import { completableColumns, shortType, sourceMarkdown } from '../text/source-text.ts';
import { NEXT_STATEMENT, STATEMENT_STARTS } from '../text/statement-starts.ts';
import { offeredProperties, valuesOf } from '../text/with-properties.ts';

const TYPES = [
  ...['BOOLEAN', 'INTEGER', 'BIGINT', 'DOUBLE', 'STRING', 'BYTES', 'DATE', 'TIME', 'TIMESTAMP'],
  ...['DECIMAL(${1:10}, ${2:2})', 'ARRAY<$1>', 'MAP<STRING, $1>', 'STRUCT<$1>'],
];

/** The sources that a query names, by the names that they go by in it. */
type QuerySources = ReadonlyMap<string, QuerySource>;

/** What stands before an offset in its statement, and the sources that the statement names before and after it. */
function surrounding(
  script: Script,
  offset: number,
): { readonly before: string; readonly sources: QuerySources; readonly index: number } {
  const { text, statements } = script.parsed;
  const inside = statements.find(
    ({ range, text: own }) => range.start < offset && (offset < range.end || !own.endsWith(';')),
  );
  const earlier = statements.filter(({ range }) => range.end <= offset).length;
  if (inside === undefined)
    return { before: text.slice(statements[earlier - 1]?.range.end ?? 0, offset), sources: new Map(), index: earlier };
  // A statement without its semicolon swallows those after and before it up to the next one.
  const cut = text.slice(inside.range.start, offset).split(NEXT_STATEMENT);
  const before = cut.at(-1)!;
  const after = text.slice(offset, inside.range.end).split(NEXT_STATEMENT)[0]!;
  const sources = inside.node === undefined ? tokenSources(before + after) : querySources(inside.node);
  return { before, sources, index: inside.index };
}

/**
 * What can be typed at a position, by place: sources, columns, functions, keywords, types, properties. The list is asked for anew with
 * every letter, because what is offered depends on the word that has been begun.
 */
export function complete(script: Script, position: Position): CompletionList {
  const offset = script.document.offsetAt(position);
  if (inComment(script.parsed.text, offset)) return { isIncomplete: false, items: [] };
  const { before, sources, index } = surrounding(script, offset);
  const place = placeAt(before);
  const { analysis } = script;
  const metastore = { ...(analysis.metastores[index] ?? analysis.metastore), ...topicsOf(script) };
  const begun = /[A-Za-z_]\w*$/.exec(before)?.[0] ?? '';
  const items = itemsFor(place, metastore, sources).map((item) => inScriptCase(item, script.parsed.text));
  return { isIncomplete: true, items: forWord(begun, items, place.kind === 'keywords' && place.orName === true) };
}

/** Topics are offered where they are known, though the analysis goes without them. */
const topicsOf = ({ topics }: Script): Pick<Metastore, 'topics'> => (topics === undefined ? {} : { topics });

function itemsFor(place: CompletionPlace, metastore: Metastore, from: QuerySources): CompletionItem[] {
  switch (place.kind) {
    case 'none':
      return [];
    case 'statement':
      return STATEMENT_STARTS.map(({ label, snippet, detail }, i) => ({
        ...snippetItem(label, snippet, CompletionItemKind.Snippet),
        detail,
        sortText: String(i).padStart(3, '0'),
      }));
    case 'source':
      return sourceItems(metastore, place.of);
    case 'topic':
      return topicItems(metastore);
    case 'query':
      return [...metastore.queries.keys()].map((label) => ({ label, kind: CompletionItemKind.Event }));
    case 'function-name':
      return functionsIn(metastore).map(({ name }) => ({ label: name, kind: CompletionItemKind.Function }));
    case 'member':
      return memberItems(place.qualifier, metastore, from);
    case 'field':
      return fieldItems(place.column, metastore, from);
    case 'with-name':
      return withNames(place.statement);
    case 'with-value':
      return withValues(place.name, place.inText, metastore);
    case 'setting':
      return CONFIG_PROPERTIES.filter((property) => !property.immutable).map((property) =>
        settingItem(property, place.inText),
      );
    case 'setting-value':
      return settingValues(place.name);
    case 'type':
      return typeItems(metastore);
    case 'column-of-target':
      return columnItems(metastore.sources.get(place.target), 'a');
    case 'keywords':
      return place.words.map((word, i) => keyword(word, `0${String(i).padStart(2, '0')}`));
    case 'expression':
      return expressionItems(place.words, metastore, from);
    default:
      return place satisfies never;
  }
}

/** The built-in functions and the user's own. */
const functionsIn = ({ functions }: Metastore): readonly FunctionDefinition[] => [
  ...FUNCTIONS.values(),
  ...(functions?.values() ?? []),
];

function expressionItems(words: readonly string[], metastore: Metastore, from: QuerySources): CompletionItem[] {
  const columns = [...from.values()].flatMap(({ source }) => columnItems(metastore.sources.get(source), 'a'));
  const aliases =
    from.size < 2
      ? []
      : Array.from(from, ([alias, { source }]) => ({
          label: alias,
          kind: CompletionItemKind.Variable,
          detail: source,
          sortText: `b${alias}`,
        }));
  const functions = functionsIn(metastore).map(
    (definition): CompletionItem => ({
      ...snippetItem(definition.name, `${definition.name}($1)`, CompletionItemKind.Function),
      detail: signatureText(definition, definition.overloads[0]!),
      documentation: { kind: MarkupKind.Markdown, value: functionMarkdown(definition) },
      sortText: `d${definition.name}`,
      command: { title: 'Show parameters', command: 'editor.action.triggerParameterHints' },
      ...(definition.successor === undefined ? {} : { deprecated: true }),
    }),
  );
  return [
    ...unique(columns),
    ...aliases,
    ...words.map((word, i) => keyword(word, `c${String(i).padStart(2, '0')}`)),
    ...functions,
  ];
}

/** Columns of the same name in both sides of a join are offered once, without their type. */
function unique(items: readonly CompletionItem[]): CompletionItem[] {
  const byLabel = new Map<string, CompletionItem>();
  for (const item of items) if (!byLabel.has(item.label)) byLabel.set(item.label, item);
  return [...byLabel.values()];
}

function sourceItems(metastore: Metastore, kind: 'STREAM' | 'TABLE' | undefined): CompletionItem[] {
  return [...metastore.sources.values()]
    .filter((source) => kind === undefined || source.kind === kind)
    .map((source) => ({
      label: source.name,
      insertText: identifierText(source.name),
      kind: source.kind === 'STREAM' ? CompletionItemKind.Event : CompletionItemKind.Struct,
      labelDetails: { description: source.kind },
      documentation: { kind: MarkupKind.Markdown, value: sourceMarkdown(source, []) },
      sortText: `a${source.name}`,
    }));
}

function topicItems(metastore: Metastore): CompletionItem[] {
  const names = new Set([...(metastore.topics?.keys() ?? []), ...[...metastore.sources.values()].map((s) => s.topic)]);
  return [...names].map((label) => ({ label, kind: CompletionItemKind.File, labelDetails: { description: 'topic' } }));
}

function columnItems(source: DataSource | undefined, order: string): CompletionItem[] {
  if (source === undefined) return [];
  return completableColumns(source).map(({ name, type, role }, i) => ({
    label: name,
    insertText: identifierText(name),
    kind: role.includes('key') ? CompletionItemKind.Constant : CompletionItemKind.Field,
    labelDetails: { description: type },
    detail: `${source.name} · ${type}${role === '' ? '' : ` · ${role}`}`,
    sortText: `${role === 'pseudo column' ? 'e' : order}${String(i).padStart(3, '0')}`,
  }));
}

function memberItems(qualifier: string, metastore: Metastore, from: QuerySources): CompletionItem[] {
  const source = from.get(qualifier)?.source ?? qualifier;
  const all: CompletionItem = { label: '*', kind: CompletionItemKind.Operator, sortText: 'z' };
  const columns = columnItems(metastore.sources.get(source), 'a');
  return columns.length === 0 ? [] : [...columns, all];
}

function fieldItems(column: string, metastore: Metastore, from: QuerySources): CompletionItem[] {
  const columns = [...from.values()].flatMap(({ source }) => metastore.sources.get(source)?.schema.columns ?? []);
  const type = columns.find(({ name }) => name === column)?.type;
  return structFields(type).map(({ name, type: own }) => ({
    label: name,
    insertText: identifierText(name),
    kind: CompletionItemKind.Field,
    labelDetails: { description: shortType(typeToString(own)) },
  }));
}

const structFields = (type: SqlType | undefined) => (type?.kind === 'STRUCT' ? type.fields : []);

function withNames(statement: string): CompletionItem[] {
  const connector = statement.includes('CONNECTOR');
  return offeredProperties(statement).map(({ name, docs, snippet }) => ({
    ...snippetItem(name, `${connector ? `'${name}'` : name} = ${snippet}`, CompletionItemKind.Property),
    documentation: { kind: MarkupKind.Markdown, value: docs },
  }));
}

function withValues(name: string, inText: boolean, metastore: Metastore): CompletionItem[] {
  const quote = (text: string) => (inText ? text : `'${text}'`);
  const values = (texts: readonly string[]): CompletionItem[] =>
    texts.map((text, i) => ({
      label: text,
      insertText: quote(text),
      filterText: quote(text),
      kind: CompletionItemKind.EnumMember,
      sortText: String(i).padStart(2, '0'),
    }));
  if (name === 'KAFKA_TOPIC') return values(topicItems(metastore).map((item) => item.label));
  return values(valuesOf(name));
}

function settingItem(
  { name, docs, type, default: value }: (typeof CONFIG_PROPERTIES)[number],
  inText: boolean,
): CompletionItem {
  return {
    label: name,
    insertText: inText ? name : `'${name}' = '$1'`,
    filterText: inText ? name : `'${name}'`,
    insertTextFormat: inText ? InsertTextFormat.PlainText : InsertTextFormat.Snippet,
    kind: CompletionItemKind.Property,
    detail: `${type}${value === undefined ? '' : `, default ${value}`}`,
    documentation: docs,
    sortText: name === 'auto.offset.reset' ? '0' : name,
  };
}

function settingValues(name: string): CompletionItem[] {
  const values =
    name === 'auto.offset.reset' ? ['earliest', 'latest'] : CONFIG_PROPERTIES.find((p) => p.name === name)?.values;
  return (values ?? []).map((text) => ({ label: `'${text}'`, kind: CompletionItemKind.EnumMember }));
}

function typeItems(metastore: Metastore): CompletionItem[] {
  const builtIn = TYPES.map((type) => snippetItem(type.replace(/[<(].*/, ''), type, CompletionItemKind.TypeParameter));
  const own = [...metastore.types].map(([label, type]) => ({
    label,
    insertText: identifierText(label),
    kind: CompletionItemKind.TypeParameter,
    detail: shortType(typeToString(type)),
  }));
  return [...builtIn, ...own];
}

function keyword(word: string, sortText: string): CompletionItem {
  return { label: word.trim().replace(/\s*\(.*$/, ''), insertText: word, kind: CompletionItemKind.Keyword, sortText };
}

function snippetItem(label: string, snippet: string, kind: CompletionItemKind): CompletionItem {
  return { label, insertText: snippet, insertTextFormat: InsertTextFormat.Snippet, kind };
}

/**
 * What is offered for the word that was begun. A list that opens by itself chooses nothing (`package.json` says so); in one that was asked
 * for, a word that is complete stands first and is chosen, so that Enter does not change what was typed. Keywords have the word's
 * case, and where it may be a name of the user's own, they are offered only when two letters of them are there.
 */
function forWord(begun: string, items: readonly CompletionItem[], mayBeName: boolean): CompletionItem[] {
  if (begun === '') return [...items];
  const upper = begun.toUpperCase();
  const offered = mayBeName
    ? items.filter(({ label }) => begun.length > 1 && label.toUpperCase().startsWith(upper))
    : items;
  const cased = begun === begun.toLowerCase() ? offered.map(inLowerCase) : offered;
  const complete = cased.find(({ label }) => label.toUpperCase().split(' ')[0] === upper);
  if (complete === undefined) return [...cased];
  const asTyped: CompletionItem = {
    label: begun,
    kind: complete.kind ?? CompletionItemKind.Keyword,
    ...(complete.labelDetails === undefined ? {} : { labelDetails: complete.labelDetails }),
    ...(complete.documentation === undefined ? {} : { documentation: complete.documentation }),
    preselect: true,
    sortText: '',
  };
  return [asTyped, ...cased.filter(({ label, insertText = label }) => insertText !== begun)];
}

function inLowerCase(item: CompletionItem): CompletionItem {
  if (item.kind !== CompletionItemKind.Keyword) return item;
  return { ...item, label: item.label.toLowerCase(), insertText: (item.insertText ?? item.label).toLowerCase() };
}

const NAMED_KINDS: ReadonlySet<CompletionItemKind | undefined> = new Set([
  CompletionItemKind.Event,
  CompletionItemKind.Struct,
  CompletionItemKind.Field,
  CompletionItemKind.Constant,
  CompletionItemKind.Variable,
]);

/** Unquoted names are inserted in the case in which the script writes them, because KSQL does not care. */
function inScriptCase(item: CompletionItem, text: string): CompletionItem {
  if (!NAMED_KINDS.has(item.kind) || !/^[A-Z_][A-Z0-9_]*$/.test(item.label)) return item;
  const written = new RegExp(`(?<![\\w'"\`])${item.label}(?![\\w'"\`])`, 'i').exec(text)?.[0];
  return written === undefined || written === item.label ? item : { ...item, label: written, insertText: written };
}
