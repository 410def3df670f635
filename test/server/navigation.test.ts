import { expect, test } from 'vitest';
import type {
  CallHierarchyIncomingCall,
  CallHierarchyItem,
  CallHierarchyOutgoingCall,
  DocumentLink,
  InlayHint,
  Range,
  SelectionRange,
  SemanticTokens,
  SemanticTokensDelta,
  TextEdit,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { documentLinks } from '../../server/features/document-links.ts';
import type { Lineage } from '../../server/protocol.ts';
import { ScriptStore } from '../../server/scripts/script-store.ts';
import { LspSession } from './lsp-session.ts';

const FOLDER = 'vfs://project';
const uri = `${FOLDER}/main.ksql`;
const WITH = "WITH (KAFKA_TOPIC = 'o', VALUE_FORMAT = 'JSON', PARTITIONS = 4)";
const SOURCES = `CREATE STREAM orders (id INT KEY, item STRING, qty INT) ${WITH};
CREATE STREAM old_orders (id INT KEY, item STRING, qty INT) ${WITH};
INSERT INTO orders SELECT * FROM old_orders;
`;
const MAIN = `CREATE TABLE totals AS
  SELECT item, SUM(qty) AS total, COUNT(*) FROM orders
  WINDOW TUMBLING (SIZE 1 HOUR) WHERE qty > 1.5 AND item = 'pear' GROUP BY item;
SELECT * FROM orders EMIT CHANGES;
CREATE STREAM copy WITH (VALUE_FORMAT = 'AVRO', PARTITIONS = 2) AS SELECT *, CONCAT(item, 'x') FROM orders;
RUN SCRIPT 'other/sources.ksql';
`;

async function inProject<T>(
  text: string,
  act: (session: LspSession, document: TextDocument) => Promise<T>,
): Promise<T> {
  const files = new Map([
    [`${FOLDER}/sources.ksql`, SOURCES],
    [uri, text],
  ]);
  const session = await LspSession.start({ readsFiles: true }, { folder: FOLDER, files });
  try {
    await session.open(uri, text);
    return await act(session, TextDocument.create(uri, 'ksql', 1, text));
  } finally {
    session.end();
  }
}

const textDocument = { uri };
const at = (document: TextDocument, word: string) => document.positionAt(document.getText().indexOf(word) + 1);
const whole = (document: TextDocument): Range => ({ start: document.positionAt(0), end: document.positionAt(1e9) });

test('a hierarchy of sources: who reads one, and what feeds it', async () => {
  await inProject(MAIN, async (session, document) => {
    const [item] = await session.request<CallHierarchyItem[]>('textDocument/prepareCallHierarchy', {
      textDocument,
      position: at(document, 'orders'),
    });
    expect(item).toMatchObject({ name: 'ORDERS', detail: 'stream', uri: `${FOLDER}/sources.ksql` });
    const readers = await session.request<CallHierarchyIncomingCall[]>('callHierarchy/incomingCalls', { item });
    expect(readers.map(({ from }) => `${from.name} ${from.detail}`)).toEqual([
      'TOTALS table',
      'SELECT * FROM orders EMIT CHANGES query',
      'COPY stream',
    ]);
    expect(readers[0]!.fromRanges).toEqual([{ start: { line: 1, character: 48 }, end: { line: 1, character: 54 } }]);
    const feeders = await session.request<CallHierarchyOutgoingCall[]>('callHierarchy/outgoingCalls', { item });
    expect(feeders.map(({ to }) => to.name)).toEqual(['OLD_ORDERS']);
    const [, query] = readers;
    const read = await session.request<CallHierarchyOutgoingCall[]>('callHierarchy/outgoingCalls', {
      item: query!.from,
    });
    expect(read.map(({ to }) => to.name)).toEqual(['ORDERS']);
  });
});

test('lineage as data: sources, queries, and which column comes from which', async () => {
  const found = await inProject(MAIN, (session) =>
    session.request<Lineage>('workspace/executeCommand', { command: 'ksql.lineage', arguments: [uri] }),
  );
  expect(found.nodes.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
    ...['TOTALS TABLE', 'COPY STREAM', 'ORDERS STREAM', 'SELECT * FROM orders EMIT CHANGES QUERY', 'OLD_ORDERS STREAM'],
  ]);
  const totals = found.edges.find(({ to }) => to === 'source TOTALS');
  expect(totals).toMatchObject({
    from: 'source ORDERS',
    kind: 'create-as',
    columns: [
      { from: 'ITEM', to: 'ITEM' },
      { from: 'QTY', to: 'TOTAL' },
      { from: 'ROWTIME', to: 'KSQL_COL_0' },
    ],
  });
  expect(found.edges.map(({ from, kind }) => `${from} ${kind}`)).toContain('source OLD_ORDERS insert');
});

test('a selection grows from a word to its expression, clause, statement and file', async () => {
  const [first] = await inProject(MAIN, (session, document) =>
    session.request<SelectionRange[]>('textDocument/selectionRange', {
      textDocument,
      positions: [at(document, 'qty) AS')],
    }),
  );
  const document = TextDocument.create(uri, 'ksql', 1, MAIN);
  const texts: string[] = [];
  for (let range = first; range !== undefined; range = range.parent) texts.push(document.getText(range.range));
  expect(texts.slice(0, 3)).toEqual(['qty', 'SUM(qty)', 'SUM(qty) AS total']);
  expect(texts.at(-1)).toBe(MAIN);
  expect(texts.at(-2)).toMatch(/^CREATE TABLE totals[^;]*;$/);
});

test('files that a script names are links', async () => {
  const links = await inProject(MAIN, (session) =>
    session.request<DocumentLink[]>('textDocument/documentLink', { textDocument }),
  );
  expect(links).toMatchObject([
    {
      target: `${FOLDER}/other/sources.ksql`,
      range: { start: { line: 5, character: 12 }, end: { line: 5, character: 30 } },
    },
  ]);
});

test('the code that a comment hides leads to its page', () => {
  const text = 'SHOW TOPICS; -- ksql-ignore full-scan: small\n-- ksql-ignore no-code: x\n';
  const script = new ScriptStore().get(TextDocument.create(uri, 'ksql', 1, text));
  const links = documentLinks(script, { ofCode: (code) => `page:${code}` });
  expect(links.map(({ target }) => target)).toEqual(['page:full-scan']);
  expect(script.document.getText(links[0]!.range)).toBe('full-scan');
  expect(documentLinks(script)).toEqual([]);
});

test('a schema that the registry has is a link where its subject is named, or the format of its topic', () => {
  const text = `CREATE STREAM orders (id INT KEY, n INT) WITH (KAFKA_TOPIC = 'web.orders', KEY_FORMAT = 'AVRO', VALUE_FORMAT = 'AVRO', PARTITIONS = 1);
CREATE STREAM big WITH (FORMAT = 'AVRO') AS SELECT * FROM orders;
ASSERT SCHEMA SUBJECT 'web.orders-value';
ASSERT SCHEMA SUBJECT 'unknown-value';
CREATE STREAM old WITH (KAFKA_TOPIC = 'old', VALUE_FORMAT = 'AVRO', VALUE_SCHEMA_ID = 7, PARTITIONS = 1);
`;
  const store = new ScriptStore();
  const subjects = ['web.orders-value', 'BIG-value'];
  store.setSnapshot({
    sources: [],
    types: {},
    queries: [],
    names: { subjects, schemas: [{ subject: 'BIG-value', id: 7, format: 'AVRO' }] },
  });
  const script = store.get(TextDocument.create(uri, 'ksql', 1, text));
  const links = documentLinks(script, { ofSubject: (subject) => `schema:${subject}` });
  expect(links.map(({ range, target }) => [range.start.line, script.document.getText(range), target])).toEqual([
    [0, "'AVRO'", 'schema:web.orders-value'],
    [1, "'AVRO'", 'schema:BIG-value'],
    [2, "'web.orders-value'", 'schema:web.orders-value'],
    [4, '7', 'schema:BIG-value'],
  ]);
});

/** A text with the hints in it, in brackets. */
async function hinted(options: object = {}): Promise<string> {
  return inProject(MAIN, async (session, document) => {
    await session.client.sendNotification('ksql/inlayHints', options);
    const hints = await session.request<InlayHint[]>('textDocument/inlayHint', {
      textDocument,
      range: whole(document),
    });
    const edits = hints.map(
      ({ position, label }): TextEdit => ({
        range: { start: position, end: position },
        newText: `[${label as string}]`,
      }),
    );
    return TextDocument.applyEdits(document, edits);
  });
}

test('hints tell what is not written', async () => {
  expect(
    await hinted(),
  ).toBe(`CREATE TABLE totals[primary key ITEM, windowed][WITH (KAFKA_TOPIC = 'TOTALS', KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON', PARTITIONS = 4)] AS
  SELECT item[: STRING], SUM(qty) AS total[: INTEGER], COUNT(*)[AS KSQL_COL_0: BIGINT] FROM orders
  WINDOW TUMBLING (SIZE 1 HOUR[, GRACE PERIOD 24 HOURS]) WHERE qty > 1.5 AND item = 'pear' GROUP BY item[keyed anew by ITEM];
SELECT * FROM orders EMIT CHANGES;
CREATE STREAM copy[key ID] WITH (VALUE_FORMAT = 'AVRO', PARTITIONS = 2[, KAFKA_TOPIC = 'COPY', KEY_FORMAT = 'KAFKA']) AS SELECT *[: 3 columns], CONCAT(item, 'x')[AS KSQL_COL_0: STRING] FROM orders;
RUN SCRIPT 'other/sources.ksql';
`);
});

test('casts that nobody wrote are told', async () => {
  const labels = await inProject('SELECT qty + ROWTIME FROM orders EMIT CHANGES;', async (session, document) => {
    const hints = await session.request<InlayHint[]>('textDocument/inlayHint', {
      textDocument,
      range: whole(document),
    });
    return hints.map(({ position, label }) => `${position.character} ${label as string}`);
  });
  expect(labels).toEqual(['10 → BIGINT']);
});

test.each(['columns', 'key', 'topics', 'defaults'])('hints of %s can be turned off', async (kind) => {
  const off = await hinted({ [kind]: false });
  const marks = { columns: ': STRING', key: 'primary key', topics: 'keyed anew', defaults: 'WITH (KAFKA' };
  for (const [other, mark] of Object.entries(marks)) expect(off.includes(mark), mark).toBe(other !== kind);
});

test('colours of a range, and what has changed of those that were asked for before', async () => {
  await inProject('SELECT id FROM orders EMIT CHANGES;\nSELECT item FROM orders EMIT CHANGES;\n', async (session) => {
    const full = await session.request<SemanticTokens>('textDocument/semanticTokens/full', { textDocument });
    expect(full.data).toHaveLength(20);
    const range = { start: { line: 1, character: 0 }, end: { line: 1, character: 20 } };
    const part = await session.request<SemanticTokens>('textDocument/semanticTokens/range', { textDocument, range });
    expect(part.data).toHaveLength(10);
    await session.client.sendNotification('textDocument/didChange', {
      textDocument: { uri, version: 2 },
      contentChanges: [{ range: { start: { line: 1, character: 7 }, end: { line: 1, character: 11 } }, text: 'qty' }],
    });
    const delta = await session.request<SemanticTokensDelta>('textDocument/semanticTokens/full/delta', {
      textDocument,
      previousResultId: full.resultId,
    });
    expect(delta.edits).toHaveLength(1);
    expect(delta.edits[0]!.data!.length).toBeLessThan(10);
  });
});

test('what a semicolon ends is put in shape, and nothing else', async () => {
  const text = 'select   a from b;\nselect id   from orders emit changes;';
  const edits = await inProject(text, (session, document) =>
    session.request<TextEdit[]>('textDocument/onTypeFormatting', {
      textDocument,
      position: document.positionAt(text.length),
      ch: ';',
      options: { tabSize: 2, insertSpaces: true },
    }),
  );
  const after = TextDocument.applyEdits(TextDocument.create(uri, 'ksql', 1, text), edits);
  expect(after.split('\n')[0]).toBe('select   a from b;');
  expect(after).not.toContain('id   from');
});

test('an editor that asks for problems gets them, and is told of no open document', async () => {
  const session = await LspSession.start({}, undefined, { textDocument: { diagnostic: {} } });
  try {
    await session.open(uri, 'SELECT FROM;');
    const report = await session.request<{ items: unknown[] }>('textDocument/diagnostic', { textDocument });
    expect(report.items).toHaveLength(1);
    expect(session.diagnostics.get(uri)).toBeUndefined();
  } finally {
    session.end();
  }
});
