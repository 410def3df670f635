import * as vscode from 'vscode';
import { fenced, resultAsMarkdown } from '../results/rows-as-markdown.ts';
import type { CellMetadata } from './cell-metadata.ts';
import type { CellResults } from './cell-results.ts';

type ResultsOf = (cell: vscode.NotebookCell) => CellResults;
export type ExportForm = 'md' | 'html';

/** Writes a notebook with its results where the user says. */
export async function exportNotebook(
  notebook: vscode.NotebookDocument,
  resultsOf: ResultsOf,
  form: ExportForm,
): Promise<void> {
  const markdown = asMarkdown(notebook, resultsOf);
  const name = (notebook.uri.path.split('/').at(-1) ?? 'notebook').replace(/\.\w+$/, '');
  const folder =
    notebook.uri.scheme === 'file'
      ? vscode.Uri.joinPath(notebook.uri, '..')
      : vscode.workspace.workspaceFolders?.[0]?.uri;
  const target = await vscode.window.showSaveDialog({
    filters: form === 'md' ? { Markdown: ['md'] } : { HTML: ['html'] },
    title: vscode.l10n.t('Export the notebook with its results'),
    ...(folder && { defaultUri: vscode.Uri.joinPath(folder, `${name}.${form}`) }),
  });
  if (target === undefined) return;
  const text = form === 'md' ? markdown : await asHtml(markdown, name);
  await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
}

/** Prose, statements, and below them what they gave; what is pinned, where they were not run. */
function asMarkdown(notebook: vscode.NotebookDocument, resultsOf: ResultsOf): string {
  const parts = notebook.getCells().flatMap((cell) => {
    const text = cell.document.getText().trim();
    if (cell.kind === vscode.NotebookCellKind.Markup || text === '') return [text];
    const { results } = resultsOf(cell);
    const { snapshot }: CellMetadata = cell.metadata;
    const pinned = results.length === 0 && snapshot !== undefined ? [fenced(snapshot.join('\n'), 'text')] : [];
    return [fenced(text, 'ksql'), ...results.map(resultAsMarkdown), ...pinned];
  });
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

const STYLES = `
  body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; font-family: system-ui, sans-serif; line-height: 1.5; color-scheme: light dark; }
  pre { padding: 0.75rem; overflow-x: auto; background: color-mix(in srgb, currentColor 6%, transparent); }
  table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
  th, td { padding: 0.2rem 0.75rem; border: 1px solid color-mix(in srgb, currentColor 25%, transparent); }
  .hljs-keyword, .hljs-type, .hljs-literal { color: light-dark(#0000ff, #569cd6); }
  .hljs-string { color: light-dark(#a31515, #ce9178); }
  .hljs-number { color: light-dark(#098658, #b5cea8); }
  .hljs-comment { color: light-dark(#008000, #6a9955); }
  .hljs-built_in { color: light-dark(#795e26, #dcdcaa); }
`;

/** The same as a page of its own, with what VS Code's Markdown preview makes of it, and nothing that runs. */
async function asHtml(markdown: string, title: string): Promise<string> {
  const body = await vscode.commands.executeCommand<string>('markdown.api.render', markdown);
  const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:";
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`)}</title>
<style>${STYLES}</style>
</head>
<body>
${body}
</body>
</html>
`;
}
