import { existsSync } from 'node:fs';
import path from 'node:path';

/** Where the data of the examples may stand, seen from a folder above this file: packaged, or in a checkout. */
const EXAMPLE_DATA = ['examples/data', 'examples-data', 'node_modules/vega-datasets/data'];

/** Folders that hold the data files of the examples. */
export function exampleDataFolders(): string[] {
  const found: string[] = [];
  for (let folder = import.meta.dirname; ; folder = path.dirname(folder)) {
    for (const name of EXAMPLE_DATA) {
      const candidate = path.join(folder, name);
      if (existsSync(candidate)) found.push(candidate);
    }
    if (path.dirname(folder) === folder) return found;
  }
}
