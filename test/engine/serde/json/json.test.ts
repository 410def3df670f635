import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FORMATS } from '../../../../engine/serde/formats.ts';
import { coerceFields } from '../../../../engine/serde/json/coercion.ts';
import { parseJson } from '../../../../language/java/text/json-text.ts';
import {
  array,
  BIGINT,
  BOOLEAN,
  BYTES,
  DATE,
  DOUBLE,
  decimal,
  INTEGER,
  map,
  type SqlType,
  type SqlValue,
  STRING,
  struct,
  TIME,
  TIMESTAMP,
} from '../../../../language/types/sql-type.ts';
import { anyType, columnsOf, contextOf, schemaAndRow } from '../arbitrary-rows.ts';

const bytes = (text: string) => Buffer.from(text, 'utf8');

/** Reads a document with the one column V. */
async function read(type: SqlType, json: string, needed = true): Promise<SqlValue> {
  const context = contextOf('JSON', [{ name: 'V', type, slot: 0, needed }]);
  const decoder = await FORMATS.JSON.createDecoder(context);
  const row: SqlValue[] = [null];
  const payload = bytes(json);
  expect(decoder.decode(payload, 0, payload.length, row)).toBe(true);
  return row[0]!;
}

describe('reading JSON', () => {
  const values: readonly (readonly [SqlType, string, SqlValue])[] = [
    [INTEGER, '12', 12],
    [INTEGER, '"12"', 12],
    [INTEGER, '"+12"', 12],
    [INTEGER, '"٣"', 3],
    [INTEGER, '4.9', 4],
    [INTEGER, '-2.5', -2],
    [INTEGER, '1e3', 1000],
    [INTEGER, '3000000000', -1294967296],
    [INTEGER, '9007199254740993', 1],
    [INTEGER, '12345678901234567890', -350287150],
    [BIGINT, '9007199254740993', 9007199254740993n],
    [BIGINT, '"-9223372036854775808"', -9223372036854775808n],
    [BIGINT, '12345678901234567890', -6101065172474983726n],
    [BIGINT, '1e400', 0],
    [DOUBLE, '1', 1],
    [DOUBLE, '-0.0', 0],
    [DOUBLE, '0.1', 0.1],
    [DOUBLE, '123456789.123456789', 123456789.12345679],
    [DOUBLE, '4.9E-324', 5e-324],
    [DOUBLE, '"NaN"', Number.NaN],
    [DOUBLE, '"-Infinity"', Number.NEGATIVE_INFINITY],
    [DOUBLE, '" 7 "', 7],
    [decimal(9, 4), '1.5', 15000n],
    [decimal(9, 4), '"1.5"', 15000n],
    [decimal(9, 4), '15E-1', 15000n],
    [decimal(30, 10), '12345678901234567890.1234567891', 123456789012345678901234567891n],
    [STRING, '1.50', '1.50'],
    [STRING, '1e3', '1E+3'],
    [STRING, 'true', 'true'],
    [STRING, '{"b":1,"a":[1,null]}', '{"b":1,"a":[1,null]}'],
    [STRING, '["a",null,1,{"x":1}]', '[a, null, 1, {"x":1}]'],
    [STRING, '"\\u00e9\\n\\"\\/"', 'é\n"/'],
    [STRING, '"Grüße 😀"', 'Grüße 😀'],
    [BYTES, '"AQI="', new Uint8Array([1, 2])],
    [BYTES, '""', new Uint8Array([])],
    [DATE, '739.927', 739],
    [TIME, '86400000', 86400000],
    [TIMESTAMP, '"1"', 1],
    [array(STRING), '["a",null,1,{"x":1}]', ['a', null, '1', '{"x":1}']],
    [map(STRING, INTEGER), '{"a":1,"a":2}', new Map([['a', 2]])],
    [struct([{ name: 'A', type: INTEGER }]), '{"a":1,"A":2}', [2]],
  ];

  test.each(values)('%j from %s', async (type, json, expected) => {
    expect(await read(type, `{"V": ${json} }`)).toEqual(expected);
  });

  const refused: readonly (readonly [SqlType, string, string])[] = [
    [INTEGER, '" 7 "', 'TextNode'],
    [INTEGER, '"1.5"', 'TextNode'],
    [INTEGER, 'true', 'BooleanNode'],
    [BOOLEAN, '"true"', 'TextNode'],
    [BOOLEAN, '1', 'IntNode'],
    [BIGINT, '[1]', 'ArrayNode'],
    [DOUBLE, '"abc"', 'TextNode'],
    [decimal(4, 2), '1.001', 'DecimalNode'],
    [decimal(4, 2), '1000', 'IntNode'],
    [decimal(4, 2), '12345678901', 'LongNode'],
    [BYTES, '"1"', 'TextNode'],
    [array(INTEGER), '{}', 'ObjectNode'],
  ];

  test.each(refused)('%j not from %s, needed or not', async (type, json, node) => {
    const message = `Failed to deserialize value from topic: t. Can't convert type. sourceType: ${node}, requiredType: ${type.kind}, path: $.V`;
    for (const needed of [true, false]) await expect(read(type, `{"V":${json}}`, needed)).rejects.toThrow(message);
  });

  test('TIME must lie within a day', async () => {
    await expect(read(TIME, '{"V":86400001}')).rejects.toThrow('Time values must use number of milliseconds');
    await expect(read(TIME, '{"V":-1}')).rejects.toThrow('Time values');
  });

  test.each([
    '{"V":1',
    '{"V" 1}',
    '{"V":01}',
    '{"V":1,}',
    '{"V":1 "W":2}',
    'x',
    '{"W":"\\x","V":1}',
    '{"W":tru,"V":1}',
  ])('%s is no JSON', async (json) => {
    await expect(read(INTEGER, json)).rejects.toThrow('Failed to deserialize value from topic: t.');
  });

  test.each(['1', '"text"', 'true', '[]', '', ' '])('the root %j is no row', async (json) => {
    await expect(read(INTEGER, json)).rejects.toThrow('requiredType: STRUCT, path: $');
  });

  const letterCases: readonly (readonly [readonly string[], string, readonly SqlValue[]])[] = [
    [['FOO'], '{"foo":2}', [2]],
    [['FOO'], '{"foo":4,"FOO":5}', [5]],
    [['FOO'], '{"FOO":6,"foo":7}', [6]],
    [['FOO'], '{"fOO":8,"Foo":9}', [9]],
    [['FOO'], '{"FOO ":1}', [null]],
    [['foo'], '{"FOO":6,"foo":7}', [7]],
    [['foo'], '{"FOO":1}', [null]],
    [['foo', 'FOO'], '{"foo":2}', [2, 2]],
    [['Foo', 'fOO'], '{"fOO":8,"Foo":9}', [9, 8]],
    [['ünï'], '{"ünï":1}', [1]],
    [['ÜNÏ'], '{"\\u00fcnï":1}', [1]],
    [['FOO'], '{"FOO":null,"foo":"bad"}', [null]],
  ];

  test.each(letterCases)('columns %j of %s', async (names, json, expected) => {
    const columns = names.map((name, slot) => ({ name, type: INTEGER, slot }));
    const decoder = await FORMATS.JSON.createDecoder(contextOf('JSON', columns));
    // The second time the decoder knows the names.
    for (let i = 0; i < 2; i++) {
      const row: SqlValue[] = names.map(() => -1);
      decoder.decode(bytes(json), 0, bytes(json).length, row);
      expect(row).toEqual(expected);
    }
  });

  test('null is a null row, and an unwrapped NULL is one', async () => {
    const decoder = await FORMATS.JSON.createDecoder(contextOf('JSON', [{ name: 'V', type: INTEGER, slot: 0 }]));
    expect(decoder.decode(bytes('null'), 0, 4, [])).toBe(false);
    const key = { ...contextOf('JSON', [{ name: 'V', type: INTEGER, slot: 0 }]), isKey: true };
    const keyDecoder = await FORMATS.JSON.createDecoder(key);
    const row: SqlValue[] = [];
    expect(keyDecoder.decode(bytes('null'), 0, 4, row)).toBe(false);
    expect(keyDecoder.decode(bytes('"7"'), 0, 3, row)).toBe(true);
    expect(row).toEqual([7]);
    expect((await FORMATS.JSON.createEncoder(key)).encode([null])).toBeNull();
  });
});

describe('writing JSON', () => {
  test('every type in its form', async () => {
    const columns = columnsOf({
      B: BOOLEAN,
      L: BIGINT,
      D: DOUBLE,
      N: decimal(30, 10),
      S: STRING,
      Y: BYTES,
      M: map(STRING, DOUBLE),
      C: struct([{ name: 'x"y', type: DATE }]),
    });
    const encoder = await FORMATS.JSON.createEncoder(contextOf('JSON', columns));
    const row = [
      true,
      2n ** 63n - 1n,
      1e10,
      -1n,
      'ü"\u0001\n',
      new Uint8Array([255]),
      new Map([['k', Number.NaN]]),
      [7],
    ];
    expect(Buffer.from(encoder.encode(row)!).toString()).toBe(
      '{"B":true,"L":9223372036854775807,"D":1.0E10,"N":-1E-10,"S":"ü\\"\\u0001\\n","Y":"/w==","M":{"k":"NaN"},"C":{"x\\"y":7}}',
    );
  });

  test.each([
    ['ü€\u2028', '"ü€\u2028"'],
    ['x😀y', '"x\\uD83D\\uDE00y"'],
    ['lone \ud83d', '"lone \\uD83D"'],
  ])('the text %j has the escapes of Jackson', async (text, json) => {
    const encoder = await FORMATS.JSON.createEncoder(contextOf('JSON', columnsOf({ '😀': STRING })));
    expect(Buffer.from(encoder.encode([text])!).toString()).toBe(`{"\\uD83D\\uDE00":${json}}`);
  });

  test.each([
    [0n, '0E-10'],
    [1000n, '1.000E-7'],
    [10_000n, '0.0000010000'],
    [-15_000_000_000n, '-1.5000000000'],
  ])('a DECIMAL of %s ten-billionths is %s, as Java has it', async (unscaled, json) => {
    const encoder = await FORMATS.JSON.createEncoder(contextOf('JSON', columnsOf({ N: decimal(30, 10) })));
    expect(Buffer.from(encoder.encode([unscaled])!).toString()).toBe(`{"N":${json}}`);
  });

  test('a DATE beyond 32 bits is refused', async () => {
    const encoder = await FORMATS.JSON.createEncoder(contextOf('JSON', columnsOf({ D: DATE, E: DATE })));
    for (const days of [2 ** 40, 2 ** 31, -(2 ** 31) - 1])
      expect(() => encoder.encode([days, 0])).toThrow('DATE is out of range');
    expect(Buffer.from(encoder.encode([-(2 ** 31), 2 ** 31 - 1])!).toString()).toBe('{"D":-2147483648,"E":2147483647}');
  });
});

test('what is written is read back, whole or in part', async () => {
  await fc.assert(
    fc.asyncProperty(schemaAndRow(), fc.infiniteStream(fc.boolean()), async ({ columns, row }, needed) => {
      const encoder = await FORMATS.JSON.createEncoder(contextOf('JSON', columns));
      const partly = columns.map((column) => ({ ...column, needed: needed.next().value }));
      const payload = encoder.encode(row)!;
      const framed = Buffer.concat([Buffer.from('}"'), payload, Buffer.from('1')]);
      for (const some of [columns, partly]) {
        const decoder = await FORMATS.JSON.createDecoder(contextOf('JSON', some));
        const result: SqlValue[] = new Array(columns.length).fill(undefined);
        expect(decoder.decode(framed, 2, framed.length - 1, result)).toBe(true);
        expect(result).toEqual(row.map((value, i) => (some[i]!.needed === false ? undefined : value)));
      }
    }),
    { numRuns: 300 },
  );
});

/** Documents of producers with other ideas of the columns: other types, odd numbers, names in several letter cases. */
const oddDocument = fc.oneof(
  fc.json({ maxDepth: 3 }),
  fc
    .array(
      fc.tuple(
        fc.constantFrom('A', 'a', 'B', 'b', 'C', 'D', 'other', 'ü'),
        fc.oneof(
          fc.json({ maxDepth: 2 }),
          fc.constantFrom(
            '1.50',
            '-0',
            '1e3',
            '12345678901234567890',
            '"12"',
            '" 7"',
            '"AQI="',
            '"NaN"',
            '01',
            '-',
            '"\\u0041"',
            '{"a":1,"A":2}',
            '[1,null]',
          ),
        ),
      ),
      { maxLength: 5 },
    )
    .map((fields) => `{${fields.map(([name, value]) => `"${name}" :${value}`).join(', ')}}`),
);

test('what the scanner reads, the tree gives too', async () => {
  await fc.assert(
    fc.asyncProperty(oddDocument, fc.array(anyType(), { minLength: 4, maxLength: 4 }), async (json, types) => {
      const columns = ['A', 'B', 'c', 'D'].map((name, slot) => ({ name, type: types[slot]!, slot }));
      const decoder = await FORMATS.JSON.createDecoder(contextOf('JSON', columns));
      const row: SqlValue[] = [];
      const outcome = (read: () => unknown): unknown => {
        try {
          return read();
        } catch {
          return 'refused';
        }
      };
      const scanned = outcome(() => (decoder.decode(bytes(json), 0, bytes(json).length, row) ? row : null));
      const tree = outcome(() => {
        const node = parseJson(json);
        if (node?.kind === 'null') return null;
        return node?.kind === 'object' ? coerceFields(node.fields, columns, '$') : 'refused';
      });
      expect(scanned).toEqual(tree);
    }),
    { numRuns: 2000 },
  );
});
