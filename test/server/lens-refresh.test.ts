import { expect, test } from 'vitest';
import type { CodeLens } from 'vscode-languageserver';
import { LspSession } from './lsp-session.ts';
import { RATINGS, SERVER } from './script.ts';

const uri = 'file:///ratings.ksql';

test('an editor is told to ask for lenses again only when they would say something else', async () => {
  const session = await LspSession.start();
  let refreshes = 0;
  session.client.onRequest('workspace/codeLens/refresh', () => void refreshes++);
  const titles = async () => {
    const lenses = await session.request<CodeLens[]>('textDocument/codeLens', { textDocument: { uri } });
    return lenses.map(({ command }) => command!.title);
  };
  /** What the server has to say about lenses comes before what it has to say about the script. */
  const checked = () => expect.poll(() => session.diagnostics.has(uri)).toBe(true);
  const connect = async (engine: string, snapshot?: typeof SERVER) => {
    session.diagnostics.clear();
    await session.client.sendNotification('ksql/connected', { engine, snapshot });
    await checked();
  };
  try {
    await session.open(uri, RATINGS);
    await checked();
    expect(await titles()).toContain('▷ Run all · embedded engine');
    await connect('embedded engine', SERVER);
    await connect('embedded engine');
    expect(refreshes).toBe(0);
    await connect('team cluster', SERVER);
    expect(refreshes).toBe(1);
    expect(await titles()).toContain('▷ Run all · team cluster');
    await connect('team cluster');
    expect(refreshes).toBe(1);
  } finally {
    session.end();
  }
});
