import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ColumnInfo } from '../../../client/results/messages.ts';
import { parsePrinted } from '../../../client/results/query-run.ts';
import { Result, shortTitle } from '../../../client/results/result.ts';
import { RowBuffer } from '../../../client/results/row-buffer.ts';
import { compareCells, FilterError, parseFilter } from '../../../client/results/row-filter.ts';
import { toCsv, toInserts, toJsonLines, toTabSeparated } from '../../../client/results/rows-as-text.ts';
import { AnswerRow } from '../../../engine/api/answer-rows.ts';
import { NumberText } from '../../../engine/api/client.ts';

const column = (name: string, type = 'STRING', isKey = false): ColumnInfo => ({
  name,
  type,
  isKey,
  numeric: /INTEGER|BIGINT|DOUBLE/.test(type),
});
const COLUMNS = [column('ID', 'INTEGER', true), column('NAME'), column('AMOUNT', 'DOUBLE')];

function buffer(maxRows = 1000, maxBytes = 1_000_000, isTable = false): RowBuffer {
  const made = new RowBuffer({ maxRows, maxBytes });
  made.describe(COLUMNS, isTable);
  return made;
}

describe('the rows of a result', () => {
  test('the oldest go first, and what is kept is exact', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.array(fc.integer(), { maxLength: 3000 }), (maxRows, ids) => {
        const rows = buffer(maxRows);
        for (const id of ids) rows.add(AnswerRow.of([id, 'a', 1]));
        expect(rows.total).toBe(ids.length);
        expect(rows.changes().map((row) => row.cells[0])).toEqual(ids.slice(-maxRows));
        if (ids.length > 0) expect(rows.bySequence(ids.length - 1)?.cells[0]).toBe(ids.at(-1));
        expect(rows.bySequence(ids.length - maxRows - 1)).toBeUndefined();
      }),
      { numRuns: 30 },
    );
  });

  test('a ceiling in bytes holds, but one row is always kept', () => {
    const rows = buffer(1000, 2_000);
    for (let i = 0; i < 50; i++) rows.add(AnswerRow.of([i, 'x'.repeat(200), 1]));
    expect(rows.bytes).toBeLessThanOrEqual(2_000);
    rows.add(AnswerRow.of([99, 'y'.repeat(10_000), 1]));
    expect(rows.changes().map((row) => row.cells[0])).toEqual([99]);
  });

  test('a table holds the newest row of each key, with what changed', () => {
    const rows = buffer(1000, 1_000_000, true);
    const record = { topic: 't', partition: 0, offset: 7, timestampMs: 1 };
    rows.add(AnswerRow.of([1, 'a', 1], false, record));
    expect(rows.bySequence(0)?.record).toEqual(record);
    rows.add(AnswerRow.of([2, 'b', 1]));
    rows.add(AnswerRow.of([1, 'a', 2]));
    expect(rows.table().map((row) => row.cells)).toEqual([
      [1, 'a', 2],
      [2, 'b', 1],
    ]);
    expect(rows.table()[0]?.changed).toEqual([2]);
    rows.add(AnswerRow.of([2, null, null], true));
    expect(rows.table()).toHaveLength(1);
    expect(rows.changes()).toHaveLength(4);
  });

  test('pages come from the view asked for, sorted and filtered', () => {
    const result = new Result(1, { statement: 'SELECT 1;', engine: 'e' }, { maxRows: 100, maxBytes: 1_000_000 });
    result.begin(COLUMNS, false);
    for (const id of [3, 1, 2]) result.add(AnswerRow.of([id, `n${id}`, id]));
    const request = { result: 1, view: 'changes', start: 0, count: 2, filter: '', wait: false } as const;
    expect(result.page({ ...request, sort: { column: 0, descending: true } }).rows.map((row) => row.cells[0])).toEqual([
      '3',
      '2',
    ]);
    const { start: _, ...newest } = request;
    expect(result.page(newest).start).toBe(1);
    expect(result.page({ ...request, filter: 'id > 1' }).end).toBe(2);
    expect(result.page({ ...request, filter: 'nothing > 1' }).filterError).toContain('nothing');
  });
});

describe('the search box', () => {
  const rows = [
    { sequence: 0, id: 0, cells: [1, 'Chicago', 2.5], removed: false },
    { sequence: 1, id: 1, cells: [9007199254740993n, 'Miami', null], removed: false },
  ];
  test.each([
    ['chic', [0]],
    ['name: mia', [1]],
    ['amount > 2', [0]],
    ['amount = null', [1]],
    ['amount != null', [0]],
    ['id >= 9007199254740993', [1]],
    ["name = 'Miami'", [1]],
    ['id > 0 and chicago', [0]],
    ['', [0, 1]],
  ])('%s', (text, expected) => {
    const filter = parseFilter(text, COLUMNS);
    expect(rows.filter((row) => filter?.matches(row) ?? true).map((row) => row.sequence)).toEqual(expected);
  });

  test('a comparison with no column of the result says so', () => {
    expect(() => parseFilter('other > 1', COLUMNS)).toThrow(FilterError);
  });

  test('cells are ordered by value, NULL first', () => {
    expect([10, null, '9', 2n].toSorted(compareCells)).toEqual([null, 2n, '9', 10]);
  });
});

describe('rows as text', () => {
  const rows = [{ sequence: 0, id: 0, cells: [1, 'a "b", c', null], removed: false }];
  test('forms', () => {
    expect(toTabSeparated(rows)).toBe('1\ta "b", c\t');
    expect(toCsv(COLUMNS, rows)).toBe('ID,NAME,AMOUNT\r\n1,"a ""b"", c",\r\n');
    expect(toJsonLines(COLUMNS, rows)).toBe('{"ID":1,"NAME":"a \\"b\\", c","AMOUNT":null}\n');
    expect(toInserts('t', COLUMNS, rows)).toBe(`INSERT INTO t (ID, NAME, AMOUNT) VALUES (1, 'a "b", c', NULL);\n`);
  });
});

test.each([
  ['CREATE STREAM IF NOT EXISTS s AS SELECT * FROM t;', 'CREATE STREAM s'],
  ['CREATE OR REPLACE TABLE `a b` (x INT);', 'CREATE TABLE `a b`'],
  ['CREATE SOURCE CONNECTOR c WITH (a = 1);', 'CREATE SOURCE CONNECTOR c'],
  ['SELECT *\n  FROM t -- all\n;', 'SELECT * FROM t'],
])('the title of %s', (statement, title) => {
  expect(shortTitle(statement)).toBe(title);
});

test('numbers keep the text that the server wrote', () => {
  const rows = buffer();
  rows.add(AnswerRow.of([1, 'a', new NumberText('2.50')]));
  rows.add(AnswerRow.of([2, 'b', new NumberText('10.0')]));
  const kept = rows.changes();
  expect(toCsv(COLUMNS, kept)).toContain('1,a,2.50\r\n2,b,10.0');
  expect(toJsonLines(COLUMNS, kept)).toContain('{"ID":1,"NAME":"a","AMOUNT":2.50}');
  expect(toInserts('t', COLUMNS, kept)).toContain("VALUES (1, 'a', 2.50)");
  expect(kept.filter(parseFilter('amount > 9', COLUMNS)!.matches).map(({ cells }) => cells[0])).toEqual([2]);
});

test('lines of PRINT become columns', () => {
  expect(parsePrinted('rowtime: 2024/01/01 10:00:00.000 Z, key: 1, value: {"A": 1, "B": 2}, partition: 0')).toEqual([
    '2024/01/01 10:00:00.000 Z',
    '1',
    '{"A": 1, "B": 2}',
    0,
  ]);
  expect(parsePrinted('Key format: JSON')).toBeUndefined();
});
