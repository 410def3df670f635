import {
  type DocumentHighlight,
  DocumentHighlightKind,
  type LinkedEditingRanges,
  type Position,
} from 'vscode-languageserver';
import { placedNameAt, placedNames } from '../scripts/names.ts';
import { type Script, toLspRange } from '../scripts/script-store.ts';

/** The places of a script that name what is named at a position; where it comes to be is one of writing. */
export function documentHighlight(script: Script, position: Position): DocumentHighlight[] {
  const found = placedNameAt(script, script.document.offsetAt(position));
  if (found === undefined) return [];
  return [...placedNames(script)]
    .filter(({ key }) => key === found.key)
    .map(({ range, use }) => ({
      range: toLspRange(script.document, range),
      kind: use.defines ? DocumentHighlightKind.Write : DocumentHighlightKind.Read,
    }));
}

/** The places that change with the alias, or the parameter of a lambda, that is typed at a position. */
export function linkedEditing(script: Script, position: Position): LinkedEditingRanges | undefined {
  const found = placedNameAt(script, script.document.offsetAt(position));
  if (found?.use.named.kind !== 'alias' && found?.use.named.kind !== 'parameter') return undefined;
  const written = [...placedNames(script)].filter(({ key, use }) => key === found.key && use.form === 'name');
  const textOf = ({ range }: typeof found) => script.parsed.text.slice(range.start, range.end);
  // An editor wants the same text at all of them.
  if (new Set(written.map(textOf)).size !== 1) return undefined;
  return {
    ranges: written.map(({ range }) => toLspRange(script.document, range)),
    wordPattern: '[A-Za-z_][A-Za-z0-9_]*',
  };
}
