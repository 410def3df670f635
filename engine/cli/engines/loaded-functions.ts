import type { FunctionFolders } from '../../functions/function-folders.ts';

/** The functions of folders; what could not be used is said on the error output. Undefined without folders. */
export async function loadedFunctions(folders: readonly string[]): Promise<FunctionFolders | undefined> {
  if (folders.length === 0) return undefined;
  const { loadFunctionFolders } = await import('../../functions/function-folders.ts');
  const functions = loadFunctionFolders(folders);
  for (const problem of functions.problems) process.stderr.write(`${problem}\n`);
  return functions;
}
