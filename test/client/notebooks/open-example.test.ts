import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import type { NotebookData } from './fake-vscode.ts';

const examples = path.join(import.meta.dirname, '../../../examples');
const { opened, picks } = vi.hoisted(() => ({
  opened: [] as unknown[],
  picks: [] as { readonly label: string; readonly detail: string }[],
}));

vi.mock('vscode', async () => {
  const open = async (...args: unknown[]) => void opened.push(args);
  return {
    ...(await import('./fake-vscode.ts')),
    Uri: { joinPath: (_root: unknown, ...names: string[]) => path.join(examples, '..', ...names.slice(-2)) },
    workspace: {
      fs: {
        readDirectory: async () => readdirSync(examples).map((name) => [name]),
        readFile: async (file: string) => readFileSync(path.join(examples, path.basename(file))),
      },
      openNotebookDocument: open,
      openTextDocument: open,
    },
    window: {
      showQuickPick: async (items: typeof picks) => {
        picks.push(...items);
        return items.find(({ label }) => label === '$(notebook) orders');
      },
      showNotebookDocument: async () => undefined,
    },
  };
});

test('examples are listed by what they are about, and a notebook opens as one that is not saved', async () => {
  const { openExample } = await import('../../../client/notebooks/open-example.ts');
  await openExample({} as never);
  expect(picks.map(({ label }) => label)).toEqual(
    expect.arrayContaining(['$(file-code) ratings', '$(file-code) flights', '$(notebook) orders']),
  );
  expect(picks.find(({ label }) => label.endsWith('orders'))?.detail).toBe('What is sold?');
  for (const { detail } of picks) expect(detail).toMatch(/\S/);
  const [[type, data]] = opened as [[string, NotebookData]];
  expect(type).toBe('ksql-notebook');
  expect(data.cells.length).toBeGreaterThan(5);
});
