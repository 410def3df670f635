import { afterEach, expect, test } from 'vitest';
import type { CodeAction } from 'vscode-languageserver';
import { LspSession } from './lsp-session.ts';

const URI = 'file:///a.ksql';
let session: LspSession;
afterEach(() => session.end());

async function actionsOf(text: string, context: object = {}): Promise<readonly string[]> {
  await session.open(URI, text);
  const start = { line: text.trimEnd().split('\n').length - 1, character: 7 };
  const found = await session.request<CodeAction[]>('textDocument/codeAction', {
    textDocument: { uri: URI },
    range: { start, end: start },
    context: { diagnostics: [], ...context },
  });
  return found.map(({ title }) => title);
}

test('a client is told of the kinds of actions, and gets those that it asks for', async () => {
  session = await LspSession.start({ createsForTopics: true });
  expect(await actionsOf("PRINT 'page-views';\n")).toEqual(['Make a CREATE STREAM of the topic page-views']);
  expect(await actionsOf("PRINT 'page-views';\n", { only: ['source.fixAll'] })).toEqual([]);
});

test('the CREATE of a stream for records of a topic', async () => {
  session = await LspSession.start();
  const ask = (records: readonly string[]) => session.request('ksql/createFor', { topic: 'page-views', records });
  expect(await ask(['{"id": 1}', '{"id": 3000000000, "at": {"x": [1.5]}}'])).toBe(
    "CREATE STREAM page_views (\n  id BIGINT,\n  `at` STRUCT<x ARRAY<DOUBLE>>\n) WITH (\n  KAFKA_TOPIC = 'page-views',\n  VALUE_FORMAT = 'JSON',\n  PARTITIONS = 1\n);",
  );
  expect(await ask(['no json'])).toBeNull();
});
