import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { FileSource } from './workspace/file-source.ts';

/** A longer file is nobody's script. In bytes. */
const MOST_BYTES = 8_000_000;
/** More files than this are not looked for: a folder that large is no project. */
const MOST_FILES = 20_000;
const WANTED = /\.(?:sql|ksql|ksqlnb)$|^ksql\.(?:lock\.)?json$/i;
const IGNORED = /^(?:node_modules|\..*)$/;

/** Files that a server on the user's own machine reads itself. */
export const NODE_FILES: FileSource = {
  async list(folder) {
    if (!folder.startsWith('file:')) return [];
    const found: string[] = [];
    const open = [fileURLToPath(folder)];
    for (let next = open.pop(); next !== undefined && found.length < MOST_FILES; next = open.pop()) {
      for (const entry of await readdir(next, { withFileTypes: true }).catch(() => [])) {
        const own = path.join(next, entry.name);
        if (entry.isDirectory() && !IGNORED.test(entry.name)) open.push(own);
        else if (entry.isFile() && WANTED.test(entry.name)) found.push(pathToFileURL(own).href);
      }
    }
    return found;
  },

  async read(uri) {
    if (!uri.startsWith('file:')) return undefined;
    try {
      const file = fileURLToPath(uri);
      if ((await stat(file)).size > MOST_BYTES) return undefined;
      return (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
    } catch {
      return undefined;
    }
  },
};
