import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FORMATS } from '../../../../engine/serde/formats.ts';
import {
  BIGINT,
  BOOLEAN,
  BYTES,
  DATE,
  DOUBLE,
  decimal,
  INTEGER,
  type SqlType,
  type SqlValue,
  STRING,
} from '../../../../language/types/sql-type.ts';
import { columnsOf, contextOf, SCALARS, schemaAndRow } from '../arbitrary-rows.ts';

async function read(types: readonly SqlType[], line: string, delimiter = ','): Promise<SqlValue[]> {
  const columns = types.map((type, slot) => ({ name: `C${slot}`, type, slot }));
  const decoder = await FORMATS.DELIMITED.createDecoder({
    ...contextOf('DELIMITED', columns),
    format: { name: 'DELIMITED', delimiter },
  });
  const row: SqlValue[] = [];
  decoder.decode(Buffer.from(line), 0, Buffer.byteLength(line), row);
  return row;
}

describe('reading', () => {
  const lines: readonly (readonly [readonly SqlType[], string, readonly SqlValue[]])[] = [
    [[INTEGER, INTEGER], '+5,-5', [5, -5]],
    [[INTEGER, INTEGER], '1,', [1, null]],
    [[INTEGER, INTEGER], ',', [null, null]],
    [[INTEGER, INTEGER], '"1","2"', [1, 2]],
    [[INTEGER, INTEGER], '\n1,2', [1, 2]],
    [[INTEGER, INTEGER], '1,2\r\n', [1, 2]],
    [[INTEGER, INTEGER], '1,2\n3,4', [1, 2]],
    [[INTEGER, INTEGER], '٣,2', [3, 2]],
    [[STRING, STRING], '"",2', [null, '2']],
    [[STRING, STRING], '"a""b" ,c"d', ['a"b', 'c"d']],
    [[STRING], '"1,2"', ['1,2']],
    [[STRING], ' ', [' ']],
    [[DOUBLE, DOUBLE], '1e3, 2 ', [1000, 2]],
    [[decimal(4, 2), INTEGER], '+5,-5', [500n, -5]],
    [[BOOLEAN, BOOLEAN], 'TRUE,1', [true, false]],
    [[BIGINT, DATE], '9223372036854775807,19000', [9223372036854775807n, 19000]],
    [[BYTES, STRING], '1e3,2', [new Uint8Array([213, 237]), '2']],
  ];
  test.each(lines)('%j: %j', async (types, line, expected) => {
    expect(await read(types, line)).toEqual(expected);
  });

  const refused: readonly (readonly [readonly SqlType[], string, string])[] = [
    [[INTEGER], '', 'No fields in record'],
    [[INTEGER, INTEGER], '1', 'Column count mismatch on deserialization. topic: t, expected: 2, got: 1'],
    [[INTEGER, INTEGER], ' 1 ,2', 'For input string: " 1 "'],
    [[INTEGER, INTEGER], '2147483648,1', 'For input string'],
    [[STRING, STRING], '"unfinished,2', 'EOF reached before encapsulated token finished'],
    [[STRING, STRING], '"a"b,2', 'invalid char between encapsulated token and delimiter'],
    [[decimal(4, 2), INTEGER], '1.001,2', 'Rounding necessary'],
    [[BYTES, STRING], '1,2', 'base64'],
  ];
  test.each(refused)('%j: not %j', async (types, line, message) => {
    await expect(read(types, line)).rejects.toThrow('Failed to deserialize value from topic: t. ');
    await expect(read(types, line)).rejects.toThrow(message);
  });
});

const written: readonly (readonly [readonly SqlValue[], string])[] = [
  [['-5', '-5'], '"-5",-5'],
  [['', ''], '"",'],
  [[null, null], ','],
  [['com,ma', '\\'], '"com,ma",\\'],
  [['#hash', '#hash'], '"#hash","#hash"'],
  [['trail ', ' lead'], '"trail "," lead"'],
  [['quo"te', 'new\nline'], '"quo""te","new\nline"'],
  [['ünï', 'ünï'], '"ünï",ünï'],
  [["'single'", "'single'"], `"'single'",'single'`],
];
test.each(written)('writing %j', async (row, expected) => {
  const columns = columnsOf({ A: STRING, B: STRING });
  const encoder = await FORMATS.DELIMITED.createEncoder(contextOf('DELIMITED', columns));
  expect(Buffer.from(encoder.encode(row)!).toString()).toBe(expected);
});

test('what is written is read back, empty text as NULL', async () => {
  await fc.assert(
    fc.asyncProperty(
      schemaAndRow(fc.constantFrom(...SCALARS)),
      fc.constantFrom(',', '\t', '|'),
      async ({ columns, row }, delimiter) => {
        const context = { ...contextOf('DELIMITED', columns), format: { name: 'DELIMITED' as const, delimiter } };
        const payload = (await FORMATS.DELIMITED.createEncoder(context)).encode(row)!;
        const result: SqlValue[] = [];
        (await FORMATS.DELIMITED.createDecoder(context)).decode(payload, 0, payload.length, result);
        const isEmpty = (value: SqlValue) => value === '' || (value instanceof Uint8Array && value.length === 0);
        expect(result).toEqual(row.map((value) => (isEmpty(value) ? null : value)));
      },
    ),
    { numRuns: 300 },
  );
});
