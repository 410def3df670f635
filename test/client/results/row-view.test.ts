import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ColumnInfo, PageRequest, Selection, ShownView } from '../../../client/results/messages.ts';
import { Result } from '../../../client/results/result.ts';
import { type Cell, cellText, RowBuffer } from '../../../client/results/row-buffer.ts';
import { filterFor, parseFilter } from '../../../client/results/row-filter.ts';
import { AnswerRow } from '../../../engine/api/answer-rows.ts';
import { NumberText, parseRowJson } from '../../../engine/api/client.ts';
import { jsonValueText } from '../../support/json-text.ts';

const COLUMNS: readonly ColumnInfo[] = [
  { name: 'ID', type: 'INTEGER', isKey: true, numeric: true },
  { name: 'NAME', type: 'STRING', isKey: false, numeric: false },
];
const ALL: ShownView = { view: 'changes', filter: '' };

function resultOf(maxRows: number, isTable = false): Result {
  const result = new Result(1, { statement: 'SELECT 1;', engine: 'e' }, { maxRows, maxBytes: 1_000_000 });
  result.begin(COLUMNS, isTable);
  return result;
}

const request = (shown: ShownView, more: Partial<PageRequest> = {}): PageRequest => ({
  result: 1,
  count: 10,
  wait: false,
  ...shown,
  ...more,
});
const idsOf = (result: Result, asked: PageRequest) => result.page(asked).rows.map(({ cells }) => Number(cells[0]));

/** A value as it may come over REST. */
const cell: fc.Arbitrary<Cell> = fc.letrec<{ value: Cell }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    fc.string({ unit: 'binary' }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.bigInt({ min: 2n ** 60n, max: 2n ** 62n }),
    fc.constantFrom('2.50', '-0.0', '1E3').map((text) => new NumberText(text)),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.stringMatching(/^[A-Z]{1,3}$/), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;

describe('what is kept', () => {
  test('is what came, whatever it was', () => {
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 30 }), (rows) => {
        const buffer = new RowBuffer({ maxRows: 1000, maxBytes: 10_000_000 });
        buffer.describe([], false);
        const record = { topic: 't', partition: 1, offset: 2, timestampMs: 3 };
        rows.forEach((cells, i) => {
          buffer.add(AnswerRow.of(cells, i % 3 === 0, i % 2 === 0 ? record : undefined));
        });
        expect(buffer.changes().map(({ cells }) => cells)).toEqual(rows);
        buffer.changes().forEach((row, i) => {
          expect(row.removed).toBe(i % 3 === 0);
          expect(row.record).toEqual(i % 2 === 0 ? record : undefined);
        });
      }),
    );
  });

  test('is shown and found as rows that were read when they came, however they were written', () => {
    const line = fc
      .array(jsonValueText, { minLength: 2, maxLength: 2 })
      .map((columns) => `{"row":{"columns":[${columns.join(',')}]}}`);
    const search = fc.oneof(
      fc.string({ maxLength: 2 }),
      jsonValueText,
      jsonValueText.map((text) => `id = '${text.replaceAll("'", "''")}'`),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), search, fc.nat(), (lines, text, which) => {
        const result = resultOf(1000);
        for (const json of lines) result.add(new AnswerRow(Buffer.from(json)));
        const read = lines.map((json) => (parseRowJson(json) as { row: { columns: Cell[] } }).row.columns);
        expect(result.buffer.changes().map(({ cells }) => cells)).toEqual(read);
        const texts = read.map((cells) => cells.map((each) => (each === null ? null : cellText(each))));
        expect(result.page(request(ALL, { start: 0, count: 20 })).rows.map(({ cells }) => cells)).toEqual(
          texts.map((cells) =>
            cells.map((each) => (each !== null && each.length > 400 ? `${each.slice(0, 400)}…` : each)),
          ),
        );
        // What stands in a row is looked for, too: what is arbitrary is seldom there.
        for (const filter of [text, read[which % (read.length || 1)]?.map(cellText)[which % 2] ?? '']) {
          const matches = parseFilter(filter, COLUMNS)?.matches ?? (() => true);
          const expected = read.flatMap((cells, i) =>
            matches({ sequence: i, id: i, cells, removed: false }) ? [i] : [],
          );
          expect(result.rowsOf({ view: 'changes', filter }).map(({ sequence }) => sequence)).toEqual(expected);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('of a server that writes no JSON is shown as it came', () => {
    const result = resultOf(10);
    result.add(new AnswerRow(Buffer.from('{"row":{"columns":[1,oops]}}')));
    result.add(AnswerRow.of([2, 'b']));
    const { rows } = result.page(request(ALL));
    expect(rows.map(({ cells }) => cells)).toEqual([['{"row":{"columns":[1,oops]}}'], ['2', 'b']]);
  });

  test('is found also where rows are larger than the pieces of memory they are kept in', () => {
    const buffer = new RowBuffer({ maxRows: 20, maxBytes: 100_000_000 });
    const texts = Array.from({ length: 60 }, (_, i) => ['ä', '€', '𝄞', 'x'][i % 4]!.repeat((i * 7919) % 90_000));
    for (const text of texts) buffer.add(AnswerRow.of([text]));
    expect(buffer.kept).toBe(20);
    expect(buffer.changes().every(({ cells, sequence }) => cells[0] === texts[sequence])).toBe(true);
  });
});

describe('a view', () => {
  test('that takes in rows as they come shows what one made afterwards shows', () => {
    const views: ShownView[] = [
      ALL,
      { view: 'changes', filter: 'name: a' },
      { view: 'changes', filter: "id > 5 and name = 'b'" },
      { view: 'changes', filter: 'b', sort: { column: 0, descending: true } },
      { view: 'table', filter: '' },
      { view: 'table', filter: 'a', sort: { column: 1, descending: false } },
    ];
    const rows = fc.array(fc.tuple(fc.nat(9), fc.constantFrom('a', 'b', 'A', null), fc.boolean()), { maxLength: 8 });
    fc.assert(
      fc.property(fc.constantFrom(...views), fc.array(rows, { maxLength: 12 }), (shown, steps) => {
        const result = resultOf(25, true);
        for (const step of steps) {
          for (const [id, name, removed] of step) result.add(AnswerRow.of([id, name], removed));
          const page = result.page(request(shown, { start: 0, count: 1000 }));
          const fresh = result.rowsOf(shown);
          expect(page.rows.map(({ sequence }) => sequence)).toEqual(fresh.map(({ sequence }) => sequence));
          expect(page.end - page.first).toBe(fresh.length);
        }
      }),
    );
  });

  test('keeps rows at their places when older ones leave', () => {
    for (const shown of [ALL, { view: 'changes', filter: 'even' } as const]) {
      const result = resultOf(100);
      const add = (from: number, to: number) => {
        for (let i = from; i < to; i++) result.add(AnswerRow.of([i, i % 2 === 0 ? 'even' : 'odd']));
      };
      add(0, 100);
      const before = result.page(request(shown));
      add(100, 150);
      expect(idsOf(result, request(shown, { start: before.start }))).toEqual(before.rows.map(({ id }) => id));
      add(150, 400);
      const after = result.page(request(shown, { start: before.start }));
      expect(after.rows).toEqual([]);
      expect(after.first).toBeGreaterThan(before.start + 10);
    }
  });

  test('that is sorted holds on to the row in sight', () => {
    const result = resultOf(1000);
    for (let i = 0; i < 100; i++) result.add(AnswerRow.of([i * 10, 'a']));
    const sort = { column: 0, descending: false };
    const anchor = { id: 50, place: 50 };
    for (let i = 0; i < 20; i++) result.add(AnswerRow.of([5 + i, 'b']));
    const page = result.page(request({ ...ALL, sort }, { start: 45, anchor }));
    expect(page.moved).toBe(20);
    expect(page.rows[5]?.cells[0]).toBe('500');
  });

  test('that became shorter shows its end, not nothing', () => {
    const result = resultOf(1000);
    for (let i = 0; i < 100; i++) result.add(AnswerRow.of([i, i < 3 ? 'rare' : 'common']));
    expect(idsOf(result, request({ view: 'changes', filter: 'rare' }, { start: 90 }))).toEqual([0, 1, 2]);
  });
});

describe('a selection', () => {
  const between = (from: number, to: number): Selection => ({
    anchor: { id: from, place: from },
    focus: { id: to, place: to },
  });

  test('holds all of its rows, however many are in sight, and tells how many are gone', () => {
    const result = resultOf(100);
    for (let i = 0; i < 100; i++) result.add(AnswerRow.of([i, 'a']));
    expect(result.selected(ALL, between(58, 0)).rows.map(({ cells }) => cells[0])).toEqual(
      Array.from({ length: 59 }, (_, i) => i),
    );
    for (let i = 100; i < 118; i++) result.add(AnswerRow.of([i, 'a']));
    const { rows, count } = result.selected(ALL, between(0, 58));
    expect(count).toBe(59);
    expect(rows.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 41 }, (_, i) => 18 + i));
  });

  test('stays with the rows of a table that change and move', () => {
    const result = resultOf(100, true);
    for (let i = 0; i < 10; i++) result.add(AnswerRow.of([i, 'a']));
    const shown: ShownView = { view: 'table', filter: '' };
    result.add(AnswerRow.of([4, 'newer']));
    result.add(AnswerRow.of([1, null], true));
    const { selection } = result.page(request(shown, { selection: between(4, 4) }));
    expect(selection).toEqual({ anchor: { id: 4, place: 3 }, focus: { id: 4, place: 3 } });
    expect(result.selected(shown, selection!).rows.map(({ cells }) => cells)).toEqual([[4, 'newer']]);
  });

  test('is none where its row is not in the view', () => {
    const result = resultOf(100);
    for (let i = 0; i < 10; i++) result.add(AnswerRow.of([i, i === 3 ? 'x' : 'y']));
    const sought = { anchor: { id: 3, place: -1 }, focus: { id: 3, place: -1 } };
    expect(result.page(request({ ...ALL, filter: 'x' }, { selection: sought })).selection).toEqual({
      anchor: { id: 3, place: 0 },
      focus: { id: 3, place: 0 },
    });
    expect(result.page(request({ ...ALL, filter: 'y' }, { selection: sought })).selection).toBeUndefined();
  });
});

test('the filter by a value finds the rows that have it, and no others', () => {
  const column: ColumnInfo = { name: 'a b', type: 'STRING', isKey: false, numeric: false };
  const values = ["it's", 'rock and roll', 'x: 1', 'a\nb', '007', '7', 'null', "Ü and 'q' and", '"', '\\', ''];
  const rows = [...values, 7, 1n << 60n, new NumberText('2.50'), true, null, { A: ["it's"] }];
  const kept = new RowBuffer({ maxRows: 100, maxBytes: 100_000 });
  for (const value of rows) kept.add(AnswerRow.of([value]));
  for (const [i, value] of rows.entries()) {
    const filter = parseFilter(filterFor(column, value), [column])!;
    const found = Array.from({ length: rows.length }, (_, n) => n).filter((n) => {
      const row = kept.change(n, filter.hints);
      return row !== undefined && filter.matches(row);
    });
    // A column holds texts or numbers; where both are, the same characters are found in both.
    expect([filterFor(column, value), found]).toEqual([
      filterFor(column, value),
      value === 7 ? [4, 5, 11] : value === '7' ? [5, 11] : [i],
    ]);
  }
});
