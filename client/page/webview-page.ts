import * as vscode from 'vscode';
import { escapeHtml } from './escape-html.ts';

/** Where the scripts, styles and fonts of the pages are. */
export const webviewMedia = (extensionUri: vscode.Uri): vscode.Uri =>
  vscode.Uri.joinPath(extensionUri, 'dist', 'webview');

/** The icon of a tab that shows a page. */
export function panelIcon(extensionUri: vscode.Uri): { readonly light: vscode.Uri; readonly dark: vscode.Uri } {
  const icon = (name: string) => vscode.Uri.joinPath(extensionUri, 'client', 'media', name);
  return { light: icon('ksql-light.svg'), dark: icon('ksql-dark.svg') };
}

/**
 * The document of a page: its markup, the styles that all pages share, its texts in the user's language, and its own
 * script, which alone may run.
 * @param script the name of its file in the media folder
 */
export function webviewPage(
  webview: vscode.Webview,
  media: vscode.Uri,
  { title, script, body }: Readonly<Record<'title' | 'script' | 'body', string>>,
): string {
  const at = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(media, name));
  const nonce = crypto.randomUUID();
  const policy = `default-src 'none'; style-src ${webview.cspSource} 'nonce-${nonce}'; font-src ${webview.cspSource}; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${at('results.css')}">
<title>${escapeHtml(title)}</title>
</head>
<body>
${body}
<script type="application/json" id="texts">${textsOf(vscode.l10n.bundle)}</script>
<script nonce="${nonce}" src="${at(script)}"></script>
</body>
</html>`;
}

/** What `webview/page-texts.ts` reads: a translation as JSON that cannot end the element that it stands in. */
const textsOf = (bundle: typeof vscode.l10n.bundle): string => JSON.stringify(bundle ?? {}).replaceAll('<', '\\u003c');
