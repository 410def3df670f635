import { SymbolKind, type WorkspaceSymbol } from 'vscode-languageserver';
import type { ProjectFile } from '../../language/project/project-file.ts';
import type { RootedProject } from '../../language/project/workspace.ts';
import { relativePath } from '../../language/project/workspace.ts';
import { rangeOfOffsets } from '../scripts/line-starts.ts';

/** More are not listed: who sees so many types on. */
const MOST_SYMBOLS = 1_000;

/**
 * The sources and types that the files of the workspace make, of which the name has the letters of the query in their
 * order.
 */
export function workspaceSymbols(projects: Iterable<RootedProject>, query: string): WorkspaceSymbol[] {
  const fits = letterTest(query);
  const found: WorkspaceSymbol[] = [];
  for (const { root, project } of projects)
    for (const file of project.files)
      for (const symbol of symbolsOf(file, root)) {
        if (!fits(symbol.name)) continue;
        found.push(symbol);
        if (found.length >= MOST_SYMBOLS) return found;
      }
  return found;
}

function symbolsOf(file: ProjectFile, root: string): WorkspaceSymbol[] {
  return [...file.heads.values()].flat().flatMap((head): WorkspaceSymbol[] => {
    if (head.effect === 'change') return [];
    const isTable = /^CREATE\s+(?:OR\s+REPLACE\s+)?(?:SOURCE\s+)?TABLE\b/i.test(file.textOf(head.index));
    const kind = head.kind === 'type' ? SymbolKind.TypeParameter : isTable ? SymbolKind.Struct : SymbolKind.Event;
    const location = { uri: file.path, range: rangeOfOffsets(file.text, head.range) };
    return [{ name: head.name, kind, location, containerName: decodeURIComponent(relativePath(file.path, root)) }];
  });
}

function letterTest(query: string): (name: string) => boolean {
  const letters = [...query.toUpperCase()];
  return (name) => {
    const upper = name.toUpperCase();
    let at = 0;
    for (const letter of letters) {
      const next = upper.indexOf(letter, at);
      if (next < 0) return false;
      at = next + 1;
    }
    return true;
  };
}
