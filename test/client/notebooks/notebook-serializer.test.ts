import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import type { NotebookData } from './fake-vscode.ts';

vi.mock('vscode', () => import('./fake-vscode.ts'));
const { NotebookSerializer } = await import('../../../client/notebooks/notebook-serializer.ts');

const serializer = new NotebookSerializer();
const read = (bytes: Uint8Array) => serializer.deserializeNotebook(bytes) as unknown as NotebookData;
const write = (data: NotebookData) => serializer.serializeNotebook(data as never);
const bytesOf = (text: string) => new TextEncoder().encode(text);

describe('a file as a notebook', () => {
  test('comes back byte for byte, also when VS Code has copied it as JSON', () => {
    const text = fc
      .string({ unit: 'grapheme' })
      .map((piece) => `\uFEFF-- # Title\r\n\r\n${piece}\n\nSELECT 1;\n--> A\n--> 1\r\n`);
    fc.assert(
      fc.property(text, (script) => {
        const data = JSON.parse(JSON.stringify(read(bytesOf(script)))) as NotebookData;
        expect(write(data)).toEqual(bytesOf(script));
      }),
    );
  });

  test('shows what is pinned', () => {
    const { cells } = read(bytesOf('SELECT 1;\n--> A\n--> 1\n--> 1 row\n'));
    expect(cells[0]).toMatchObject({ value: 'SELECT 1;', languageId: 'ksql' });
    expect(cells[0]!.outputs![0]!.items[0]!.value).toEqual({ lines: ['A', '1', '1 row'] });
  });

  test('is refused where its bytes are not UTF-8, which could not be written back', () => {
    expect(() => read(Uint8Array.of(0x2d, 0x2d, 0xe9))).toThrow(/not UTF-8.*text editor/);
  });

  test('a new notebook is written as a script', () => {
    const data = {
      cells: [
        { kind: 1, value: '# New', languageId: 'markdown' },
        { kind: 2, value: 'SELECT 1', languageId: 'ksql' },
      ],
    };
    expect(new TextDecoder().decode(write(data as NotebookData))).toBe('-- # New\n\nSELECT 1\n');
  });
});
