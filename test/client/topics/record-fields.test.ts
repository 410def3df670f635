import { describe, expect, test } from 'vitest';
import { filledRecord, problemOfEngine, recordFields } from '../../../client/topics/record-fields.ts';
import type { FilledRecord } from '../../../client/topics/topic-messages.ts';

const nullable = (description: string, ...types: string[]) => ({ description, type: [...types, 'null'] });
/** As the engine tells it of a source. */
const FORM = {
  schema: {
    properties: {
      key: { title: 'ID', ...nullable('BIGINT', 'integer') },
      value: {
        anyOf: [
          {
            additionalProperties: false,
            properties: {
              ITEM: nullable('STRING', 'string'),
              UNITS: nullable('INTEGER', 'integer'),
              PRICE: nullable('DECIMAL(6, 2)', 'number', 'string'),
              SOLD: nullable('BOOLEAN', 'boolean'),
              parts: nullable('ARRAY<INTEGER>', 'array'),
            },
          },
          { type: 'null' },
        ],
      },
    },
  },
  example: { key: 0, value: { ITEM: '', UNITS: 0, PRICE: 0, SOLD: false, parts: [] } },
};
const EMPTY: FilledRecord = { texts: [], timestamp: '', partition: '', headers: [], isTombstone: false };
const fields = recordFields(FORM);
const fill = (filled: Partial<FilledRecord>) => filledRecord(fields, { ...EMPTY, ...filled });

describe('the fields of a record', () => {
  test('are its columns with their types', () => {
    expect(fields.map(({ part, name, type, input }) => [part, name, type, input])).toEqual([
      ['key', 'ID', 'BIGINT', 'number'],
      ['value', 'ITEM', 'STRING', 'text'],
      ['value', 'UNITS', 'INTEGER', 'number'],
      ['value', 'PRICE', 'DECIMAL(6, 2)', 'decimal'],
      ['value', 'SOLD', 'BOOLEAN', 'checkbox'],
      ['value', 'parts', 'ARRAY<INTEGER>', 'json'],
    ]);
  });

  test('of a key of several columns are all of them; without a schema there are a key and a text', () => {
    const key = { additionalProperties: false, properties: { A: nullable('INTEGER', 'integer'), b: {} } };
    const pairs = recordFields({ schema: { properties: { key } }, example: { key: { A: 0, b: '' }, value: '' } });
    expect(pairs.map(({ column, input }) => [column, input])).toEqual([
      ['A', 'number'],
      ['`b`', 'text'],
      [undefined, 'raw'],
    ]);
    expect(filledRecord(pairs, { ...EMPTY, texts: ['1', 'x', '{"any": 1}'] }).record).toEqual({
      key: { A: 1, '`b`': 'x' },
      value: '{"any": 1}',
    });
    expect(recordFields({ schema: { properties: { key: {} } }, example: { key: 0, value: '' } })).toMatchObject([
      { name: 'Key', input: 'number' },
      { name: 'Value', input: 'raw' },
    ]);
  });
});

describe('what is filled in', () => {
  test('becomes a record, with all digits', () => {
    const texts = ['9007199254740993', 'apple', ' 3 ', '2.50', 'true', '[1]'];
    const headers = [
      { name: 'trace', value: 'a1' },
      { name: '', value: '' },
    ];
    expect(fill({ texts, headers, timestamp: '1970-01-01T00:00:01Z', partition: '1' })).toEqual({
      record: {
        key: 9007199254740993n,
        value: { ITEM: 'apple', UNITS: 3, PRICE: '2.50', SOLD: true, '`parts`': [1] },
        headers: [{ name: 'trace', value: 'a1' }],
        timestamp: 1000,
        partition: 1,
      },
      problems: [],
    });
  });

  test('is NULL where it is empty, and of a tombstone only the key', () => {
    const texts = ['', '', '', '', 'false', ''];
    expect(fill({ texts }).record).toEqual({ value: { SOLD: false } });
    expect(fill({ texts: ['7', 'apple', 'three'], isTombstone: true })).toEqual({
      record: { key: 7, value: null },
      problems: [],
    });
  });

  test('is refused where it is none of its kind, at its place', () => {
    const { problems } = fill({
      texts: ['7', '', 'three', '1,5', '', '[1'],
      timestamp: 'noon',
      partition: '-1',
      headers: [{ name: '', value: 'a1' }],
    });
    expect(problems.map(({ at }) => at)).toEqual([2, 3, 5, 'timestamp', 'partition', 'headers']);
    expect(problems[0]!.message).toBe('UNITS is a number, which “three” is not.');
  });
});

test('what the engine says stands at the column that it names', () => {
  expect(problemOfEngine(fields, "UNITS: Can't coerce 1.5 to INTEGER").at).toBe(2);
  expect(problemOfEngine(fields, "Topic 'orders' has partitions 0 to 1, and no 2.").at).toBeUndefined();
});
