import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LspSession } from '../../server/lsp-session.ts';
import { type FakeDocument, notebookChanges, Range, Uri, workspace } from './fake-vscode.ts';

vi.mock('vscode', () => import('./fake-vscode.ts'));
const { NotebookScripts } = await import('../../../client/notebooks/notebook-scripts.ts');

const SCRIPT = 'file:///work/orders.ksqlnb';
const cellUri = (name: string) => `vscode-notebook-cell:/work/orders.ksqlnb#${name}`;

interface CellDocument extends FakeDocument {
  text: string;
}

function cellDocument(name: string, text: string, languageId = 'ksql'): CellDocument {
  const made = { uri: Uri.parse(cellUri(name)), languageId, version: 1, text, getText: () => made.text };
  return made;
}

const made: { dispose(): void }[] = [];

/** The language client, as far as it sends what documents do through its middleware. */
function clientOf(session: LspSession) {
  const scripts = new NotebookScripts();
  made.push(scripts);
  const { sendNotification, sendRequest, handleDiagnostics } = scripts.middleware;
  const shown = new Map<string, readonly { readonly message: string; readonly range: Range }[]>();
  const next = (type: unknown, params: unknown) => session.client.sendNotification(type as string, params as object);
  return {
    shown,
    notify: (method: string, params: object) => sendNotification!(method, next as never, params as never),
    ask: <R>(method: string, params: object) =>
      sendRequest!(
        method,
        params as never,
        undefined as never,
        ((type: string, own: object) => session.request(type, own)) as never,
      ) as Promise<R>,
    publish: () => {
      for (const [uri, diagnostics] of session.diagnostics)
        handleDiagnostics!(
          Uri.parse(uri) as never,
          diagnostics.map(({ message, range: { start, end } }) => ({
            message,
            range: new Range(start.line, start.character, end.line, end.character),
          })) as never,
          (of, found) => void shown.set(of.toString(), found as never),
        );
    },
  };
}

describe('a notebook for a language server', () => {
  let session: LspSession;
  let cells: CellDocument[];
  const open = (document: FakeDocument) => ({
    textDocument: { uri: document.uri.toString(), languageId: 'ksql', version: 1, text: document.getText() },
  });

  beforeEach(async () => {
    session = await LspSession.start();
    cells = [
      cellDocument(
        'a',
        "CREATE STREAM s (id INT KEY) WITH (KAFKA_TOPIC = 's', VALUE_FORMAT = 'JSON', PARTITIONS = 1);",
      ),
      cellDocument('p', '# prose', 'markdown'),
      cellDocument('b', 'SELECT id FROM s EMIT CHANGES;'),
    ];
    workspace.notebookDocuments.splice(0, 1, {
      uri: Uri.parse(SCRIPT),
      isClosed: false,
      getCells: () => cells.map((each) => ({ document: each })),
    });
  });
  afterEach(() => {
    workspace.notebookDocuments.splice(0);
    workspace.textDocuments.splice(0);
    for (const scripts of made.splice(0)) scripts.dispose();
    session.end();
  });

  test('is one script: a cell may use what another makes, and is told when that is gone', async () => {
    const client = clientOf(session);
    for (const cell of cells.filter(({ languageId }) => languageId === 'ksql'))
      await client.notify('textDocument/didOpen', open(cell));
    await expect.poll(() => session.diagnostics.get(SCRIPT)).toEqual([]);
    expect([...session.diagnostics.keys()]).toEqual([SCRIPT]);
    cells[0]!.text =
      "CREATE STREAM other (id INT KEY) WITH (KAFKA_TOPIC = 's', VALUE_FORMAT = 'JSON', PARTITIONS = 1);";
    await client.notify('textDocument/didChange', {
      textDocument: { uri: cellUri('a'), version: 2 },
      contentChanges: [{ text: 'what the cell alone was told' }],
    });
    await expect.poll(() => session.diagnostics.get(SCRIPT)?.length).toBe(2);
    client.publish();
    const unused = [expect.objectContaining({ message: 'OTHER is not named by any other statement.' })];
    expect(client.shown.get(cellUri('a'))).toEqual(unused);
    const [problem] = client.shown.get(cellUri('b'))!;
    expect(problem!.range.start).toMatchObject({ line: 0, character: 'SELECT id FROM '.length });
  });

  test('cells that were moved are another script, and what was wrong with one that is gone is forgotten', async () => {
    const client = clientOf(session);
    await client.notify('textDocument/didOpen', open(cells[0]!));
    cells = [cells[2]!, cells[0]!];
    notebookChanges.fire({ notebook: workspace.notebookDocuments[0]!, contentChanges: [{}] });
    await expect.poll(() => session.diagnostics.get(SCRIPT)?.length).toBe(1);
    client.publish();
    expect(client.shown.get(cellUri('b'))).toHaveLength(1);
    cells = [cells[1]!];
    notebookChanges.fire({ notebook: workspace.notebookDocuments[0]!, contentChanges: [{}] });
    expect(client.shown.get(cellUri('b'))).toEqual([]);
  });

  test('a question of a cell is asked of what the notebook is at that moment', async () => {
    const client = clientOf(session);
    await client.notify('textDocument/didOpen', open(cells[0]!));
    cells[2]!.text = '\nSELECT id FROM s EMIT CHANGES;';
    const hover = await client.ask<{ range: { start: object } }>('textDocument/hover', {
      textDocument: { uri: cellUri('b') },
      position: { line: 1, character: 15 },
    });
    expect(hover.range.start).toEqual({ line: 1, character: 15 });
    const lenses = await client.ask<readonly { command: { command: string } }[]>('textDocument/codeLens', {
      textDocument: { uri: cellUri('b') },
    });
    expect(lenses.map(({ command }) => command.command)).toContain('ksql.run');
    expect(lenses.map(({ command }) => command.command)).not.toContain('ksql.runFile');
  });

  test('colours are those of the cell, whole or in part, and never what has changed in the script since', async () => {
    const client = clientOf(session);
    await client.notify('textDocument/didOpen', open(cells[0]!));
    const textDocument = { uri: cellUri('b') };
    const whole = await client.ask<object>('textDocument/semanticTokens/full', { textDocument });
    const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 30 } };
    expect(await client.ask('textDocument/semanticTokens/range', { textDocument, range })).toEqual(whole);
    expect(whole).toEqual({ data: expect.arrayContaining([expect.any(Number)]) });
  });

  test('the calls of a source are in the cells that read it', async () => {
    const client = clientOf(session);
    cells.push(cellDocument('c', 'CREATE STREAM copy AS\n  SELECT id FROM s;'));
    await client.notify('textDocument/didOpen', open(cells[0]!));
    const [item] = await client.ask<readonly object[]>('textDocument/prepareCallHierarchy', {
      textDocument: { uri: cellUri('a') },
      position: { line: 0, character: 14 },
    });
    expect(item).toMatchObject({ uri: cellUri('a') });
    const calls = await client.ask<readonly object[]>('callHierarchy/incomingCalls', { item });
    expect(calls).toContainEqual(
      expect.objectContaining({
        from: expect.objectContaining({ uri: cellUri('c') }),
        fromRanges: [expect.objectContaining({ start: { line: 1, character: '  SELECT id FROM '.length } })],
      }),
    );
  });

  test('of a file that is open as text, too, the notebook speaks until it is closed', async () => {
    const client = clientOf(session);
    const text = {
      uri: Uri.parse(SCRIPT),
      languageId: 'ksql',
      version: 1,
      getText: () => 'SELECT nothing FROM nowhere;',
    };
    workspace.textDocuments.push(text);
    await client.notify('textDocument/didOpen', open(cells[0]!));
    await client.notify('textDocument/didOpen', open(text));
    await expect.poll(() => session.diagnostics.get(SCRIPT)).toEqual([]);
    workspace.notebookDocuments[0]!.isClosed = true;
    await client.notify('textDocument/didClose', { textDocument: { uri: cellUri('a') } });
    await expect.poll(() => session.diagnostics.get(SCRIPT)?.length).toBeGreaterThan(0);
  });
});
