import { type CodeAction, CodeActionKind, type Range } from 'vscode-languageserver';
import { type Script, toLspRange } from '../scripts/script-store.ts';
import { diagnose } from './diagnostics.ts';

/** The quick fixes of the diagnostics that touch a range. A single fix of an error is the preferred one. */
export function codeActions(script: Script, range: Range): CodeAction[] {
  const { document } = script;
  const [start, end] = [document.offsetAt(range.start), document.offsetAt(range.end)];
  const shown = diagnose(script);
  return script.diagnostics.flatMap((diagnostic, i) => {
    if (diagnostic.range.start > end || diagnostic.range.end < start) return [];
    return diagnostic.fixes.map(
      (fix): CodeAction => ({
        title: fix.title,
        kind: CodeActionKind.QuickFix,
        diagnostics: [shown[i]!],
        isPreferred: diagnostic.fixes.length === 1,
        edit: {
          changes: {
            [document.uri]: fix.edits.map((edit) => ({ range: toLspRange(document, edit.range), newText: edit.text })),
          },
        },
      }),
    );
  });
}
