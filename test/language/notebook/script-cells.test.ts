import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EMPTY_SCRIPT, readCells, type ScriptCell, writeCells } from '../../../language/notebook/script-cells.ts';

const kinds = (text: string) => readCells(text).cells.map(({ kind, text: said }) => [kind, said]);
const written = (text: string, change: (cells: ScriptCell[]) => readonly ScriptCell[]) => {
  const script = readCells(text);
  return writeCells({ ...script, cells: change([...script.cells]) });
};
const edited = (cell: ScriptCell, text: string): ScriptCell => ({ ...cell, text });

const SCRIPT = `-- # Orders
--
-- What *comes in*.

SET 'auto.offset.reset' = 'earliest';
-- The source.
CREATE STREAM orders (id INT KEY,

  units INT) WITH (KAFKA_TOPIC = 'orders', VALUE_FORMAT = 'JSON');

/* How many
 * there are. */

SELECT id,
  COUNT(*) AS n FROM orders GROUP BY id EMIT CHANGES;
--> ID KEY, N
--> 1, 2
--> 1 row

-- #region Both at once
SELECT * FROM orders;

-- And the rest.
SELECT 1;
-- #endregion
`;

describe('the cells of a script', () => {
  test('are what blank lines separate; comments that stand alone are prose', () => {
    const [count] = readCells(SCRIPT).cells.filter(({ snapshot }) => snapshot !== undefined);
    expect(kinds(SCRIPT)).toEqual([
      ['prose', '# Orders\n\nWhat *comes in*.'],
      [
        'code',
        "SET 'auto.offset.reset' = 'earliest';\n-- The source.\nCREATE STREAM orders (id INT KEY,\n\n  units INT) WITH (KAFKA_TOPIC = 'orders', VALUE_FORMAT = 'JSON');",
      ],
      ['prose', 'How many\nthere are.'],
      ['code', 'SELECT id,\n  COUNT(*) AS n FROM orders GROUP BY id EMIT CHANGES;'],
      ['code', 'SELECT * FROM orders;\n\n-- And the rest.\nSELECT 1;'],
    ]);
    expect(count!.snapshot).toEqual(['ID KEY, N', '1, 2', '1 row']);
  });

  test('what speaks to the test runner is code, and so are dashes within a string', () => {
    expect(kinds('--@test: it works\n\nSELECT 1;')[0]).toEqual(['code', '--@test: it works']);
    expect(kinds("SELECT '\n\n-- no prose\n\n--> no snapshot' FROM a;")).toHaveLength(1);
    expect(readCells("SELECT '\n--> no snapshot' FROM a;").cells[0]!.snapshot).toBeUndefined();
  });

  test('an edit changes the lines that it is about', () => {
    const after = written(SCRIPT, (cells) => [edited(cells[0]!, '# Orders\n\nWhat *goes out*.'), ...cells.slice(1)]);
    expect(after).toBe(SCRIPT.replace('comes in', 'goes out'));
    const pinned = written(SCRIPT, (cells) =>
      cells.with(3, { ...cells[3]!, snapshot: ['ID KEY, N', '1, 3', '1 row'] }),
    );
    expect(pinned).toBe(SCRIPT.replace('1, 2', '1, 3'));
  });

  test('windows line ends and a byte order mark are those of the file', () => {
    const windows = `\uFEFF${SCRIPT.replaceAll('\n', '\r\n')}`;
    const after = written(windows, (cells) => cells.with(0, edited(cells[0]!, '# Orders\n\nAll.')));
    expect(after).toBe(windows.replace('What *comes in*.', 'All.'));
  });

  test('cells that are moved, added and taken out stay apart', () => {
    const text = 'SELECT 1;\n\n\n-- b\n\nSELECT 2';
    expect(written(text, ([a, b, c]) => [c!, a!, b!])).toBe('SELECT 2;\n\nSELECT 1;\n\n\n-- b');
    expect(written(text, ([a, , c]) => [a!, c!])).toBe('SELECT 1;\n\nSELECT 2');
    expect(written(text, ([a]) => [a!, { kind: 'code', text: '\nSELECT 3\n' }, { kind: 'prose', text: 'end' }])).toBe(
      'SELECT 1;\n\nSELECT 3;\n\n-- end',
    );
    expect(writeCells({ ...EMPTY_SCRIPT, cells: [{ kind: 'code', text: 'SELECT 1;' }] })).toBe('SELECT 1;\n');
  });

  test('a semicolon that is missing before another cell goes before a comment, or below it', () => {
    const followed = (text: string) =>
      writeCells({
        ...EMPTY_SCRIPT,
        cells: [
          { kind: 'code', text },
          { kind: 'code', text: 'SELECT 2;' },
        ],
      });
    expect(followed('SELECT 1 -- one')).toBe('SELECT 1 -- one\n;\n\nSELECT 2;\n');
    expect(followed('SELECT 1')).toBe('SELECT 1;\n\nSELECT 2;\n');
  });

  const examples = path.join(import.meta.dirname, '../../../examples');
  test.each(readdirSync(examples).filter((name) => name.endsWith('.ksql')))('%s has prose and statements', (name) => {
    const text = readFileSync(path.join(examples, name), 'utf8');
    const script = readCells(text);
    expect(new Set(script.cells.map(({ kind }) => kind))).toEqual(new Set(['prose', 'code']));
    expect(writeCells(script)).toBe(text);
  });
});

/** Scripts of the pieces that matter to cells, put together in any way. */
const pieces = fc.constantFrom(
  ...[
    '\n',
    '\r\n',
    '\n\n',
    '\r\n\r\n',
    '\r',
    ' ',
    '\t',
    '-- prose',
    '--',
    '--x',
    '-- #region',
    '--#endregion',
    '--@test: a',
  ],
  ...[
    '/*',
    '*/',
    '/* long\n\n comment */',
    'SELECT 1;',
    'SELECT\n\n2;',
    'CREATE',
    ';',
    "'",
    '"',
    '`',
    "'a\n\nb'",
    '--> 1',
  ],
  ...['\uFEFF', '\u2028', '\u0000', 'é', '😀', '-', '#'],
);
const anyScript = fc.oneof(
  fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 80 }),
);

describe('whatever a script holds', () => {
  test('unedited, it is written as it was read, byte for byte', () => {
    fc.assert(
      fc.property(anyScript, (text) => {
        expect(writeCells(readCells(text))).toBe(text);
      }),
      { numRuns: 3_000 },
    );
  });

  test('an editor that knows one kind of line end changes nothing by itself', () => {
    fc.assert(
      fc.property(anyScript, fc.constantFrom('\n', '\r\n'), (text, lineEnd) => {
        const script = readCells(text);
        const cells = script.cells.map((cell) => edited(cell, cell.text.replace(/\r\n?|\n/g, lineEnd)));
        expect(writeCells({ ...script, cells })).toBe(text);
      }),
      { numRuns: 1_000 },
    );
  });

  /** What a person may write in cells: statements that end, and prose without blank lines at its ends. */
  const statement = fc.constantFrom(
    'SELECT 1;',
    'SELECT\n\n2;',
    "SELECT ';\n\n-- x';",
    '-- why\nSELECT 3;',
    '/* a */ SET x;',
  );
  const code = fc
    .tuple(
      fc.array(fc.tuple(statement, fc.constantFrom('\n', '\n\n', ' ', '\n\n-- note\n\n')), { maxLength: 3 }),
      statement,
    )
    .map(([many, last]) => many.flat().join('') + last);
  const prose = fc
    .array(
      fc.constantFrom('# Title', 'words', '', '- item', '> quote', '  code', '--', '/* x', '*/', "it's", '@test: x'),
      {
        minLength: 1,
        maxLength: 5,
      },
    )
    .map((lines) => lines.join('\n'))
    .filter((text) => text.trim() !== '' && !/^\s*\n|\s$/.test(text));
  const snapshot = fc.array(fc.constantFrom('A KEY, B', '1, "x"', '', '2 rows'), { minLength: 1, maxLength: 4 });
  const cell: fc.Arbitrary<ScriptCell> = fc.oneof(
    prose.map((text) => ({ kind: 'prose' as const, text })),
    code.map((text) => ({ kind: 'code' as const, text })),
    fc.tuple(code, snapshot).map(([text, lines]) => ({ kind: 'code' as const, text, snapshot: lines })),
    fc.constant({ kind: 'code' as const, text: '-- SELECT nothing;' }),
  );

  test('new cells are the same cells when they are read again', () => {
    fc.assert(
      fc.property(
        fc.array(cell, { maxLength: 6 }),
        fc.constantFrom('\n' as const, '\r\n' as const),
        (cells, lineEnd) => {
          const text = writeCells({ ...EMPTY_SCRIPT, lineEnd, cells });
          const again = readCells(text).cells.map(({ origin: _origin, ...said }) => said);
          expect(again).toEqual(cells);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('one edited cell leaves the text of the others as it was', () => {
    const scripts = fc.array(cell, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(scripts, fc.nat(), code, (cells, at, text) => {
        const script = readCells(writeCells({ ...EMPTY_SCRIPT, cells }));
        const place = at % cells.length;
        const change = { kind: 'code' as const, text, origin: script.cells[place]!.origin! };
        const after = readCells(writeCells({ ...script, cells: script.cells.with(place, change) })).cells;
        expect(after.map(({ text: said }) => said)).toEqual(cells.with(place, change).map(({ text: said }) => said));
      }),
      { numRuns: 1_000 },
    );
  });
});
