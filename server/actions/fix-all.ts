import { type CodeAction, CodeActionKind } from 'vscode-languageserver';
import type { Diagnostic, TextEdit } from '../../language/text/diagnostic.ts';
import { type Script, toLspRange } from '../scripts/script-store.ts';

/** The kind that mends, on saving, all that can be mended in one way only. */
export const FIX_ALL: CodeActionKind = `${CodeActionKind.SourceFixAll}.ksql`;

/** All mends of a script that leave no choice, in one. */
export function fixAll(script: Script): CodeAction | undefined {
  const edits = editsOf(script.diagnostics.filter(hasOneFix));
  return edits.length === 0 ? undefined : action(script, 'Mend all that can be mended in one way', edits, FIX_ALL);
}

/** For each kind of diagnostic of which a script has several with one mend, all of them in one. */
export function fixesOfKinds(script: Script, codes: ReadonlySet<string>): CodeAction[] {
  const all = script.diagnostics;
  return [...codes].flatMap((code) => {
    const own = all.filter((diagnostic) => diagnostic.code === code && hasOneFix(diagnostic));
    if (own.length < 2) return [];
    return [action(script, `Mend all ${own.length} of ${code} in this file`, editsOf(own), CodeActionKind.QuickFix)];
  });
}

const hasOneFix = ({ fixes }: Diagnostic): boolean => fixes.length === 1;

/** The edits of the only fixes, without those that touch what an earlier one changes. */
function editsOf(diagnostics: readonly Diagnostic[]): readonly TextEdit[] {
  const taken: TextEdit[] = [];
  const overlaps = ({ range }: TextEdit) =>
    taken.some((other) => range.start <= other.range.end && other.range.start <= range.end);
  for (const { fixes } of diagnostics) {
    const { edits } = fixes[0]!;
    if (!edits.some(overlaps)) taken.push(...edits);
  }
  return taken;
}

function action({ document }: Script, title: string, edits: readonly TextEdit[], kind: CodeActionKind): CodeAction {
  const changes = edits.map(({ range, text }) => ({ range: toLspRange(document, range), newText: text }));
  return { title, kind, edit: { changes: { [document.uri]: changes } } };
}
