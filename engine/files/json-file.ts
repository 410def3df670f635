import { readFileSync } from 'node:fs';
import { FileError, StateError } from './file-error.ts';
import { tighten } from './replace-file.ts';

/**
 * What a file of JSON holds; undefined when there is no such file.
 * @param advice what to do when it is damaged, as a sentence without its full stop
 * @throws StateError that names the file, what is wrong with it, and the advice
 */
export function readJsonFile<T>(path: string, advice: string): T | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new FileError(path, 'cannot be read', error);
  }
  tighten(path);
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw new StateError(`${path} is damaged: ${(error as Error).message}. ${advice}.`, { cause: error });
  }
}
