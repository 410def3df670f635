import { type CompletionItem, CompletionItemKind, InsertTextFormat, MarkupKind } from 'vscode-languageserver';
import { STATEMENT_DOCS } from '../../language/documentation/statement-docs.ts';
import { TEMPLATES } from '../../language/documentation/templates.ts';
import { toLspRange } from '../scripts/script-store.ts';
import { aroundExpression, type CompletionSite } from './completion-site.ts';

/** How statements begin, and whole templates of what is often written. */
export function statementItems(site: CompletionSite): CompletionItem[] {
  const isTest = site.script.parsed.options.testStatements === true;
  const isExplained = site.named[0]?.name === 'EXPLAIN';
  const firstWords = new Set(site.expected.words.map(({ text }) => text.split(' ')[0]));
  const starts = STATEMENT_DOCS.filter(
    ({ label, inTests }) =>
      firstWords.has(label.split(' ')[0]!) &&
      (isTest || !inTests) &&
      (!isExplained || /SELECT|^INSERT INTO …/.test(label)),
  ).map(({ label, snippet, detail, syntax, docs }, i) => ({
    ...snippetItem(label, snippet, `b${String(i).padStart(3, '0')}`),
    detail,
    documentation: { kind: MarkupKind.Markdown, value: `\`\`\`ksql\n${syntax}\n\`\`\`\n\n${docs}` },
  }));
  if (isExplained) return starts;
  const templates = TEMPLATES.map(({ label, snippet, detail }, i) => ({
    ...snippetItem(label, snippet, `c${String(i).padStart(3, '0')}`),
    detail,
  }));
  return [...starts, ...templates];
}

const snippetItem = (label: string, snippet: string, sortText: string): CompletionItem => ({
  label,
  insertText: snippet,
  insertTextFormat: InsertTextFormat.Snippet,
  kind: CompletionItemKind.Snippet,
  sortText,
});

/** What can be made of a source or an expression that is written with a point behind it: its name stands for `@`. */
const OF_SOURCE: readonly (readonly [label: string, snippet: string])[] = [
  ['select', 'SELECT ${1:*}\nFROM @\nEMIT CHANGES;'],
  ['count', 'SELECT ${1:key}, COUNT(*) AS total\nFROM @\nGROUP BY ${1:key}\nEMIT CHANGES;'],
  ['stream', 'CREATE STREAM ${1:name} AS\n  SELECT ${2:*}\n  FROM @\n  EMIT CHANGES;'],
  [
    'table',
    'CREATE TABLE ${1:name} AS\n  SELECT ${2:key}, COUNT(*) AS ${3:total}\n  FROM @\n  GROUP BY ${2:key}\n  EMIT CHANGES;',
  ],
  ['insert', 'INSERT INTO @ (${1:columns}) VALUES (${2:value});'],
  ['describe', 'DESCRIBE @ EXTENDED;'],
  ['drop', 'DROP ${1|STREAM,TABLE|} IF EXISTS @;'],
];
const OF_VALUE: readonly (readonly [label: string, snippet: string, aggregate?: true])[] = [
  ['cast', 'CAST(@ AS ${1:STRING})'],
  ['ifnull', 'IFNULL(@, $1)'],
  ['isnull', '@ IS NULL'],
  ['notnull', '@ IS NOT NULL'],
  ['in', '@ IN ($1)'],
  ['case', 'CASE WHEN @ = $1 THEN $2 ELSE $3 END'],
  ['count', 'COUNT(@)', true],
  ['sum', 'SUM(@)', true],
  ['min', 'MIN(@)', true],
  ['max', 'MAX(@)', true],
];

/** Templates behind a point: `orders.select` at the beginning of a statement, `price.sum` in an expression. */
export function postfixItems(site: CompletionSite): CompletionItem[] {
  const [name, point] = [site.tokens.at(-2), site.tokens.at(-1)];
  if (point?.value !== '.' || name === undefined || name.kind === 'symbol') return [];
  const text = site.script.parsed.text.slice(name.start, name.end);
  if (site.tokens.length === 2)
    return site.metastore.sources.has(name.value) ? OF_SOURCE.map((each, i) => postfix(site, text, each, i)) : [];
  if (site.from.some(({ alias }) => alias === name.value)) return [];
  const columns = site.from.flatMap(({ source }) => site.metastore.sources.get(source)?.schema.columns ?? []);
  if (!columns.some((column) => column.name === name.value)) return [];
  const around = site.expected.placesAround('AtomicExpression.name');
  const mayAggregate = around.has('Query.items') || around.has('Query.having');
  return OF_VALUE.filter(([, , aggregate]) => mayAggregate || !aggregate).map((each, i) =>
    postfix(site, text, each, i),
  );
}

function postfix(
  { script, tokens, start }: CompletionSite,
  text: string,
  [label, snippet]: readonly [string, string, ...unknown[]],
  order: number,
): CompletionItem {
  const written = snippet.replaceAll('@', text.replaceAll(/[$}\\]/g, '\\$&'));
  const range = toLspRange(script.document, { start: tokens.at(-2)!.start, end: start });
  return {
    ...snippetItem(label, written, `z${String(order).padStart(2, '0')}`),
    detail: snippet
      .replaceAll('@', text)
      .replaceAll(/\$\{\d+[:|]([^},|]*)[^}]*\}|\$\d/g, '$1')
      .replaceAll('\n', ' '),
    additionalTextEdits: [{ range, newText: '' }],
  };
}

/** Whether nothing of a statement has been written before the place. */
export const isAtStatement = ({ named }: CompletionSite): boolean =>
  named.length === 0 || (named.length === 1 && named[0]!.name === 'EXPLAIN');

/** Whether the place is one for expressions. */
export const isInExpression = (site: CompletionSite): boolean => aroundExpression(site).size > 0;
