import { type CompletionItem, CompletionItemKind, InsertTextFormat, MarkupKind } from 'vscode-languageserver';
import { CONFIG_PROPERTIES } from '../../language/settings/property-table.ts';
import { offeredProperties, valuesOf, type WithStatement } from '../text/with-properties.ts';
import type { CompletionSite } from './completion-site.ts';
import { topicNames } from './name-items.ts';

function statementOf({ named }: CompletionSite): WithStatement {
  const words = named.slice(0, 6).map(({ name }) => name);
  if (words.includes('CONNECTOR')) return 'connector';
  if (words[0] === 'ASSERT') return words.includes('TOPIC') ? 'topic' : 'create';
  if (words[0] === 'INSERT') return 'insert';
  return 'create';
}

/** The names and values that the WITH clause around a place has so far. */
function givenProperties({ tokens }: CompletionSite): ReadonlyMap<string, string> {
  const open = tokens.findLastIndex(({ value }, i) => value === '(' && tokens[i - 1]?.value === 'WITH');
  const given = new Map<string, string>();
  for (let i = open + 1; i + 1 < tokens.length; i++)
    if (tokens[i + 1]!.value === '=') given.set(tokens[i]!.value.toUpperCase(), tokens[i + 2]?.value ?? '');
  return given;
}

/** The properties that the WITH clause takes and does not have yet. */
export function propertyItems(site: CompletionSite): CompletionItem[] {
  const kind = statementOf(site);
  const given = givenProperties(site);
  const inText = site.quote === "'";
  return offeredProperties(kind, given).map(({ name, docs, snippet }) => ({
    label: name,
    insertText: inText ? name : `${kind === 'connector' ? `'${name}'` : name} = ${snippet}`,
    filterText: kind === 'connector' && !inText ? `'${name}'` : name,
    insertTextFormat: inText ? InsertTextFormat.PlainText : InsertTextFormat.Snippet,
    kind: CompletionItemKind.Property,
    documentation: { kind: MarkupKind.Markdown, value: docs },
    sortText: `a${name}`,
  }));
}

/** The values of a property, or of a setting, where only some are possible or known. */
export function valueItems(site: CompletionSite): CompletionItem[] {
  const name = site.tokens.at(-2)?.value ?? '';
  if (/^(?:KEY|VALUE)_SCHEMA_ID$/i.test(name)) return schemaIdItems(site, name.toUpperCase());
  const isSetting = ['SET', 'ALTER'].includes(site.named[0]?.name ?? '');
  const values = isSetting ? settingValues(name) : propertyValues(site, name.toUpperCase());
  return values.map((text, i) => {
    const inserted = site.quote === "'" || /^(?:true|false|\d+)$/.test(text) ? text : `'${text}'`;
    return {
      label: text,
      insertText: inserted,
      filterText: inserted,
      kind: CompletionItemKind.EnumMember,
      sortText: `a${String(i).padStart(2, '0')}`,
    };
  });
}

/** The schemas of the registry, by their subjects: first those of the topic, then those of the same part of records. */
function schemaIdItems(site: CompletionSite, name: string): CompletionItem[] {
  const part = name.startsWith('KEY') ? '-key' : '-value';
  const topic = givenProperties(site).get('KAFKA_TOPIC');
  const rank = (subject: string) => (subject === `${topic}${part}` ? 0 : subject.endsWith(part) ? 1 : 2);
  return site.script.server.schemas.map(({ subject, id, format }) => ({
    label: `${id}`,
    labelDetails: { description: `${subject} · ${format}` },
    filterText: `${id} ${subject}`,
    kind: CompletionItemKind.Reference,
    sortText: `a${rank(subject)}${subject}`,
  }));
}

function propertyValues(site: CompletionSite, name: string): readonly string[] {
  const { subjects, connectorClasses } = site.script.server;
  if (name === 'KAFKA_TOPIC' || name === 'KAFKA.TOPIC' || name === 'TOPICS') return topicNames(site);
  if (name === 'CONNECTOR.CLASS') return [...new Set([...connectorClasses, ...valuesOf(statementOf(site), name)])];
  if (name === 'VALUE_SCHEMA_FULL_NAME' || name === 'KEY_SCHEMA_FULL_NAME') return [];
  if (name === 'VALUE.CONVERTER.SCHEMA.SUBJECT') return subjects;
  if (name === 'TIMESTAMP') return timeColumns(site);
  return valuesOf(statementOf(site), name);
}

/** The columns that the statement declares before its WITH clause. */
function timeColumns({ tokens, script }: CompletionSite): readonly string[] {
  const open = tokens.findIndex(({ value }) => value === '(');
  const close = tokens.findIndex(({ value }, i) => i > open && value === 'WITH');
  if (open < 0 || close < open) return [];
  return tokens
    .slice(open, close)
    .flatMap(({ value, kind }, i, list) =>
      kind === 'symbol' &&
      (value === '(' || value === ',') &&
      /^(?:BIGINT|TIMESTAMP|STRING|VARCHAR)$/.test(list[i + 2]?.value ?? '')
        ? [script.parsed.text.slice(list[i + 1]!.start, list[i + 1]!.end)]
        : [],
    );
}

const settingValues = (name: string): readonly string[] => {
  if (name === 'auto.offset.reset') return ['earliest', 'latest'];
  const setting = CONFIG_PROPERTIES.find((each) => each.name === name);
  return setting?.values ?? (setting?.type === 'BOOLEAN' ? ['true', 'false'] : []);
};

/** The settings that SET, UNSET and ALTER SYSTEM take. */
export function settingItems(site: CompletionSite): CompletionItem[] {
  const inText = site.quote === "'";
  const takesValue = site.named[0]?.name !== 'UNSET';
  return CONFIG_PROPERTIES.filter(({ immutable }) => !immutable).map(({ name, type, docs, default: value }) => ({
    label: name,
    insertText: inText ? name : takesValue ? `'${name}' = '$1'` : `'${name}'`,
    filterText: inText ? name : `'${name}'`,
    insertTextFormat: inText ? InsertTextFormat.PlainText : InsertTextFormat.Snippet,
    kind: CompletionItemKind.Property,
    detail: `${type}${value === undefined ? '' : `, default ${value}`}`,
    documentation: docs,
    sortText: name === 'auto.offset.reset' ? 'A' : `a${name}`,
  }));
}
