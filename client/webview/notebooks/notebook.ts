import * as l10n from '@vscode/l10n';
import type { Display } from '../../results/display.ts';
import type { RendererContext } from './outputs-renderer.ts';

/**
 * What VS Code calls once for each page with outputs. The translation of their texts comes from the extension, and
 * first: they are looked up as the modules are loaded.
 */
export async function activate(context: RendererContext) {
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = new URL('notebook.css', import.meta.url).toString();
  document.head.append(link);
  const texts = Promise.withResolvers<Display>();
  context.onDidReceiveMessage((message) => {
    if (message.kind !== 'texts') return;
    if (message.bundle !== undefined) l10n.config({ contents: message.bundle });
    texts.resolve(message.display);
  });
  context.postMessage({ kind: 'ready' });
  const display = await texts.promise;
  const { OutputsRenderer } = await import('./outputs-renderer.ts');
  const outputs = new OutputsRenderer(context, display);
  return {
    renderOutputItem: outputs.renderOutputItem.bind(outputs),
    disposeOutputItem: outputs.disposeOutputItem.bind(outputs),
  };
}
