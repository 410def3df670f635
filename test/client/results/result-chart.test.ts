import { describe, expect, test } from 'vitest';
import type { ChartChoice, OverAxis, Ranking } from '../../../client/charts/chart-types.ts';
import type { ColumnInfo } from '../../../client/results/messages.ts';
import { Result } from '../../../client/results/result.ts';
import { AnswerRow } from '../../../engine/api/answer-rows.ts';

const column = (name: string, type: string, isKey = false): ColumnInfo => ({
  name,
  type,
  isKey,
  numeric: /INT|DOUBLE/.test(type),
});
const CITY = column('CITY', 'STRING', true);
const AMOUNT = column('AMOUNT', 'DOUBLE');
const WINDOW = [column('WINDOWSTART', 'BIGINT', true), column('WINDOWEND', 'BIGINT', true)];
const record = (timestampMs: number) => ({ topic: 't', partition: 0, offset: 0, timestampMs });

function result(columns: readonly ColumnInfo[], isTable: boolean, maxRows = 1000): Result {
  const made = new Result(1, { statement: 'SELECT 1;', engine: 'embedded' }, { maxRows, maxBytes: 1_000_000 });
  made.begin(columns, isTable);
  return made;
}

const pictureOf = (of: Result, filter = '', choice: ChartChoice = {}) => {
  of.look = { isShown: true, choice };
  return of.chart({ result: 1, filter })?.picture;
};
const entries = (of: Result, filter = '') =>
  (pictureOf(of, filter) as Ranking).entries.map(({ name, value }) => `${name} ${value}`);

describe('the chart of a table', () => {
  test('has the newest value of each key, also of keys whose rows are no longer kept', () => {
    const table = result([CITY, AMOUNT], true, 3);
    table.add(AnswerRow.of(['Rome', 5]));
    expect(entries(table)).toEqual(['Rome 5']);
    for (let i = 0; i < 10; i++) table.add(AnswerRow.of(['Oslo', i]));
    table.add(AnswerRow.of(['Bern', null]));
    expect(entries(table)).toEqual(['Oslo 9', 'Rome 5']);
    table.add(AnswerRow.of(['Oslo', 9], true));
    expect(entries(table)).toEqual(['Rome 5']);
  });

  test('follows the filter', () => {
    const table = result([CITY, AMOUNT], true);
    table.add(AnswerRow.of(['Rome', 5]));
    table.add(AnswerRow.of(['Oslo', 7]));
    expect(entries(table, 'amount > 6')).toEqual(['Oslo 7']);
    table.add(AnswerRow.of(['Oslo', 3]));
    table.add(AnswerRow.of(['Rome', 8]));
    expect(entries(table, 'amount > 6')).toEqual(['Rome 8']);
    expect(pictureOf(table, 'town > 6')).toBeUndefined();
  });

  test('is empty once the rows were cleared', () => {
    const table = result([CITY, AMOUNT], true);
    table.add(AnswerRow.of(['Rome', 5]));
    expect(entries(table)).toEqual(['Rome 5']);
    table.clear();
    expect(entries(table)).toEqual([]);
  });

  test('with windows has a point for each of them, which changes with it', () => {
    const table = result([CITY, ...WINDOW, AMOUNT], true);
    table.add(AnswerRow.of(['Rome', 1000, 2000, 1]));
    table.add(AnswerRow.of(['Rome', 2000, 3000, 2]));
    expect(pictureOf(table)).toMatchObject({ places: [1000, 2000], lines: [{ name: 'Rome', values: [1, 2] }] });
    table.add(AnswerRow.of(['Rome', 1000, 2000, 5]));
    table.add(AnswerRow.of(['Oslo', 2000, 3000, 4]));
    expect((pictureOf(table) as OverAxis).lines).toEqual([
      { name: 'Rome', values: [5, 2] },
      { name: 'Oslo', values: [null, 4] },
    ]);
  });
});

describe('the chart of a stream', () => {
  test('goes over the time of its records, and forgets what is no longer kept', () => {
    const stream = result([column('ID', 'STRING'), AMOUNT], false, 3);
    for (let i = 0; i < 5; i++) stream.add(AnswerRow.of([`i${i}`, i], false, record(100 * i)));
    const picture = pictureOf(stream);
    expect(picture).toMatchObject({
      isTime: true,
      places: [200, 300, 400],
      lines: [{ name: '', values: [2, 3, 4] }],
    });
    stream.add(AnswerRow.of(['i5', 5], false, record(500)));
    expect(pictureOf(stream)).toMatchObject({ places: [300, 400, 500] });
  });

  test('stays what it was when more keys come than can be told apart, and becomes what is chosen', () => {
    const stream = result([CITY, AMOUNT], false);
    stream.add(AnswerRow.of(['Rome', 1], false, record(0)));
    expect((pictureOf(stream) as OverAxis).lines.map(({ name }) => name)).toEqual(['Rome']);
    for (let i = 0; i < 20; i++) stream.add(AnswerRow.of([`c${i}`, 1], false, record(i)));
    expect(pictureOf(stream)).toMatchObject({ omitted: 13 });
    expect(pictureOf(stream, '', { series: 'none', y: 'rows', kind: 'bars' })).toEqual({
      kind: 'ranking',
      entries: [{ name: '', value: 21 }],
      omitted: 0,
    });
  });

  test('without times goes over the number of its rows', () => {
    const stream = result([AMOUNT], false);
    stream.add(AnswerRow.of([3]));
    stream.add(AnswerRow.of([4]));
    expect(pictureOf(stream)).toMatchObject({ isTime: false, places: [1, 2] });
  });

  test('a number that is a time in all rows is an axis, and not what is drawn', () => {
    const stream = result([column('ORDERTIME', 'BIGINT'), AMOUNT], false);
    for (let i = 0; i < 3; i++) stream.add(AnswerRow.of([1_700_000_000_000 + i, i]));
    expect(stream.chart({ result: 1, filter: '' })).toMatchObject({
      settings: { x: '=ORDERTIME', y: '=AMOUNT' },
      picture: { isTime: true, places: [1_700_000_000_000, 1_700_000_000_001, 1_700_000_000_002] },
    });
  });

  test('reads TIMESTAMP as UTC', () => {
    const stream = result([column('AT', 'TIMESTAMP'), AMOUNT], false);
    stream.add(AnswerRow.of(['2024-01-01T10:00:00.000', 3]));
    expect(pictureOf(stream)).toMatchObject({ isTime: true, places: [Date.UTC(2024, 0, 1, 10)] });
  });
});
