import { type CompletableColumn, completableColumns } from '../text/source-text.ts';
import { aroundExpression, type CompletionSite, goesOnAsName, type ReadSource } from './completion-site.ts';

/** A column of a source that a query reads. */
export interface ReadColumn extends CompletableColumn {
  readonly read: ReadSource;
}

type Fits = (column: ReadColumn) => boolean;

const ALL: Fits = () => true;

/**
 * Which columns may stand at a place, by what is around it: before `->` and `[` those that have such parts, in the
 * condition of a join those that it can be on, behind GROUP BY those that are not listed yet.
 */
export function legalColumns(site: CompletionSite): Fits {
  const around = aroundExpression(site);
  const rules = [byWhatFollows(site)];
  if (around.has('Relation.criteria')) rules.push(ofJoin(site));
  if (around.has('GroupBy.keys') || around.has('PartitionBy.keys')) rules.push(notListed(site));
  return (column) => rules.every((fits) => fits(column));
}

/** What stands behind the place wants a type, or is a column already. */
function byWhatFollows(site: CompletionSite): Fits {
  const { after } = site;
  if (goesOnAsName(site)) return () => false;
  if (after.startsWith('->')) return ({ type }) => type.startsWith('STRUCT');
  if (after.startsWith('[')) return ({ type }) => /^(?:ARRAY|MAP)/.test(type);
  return ALL;
}

/** A join is on one equality, of one type; a table that is joined is found by its key alone. */
function ofJoin(site: CompletionSite): Fits {
  const { fromBefore, metastore } = site;
  const joined = fromBefore.at(-1);
  const isTable = joined !== undefined && metastore.sources.get(joined.source)?.kind === 'TABLE';
  const left = leftOfJoin(site);
  const reads = new Set(joinableReads(site).map(({ alias }) => alias));
  return ({ read: { alias }, role, type }) =>
    reads.has(alias) &&
    (left === undefined || type === left.type) &&
    !(isTable && alias === joined.alias && !role.includes('key'));
}

/**
 * The sources that may stand at a place in the condition of a join: those that are named before it; on the right side
 * what is joined where the left is of another, and else the others.
 */
export function joinableReads(site: CompletionSite): readonly ReadSource[] {
  const { fromBefore } = site;
  const left = leftOfJoin(site)?.read.alias;
  if (left === undefined) return fromBefore;
  const joined = fromBefore.at(-1)!.alias;
  return fromBefore.filter(({ alias }) => (alias === joined) !== (left === joined));
}

/** The column that is the left side of a join's equality; undefined before it, and where it is anything else. */
function leftOfJoin({ tokens, fromBefore, metastore }: CompletionSite): ReadColumn | undefined {
  const on = tokens.findLastIndex(({ value, kind }) => kind === 'word' && value === 'ON');
  const words = tokens.slice(on + 1).map(({ value }) => value);
  const [qualifier, name] = words[1] === '.' ? [words[0], words[2]] : [undefined, words[0]];
  if (words.indexOf('=') !== (qualifier === undefined ? 1 : 3)) return undefined;
  const found = fromBefore
    .filter(({ alias }) => qualifier === undefined || alias === qualifier)
    .flatMap((read) => {
      const source = metastore.sources.get(read.source);
      const columns = source === undefined ? [] : completableColumns(source);
      return columns.filter((column) => column.name === name).map((column) => ({ ...column, read }));
    });
  return found.length === 1 ? found[0] : undefined;
}

function notListed({ tokens }: CompletionSite): Fits {
  const by = tokens.findLastIndex(({ value }) => value === 'BY');
  const listed = new Set(
    tokens
      .slice(by)
      .flatMap(({ value }, i, all) => (['BY', ',', '.'].includes(all[i - 1]?.value ?? '') ? [value] : [])),
  );
  return ({ name }) => !listed.has(name);
}
