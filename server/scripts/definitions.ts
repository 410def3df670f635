import { type NamedColumn, nameKey } from '../../language/names/name.ts';
import type { TextRange } from '../../language/text/text-range.ts';
import { scriptsNaming } from './mentions.ts';
import { type PlacedName, placedNames, placedOutputs } from './names.ts';
import type { Script } from './script-store.ts';

/** A place in a file of the workspace. */
export interface FilePlace {
  readonly script: Script;
  /** In offsets of the document. */
  readonly range: TextRange;
}

/** Columns are followed through so many statements at most: a script can be wrong in a circle. */
const MOST_STEPS = 100;

/**
 * Where what a name stands for comes to be: the CREATE of a source, type or connector, the declaration of a column, the
 * AS that names one. A column that a query only hands on, by its name or by `*`, is followed to where it comes from.
 */
export function definitionOf({ use: { named }, key, script }: PlacedName): FilePlace | undefined {
  if (named.kind === 'column') return columnOrigin(named, script);
  for (const each of scriptsNaming(named, script)) {
    for (const place of placedNames(each)) if (place.use.defines && place.key === key) return place;
  }
  return undefined;
}

/** Where a column is declared, named with AS, or computed without a name. */
export function columnOrigin(column: NamedColumn, script: Script, steps = MOST_STEPS): FilePlace | undefined {
  const key = nameKey(column);
  for (const each of scriptsNaming(column, script)) {
    for (const place of placedNames(each)) if (place.use.defines && place.key === key) return place;
    for (const place of placedOutputs(each)) {
      if (!place.output.defines || place.key !== key) continue;
      const { from } = place.output;
      return (from && steps > 0 && columnOrigin(from, each, steps - 1)) || place;
    }
  }
  return undefined;
}
