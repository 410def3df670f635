import { afterEach, expect, test } from 'vitest';
import type { FoldingRange, LinkedEditingRanges, TextEdit } from 'vscode-languageserver';
import { LspSession } from './lsp-session.ts';

const URI = 'file:///a.ksql';
let session: LspSession;
afterEach(() => session.end());

async function open(text: string, options: object = {}): Promise<void> {
  session = await LspSession.start(options);
  await session.open(URI, text);
}

const ask = <R>(method: string, params: object = {}): Promise<R> =>
  session.request<R>(`textDocument/${method}`, { textDocument: { uri: URI }, ...params });

const FORMATTING = { options: { tabSize: 2, insertSpaces: true } };

test('scripts are formatted in the style that the client chooses, and chooses anew', async () => {
  await open('select a,\n b from c;\n', { format: { commas: 'leading', keywordCase: 'lower' } });
  const format = async () => (await ask<TextEdit[]>('formatting', FORMATTING)).map(({ newText }) => newText);
  expect(await format()).toEqual(['select a\n     , b\nfrom c;']);
  await session.client.sendNotification('ksql/format', { keywordCase: 'upper' });
  expect(await format()).toEqual(['SELECT a,\n       b\nFROM c;']);
});

test('a semicolon that is typed formats its statement', async () => {
  await open('select  1 from c;\nselect  2 from c;\n');
  const typed = { ch: ';', position: { line: 0, character: 17 }, ...FORMATTING };
  const edits = await ask<TextEdit[]>('onTypeFormatting', typed);
  expect(edits.map(({ range, newText }) => [range.start.line, newText])).toEqual([[0, 'SELECT 1 FROM c;']]);
});

const SOURCE =
  "CREATE STREAM c (id INT KEY, a ARRAY<INT>) WITH (KAFKA_TOPIC='c', VALUE_FORMAT='JSON', PARTITIONS=1);\n";

test.each([
  ['an alias', 'SELECT x.id, x.a FROM c x EMIT CHANGES;', 7, ['7-8', '13-14', '24-25']],
  ["a lambda's parameter", 'SELECT TRANSFORM(a, n => n + 1) FROM c x EMIT CHANGES;', 20, ['20-21', '25-26']],
  ['not a column', 'SELECT x.id, x.a FROM c x EMIT CHANGES;', 10, undefined],
  ['not a source, which other statements know', 'SELECT c.id FROM c EMIT CHANGES;', 7, undefined],
  ['not an alias that is written in two ways', 'SELECT x.id, X.a FROM c x EMIT CHANGES;', 7, undefined],
])('%s is edited at all of its places together', async (_title, query, character, expected) => {
  await open(SOURCE + query);
  const found = await ask<LinkedEditingRanges | null>('linkedEditingRange', { position: { line: 1, character } });
  expect(found?.ranges.map(({ start, end }) => `${start.character}-${end.character}`)).toEqual(expected);
});

test('comments and regions fold, and what only looks like one does not', async () => {
  await open(`-- region sources
-- a
-- b
-- region inner
/* one
   two */
SHOW STREAMS;
-- endregion
SELECT '/* no
comment */' FROM a;
-- endregion
--#endregion
`);
  const found = await ask<FoldingRange[]>('foldingRange');
  const lines = found.map(({ startLine, endLine, kind }) => `${startLine}-${endLine} ${kind ?? 'code'}`);
  expect(lines.toSorted()).toEqual(['0-10 region', '1-2 comment', '3-7 region', '4-5 comment', '8-9 code']);
});
