import type { Named } from '../../language/names/name.ts';
import type { ProjectFile } from '../../language/project/project-file.ts';
import type { Script } from './script-store.ts';

/**
 * The scripts in which something may be named, the one at hand first. What only a statement or a file knows is named in
 * its own; all else in the files of the project that have the word, which is looked for before anything is read: a
 * column is only named where its source is, too. Variables may stand for any name.
 */
export function scriptsNaming(named: Named, script: Script): readonly Script[] {
  const word = wordOf(named);
  if (word === undefined) return [script];
  const { project } = script.files.projectOf(script.document.uri);
  const own = script.document.uri;
  const isThere = wordTest(word);
  const others = project.files.filter((file) => file.path !== own && !file.isTest && mayName(file, word, isThere));
  return [script, ...others.flatMap(({ path }) => script.files.find(path) ?? [])];
}

/** Which words files have, as far as somebody has asked: a file with another text is another object. */
const known = new WeakMap<ProjectFile, Map<string, boolean>>();

function mayName(file: ProjectFile, word: string, isThere: (text: string) => boolean): boolean {
  const words = known.get(file) ?? new Map<string, boolean>();
  known.set(file, words);
  const found = words.get(word) ?? (isThere(file.text) || file.text.includes('${'));
  words.set(word, found);
  return found;
}

/** The word without which nothing is named; undefined for what no other file can name. */
function wordOf(named: Named): string | undefined {
  switch (named.kind) {
    case 'source':
    case 'type':
    case 'connector':
    case 'topic':
    case 'query':
    case 'function':
    case 'property':
    case 'setting':
      return named.name;
    case 'column':
      return named.source;
    case 'field':
      return named.within?.kind === 'column' ? named.within.source : named.within?.name;
    case 'pseudo-column':
    case 'result':
    case 'alias':
    case 'parameter':
    case 'variable':
      return undefined;
    default:
      return named satisfies never;
  }
}

/** Whether a text has a word, in small letters or large. */
function wordTest(word: string): (text: string) => boolean {
  const pattern = new RegExp(`(?<![\\w@])${word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w@])`, 'i');
  return (text) => pattern.test(text);
}
