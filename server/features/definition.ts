import type { Location, Position } from 'vscode-languageserver';
import { nameKey } from '../../language/names/name.ts';
import { placedNameAt, placedNames, placedOutputs } from '../scripts/names.ts';
import { type Script, toLspRange } from '../scripts/script-store.ts';

/** Columns are followed through so many statements at most: a script can be wrong in a circle. */
const MOST_STEPS = 100;

/**
 * Where what is named at a position comes to be: the CREATE of a source, type or connector, the declaration of a
 * column, the AS that names one. A column that a query only hands on, by its name or by `*`, is followed to where it
 * comes from.
 */
export function definition(script: Script, position: Position): Location | undefined {
  const found = placedNameAt(script, script.document.offsetAt(position));
  return found && definitionOf(found.key, script, MOST_STEPS);
}

function definitionOf(key: string, script: Script, steps: number): Location | undefined {
  for (const { use, key: own, range } of placedNames(script))
    if (use.defines && own === key) return { uri: script.document.uri, range: toLspRange(script.document, range) };
  for (const { output, key: own, range } of placedOutputs(script)) {
    if (!output.defines || own !== key) continue;
    const origin = output.from && steps > 0 ? definitionOf(nameKey(output.from, ''), script, steps - 1) : undefined;
    return origin ?? { uri: script.document.uri, range: toLspRange(script.document, range) };
  }
  return undefined;
}
