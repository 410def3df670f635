import { afterEach, expect, test, vi } from 'vitest';
import * as analysis from '../../language/script/analyze-statement.ts';
import * as outline from '../../server/features/symbols.ts';
import { LspSession } from './lsp-session.ts';

vi.mock(import('../../language/script/analyze-statement.ts'), { spy: true });
vi.mock(import('../../server/features/symbols.ts'), { spy: true });

const URI = 'file:///a.ksql';
const TEXT = 'SELECT broken FROM poison;\nSELECT 1 + FROM clicks;\nSHOW STREAMS;\n';
let session: LspSession;
afterEach(() => {
  vi.mocked(analysis.meaningOf).mockReset();
  vi.mocked(outline.symbols).mockReset();
  session.end();
});

test('an analyser that throws costs the meaning of its statement, and is logged', async () => {
  const real = vi.mocked(analysis.meaningOf).getMockImplementation()!;
  vi.mocked(analysis.meaningOf).mockImplementation((statement, ...others) => {
    if (statement.text.includes('poison')) throw new TypeError('cannot read the poison');
    return real(statement, ...others);
  });
  session = await LspSession.start();
  await session.open(URI, TEXT);
  await expect.poll(() => session.diagnostics.get(URI)).toHaveLength(1);
  expect(session.diagnostics.get(URI)).toMatchObject([{ range: { start: { line: 1 } } }]);
  expect(session.log.join('\n')).toContain(`${URI} failed: TypeError: cannot read the poison`);
  const symbols = await session.request<unknown[]>('textDocument/documentSymbol', { textDocument: { uri: URI } });
  expect(symbols).toHaveLength(3);
});

test('a feature that throws answers nothing, and the others go on', async () => {
  vi.mocked(outline.symbols).mockImplementation(() => {
    throw new RangeError('no outline');
  });
  session = await LspSession.start();
  await session.open(URI, TEXT);
  expect(await session.request('textDocument/documentSymbol', { textDocument: { uri: URI } })).toBeNull();
  expect(session.log.join('\n')).toContain('The outline failed: RangeError: no outline');
  const lenses = await session.request<unknown[]>('textDocument/codeLens', { textDocument: { uri: URI } });
  expect(lenses.length).toBeGreaterThan(0);
});
