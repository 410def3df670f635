import { expect, test } from 'vitest';
import { RecordFileError, readRecords } from '../../../client/topics/record-files.ts';

const SCHEMA = {
  schema: {
    properties: {
      key: { type: ['integer', 'null'] },
      value: {
        anyOf: [
          {
            properties: {
              ITEM: { type: ['string', 'null'] },
              UNITS: { type: ['integer', 'null'] },
              PRICE: { type: ['number', 'string', 'null'] },
              SOLD: { type: ['boolean', 'null'] },
              TAGS: { type: ['array', 'null'] },
            },
          },
          { type: 'null' },
        ],
      },
    },
  },
};
const read = (text: string, form: 'json' | 'csv') => readRecords(text, form, SCHEMA);

test('lines of JSON are records, or values; captured records leave their place behind', () => {
  const text =
    '{"key":1,"value":{"A":1}}\n\n{"A":2}\r\n{"topic":"x","partition":1,"offset":4,"timestamp":5,"key":1,"value":null}\n[1]\n';
  expect(read(text, 'json')).toEqual({
    records: [
      { key: 1, value: { A: 1 } },
      { value: { A: 2 } },
      { partition: 1, timestamp: 5, key: 1, value: null },
      { value: [1] },
    ],
    lines: [0, 2, 3, 4],
  });
});

test('CSV has the types of the columns, and columns of its own for what is no value', () => {
  const text =
    'key,item,UNITS,price,sold,tags,timestamp,partition,header.trace\r\n' +
    '1,"a, ""b""\nc",3,2.50,TRUE,"[1,2]",1000,1,t1\n' +
    '2,7,,,,,,,\n';
  expect(read(`\uFEFF${text}`, 'csv')).toEqual({
    records: [
      {
        key: 1,
        timestamp: '1000',
        partition: 1,
        headers: { trace: 't1' },
        value: { item: 'a, "b"\nc', UNITS: 3, price: '2.50', sold: true, tags: [1, 2] },
      },
      { key: 2, value: { item: '7', UNITS: null, price: null, sold: null, tags: null } },
    ],
    lines: [1, 3],
  });
  expect(read('key.A,key.B,N\n1,x,2\n', 'csv').records).toEqual([{ key: { A: 1, B: 'x' }, value: { N: 2 } }]);
});

test.each([
  ['{"A":1}\n{"A":\n', 'json', 1],
  ['a,b\n1,2\n1,2,3\n', 'csv', 2],
  ['', 'csv', 0],
] as const)('what is wrong with %j is told with its line', (text, form, line) => {
  try {
    read(text, form);
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(RecordFileError);
    expect((error as RecordFileError).line).toBe(line);
  }
});
