import type { FunctionDefinition } from '../../language/functions/function.ts';
import { problemText, UserFunctions } from './user-functions.ts';

/** The functions of several folders as one. */
export interface FunctionFolders {
  /** The catalogue's entries, by upper-case name. */
  readonly definitions: ReadonlyMap<string, FunctionDefinition>;
  /** What could not be used, and why, as compilers print it. */
  readonly problems: readonly string[];
  /** Nothing is called any more. */
  close(): void;
}

/**
 * Loads the functions of folders. What two folders declare is taken from the first.
 * @throws Error when one of the folders does not exist
 */
export function loadFunctionFolders(folders: readonly string[]): FunctionFolders {
  const loaded = [...new Set(folders)].map((folder) => new UserFunctions(folder));
  const definitions = new Map<string, FunctionDefinition>();
  const problems = loaded.flatMap(({ folder, problems: own, definitions: declared }) => {
    const doubled = [...declared].flatMap(([name, definition]) => {
      const isNew = !definitions.has(name);
      if (isNew) definitions.set(name, definition);
      return isNew ? [] : [`${folder}: ${name} is declared in another folder, too, which counts.`];
    });
    return [...own.map((problem) => problemText(folder, problem)), ...doubled];
  });
  return {
    definitions,
    problems,
    close() {
      for (const functions of loaded) functions.close();
    },
  };
}
