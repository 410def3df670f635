import { type Named, type NamedColumn, nameKey } from '../../language/names/name.ts';
import { scriptsNaming } from '../scripts/mentions.ts';
import { type PlacedName, placedOutputs } from '../scripts/names.ts';
import type { Script } from '../scripts/script-store.ts';

type NamedField = Extract<Named, { kind: 'field' }>;

/** Columns are followed through so many statements at most: a script can be wrong in a circle. */
const MOST_STEPS = 100;

/**
 * The name of a field as if it stood where its column is declared: a struct that queries hand on unchanged has the
 * fields that it has there.
 */
export function asDeclared(found: PlacedName): PlacedName {
  const { use, script, statement, range } = found;
  if (use.named.kind !== 'field' || use.named.within?.kind !== 'column') return found;
  const named: NamedField = { ...use.named, within: declaredColumn(use.named.within, script) };
  return { script, statement, range, use: { ...use, named }, key: nameKey(named) };
}

/** Where a column comes from that queries hand on, under whatever names. */
function declaredColumn(column: NamedColumn, script: Script): NamedColumn {
  let origin = column;
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    const from = givenBy(origin, script);
    if (from === undefined) break;
    origin = from;
  }
  return origin;
}

function givenBy(column: NamedColumn, script: Script): NamedColumn | undefined {
  const key = nameKey(column);
  for (const each of scriptsNaming(column, script))
    for (const place of placedOutputs(each)) if (place.output.defines && place.key === key) return place.output.from;
  return undefined;
}
