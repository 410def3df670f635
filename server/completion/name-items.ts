import { type CompletionItem, CompletionItemKind, MarkupKind } from 'vscode-languageserver';
import type { DataSource, SourceKind } from '../../language/metastore/metastore.ts';
import { identifierText, stringText } from '../../language/text/identifier-text.ts';
import { PRIMITIVE_TYPES } from '../../language/types/parse-type.ts';
import { typeToString } from '../../language/types/sql-type.ts';
import type { Script } from '../scripts/script-store.ts';
import { sourceNotes } from '../scripts/source-notes.ts';
import { spellingOf } from '../scripts/spelling.ts';
import { shortType, sourceMarkdown } from '../text/source-text.ts';
import { type CompletionSite, hasWord } from './completion-site.ts';
import { mayJoin } from './legal-words.ts';

/** How a name is put in: as it is spelled, or as it is within quotes that are open. */
export function nameText(site: CompletionSite, name: string, spelled?: string): string {
  if (site.quote !== '') return name;
  return spelled ?? identifierText(name);
}

/** How a name is shown in a list: without quotes. */
export const nameLabel = (text: string): string => text.replace(/^`(.*)`$/, '$1');

/** What an item of a source is resolved by. */
interface SourceData {
  readonly uri: string;
  readonly source: string;
}

const isSourceData = (data: unknown): data is SourceData =>
  typeof data === 'object' && data !== null && 'source' in data && 'uri' in data;

/** The item with what there is to say of its source, which is looked for once somebody wants to read it. */
export function withDocumentation(item: CompletionItem, find: (uri: string) => Script | undefined): CompletionItem {
  const script = isSourceData(item.data) ? find(item.data.uri) : undefined;
  const source = script?.analysis.metastore.sources.get((item.data as SourceData).source);
  if (script === undefined || source === undefined) return item;
  const value = sourceMarkdown(source, sourceNotes(script, source.name));
  return { ...item, documentation: { kind: MarkupKind.Markdown, value } };
}

/** A source of the script or the server. */
export function sourceItem(site: CompletionSite, { name, kind }: DataSource): CompletionItem {
  const text = nameText(site, name, spellingOf(site.script).source(name));
  return {
    label: nameLabel(text),
    filterText: text,
    insertText: text,
    kind: kind === 'STREAM' ? CompletionItemKind.Event : CompletionItemKind.Struct,
    labelDetails: { description: kind },
    data: { uri: site.script.document.uri, source: name } satisfies SourceData,
    sortText: `a${name}`,
  };
}

/** The sources that a statement can be about. */
export function sourceItems(
  site: CompletionSite,
  fits: (source: DataSource) => boolean = () => true,
): CompletionItem[] {
  return [...site.metastore.sources.values()].filter(fits).map((source) => sourceItem(site, source));
}

/** Those that FROM or JOIN can name beside what stands before. */
export const readableItems = (site: CompletionSite): CompletionItem[] =>
  sourceItems(site, ({ name, kind }) => mayJoin(site, name, kind));

const kindNamed = (site: CompletionSite): SourceKind => (hasWord(site, 'TABLE') ? 'TABLE' : 'STREAM');

/** Those of the kind that DROP names. */
export const itemsOfKind = (site: CompletionSite): CompletionItem[] =>
  sourceItems(site, ({ kind }) => kind === kindNamed(site));

/** Those of the kind that ALTER names, which a query has not made. */
export const alterableItems = (site: CompletionSite): CompletionItem[] =>
  sourceItems(site, ({ kind, createdAs, readOnly }) => kind === kindNamed(site) && !createdAs && !readOnly);

/** Those that rows can be written into. */
export const targetItems = (site: CompletionSite): CompletionItem[] => sourceItems(site, ({ readOnly }) => !readOnly);

/** The topics of the server, and those that the sources stand over; in quotes where names are none. */
export function topicNames({ metastore }: CompletionSite): readonly string[] {
  const named = [...metastore.sources.values()].map(({ topic }) => topic);
  return [...new Set([...(metastore.topics?.keys() ?? []), ...named])];
}

export function topicItems(site: CompletionSite): CompletionItem[] {
  return topicNames(site).map((topic) => {
    const text = site.quote === "'" || /^[A-Za-z_]\w*$/.test(topic) ? topic : stringText(topic);
    return {
      label: topic,
      insertText: text,
      filterText: text,
      kind: CompletionItemKind.File,
      labelDetails: { description: 'topic' },
      sortText: `a${topic}`,
    };
  });
}

/** The queries that run on the server; those that the script makes have no ids yet. */
export const queryItems = (site: CompletionSite): CompletionItem[] =>
  [...site.script.server.queries.values()].map(({ id, sink }) => ({
    label: id,
    kind: CompletionItemKind.Event,
    labelDetails: { description: sink },
    sortText: `a${id}`,
  }));

export function typeItems(site: CompletionSite): CompletionItem[] {
  const builtIn = [...PRIMITIVE_TYPES.keys()].map((label, i) => ({
    label,
    kind: CompletionItemKind.TypeParameter,
    sortText: `b${String(i).padStart(2, '0')}`,
  }));
  const spelling = spellingOf(site.script);
  const own = [...site.metastore.types].map(([name, type]) => {
    const text = nameText(site, name, spelling.type(name));
    return {
      label: text,
      insertText: text,
      kind: CompletionItemKind.TypeParameter,
      detail: shortType(typeToString(type)),
      sortText: `a${name}`,
    };
  });
  return [...own, ...builtIn];
}

export const customTypeItems = (site: CompletionSite): CompletionItem[] =>
  typeItems(site).filter(({ detail }) => detail !== undefined);

export const functionNameItems = ({ script }: CompletionSite): CompletionItem[] =>
  [...script.functions.values()].map(({ name, summary }) => ({
    label: name,
    kind: CompletionItemKind.Function,
    detail: summary,
    sortText: `a${name}`,
  }));

/** The connectors of the server, and those that the script makes before the place. */
export function connectorItems({ script, statementStart }: CompletionSite): CompletionItem[] {
  const made = script.parsed.statements.flatMap(({ node, range }) =>
    node?.$type === 'CreateConnector' && range.start < statementStart ? [node.name] : [],
  );
  return [...new Set([...script.server.connectors, ...made])].map((name) => ({
    label: identifierText(name),
    kind: CompletionItemKind.Interface,
    sortText: `a${name}`,
  }));
}

/** The subjects of the schema registry, which need quotes for their hyphens. */
export const subjectItems = ({ script, quote }: CompletionSite): CompletionItem[] =>
  script.server.subjects.map((label) => {
    const text = quote === "'" ? label : stringText(label);
    return { label, insertText: text, filterText: text, kind: CompletionItemKind.File, sortText: `a${label}` };
  });

/** The variables that the script defines before the place. */
export function variableItems({ script, statementStart }: CompletionSite): CompletionItem[] {
  const names = script.parsed.statements.flatMap(({ node, range }) =>
    node?.$type === 'DefineVariable' && range.start < statementStart ? [node.name] : [],
  );
  return [...new Set(names)].map((label) => ({ label, kind: CompletionItemKind.Variable, sortText: `a${label}` }));
}

/** The columns of what a statement writes into that it does not list yet. */
export function targetColumnItems(site: CompletionSite): CompletionItem[] {
  const open = site.tokens.findIndex(({ value }) => value === '(');
  const source = site.metastore.sources.get(site.tokens[open - 1]?.value ?? '');
  const listed = new Set(site.tokens.slice(open).map(({ value }) => value));
  const spelling = spellingOf(site.script);
  return (source?.schema.columns ?? [])
    .filter(({ name, namespace }) => !listed.has(name) && namespace !== 'headers' && namespace !== 'header')
    .map(({ name, type }, i) => {
      const text = nameText(site, name, spelling.column(source!.name, name));
      return {
        label: nameLabel(text),
        insertText: text,
        kind: CompletionItemKind.Field,
        labelDetails: { description: shortType(typeToString(type)) },
        sortText: `a${String(i).padStart(3, '0')}`,
      };
    });
}
