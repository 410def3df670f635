import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { UsageError } from './exit-codes.ts';

/** Whether a file is a script by its name. A notebook is one. */
export const isScript = (file: string): boolean => /\.(ksql|ksqlnb|sql)$/i.test(file);

/**
 * The files that the paths name: a file stands for itself, a folder for every file inside it, however deep, that
 * `wanted` accepts; in alphabetical order.
 * @throws UsageError when a path does not exist.
 */
export function findFiles(paths: readonly string[], wanted: (file: string) => boolean = isScript): string[] {
  return paths.flatMap((given) => {
    const stat = statSync(given, { throwIfNoEntry: false });
    if (stat === undefined) throw new UsageError(`${given} does not exist.`);
    if (!stat.isDirectory()) return [given];
    return readdirSync(given, { recursive: true, encoding: 'utf8' })
      .filter((name) => wanted(name) && !name.split(path.sep).includes('node_modules'))
      .sort()
      .map((name) => path.join(given, name))
      .filter((file) => statSync(file).isFile());
  });
}

/** Reads a script as UTF-8, without a byte order mark. */
export function readScript(file: string): string {
  return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
}
