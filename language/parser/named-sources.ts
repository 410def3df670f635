import { tokenize } from '../text/tokens.ts';

/** A source that a query names, under the name it goes by there. */
export interface NamedSource {
  readonly name: string;
  readonly alias: string;
}

/** Words that begin what follows a source, and so are no alias. */
const NO_ALIAS = new Set(
  'WHERE WINDOW GROUP PARTITION HAVING EMIT LIMIT LEFT RIGHT FULL INNER OUTER JOIN ON WITHIN SELECT'.split(' '),
);

/** The sources that a statement's FROM and JOIN clauses name. */
export function namedSources(statement: string): readonly NamedSource[] {
  const tokens = tokenize(statement);
  const found: NamedSource[] = [];
  tokens.forEach((token, i) => {
    if (token.kind !== 'word' || !['FROM', 'JOIN'].includes(token.value)) return;
    if (tokens[i - 1]?.value === 'DISTINCT') return;
    const name = tokens[i + 1];
    if (name === undefined || (name.kind !== 'word' && name.kind !== 'quoted')) return;
    const next = tokens[i + 2]?.value === 'AS' ? tokens[i + 3] : tokens[i + 2];
    const aliased =
      next !== undefined && (next.kind === 'quoted' || (next.kind === 'word' && !NO_ALIAS.has(next.value)));
    found.push({ name: name.value, alias: aliased ? next.value : name.value });
  });
  return found;
}
