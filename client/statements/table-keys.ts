import type { MetastoreSnapshot } from '../../language/analysis/metastore-snapshot.ts';
import { namedSources } from '../../language/parser/named-sources.ts';
import { type Token, tokenize } from '../../language/parser/tokens.ts';

const WINDOW_COLUMNS = new Set(['WINDOWSTART', 'WINDOWEND']);
const CLAUSES = new Set('WHERE WINDOW PARTITION HAVING EMIT LIMIT'.split(' '));

/**
 * Which columns of a query's answer are the key of a table, by index; undefined when the answer is a stream, or when part of
 * the key is not among the columns, so that rows of the same key cannot be told. The answer of a push query does not say.
 */
export function tableKeys(
  query: string,
  columns: readonly { readonly name: string }[],
  snapshot: MetastoreSnapshot | undefined,
): readonly number[] | undefined {
  const tokens = tokenize(query);
  const from = namedSources(query);
  const source = snapshot?.sources.find(({ name }) => name === from[0]?.name);
  const grouped = groupedBy(tokens);
  if (grouped === undefined && (source?.kind !== 'TABLE' || from.length !== 1)) return undefined;
  const keys = grouped ?? source!.columns.filter(({ namespace }) => namespace === 'key').map(({ name }) => name);
  const windowed =
    grouped === undefined
      ? source!.windowType != null
      : tokens.some(({ kind, value }) => kind === 'word' && value === 'WINDOW');
  const items = selectItems(tokens);
  const indexOf = (name: string) => columns.findIndex((column, i) => (items?.[i]?.plain ?? column.name) === name);
  const found = keys.map(indexOf);
  const window = columns.findIndex(({ name }, i) => items?.[i]?.window ?? WINDOW_COLUMNS.has(name));
  if (windowed) found.push(window);
  return found.length === 0 || found.includes(-1) ? undefined : found;
}

/** The plain names of GROUP BY; an expression among them has no name to be found by. */
function groupedBy(tokens: readonly Token[]): string[] | undefined {
  const group = tokens.findIndex(({ value }, i) => value === 'GROUP' && tokens[i + 1]?.value === 'BY');
  if (group < 0) return undefined;
  const names: string[] = [];
  for (const token of tokens.slice(group + 2)) {
    if (token.value === ';' || (token.kind === 'word' && CLAUSES.has(token.value))) break;
    if (token.kind === 'word' || token.kind === 'quoted') names.push(token.value);
    else if (token.value === '.') names.pop();
    else if (token.value !== ',' && token.value !== '(' && token.value !== ')') return [''];
  }
  return names;
}

interface SelectedItem {
  /** The column that the item is nothing but. */
  readonly plain: string | undefined;
  /** The item is made of a bound of the window. */
  readonly window: boolean;
}

/** The items of the SELECT list; undefined when one of them stands for several columns. */
function selectItems(tokens: readonly Token[]): readonly SelectedItem[] | undefined {
  const start = tokens.findIndex(({ value }) => value === 'SELECT') + 1;
  const items: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens.slice(start)) {
    if (depth === 0 && token.kind === 'word' && token.value === 'FROM') break;
    if ('([<'.includes(token.value)) depth++;
    else if (')]'.includes(token.value)) depth--;
    if (depth === 0 && token.value === ',') items.push([]);
    else items.at(-1)!.push(token);
  }
  if (items.some((item) => item.at(-1)?.value === '*')) return undefined;
  return items.map((item) => {
    const aliased = item.findLastIndex(({ value }) => value === 'AS');
    const expression = aliased < 0 ? item : item.slice(0, aliased);
    const names = expression.filter(({ kind }) => kind === 'word' || kind === 'quoted');
    const isPlain = expression.length === 1 || (expression.length === 3 && expression[1]!.value === '.');
    return {
      plain: isPlain ? names.at(-1)?.value : undefined,
      window: expression.some(({ value }) => WINDOW_COLUMNS.has(value)),
    };
  });
}
