import { type CompletionItem, CompletionItemKind } from 'vscode-languageserver';
import type { DataSource } from '../../language/metastore/metastore.ts';
import { identifierText } from '../../language/text/identifier-text.ts';
import { tokenize } from '../../language/text/tokens.ts';
import { keyColumns } from '../../language/types/schema.ts';
import { type SqlType, sameType, typeToString } from '../../language/types/sql-type.ts';
import { spellingOf } from '../scripts/spelling.ts';
import { completableColumns, shortType } from '../text/source-text.ts';
import {
  aroundExpression,
  type CompletionSite,
  goesOn,
  goesOnAsName,
  isWithinCall,
  type ReadSource,
} from './completion-site.ts';
import { joinableReads, legalColumns, type ReadColumn } from './legal-columns.ts';
import { nameLabel, nameText } from './name-items.ts';

interface NamedColumn extends ReadColumn {
  /** Of its source in the query, and in its source. */
  readonly order: string;
}

/** The columns that an expression can name; those of which a join has several of one name come with their sources. */
export function columnItems(site: CompletionSite, reads: readonly ReadSource[] = site.from): CompletionItem[] {
  const columns = reads.flatMap((read, i): NamedColumn[] => {
    const source = site.metastore.sources.get(read.source);
    const order = (at: number) => `${i}${String(at).padStart(3, '0')}`;
    return source === undefined
      ? []
      : completableColumns(source).map((each, at) => ({ ...each, read, order: order(at) }));
  });
  const counts = new Map<string, number>();
  for (const { name } of columns) counts.set(name, (counts.get(name) ?? 0) + 1);
  const fits = legalColumns(site);
  const grouped = groupedNames(site);
  return [
    ...columns
      .filter(fits)
      .map((column) =>
        columnItem(site, column, (counts.get(column.name) ?? 0) > 1, grouped?.has(column.name) !== false),
      ),
    ...(hasWindowBounds(site) ? windowBounds(site, counts) : []),
  ];
}

/** The bounds of a window are there for its SELECT alone, and not for its aggregates. */
const hasWindowBounds = (site: CompletionSite): boolean =>
  (site.named.some(({ name }) => name === 'WINDOW') || isWindowedBehind(site)) &&
  aroundExpression(site).has('Query.items') &&
  !isWithinCall(site, 'aggregate') &&
  !goesOn(site);

/**
 * The words of the GROUP BY behind the place, where a select item stands outside of aggregates: columns that are not
 * among them can stand there once they are in one.
 */
function groupedNames(site: CompletionSite): ReadonlySet<string> | undefined {
  if (!aroundExpression(site).has('Query.items') || isWithinCall(site, 'aggregate')) return undefined;
  const [, keys] = /\bGROUP\s+BY\b([^;]*)/i.exec(site.after) ?? [];
  if (keys === undefined) return undefined;
  return new Set(tokenize(keys.split(/\b(?:HAVING|EMIT|LIMIT)\b/i)[0]!).map(({ value }) => value));
}

/** Whether the query has a window after the place. */
function isWindowedBehind({ script, cursor }: CompletionSite): boolean {
  const statement = script.parsed.statements.find(({ range }) => range.start <= cursor && cursor <= range.end);
  return /\bWINDOW\s+(?:TUMBLING|HOPPING|SESSION)\b/i.test(statement?.text ?? '');
}

const windowBounds = (site: CompletionSite, known: ReadonlyMap<string, number>): CompletionItem[] =>
  ['WINDOWSTART', 'WINDOWEND']
    .filter((name) => !known.has(name) && site.fromBefore.length + site.from.length > 0)
    .map((label) => ({
      label,
      kind: CompletionItemKind.Field,
      labelDetails: { description: 'BIGINT' },
      detail: 'the bounds of the window, in milliseconds',
      sortText: `e${label}`,
    }));

function columnItem(
  site: CompletionSite,
  { name, type, role, read, order }: NamedColumn,
  qualified: boolean,
  isGrouped: boolean,
): CompletionItem {
  const text = nameText(site, name, spellingOf(site.script).column(read.source, name));
  const inserted = qualified ? `${qualifierText(site, read)}.${text}` : text;
  return {
    label: qualified ? inserted : nameLabel(text),
    insertText: inserted,
    filterText: qualified ? `${nameLabel(text)} ${inserted}` : nameLabel(text),
    kind: role.includes('key') ? CompletionItemKind.Constant : CompletionItemKind.Field,
    labelDetails: { description: type },
    detail: [read.source, type, ...(role === '' ? [] : [role]), ...(isGrouped ? [] : ['not in GROUP BY'])].join(' · '),
    sortText: `${role === 'pseudo column' || !isGrouped ? 'e' : 'a'}${order}`,
  };
}

/** A source's name in a query as it is written there. */
export function qualifierText(site: CompletionSite, { alias, source }: ReadSource): string {
  const { script, statementStart } = site;
  if (alias === source) return spellingOf(script).source(source) ?? identifierText(alias);
  const { text } = script.parsed;
  const statement = text.slice(statementStart, statementStart + MOST_READ);
  const written = new RegExp(`(?<![\\w.'"\`])${alias.replace(/\W/g, '\\$&')}(?![\\w'"\`])`, 'i').exec(statement)?.[0];
  return written?.toUpperCase() === alias ? written : identifierText(alias);
}

/** How far from the beginning of a statement an alias is looked for. */
const MOST_READ = 20_000;

/** The sources of a join, to be followed by a point. */
export function qualifierItems(site: CompletionSite): CompletionItem[] {
  if (site.from.length < 2 && !goesOnAsName(site)) return [];
  const reads = aroundExpression(site).has('Relation.criteria') ? joinableReads(site) : site.from;
  return reads.map((read) => ({
    label: qualifierText(site, read),
    kind: CompletionItemKind.Variable,
    detail: read.source,
    sortText: `b${read.alias}`,
  }));
}

/** The columns of the source before the point. */
export function memberItems(site: CompletionSite): CompletionItem[] {
  const qualifier = site.tokens.at(-2)?.value ?? '';
  const read = site.from.find(({ alias }) => alias === qualifier);
  const source = read?.source ?? (site.from.length === 0 ? qualifier : '');
  const items = columnItems(site, [{ alias: qualifier, source }]).filter(
    ({ label }) => !/^WINDOW(?:START|END)$/.test(label),
  );
  const all: CompletionItem = { label: '*', kind: CompletionItemKind.Operator, sortText: 'z' };
  const mayTakeAll = site.expected.words.some(({ text, place }) => text === '*' && place === 'SelectItem');
  return items.length > 0 && mayTakeAll ? [...items, all] : items;
}

/** The fields of the struct before `->`, however deep it is. */
export function fieldItems(site: CompletionSite): CompletionItem[] {
  return structFields(typeBefore(site)).map(({ name, type }, i) => ({
    label: nameText(site, name, /^[A-Z_][A-Z0-9_]*$/.test(name) && writesSmall(site) ? name.toLowerCase() : undefined),
    kind: CompletionItemKind.Field,
    labelDetails: { description: shortType(typeToString(type)) },
    sortText: `a${String(i).padStart(3, '0')}`,
  }));
}

const structFields = (type: SqlType | undefined) => (type?.kind === 'STRUCT' ? type.fields : []);

/** Whether the column before an arrow is written in small letters; its fields are then, too. */
function writesSmall({ tokens, script }: CompletionSite): boolean {
  const column = tokens.at(-2);
  if (column === undefined) return false;
  const written = script.parsed.text.slice(column.start, column.end);
  return /[a-z]/.test(written) && written === written.toLowerCase();
}

/** The type of the path of names and subscripts that ends in `->`. */
function typeBefore(site: CompletionSite): SqlType | undefined {
  const { tokens } = site;
  const steps: ('element' | string)[] = [];
  let at = tokens.length - 2;
  for (; at >= 0; at--) {
    if (tokens[at]!.value === ']') {
      at = tokens.findLastIndex(({ value }, i) => i < at && value === '[');
      steps.unshift('[]');
    } else if (tokens[at - 1]?.value === '->') {
      steps.unshift(tokens[at]!.value);
      at--;
    } else break;
  }
  const name = tokens[at]?.value;
  const qualifier = tokens[at - 1]?.value === '.' ? tokens[at - 2]?.value : undefined;
  const reads = site.from.filter(({ alias }) => qualifier === undefined || alias === qualifier);
  const columns = reads.flatMap(({ source }) => site.metastore.sources.get(source)?.schema.columns ?? []);
  let type = columns.find((column) => column.name === name)?.type;
  for (const step of steps) {
    if (step !== '[]') type = structFields(type).find((field) => field.name === step)?.type;
    else type = type?.kind === 'ARRAY' ? type.element : type?.kind === 'MAP' ? type.value : undefined;
  }
  return type;
}

/** So many equalities are proposed for a join. */
const MOST_EQUALITIES = 3;

/**
 * What a join is likely to be on: the key of the right side, or columns of one name, equal to a column of the left that
 * fits.
 */
export function joinEqualities(site: CompletionSite): CompletionItem[] {
  const right = site.fromBefore.at(-1);
  const source = right && site.metastore.sources.get(right.source);
  if (right === undefined || source === undefined) return [];
  const candidates = source.kind === 'TABLE' ? keyColumns(source.schema) : source.schema.columns;
  const found = site.fromBefore.slice(0, -1).flatMap((read) => {
    const left = site.metastore.sources.get(read.source);
    return (left?.schema.columns ?? []).flatMap((own) =>
      candidates
        .filter(({ type }) => sameType(type, own.type))
        .map((other) => ({ read, own: own.name, other: other.name, score: score(left!, own, source, other) })),
    );
  });
  return found
    .filter((each) => each.score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, MOST_EQUALITIES)
    .map(({ read, own, other }, i) => {
      const spelled = (of: ReadSource, name: string) =>
        `${qualifierText(site, of)}.${nameText(site, name, spellingOf(site.script).column(of.source, name))}`;
      const label = `${spelled(read, own)} = ${spelled(right, other)}`;
      return {
        label,
        insertText: label,
        kind: CompletionItemKind.Operator,
        detail: 'the key of the join',
        sortText: `A${i}`,
      };
    });
}

type ColumnOf = DataSource['schema']['columns'][number];

/** How well two columns go together in a join: by their names, and by being keys. */
function score(left: DataSource, own: ColumnOf, right: DataSource, other: ColumnOf): number {
  const keys = Number(own.namespace === 'key') + Number(other.namespace === 'key');
  const pointsTo = (from: ColumnOf, to: DataSource, column: ColumnOf) => {
    const singular = to.name.replace(/S$/, '');
    return [`${singular}_${column.name}`, `${to.name}_${column.name}`, `${singular}${column.name}`].includes(from.name);
  };
  if (pointsTo(own, right, other) || pointsTo(other, left, own)) return 6 + keys;
  // Ids of two sources are called alike and mean something else each.
  if (own.name === other.name) return (own.name === 'ID' ? 1 : 5) + keys;
  return keys === 2 ? 2 : 0;
}
