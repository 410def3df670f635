import type { Metastore } from '../metastore/metastore.ts';
import { type Token, tokenize } from '../text/tokens.ts';
import { PRIMITIVE_TYPES } from '../types/parse-type.ts';
import type { Named, NameUse } from './name.ts';
import type { QuerySource } from './tree-names.ts';

/** Words that begin what follows a source, and so are no alias. */
const NO_ALIAS = new Set(
  'WHERE WINDOW GROUP PARTITION HAVING EMIT LIMIT LEFT RIGHT FULL INNER OUTER JOIN ON WITHIN SELECT'.split(' '),
);
/** Words before the name of the source that a statement is about. */
const BEFORE_NAME = new Set('INTO STREAM TABLE DESCRIBE'.split(' '));
/** Words that may stand there as well. */
const NO_NAME = new Set('IF EXTENDED FUNCTION CONNECTOR STREAMS TABLES'.split(' '));

/**
 * As the tree of a query would tell them: the sources that FROM and JOIN name in a text that has none, because it is
 * half-written.
 */
export function tokenSources(statement: string): ReadonlyMap<string, QuerySource> {
  return sourcesIn(tokenize(statement));
}

function sourcesIn(tokens: readonly Token[]): ReadonlyMap<string, QuerySource> {
  const found = new Map<string, QuerySource>();
  tokens.forEach((token, i) => {
    if (token.kind !== 'word' || !['FROM', 'JOIN'].includes(token.value)) return;
    if (tokens[i - 1]?.value === 'DISTINCT') return;
    const name = tokens[i + 1];
    if (name === undefined || !isName(name)) return;
    const next = tokens[i + 2]?.value === 'AS' ? tokens[i + 3] : tokens[i + 2];
    const aliased =
      next !== undefined && (next.kind === 'quoted' || (next.kind === 'word' && !NO_ALIAS.has(next.value)));
    found.set(aliased ? next.value : name.value, { source: name.value, aliased });
  });
  return found;
}

const isName = ({ kind }: Token): boolean => kind === 'word' || kind === 'quoted';

/** What names can be taken for where there is no tree. */
export interface TokenSurroundings {
  readonly metastore: Metastore;
  /** Names of the functions that can be called, in upper case. */
  readonly functions: Pick<ReadonlySet<string>, 'has'>;
}

/** The names in a statement that has no tree, because its syntax is wrong: what its words are likely to stand for. */
export function tokenNames(statement: string, { metastore, functions }: TokenSurroundings): readonly NameUse[] {
  const tokens = tokenize(statement);
  const sources = sourcesIn(tokens);
  const inQuery = new Set([...sources.values()].map(({ source }) => source));
  const columns = [...inQuery].flatMap((source) =>
    (metastore.sources.get(source)?.schema.columns ?? []).map(({ name }) => ({ source, name })),
  );
  const namedBy = (token: Token, i: number): Named | undefined => {
    const { value: name, kind } = token;
    const next = tokens[i + 1];
    if (kind === 'word' && next?.value === '(' && functions.has(name)) return { kind: 'function', name };
    const before = tokens[i - 1];
    const isAbout = before?.kind === 'word' && BEFORE_NAME.has(before.value) && !NO_NAME.has(name);
    if (inQuery.has(name) || isAbout) return { kind: 'source', name };
    const source = sources.get(name);
    if (source !== undefined) return { kind: 'alias', name, source: source.source };
    const column = columns.find((each) => each.name === name);
    const isType = kind === 'word' && PRIMITIVE_TYPES.has(name) && next?.kind !== 'word';
    return column === undefined || isType ? undefined : { kind: 'column', ...column };
  };
  return tokens.flatMap((token, i): NameUse[] => {
    const named = isName(token) ? namedBy(token, i) : undefined;
    const { start, end } = token;
    return named === undefined ? [] : [{ named, range: { start, end }, defines: false, form: 'name' }];
  });
}
