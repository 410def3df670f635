import { type CompletionItem, CompletionItemKind, InsertTextFormat } from 'vscode-languageserver';
import type { ExpectedWord } from '../../language/parser/expected-tokens.ts';
import { RESERVED_WORDS } from '../../language/text/identifier-text.ts';
import { aroundExpression, type CompletionSite, hasWord } from './completion-site.ts';
import { legalWords } from './legal-words.ts';

/** What goes on behind a word in a way that the grammar leaves open. */
const TEMPLATES: Readonly<Record<string, string>> = {
  'CAST (': 'CAST($1 AS $2)',
  CASE: 'CASE WHEN $1 THEN $2 END',
  BETWEEN: 'BETWEEN $1 AND $2',
  'NOT BETWEEN': 'NOT BETWEEN $1 AND $2',
  LIKE: "LIKE '$1'",
  'NOT LIKE': "NOT LIKE '$1'",
  'MAP (': 'MAP($1 := $2)',
  'STRUCT (': 'STRUCT($1 := $2)',
  'ARRAY [': 'ARRAY[$1]',
  'ARRAY <': 'ARRAY<$1>',
  'MAP <': 'MAP<STRING, $1>',
  'STRUCT <': 'STRUCT<$1>',
  'DECIMAL (': 'DECIMAL(${1:10}, ${2:2})',
  'HEADER (': "HEADER('$1')",
  'TUMBLING ( SIZE': 'TUMBLING (SIZE ${1:1} ${2|SECONDS,MINUTES,HOURS,DAYS|})',
  'HOPPING ( SIZE':
    'HOPPING (SIZE ${1:10} ${2|SECONDS,MINUTES,HOURS,DAYS|}, ADVANCE BY ${3:5} ${4|SECONDS,MINUTES,HOURS,DAYS|})',
  'SESSION (': 'SESSION (${1:30} ${2|SECONDS,MINUTES,HOURS,DAYS|})',
  WITHIN: 'WITHIN ${1:1} ${2|SECONDS,MINUTES,HOURS,DAYS|}',
  'GRACE PERIOD': 'GRACE PERIOD ${1:1} ${2|SECONDS,MINUTES,HOURS,DAYS|}',
  'ADVANCE BY': 'ADVANCE BY ${1:1} ${2|SECONDS,MINUTES,HOURS,DAYS|}',
  RETENTION: 'RETENTION ${1:1} ${2|SECONDS,MINUTES,HOURS,DAYS|}',
  SIZE: 'SIZE ${1:1} ${2|SECONDS,MINUTES,HOURS,DAYS|}',
  TIMEOUT: 'TIMEOUT ${1:10} SECONDS',
};

/** Another way to write what is offered beside it. */
const NOT_OFFERED: ReadonlySet<string> = new Set([
  'STRUCT <>',
  'SAMPLE',
  'LEFT OUTER JOIN',
  'RIGHT OUTER JOIN',
  'FULL JOIN',
]);

/** Clauses and what joins conditions come before operators. */
const CLAUSES =
  /^(?:Query|SelectedValue|Relation|JoinType|AliasedSource|AndOperator|OrOperator|Within|WhenClause|CaseExpression|Cast)\b/;

/**
 * The keywords that may follow at a place, as phrases and templates. The words that begin statements are none of them.
 */
export function wordItems(site: CompletionSite): CompletionItem[] {
  const words = legalWords(site).filter(({ text }) => !NOT_OFFERED.has(text));
  const ranked = words.toSorted((a, b) => rank(a, site) - rank(b, site));
  return ranked
    .filter((word) => fitsFunction(word, site))
    .map(({ text }, i) => wordItem(text, `c${String(i).padStart(2, '0')}`));
}

function rank({ text, place }: ExpectedWord, site: CompletionSite): number {
  if (place === 'WindowUnit') return Number(text.endsWith('S') === (site.tokens.at(-1)?.value === '1'));
  if (CLAUSES.test(place)) return isLogical(text) && !isCondition(site) ? 1 : 0;
  return /^DATE|NULL|TRUE|FALSE/.test(text) ? 2 : 1;
}

const isLogical = (text: string): boolean => text === 'AND' || text === 'OR';
const isCondition = (site: CompletionSite): boolean =>
  ['WHERE', 'ON', 'HAVING', 'WHEN'].some((word) => hasWord(site, word));

/** Units of time stand for themselves only where a function wants one. */
function fitsFunction({ place }: ExpectedWord, site: CompletionSite): boolean {
  if (place !== 'IntervalKeyword') return true;
  const open = site.named.findLastIndex(({ name }) => name === '(');
  const name = site.tokens[open - 1]?.value ?? '';
  const definition = site.script.functions.get(name);
  return (
    definition?.overloads.some(({ parameters }) => parameters.some(({ type }) => type.kind === 'INTERVAL_UNIT')) ===
      true && aroundExpression(site).size > 0
  );
}

function wordItem(text: string, sortText: string): CompletionItem {
  const template = TEMPLATES[text] ?? closed(text);
  return {
    label: text.replace(/ [([<].*$/, ''),
    insertText: template,
    ...(template.includes('$') ? { insertTextFormat: InsertTextFormat.Snippet } : {}),
    kind: CompletionItemKind.Keyword,
    sortText,
  };
}

/** With the brackets that a phrase opens closed behind the place that is to be filled. */
const closed = (text: string): string => (text.includes('(') ? `${text.replace(/ \( ?/, ' (')}$0)` : text);

/** Words of a snippet outside of texts, quoted names and choices. */
const SNIPPET_WORDS = /'[^']*'|`[^`]*`|"[^"]*"|\$\{[^}]*\}|[A-Z]+/g;

/** A keyword, or the keywords of a snippet, in small letters. Texts and what is to be chosen stay. */
export const inLowerCase = (snippet: string): string =>
  snippet.replace(SNIPPET_WORDS, (piece) => (/^[A-Z]/.test(piece) ? piece.toLowerCase() : piece));

/**
 * Whether keywords are written in small letters before a place: as the last one of the statement, or as the script
 * begins.
 */
export function writesLowerCase({ named, statementStart, script }: CompletionSite): boolean {
  const { text, statements } = script.parsed;
  const last = named.findLast(({ name }) => RESERVED_WORDS.has(name));
  if (last !== undefined) return /^[a-z]/.test(text.slice(statementStart + last.start, statementStart + last.end));
  return /^[a-z]+\s/.test(statements[0]?.text.slice(0, LONGEST_WORD) ?? '');
}

/** No keyword is longer, a blank behind it included. */
const LONGEST_WORD = 20;
