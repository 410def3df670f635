import { describe, expect, test } from 'vitest';
import { type ChartSource, chartOptions, chartSettings } from '../../../client/charts/chart-settings.ts';
import type { ChartColumn } from '../../../client/charts/chart-types.ts';

const column = (name: string, type: string, isKey = false): ChartColumn => ({
  name,
  type,
  isKey,
  numeric: /INT|DOUBLE|DECIMAL/.test(type),
});
const CITY = column('CITY', 'STRING', true);
const WINDOW = [column('WINDOWSTART', 'BIGINT', true), column('WINDOWEND', 'BIGINT', true)];
const AMOUNT = column('AMOUNT', 'DOUBLE');
const STATUS = column('STATUS', 'STRING');

const source = (columns: readonly ChartColumn[], more: Partial<ChartSource> = {}): ChartSource => ({
  columns,
  isTable: false,
  hasRecordTimes: true,
  keys: 3,
  times: [],
  ...more,
});

describe('what suits the columns', () => {
  test('a table has a bar for each key', () => {
    expect(chartSettings(source([CITY, AMOUNT], { isTable: true }), {})).toMatchObject({
      kind: 'bars',
      y: '=AMOUNT',
      series: 'key',
      measure: 'last',
    });
  });

  test('a windowed table has a line for each key over the start of its windows', () => {
    expect(chartSettings(source([CITY, ...WINDOW, AMOUNT], { isTable: true }), {})).toEqual({
      kind: 'line',
      x: '=WINDOWSTART',
      y: '=AMOUNT',
      series: 'key',
      measure: 'last',
      top: 8,
    });
  });

  test('a stream is a line of averages over the time of its records, and one for each key where there are few', () => {
    const few = chartSettings(source([CITY, AMOUNT]), {});
    expect(few).toMatchObject({ kind: 'line', x: 'record', measure: 'average', series: 'key' });
    expect(chartSettings(source([CITY, AMOUNT], { keys: 13 }), {}).series).toBe('none');
  });

  test('without a number rows are counted; without a time they are in their order', () => {
    const settings = chartSettings(source([STATUS], { hasRecordTimes: false }), {});
    expect(settings).toMatchObject({ kind: 'line', x: 'order', y: 'rows', measure: 'count', series: 'none' });
  });

  test('an answer that ends and has keys is ranked, and one with windows goes over them', () => {
    expect(chartSettings(source([CITY, AMOUNT], { hasRecordTimes: false }), {}).kind).toBe('bars');
    expect(chartSettings(source([CITY, ...WINDOW, AMOUNT], { hasRecordTimes: false }), {}).kind).toBe('line');
  });

  test('times are no amounts; that of the record comes before those that the statement selects', () => {
    const columns = [column('AT', 'TIMESTAMP'), column('ORDERTIME', 'BIGINT'), AMOUNT];
    const options = chartOptions(source(columns, { times: [1] }));
    expect(options.x).toEqual(['record', '=AT', '=ORDERTIME', 'order', '=AMOUNT']);
    expect(options.y).toEqual(['=AMOUNT', 'rows']);
    expect(chartSettings(source(columns, { hasRecordTimes: false }), {}).x).toBe('=AT');
  });
});

describe('what was chosen', () => {
  test('holds as far as the columns have it', () => {
    const choice = { kind: 'stacked', series: '=STATUS', y: '=GONE', top: 3 } as const;
    expect(chartSettings(source([CITY, STATUS, AMOUNT]), choice)).toMatchObject({
      kind: 'stacked',
      series: '=STATUS',
      y: '=AMOUNT',
      measure: 'sum',
      top: 3,
    });
  });

  test('several keys that fall together in a table are added up', () => {
    const settings = chartSettings(source([CITY, AMOUNT], { isTable: true }), { series: 'none' });
    expect(settings.measure).toBe('sum');
  });

  test('a column may be called like a choice', () => {
    const settings = chartSettings(source([column('key', 'STRING'), AMOUNT]), { series: '=key' });
    expect(settings.series).toBe('=key');
  });
});
