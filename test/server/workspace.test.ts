import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CompletionItem, Hover, MarkupContent } from 'vscode-languageserver';
import type { MetastoreSnapshot } from '../../language/metastore/metastore-snapshot.ts';
import { lockOf, lockText } from '../../language/project/schema-lock.ts';
import { LspSession } from './lsp-session.ts';

const WITH = "WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON', PARTITIONS=1)";
let folder: string;
let session: LspSession;
const uriOf = (file: string) => pathToFileURL(path.join(folder, file)).href;
const write = (file: string, text: string) => {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  writeFileSync(path.join(folder, file), text);
};
const changed = (file: string, type: 1 | 2 | 3) =>
  session.client.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri: uriOf(file), type }] });
/** What is said of a file: the lines and messages. */
const problemsOf = (file: string) =>
  session.diagnostics.get(uriOf(file))?.map(({ range, code }) => `${range.start.line} ${code}`);

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ksql-workspace-'));
});
afterEach(() => {
  session.end();
  rmSync(folder, { recursive: true });
});

test('a file finds what other files make, as they stand on the disk or in an editor', async () => {
  write('sources/orders.ksql', `CREATE STREAM orders (id INT KEY, item STRING) ${WITH};`);
  write('big.ksql', '-- Large ones only\nCREATE STREAM big AS SELECT * FROM orders;');
  const text = 'SELECT id, item FROM big EMIT CHANGES;';
  write('main.ksql', text);
  session = await LspSession.start({}, { folder });
  await session.open(uriOf('main.ksql'), text);
  await expect.poll(() => problemsOf('main.ksql')).toEqual([]);
  const hover = await session.request<Hover>('textDocument/hover', {
    textDocument: { uri: uriOf('main.ksql') },
    position: { line: 0, character: 23 },
  });
  const { value } = hover.contents as MarkupContent;
  for (const part of ['| `ITEM` | `STRING` |', 'Large ones only', `[\`ORDERS\`](${uriOf('sources/orders.ksql')}#L1)`])
    expect(value).toContain(part);

  write('sources/orders.ksql', `CREATE STREAM orders (id INT KEY, thing STRING) ${WITH};`);
  await changed('sources/orders.ksql', 2);
  await expect.poll(() => problemsOf('main.ksql')).toEqual(['0 unknown-column']);

  // What an editor has goes before what the disk has, until it is closed.
  await session.open(uriOf('sources/orders.ksql'), `CREATE STREAM orders (id INT KEY, item STRING) ${WITH};`);
  await expect.poll(() => problemsOf('main.ksql')).toEqual([]);
  await session.client.sendNotification('textDocument/didClose', {
    textDocument: { uri: uriOf('sources/orders.ksql') },
  });
  await expect.poll(() => problemsOf('main.ksql')).toEqual(['0 unknown-column']);

  rmSync(path.join(folder, 'big.ksql'));
  await changed('big.ksql', 3);
  await expect.poll(() => problemsOf('main.ksql')).toEqual(['0 unknown-source']);
});

test('problems show in files that nobody has opened, with the places they have to do with', async () => {
  write('a.ksql', 'CREATE STREAM a AS SELECT * FROM b;\n');
  write('b.ksql', '\nCREATE STREAM b AS SELECT * FROM a;');
  write('c.ksql', 'SELECT FROM;');
  session = await LspSession.start({}, { folder });
  await expect.poll(() => problemsOf('a.ksql')).toEqual(['0 circular-definition']);
  await expect.poll(() => problemsOf('c.ksql')).toHaveLength(1);
  const [circle] = session.diagnostics.get(uriOf('b.ksql'))!;
  expect(circle?.relatedInformation).toEqual([
    {
      location: { uri: uriOf('a.ksql'), range: { start: { line: 0, character: 14 }, end: { line: 0, character: 15 } } },
      message: 'A is made here.',
    },
  ]);
});

test('ksql.json says which files, variables and severities; what is wrong in it is told at its place', async () => {
  write(
    'deploy/main.sql',
    `CREATE STREAM a (id INT) ${WITH};\nSELECT id FROM a WHERE id > \${least} EMIT CHANGES;\nSELECT x FROM z;`,
  );
  write(
    'ksql.json',
    '{\n  "files": ["deploy/*.sql"], "variables": {"least": 3},\n  "rules": {"unknown-source": "error"}\n}',
  );
  session = await LspSession.start({}, { folder });
  await expect
    .poll(() => session.diagnostics.get(uriOf('deploy/main.sql')))
    .toMatchObject([{ severity: 1, code: 'unknown-source', range: { start: { line: 2 } } }]);
  write('ksql.json', '{\n  "file": []\n}');
  await changed('ksql.json', 2);
  await expect
    .poll(() => session.diagnostics.get(uriOf('ksql.json')))
    .toMatchObject([{ message: 'A project has no "file". Did you mean files?', range: { start: { line: 1 } } }]);
  await expect.poll(() => problemsOf('deploy/main.sql')).toEqual([]);
});

test('a client can read the files for a server that has no file system', async () => {
  const files = new Map([
    ['vscode-vfs://github/a/sources.ksql', `CREATE STREAM orders (id INT KEY) ${WITH};`],
    ['vscode-vfs://github/a/main.ksql', 'SELECT nothing FROM orders EMIT CHANGES;'],
  ]);
  session = await LspSession.start({ readsFiles: true }, { folder: 'vscode-vfs://github/a', files });
  await expect
    .poll(() => session.diagnostics.get('vscode-vfs://github/a/main.ksql'))
    .toMatchObject([{ code: 'unknown-column' }]);
});

test('a lock stands for the cluster until it is connected, and then says how the two differ', async () => {
  const snapshot: MetastoreSnapshot = {
    cluster: 'kafka/default_',
    sources: [
      {
        name: 'ORDERS',
        kind: 'STREAM',
        topic: 'orders',
        keyFormat: 'KAFKA',
        valueFormat: 'JSON',
        statementText: '',
        columns: [{ name: 'ITEM', type: 'STRING', namespace: 'value' }],
      },
    ],
    types: {},
    queries: [],
    topics: [{ name: 'orders', partitions: 4, replicas: 1 }],
    functions: [
      {
        kind: 'scalar',
        name: 'HALF',
        summary: 'Half of it.',
        file: 'f',
        overloads: [{ parameters: [], returns: 'INT' }],
      },
    ],
  };
  const text = 'SELECT item, HALF() FROM orders EMIT CHANGES;\nSELECT * FROM nowhere EMIT CHANGES;';
  write('main.ksql', text);
  write('ksql.lock.json', lockText(lockOf(snapshot)));
  session = await LspSession.start({}, { folder });
  await session.open(uriOf('main.ksql'), text);
  // What the cluster has not is no warning, as it is where nothing is known of it.
  await expect
    .poll(() => session.diagnostics.get(uriOf('main.ksql')))
    .toMatchObject([{ code: 'unknown-source', severity: 1, range: { start: { line: 1 } } }]);
  const hover = await session.request<Hover>('textDocument/hover', {
    textDocument: { uri: uriOf('main.ksql') },
    position: { line: 0, character: 14 },
  });
  expect((hover.contents as MarkupContent).value).toContain('Half of it.');

  const [orders] = snapshot.sources;
  const now = { ...snapshot, sources: [{ ...orders!, columns: [{ ...orders!.columns[0]!, name: 'THING' }] }] };
  await session.client.sendNotification('ksql/connected', { engine: 'test', snapshot: now });
  await expect.poll(() => problemsOf('main.ksql')).toEqual(['0 unknown-column', '1 unknown-source']);
  await expect
    .poll(() => session.diagnostics.get(uriOf('ksql.lock.json'))?.map(({ code, message }) => `${code}: ${message}`))
    .toEqual([
      'lock-differs: The cluster has no column ORDERS.ITEM.',
      'lock-differs: The cluster has the column ORDERS.THING STRING, which is not in the lock.',
    ]);
  // Another cluster has other things, which say nothing of this one.
  const other = { ...now, cluster: 'other/default_' };
  await session.client.sendNotification('ksql/connected', { engine: 'test', snapshot: other });
  await expect.poll(() => session.diagnostics.get(uriOf('ksql.lock.json'))).toEqual([]);
});

test('names are completed as the file that defines them spells them; a notebook is one of the files', async () => {
  write('sources.ksqlnb', `CREATE STREAM OrderLines (lineId INT KEY, unitPrice DOUBLE) ${WITH};`);
  write('big.ksql', 'CREATE STREAM bigOnes AS SELECT * FROM orderlines;');
  const text = 'SELECT  FROM bigones EMIT CHANGES;';
  write('main.ksql', text);
  session = await LspSession.start({}, { folder });
  await session.open(uriOf('main.ksql'), text);
  const labelsAt = async (character: number) => {
    const position = { line: 0, character };
    const params = { textDocument: { uri: uriOf('main.ksql') }, position };
    const { items } = await session.request<{ items: readonly CompletionItem[] }>('textDocument/completion', params);
    return items.map(({ insertText, label }) => insertText ?? label);
  };
  expect(await labelsAt(7)).toEqual(expect.arrayContaining(['lineId', 'unitPrice']));
  expect(await labelsAt(13)).toEqual(expect.arrayContaining(['OrderLines', 'bigOnes']));
});

test('functions in the folders that ksql.json names are known to the files of its project, as the files are now', async () => {
  const declares = (name: string) =>
    `export const ${name} = { summary: 'So many of it.', parameters: { of: 'INT' }, returns: 'INT', evaluate: (of) => of };`;
  write('shop/own functions/rate.js', declares('RATE'));
  write('shop/ksql.json', '{"functions": ["own functions"]}');
  const text = `CREATE STREAM a (id INT) ${WITH};\nSELECT RATE(id) FROM a EMIT CHANGES;`;
  write('shop/main.ksql', text);
  write('elsewhere.ksql', text.replace(' a ', ' b ').replace('FROM a', 'FROM b'));
  session = await LspSession.start({}, { folder });
  await session.open(uriOf('shop/main.ksql'), text);
  await expect.poll(() => problemsOf('elsewhere.ksql'), { timeout: 30_000 }).toEqual(['1 unknown-function']);
  await expect.poll(() => problemsOf('shop/main.ksql'), { timeout: 30_000 }).toEqual([]);
  const position = { line: 1, character: 9 };
  const params = { textDocument: { uri: uriOf('shop/main.ksql') }, position };
  const hover = await session.request<Hover>('textDocument/hover', params);
  expect((hover.contents as MarkupContent).value).toContain('So many of it.');

  write('shop/own functions/rate.js', declares('SHARE'));
  await changed('shop/own functions/rate.js', 2);
  await expect.poll(() => problemsOf('shop/main.ksql'), { timeout: 30_000 }).toEqual(['1 unknown-function']);
});
