import { nameKey } from '../../language/names/name.ts';
import { placedNames, placedOutputs } from './names.ts';
import type { Script } from './script-store.ts';

/** How names are written where a script defines them. */
export interface Spelling {
  source(name: string): string | undefined;
  column(source: string, name: string): string | undefined;
  type(name: string): string | undefined;
}

const known = new WeakMap<Script, Spelling>();

/**
 * How the names of a script are spelled: as they are written where they come to be, which no comment and no other use
 * changes.
 */
export function spellingOf(script: Script): Spelling {
  const remembered = known.get(script);
  if (remembered !== undefined) return remembered;
  const spelling = readSpelling(script);
  known.set(script, spelling);
  return spelling;
}

function readSpelling(script: Script): Spelling {
  const written = new Map<string, string>();
  for (const { use, key, range } of placedNames(script))
    if (use.defines && use.form === 'name') written.set(key, script.parsed.text.slice(range.start, range.end));
  // A column that a query hands on is spelled as where it comes from.
  for (const { output, key } of placedOutputs(script)) {
    const origin = output.from && written.get(nameKey(output.from));
    if (origin !== undefined && output.by !== 'alias' && !written.has(key)) written.set(key, origin);
  }
  const column = (source: string, name: string) => written.get(nameKey({ kind: 'column', source, name }));
  return {
    source: (name) => written.get(nameKey({ kind: 'source', name })),
    type: (name) => written.get(nameKey({ kind: 'type', name })),
    column: (source, name) => {
      const own = column(source, name);
      return own?.toUpperCase() === name.toUpperCase() ? own : undefined;
    },
  };
}
