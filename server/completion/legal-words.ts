import type { SourceKind } from '../../language/metastore/metastore.ts';
import type { ExpectedWord } from '../../language/parser/expected-tokens.ts';
import { aroundExpression, type CompletionSite, hasWord } from './completion-site.ts';

/** Whether a word that the grammar takes is taken by the rules beyond it, too. */
type Rule = (site: CompletionSite, word: ExpectedWord) => boolean;

const isTestScript: Rule = ({ script }) => script.parsed.options.testStatements === true;
const isOldDialect: Rule = ({ script }) => script.parsed.options.dialect === '2018';
const startsWith = ({ named }: CompletionSite, ...words: readonly string[]): boolean =>
  words.every((word, i) => named[i]?.name === word);

/** What a query reads so far: a stream if one is among its sources. */
function inputKind({ fromBefore, metastore }: CompletionSite): SourceKind | undefined {
  const kinds = fromBefore.map(({ source }) => metastore.sources.get(source)?.kind);
  if (kinds.includes('STREAM')) return 'STREAM';
  return kinds.length === 0 || kinds.includes(undefined) ? undefined : 'TABLE';
}

/** Two streams are joined within a time, and nothing else is. */
function joinsStreams({ fromBefore, metastore }: CompletionSite): boolean | undefined {
  const kinds = fromBefore.map(({ source }) => metastore.sources.get(source)?.kind);
  if (kinds.at(-1) === 'TABLE' || kinds[0] === 'TABLE') return false;
  return kinds.includes(undefined) ? undefined : true;
}

const mayReadStream: Rule = (site) => inputKind(site) !== 'TABLE';
const isSourceTable = ({ named }: CompletionSite): boolean =>
  named.slice(0, 5).find(({ name }) => name === 'TABLE' || name === 'STREAM')?.name === 'TABLE';

const isWindowed: Rule = (site) => hasWord(site, 'WINDOW') && hasWord(site, 'GROUP');
/** A window is there for a GROUP BY. */
const lacksGrouping = (site: CompletionSite): boolean => hasWord(site, 'WINDOW') && !hasWord(site, 'GROUP');

/** By the place of a word in the grammar, or by the word and its place. */
const RULES: Readonly<Record<string, Rule>> = {
  'RUN SCRIPT': isTestScript,
  'AssertNullValues NULL VALUES': isTestScript,
  'AssertValues VALUES': isTestScript,
  'SourceKind STREAM': (site) => !startsWith(site, 'ASSERT') || isTestScript(site, { text: '', place: '' }),
  'SourceKind TABLE': (site) => !startsWith(site, 'ASSERT') || isTestScript(site, { text: '', place: '' }),
  'TerminateQuery.legacy QUERY': isOldDialect,
  'DescribeSource.extended EXTENDED': (site, word) => site.named.length > 1 || isOldDialect(site, word),
  'Query WINDOW': mayReadStream,
  'Query PARTITION BY': (site, word) =>
    mayReadStream(site, word) && !hasWord(site, 'GROUP') && !hasWord(site, 'WINDOW'),
  'Query HAVING': (site) => hasWord(site, 'GROUP'),
  'Query EMIT CHANGES': (site) => !lacksGrouping(site),
  'Query EMIT FINAL': isWindowed,
  'EmitMode FINAL': isWindowed,
  'Query LIMIT': (site) => !startsWith(site, 'CREATE') && !lacksGrouping(site),
  'Within WITHIN': (site) => joinsStreams(site) !== false,
  'Relation ON': (site) => joinsStreams(site) !== true || hasWord(site, 'WITHIN'),
  'KeyConstraint PRIMARY KEY': isSourceTable,
  'ColumnConstraint.primary PRIMARY KEY': isSourceTable,
  'ColumnConstraint KEY': (site) => site.named.at(-1)?.name === 'PRIMARY' || !isSourceTable(site),
  'ColumnConstraint HEADERS': (site) => !isSourceTable(site),
  'ColumnConstraint HEADER (': (site) => !isSourceTable(site),
};

/** The grammar takes it, and then it is refused wherever it stands. */
const NOT_IN_KSQLDB: ReadonlySet<string> = new Set(['AT TIME ZONE']);
/** Literals that are words: the values of a property are offered by what it takes. */
const VALUES: ReadonlySet<string> = new Set(['Literal', 'TruthValue']);

const isProperty = ({ expected }: CompletionSite): boolean =>
  expected.placesAround('Literal.value').has('Property.value');

const CONDITION_BEGINS: ReadonlySet<string> = new Set(['WHERE', 'HAVING', 'WHEN', 'ON', 'AND', 'OR', 'NOT']);
const COMPARES: ReadonlySet<string> = new Set([
  ...['=', '<>', '!=', '<', '>', '<=', '>=', 'LIKE', 'IN', 'BETWEEN', 'NULL', 'DISTINCT', 'TRUE', 'FALSE', ')'],
]);

/**
 * What of a condition stands before the place: a value alone, which is none yet, or that of a join, which is one
 * equality. Undefined: anything else.
 */
function conditionBefore({ named, tokens, from, metastore }: CompletionSite): 'none-yet' | 'join' | undefined {
  const begin = named.findLastIndex(({ name }) => CONDITION_BEGINS.has(name));
  if (begin < 0 || begin === named.length - 1 || named.length !== tokens.length) return undefined;
  const since = named.slice(begin + 1).map(({ name }) => name);
  if (since.some((name) => ENDS_CONDITION.has(name))) return undefined;
  if (named[begin]!.name === 'ON') return since.includes('=') ? 'join' : undefined;
  if (since.some((name) => COMPARES.has(name))) return undefined;
  const last = tokens.at(-1)!;
  const columns = from.flatMap(({ source }) => metastore.sources.get(source)?.schema.columns ?? []);
  const types = columns.filter(({ name }) => name === last.value).map(({ type }) => type.kind);
  const isValue = last.kind === 'number' || last.kind === 'text' || (types.length > 0 && !types.includes('BOOLEAN'));
  return isValue ? 'none-yet' : undefined;
}

const ENDS_CONDITION: ReadonlySet<string> = new Set([
  ...['GROUP', 'PARTITION', 'EMIT', 'LIMIT', 'JOIN', 'THEN', 'SELECT', 'WINDOW', 'HAVING', 'FROM', '->'],
]);

/** Statements that can be explained. */
const EXPLAINED: ReadonlySet<string> = new Set(['SELECT', 'CREATE', 'INSERT']);

/** The words that may follow at a place: what the grammar takes, without what the rules beyond it refuse. */
export function legalWords(site: CompletionSite): readonly ExpectedWord[] {
  const isExplained = startsWith(site, 'EXPLAIN') && site.named.length === 1;
  const begunIf = site.named.at(-1)?.name === 'IF';
  const condition = conditionBefore(site);
  const isJoin = aroundExpression(site).has('Relation.criteria');
  return site.expected.words.filter((word) => {
    const { text, place } = word;
    if (!/^[A-Z]/.test(text) || NOT_IN_KSQLDB.has(text)) return false;
    // IF can be a name as well, but who writes it in front of one means the other.
    if (begunIf) return /EXISTS/.test(text);
    if (condition === 'none-yet' && !place.startsWith('Predicate')) return false;
    if (condition === 'join' && /^(?:Predicate|AndOperator|OrOperator)/.test(place)) return false;
    // Each side of a join names one source.
    if (isJoin && (VALUES.has(place) || text === 'NOT')) return false;
    if (VALUES.has(place) && site.tokens.at(-1)?.value === '=' && isProperty(site)) return false;
    if (isExplained) return EXPLAINED.has(text.split(' ')[0]!);
    const rule = RULES[`${place} ${text}`] ?? RULES[`${place.split('.')[0]} ${text}`] ?? RULES[text];
    return rule?.(site, word) ?? true;
  });
}

/** Whether a source may be read where FROM or JOIN wants one. */
export function mayJoin(site: CompletionSite, name: string, kind: SourceKind): boolean {
  const { fromBefore, metastore, named } = site;
  const first = fromBefore[0];
  if (first === undefined) return true;
  if (fromBefore.some(({ source }) => source === name)) return false;
  const left = metastore.sources.get(first.source)?.kind;
  if (left === 'TABLE') return kind === 'TABLE';
  const words = named.slice(-3).map(({ name: word }) => word);
  const keepsAllOfRight = words.includes('RIGHT') || words.includes('FULL');
  return kind === 'STREAM' || left === undefined || !keepsAllOfRight;
}
