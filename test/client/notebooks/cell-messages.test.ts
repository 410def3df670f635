import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  answeredForCells,
  askedOfScript,
  type CellPlace,
  type ScriptPlaces,
  tokensOfCell,
} from '../../../client/notebooks/cell-messages.ts';
import { joinCells } from '../../../language/notebook/joined-cells.ts';
import { LspSession } from '../../server/lsp-session.ts';

const SCRIPT = 'file:///work/orders.ksqlnb';
const CELLS = [
  "CREATE STREAM orders (id STRING KEY, units INT)\n  WITH (KAFKA_TOPIC = 'orders', VALUE_FORMAT = 'JSON', PARTITIONS = 1)",
  '-- All of them.\nSELECT id,\n  units\nFROM orders EMIT CHANGES;\nSELECT nothing FROM orders EMIT CHANGES;',
  'create   stream copied as select * from orders;',
];

function placed(cells: readonly string[]): ScriptPlaces & { readonly text: string } {
  const { text, spans } = joinCells(cells);
  return { uri: SCRIPT, text, cells: spans.map((span, i) => ({ uri: `vscode-notebook-cell:/work#${i}`, ...span })) };
}

describe('cells and a language server that knows one script', () => {
  const places = placed(CELLS);
  const [source, query, copy] = places.cells as [CellPlace, CellPlace, CellPlace];
  let session: LspSession;
  beforeAll(async () => {
    session = await LspSession.start({ engine: 'embedded engine' });
    await session.open(SCRIPT, places.text);
  });
  afterAll(() => session.end());

  async function ask<R>(method: string, cell: CellPlace, params: object): Promise<R> {
    const asked = askedOfScript({ textDocument: { uri: cell.uri }, ...params }, SCRIPT, cell);
    return answeredForCells(await session.request(method, asked as object), places, cell) as R;
  }

  test('a cell sees what an earlier cell makes, though its semicolon is missing', async () => {
    const hover = await ask<{ contents: { value: string }; range: object }>('textDocument/hover', query, {
      position: { line: 3, character: 7 },
    });
    expect(hover.contents.value).toContain('UNITS');
    expect(hover.range).toEqual({ start: { line: 3, character: 5 }, end: { line: 3, character: 11 } });
    const items = await ask<readonly { label: string }[] | { items: readonly { label: string }[] }>(
      'textDocument/completion',
      query,
      { position: { line: 2, character: 2 } },
    );
    const labels = ('items' in items ? items.items : items).map(({ label }) => label);
    expect(labels).toContain('units');
  });

  test('a definition is a place in the cell that makes it', async () => {
    const found = await ask<unknown>('textDocument/definition', query, { position: { line: 3, character: 7 } });
    expect(found).toMatchObject({ uri: source.uri, range: { start: { line: 0 } } });
  });

  test('a name is renamed in all cells, and its uses are places in them', async () => {
    const position = { line: 3, character: 7 };
    expect(await ask('textDocument/prepareRename', query, { position })).toMatchObject({
      range: { start: { line: 3, character: 5 } },
    });
    const edit = await ask<{ changes?: object; documentChanges?: readonly { textDocument: { uri: string } }[] }>(
      'textDocument/rename',
      query,
      { position, newName: 'sales' },
    );
    const changed = edit.documentChanges?.map(({ textDocument }) => textDocument.uri) ?? Object.keys(edit.changes!);
    expect(changed.toSorted()).toEqual(places.cells.map(({ uri }) => uri));
    const uses = await ask<readonly { uri: string }[]>('textDocument/references', source, {
      position: { line: 0, character: 15 },
      context: { includeDeclaration: true },
    });
    expect(new Set(uses.map(({ uri }) => uri))).toEqual(new Set(places.cells.map(({ uri }) => uri)));
  });

  test('each cell has its own lenses, outline and colours', async () => {
    const lenses = await ask<readonly { range: { start: object }; command: { title: string; arguments: unknown } }[]>(
      'textDocument/codeLens',
      query,
      {},
    );
    const runs = lenses.filter(({ command }) => command.title === '▷ Run');
    expect(runs.map(({ range }) => range.start)).toEqual([
      { line: 1, character: 0 },
      { line: 4, character: 0 },
    ]);
    expect(runs[0]!.command.arguments).toEqual([{ uri: query.uri, position: { line: 1, character: 0 } }]);
    const outline = await ask<readonly { name: string }[]>('textDocument/documentSymbol', copy, {});
    expect(outline).toHaveLength(1);
    const { data } = await session.request<{ data: number[] }>('textDocument/semanticTokens/full', {
      textDocument: { uri: SCRIPT },
    });
    const counts = places.cells.map((cell) => tokensOfCell(data, cell).length);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(data.length);
    expect(Math.min(...counts)).toBeGreaterThan(0);
  });

  test('formatting a cell edits that cell', async () => {
    const edits = await ask<readonly { range: { start: { line: number } }; newText: string }[]>(
      'textDocument/formatting',
      copy,
      { options: { tabSize: 2, insertSpaces: true } },
    );
    expect(edits.length).toBeGreaterThan(0);
    expect(edits.map(({ newText }) => newText).join('')).toContain('CREATE STREAM');
    for (const { range } of edits) expect(range.start.line).toBe(0);
  });
});

describe('answers', () => {
  const places = placed(['a;', 'b;\nb;', 'c;']);
  const range = (line: number) => ({ start: { line, character: 0 }, end: { line, character: 1 } });
  const edit = (line: number, newText: string) => ({ range: range(line), newText });

  test('edits of a script go to the cells that they are in, others stay', () => {
    const other = { 'file:///other.ksql': [edit(7, 'o')] };
    const edits = [edit(0, 'x'), edit(2, 'y'), edit(3, 'z')];
    expect(answeredForCells({ changes: { ...other, [SCRIPT]: edits } }, places, places.cells[0])).toEqual({
      changes: {
        ...other,
        [places.cells[0]!.uri]: [edit(0, 'x')],
        [places.cells[1]!.uri]: [edit(1, 'y')],
        [places.cells[2]!.uri]: [edit(0, 'z')],
      },
    });
    const versioned = { documentChanges: [{ textDocument: { uri: SCRIPT, version: 4 }, edits }] };
    expect(answeredForCells(versioned, places, undefined)).toMatchObject({
      documentChanges: places.cells.map(({ uri }) => ({ textDocument: { uri, version: null } })),
    });
  });

  test('a change of which a part is in no cell is none', () => {
    const action = (...edits: object[]) => ({ title: 'Do it', edit: { changes: { [SCRIPT]: edits } } });
    const actions = [action(edit(0, 'x'), edit(9, 'beyond')), action(edit(0, 'x'))];
    expect(answeredForCells(actions, places, places.cells[0])).toEqual([
      { title: 'Do it', edit: { changes: { [places.cells[0]!.uri]: [edit(0, 'x')] } } },
    ]);
  });

  test('places in other documents are theirs', () => {
    const elsewhere = [{ uri: 'file:///other.ksql', range: range(9) }];
    expect(answeredForCells(elsewhere, places, places.cells[1])).toEqual(elsewhere);
    expect(answeredForCells([{ uri: SCRIPT, range: range(2) }], places, undefined)).toEqual([
      { uri: places.cells[1]!.uri, range: range(1) },
    ]);
  });

  test('a place that a cell asks about comes back as that place', () => {
    const cells = fc.array(fc.constantFrom('SELECT 1;', 'SELECT 1', 'a\n\nb;', '', '-- only a comment'), {
      minLength: 1,
    });
    fc.assert(
      fc.property(cells, fc.nat(), fc.nat(), (texts, which, at) => {
        const { cells: all } = placed(texts);
        const cell = all[which % all.length]!;
        const position = { line: at % cell.lineCount, character: at };
        const asked = askedOfScript({ uri: cell.uri, position }, SCRIPT, cell);
        expect(answeredForCells(asked, { uri: SCRIPT, cells: all }, undefined)).toEqual({
          uri: cell.uri,
          position,
        });
      }),
    );
  });

  test('the cells of a script lie in it as they are', () => {
    const cells = fc.array(fc.constantFrom('SELECT 1;', "SELECT 'x' -- c", 'a\n\nb;', '', '/* */', '\n\n'), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(cells, (texts) => {
        const { text, cells: all } = placed(texts);
        for (const [i, { offset, line, lineCount }] of all.entries()) {
          expect(text.slice(offset, offset + texts[i]!.length)).toBe(texts[i]);
          expect(text.slice(0, offset).split('\n').length - 1).toBe(line);
          expect(lineCount).toBe(texts[i]!.split('\n').length);
        }
      }),
    );
  });
});
