import { type NamedColumn, nameKey } from '../../language/names/name.ts';
import { placedNames, placedOutputs } from './names.ts';
import type { Script } from './script-store.ts';

/** How names are written where a project defines them. */
export interface Spelling {
  source(name: string): string | undefined;
  column(source: string, name: string): string | undefined;
  type(name: string): string | undefined;
}

/** What a script itself says of how names are written, by the keys of names. */
interface OwnSpelling {
  readonly written: ReadonlyMap<string, string>;
  /** The columns that a query hands on as they are. */
  readonly handedOn: ReadonlyMap<string, NamedColumn>;
}

const known = new WeakMap<Script, OwnSpelling>();
/** Columns are followed through so many files at most: files can be wrong in a circle. */
const MOST_STEPS = 20;

/**
 * How names are spelled: as they are written where they come to be, in the script or in another file of its project,
 * which no comment and no other use changes.
 */
export function spellingOf(script: Script): Spelling {
  const written = (kind: 'source' | 'type', name: string) => {
    const key = nameKey({ kind, name });
    return ownSpelling(script).written.get(key) ?? elsewhere(script, kind, name)?.written.get(key);
  };
  return {
    source: (name) => written('source', name),
    type: (name) => written('type', name),
    column: (source, name) => {
      const found = columnSpelling(script, { kind: 'column', source, name }, MOST_STEPS);
      return found?.toUpperCase() === name.toUpperCase() ? found : undefined;
    },
  };
}

/** A column that a query hands on is spelled as where it comes from. */
function columnSpelling(script: Script, column: NamedColumn, steps: number): string | undefined {
  const key = nameKey(column);
  const own = ownSpelling(script);
  const text = own.written.get(key);
  if (text !== undefined || steps === 0) return text;
  const from = own.handedOn.get(key);
  if (from !== undefined) return columnSpelling(script, from, steps - 1);
  const maker = makerOf(script, 'source', column.source);
  return maker && columnSpelling(maker, column, steps - 1);
}

const elsewhere = (script: Script, kind: 'source' | 'type', name: string): OwnSpelling | undefined => {
  const maker = makerOf(script, kind, name);
  return maker && ownSpelling(maker);
};

/** The other script of the project that makes something. */
function makerOf({ document, files }: Script, kind: 'source' | 'type', name: string): Script | undefined {
  const [maker] = files.projectOf(document.uri).project.makersOf(`${kind} ${name}`);
  return maker === undefined || maker.path === document.uri ? undefined : files.find(maker.path);
}

function ownSpelling(script: Script): OwnSpelling {
  const remembered = known.get(script);
  if (remembered !== undefined) return remembered;
  const written = new Map<string, string>();
  for (const { use, key, range } of placedNames(script))
    if (use.defines && use.form === 'name') written.set(key, script.parsed.text.slice(range.start, range.end));
  const handedOn = new Map<string, NamedColumn>();
  for (const { output, key } of placedOutputs(script))
    if (output.from !== undefined && output.by !== 'alias' && !written.has(key)) handedOn.set(key, output.from);
  const own = { written, handedOn };
  known.set(script, own);
  return own;
}
