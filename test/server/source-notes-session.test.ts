import { afterEach, expect, test } from 'vitest';
import type { CompletionItem, CompletionList, Hover, MarkupContent } from 'vscode-languageserver';
import { LspSession } from './lsp-session.ts';

const MADE = 'vfs:/work/made.ksql';
const USED = 'vfs:/work/used.ksql';
let session: LspSession;
afterEach(() => session.end());

test('a source of another file comes with its comments and a link to it, in hovers and once an item is looked at', async () => {
  const files = new Map([
    [
      MADE,
      `-- What people buy.
CREATE STREAM Orders (id INT KEY, note STRING -- as they write it
) WITH (KAFKA_TOPIC='o', VALUE_FORMAT='JSON', PARTITIONS=1);
CREATE STREAM notes AS SELECT id, note FROM orders EMIT CHANGES;
`,
    ],
    [USED, 'SELECT note FROM orders EMIT CHANGES;\n'],
  ]);
  session = await LspSession.start({ readsFiles: true }, { folder: 'vfs:/work', files });
  await session.open(USED, files.get(USED)!);
  const at = (character: number) => ({ textDocument: { uri: USED }, position: { line: 0, character } });
  const source = ((await session.request<Hover>('textDocument/hover', at(18))).contents as MarkupContent).value;
  expect(source).toContain('What people buy.');
  expect(source).toContain('| `NOTE` | `STRING` | as they write it |');
  const column = ((await session.request<Hover>('textDocument/hover', at(8))).contents as MarkupContent).value;
  expect(column).toContain('as they write it\n\ncolumn of [`ORDERS`](vfs:/work/made.ksql#L2)');

  const { items } = await session.request<CompletionList>('textDocument/completion', at(17));
  const item = items.find(({ label }) => label.toUpperCase() === 'ORDERS')!;
  expect(item.documentation).toBeUndefined();
  const resolved = await session.request<CompletionItem>('completionItem/resolve', item);
  expect((resolved.documentation as MarkupContent).value).toContain('What people buy.');
});
