import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../../../engine/connectors/configuration/converters.ts';
import { avroRows } from '../../../../engine/connectors/datagen/avro-random.ts';
import { SeededRandom } from '../../../../engine/connectors/datagen/random.ts';
import { typeToString } from '../../../../language/types/sql-type.ts';

type Args = Record<string, unknown>;

/** Values of a field that has a schema, with the annotations that the field itself has. */
function values(schema: unknown, count = 200, field: Args = {}): JsonValue[] {
  const fields = [{ name: 'f', type: schema, ...field }];
  const next = avroRows(JSON.stringify({ type: 'record', name: 'r', fields })).begin();
  const random = new SeededRandom(3);
  return Array.from({ length: count }, (_, n) => next(random, n)['f']!);
}
const annotated = (type: string, args: Args, rest: Args = {}) => ({ type, ...rest, 'arg.properties': args });
const distinct = (list: readonly JsonValue[]) => new Set(list.map((value) => JSON.stringify(value))).size;

describe('numbers', () => {
  test.each([
    ['int', -3, 4],
    ['long', 10_000_000_001, 10_000_000_016],
  ])('%s: range reaches its min and not its max', (type, min, max) => {
    const found = values(annotated(type, { range: { min, max } }), 500) as number[];
    expect(found.every(Number.isInteger)).toBe(true);
    expect(Math.min(...found)).toBe(min);
    expect(Math.max(...found)).toBe(max - 1);
  });

  test.each(['float', 'double'])('%s: with a range and without', (type) => {
    for (const value of values(annotated(type, { range: { min: -50, max: 70 } })) as number[])
      expect(value >= -50 && value < 70).toBe(true);
    for (const value of values(type) as number[]) expect(value >= 0 && value < 1).toBe(true);
  });

  test('decimals of bytes keep to their scale', () => {
    const schema = annotated(
      'bytes',
      { range: { min: 10, max: 50 } },
      { logicalType: 'decimal', precision: 4, scale: 2 },
    );
    for (const value of values(schema) as number[]) {
      expect(value >= 10 && value < 50).toBe(true);
      expect(Number(value.toFixed(2))).toBe(value);
    }
  });

  test.each<[string, Args, JsonValue[]]>([
    ['int', { start: 5 }, [5, 6, 7, 8, 9]],
    ['long', { start: 1_609_459_200_000, step: 100_000 }, [1_609_459_200_000, 1_609_459_300_000]],
    ['int', { start: 0, restart: 3 }, [0, 1, 2, 0, 1]],
    ['int', { start: 0, restart: 3, initial: 2 }, [2, 0, 1, 2]],
    ['int', { start: 10, restart: 0, step: -4 }, [10, 6, 2, 8, 4]],
    ['int', { start: 3, restart: 0 }, [3, 2, 1, 3]],
    ['double', { start: 0, step: 0.1, restart: 0.3 }, [0, 0.1, 0.2, 0]],
    ['float', { start: 1.5 }, [1.5, 2.5]],
    ['string', { start: 7 }, ['7', '8']],
    ['boolean', { start: false }, [false, true, false]],
  ])('%s: iteration %j', (type, iteration, expected) => {
    expect(values(annotated(type, { iteration }), expected.length)).toEqual(expected);
  });

  test('counting begins anew with each sequence', () => {
    const schema = {
      type: 'record',
      name: 'r',
      fields: [{ name: 'f', type: annotated('int', { iteration: { start: 1 } }) }],
    };
    const rows = avroRows(JSON.stringify(schema));
    const random = new SeededRandom(0);
    for (let i = 0; i < 2; i++) {
      const next = rows.begin();
      expect([next(random, 0), next(random, 1)]).toEqual([{ f: 1 }, { f: 2 }]);
    }
  });
});

describe('texts', () => {
  test.each([
    'User_[1-9]{0,1}',
    'Region_[1-9]?',
    '[a-z]{4}[@]mycompany[.]com',
    '[A-Z]{2}\\d{6}[A-Z]',
    '\\[[0-9][0-9],[0-9][0-9]\\]',
    '(web|ios)-[^a-zA-Z]{2}',
    '(?:ab|c)+',
    'lab-\\d{1}',
    '[0-9A-F]{2,2}:[0-9A-F]{2,2}',
    '\\w+\\s\\S*',
  ])('match the regex %s', (regex) => {
    const found = values(annotated('string', { regex })) as string[];
    for (const value of found) expect(value).toMatch(new RegExp(`^(?:${regex})$`));
    expect(distinct(found)).toBeGreaterThan(1);
  });

  test.each<[Args, number, number]>([
    [{}, 8, 15],
    [{ length: 10 }, 10, 10],
    [{ length: { min: 2, max: 5 } }, 2, 4],
    [{ regex: '[a-zA-Z]*', length: 10 }, 10, 10],
    [{ regex: '[a-zA-Z]*', length: { min: 5, max: 16 } }, 5, 15],
    [{ regex: '[a-z]{5,}', length: { max: 16 } }, 5, 15],
    [{ length: 3, prefix: 'a-', suffix: '-z' }, 7, 7],
  ])('have the length of %j', (args, least, most) => {
    const lengths = (values(annotated('string', args), 500) as string[]).map(({ length }) => length);
    expect([Math.min(...lengths), Math.max(...lengths)]).toEqual([least, most]);
  });

  test('prefix and suffix stand around them, also around numbers', () => {
    expect(values(annotated('string', { prefix: 'x', suffix: 'y', iteration: { start: 1 } }), 2)).toEqual([
      'x1y',
      'x2y',
    ]);
    for (const value of values(annotated('string', { prefix: 'id-', regex: '[0-9]{3}' })) as string[])
      expect(value).toMatch(/^id-\d{3}$/);
  });

  test.each([
    ['uuid', /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/],
    ['email', /^[a-z]+@[a-z]+\.example\.com$/],
    ['name', /^[A-Z][a-z]+ [A-Z][a-z]+$/],
  ])('are of the kind %s', (kind, pattern) => {
    for (const value of values(annotated('string', { kind })) as string[]) expect(value).toMatch(pattern);
  });
});

describe('options', () => {
  test.each<[unknown, unknown[]]>([
    [annotated('string', { options: ['a', 'b'] }), ['a', 'b']],
    [annotated('int', { options: [1, -2] }), [1, -2]],
    [annotated('boolean', { options: [true] }), [true]],
    [annotated('bytes', { options: ['hi'] }), ['aGk=']],
    [annotated('enum', { options: ['Y'] }, { name: 'e', symbols: ['X', 'Y'] }), ['Y']],
    [annotated('array', { options: [['a'], ['b', 'c']] }, { items: 'string' }), [['a'], ['b', 'c']]],
    [annotated('map', { options: [{ a: 1 }, {}] }, { values: 'int' }), [{ a: 1 }, {}]],
    [
      annotated(
        'record',
        { options: [{ id: 1, n: 'x' }, { id: 2 }] },
        {
          name: 'o',
          fields: [
            { name: 'id', type: 'int' },
            { name: 'n', type: ['null', 'string'], default: null },
          ],
        },
      ),
      [
        { id: 1, n: 'x' },
        { id: 2, n: null },
      ],
    ],
  ])('%#', (schema, expected) => {
    const found = values(schema);
    expect(distinct(found)).toBe(expected.length);
    expect(found).toEqual(expect.arrayContaining(expected));
  });

  test('of whole rows', () => {
    const rows = [
      { code: 200, definition: 'fine' },
      { code: 404, definition: 'gone' },
    ];
    const schema = {
      type: 'record',
      name: 'codes',
      fields: [
        { name: 'code', type: 'int' },
        { name: 'definition', type: 'string' },
      ],
      'arg.properties': { options: rows },
    };
    const next = avroRows(JSON.stringify(schema)).begin();
    const random = new SeededRandom(1);
    const found = Array.from({ length: 50 }, (_, n) => next(random, n));
    expect(new Set(found.map((row) => JSON.stringify(row)))).toEqual(new Set(rows.map((row) => JSON.stringify(row))));
  });
});

describe('what has parts', () => {
  test('arrays and maps have their lengths, keys and contents', () => {
    const items = annotated('int', { range: { min: 0, max: 3 } });
    const arrays = values(annotated('array', { length: { min: 1, max: 5 } }, { items })) as number[][];
    expect(new Set(arrays.map(({ length }) => length))).toEqual(new Set([1, 2, 3, 4]));
    expect(new Set(arrays.flat())).toEqual(new Set([0, 1, 2]));
    const keys = { options: ['low', 'high'] };
    const maps = values(annotated('map', { length: 6, keys }, { values: items })) as Record<string, number>[];
    expect(new Set(maps.flatMap((map) => Object.keys(map)))).toEqual(new Set(['low', 'high']));
  });

  test('enums and fixed bytes', () => {
    expect(new Set(values({ type: 'enum', name: 'e', symbols: ['A', 'B', 'C'] }))).toEqual(new Set(['A', 'B', 'C']));
    for (const value of values({ type: 'fixed', name: 'x', size: 4 }, 20))
      expect(Buffer.from(value as string, 'base64')).toHaveLength(4);
  });

  test('odds say how often a boolean is true', () => {
    const share = (args: Args) => values(annotated('boolean', args), 2000).filter(Boolean).length / 2000;
    expect(share({ odds: 1 })).toBe(1);
    expect(share({ odds: 0 })).toBe(0);
    expect(share({ odds: 0.9 })).toBeGreaterThan(0.8);
    expect(share({})).toBeLessThan(0.6);
  });

  test('unions take a branch: any, the one at the position, or by distribution', () => {
    const union = ['null', annotated('int', { options: [5] })];
    expect(new Set(values(union))).toEqual(new Set([null, 5]));
    const at = (args: Args) => values(union, 1000, { 'arg.properties': args });
    expect(new Set(at({ position: 1 }))).toEqual(new Set([5]));
    const nulls = at({ distribution: { 0: 0.1, 1: 0.9 } }).filter((value) => value === null).length;
    expect(nulls > 50 && nulls < 200).toBe(true);
    const several = ['null', 'string', annotated('int', { options: [5] })];
    expect(values(several, 1, { 'arg.properties': { position: 2 } })).toEqual([{ int: 5 }]);
  });

  test('named types stand for what they were defined as, with their annotations', () => {
    const level = annotated('enum', { options: ['LOW'] }, { name: 'level', symbols: ['LOW', 'HIGH'] });
    const schema = {
      type: 'record',
      name: 'pair',
      namespace: 'x.y',
      fields: [
        { name: 'a', type: level },
        { name: 'b', type: 'level' },
      ],
    };
    expect(values(schema, 3)).toEqual(Array.from({ length: 3 }, () => ({ a: 'LOW', b: 'LOW' })));
  });

  test('types are those that KSQL reads', () => {
    const schema = {
      type: 'record',
      name: 'r',
      fields: [
        { name: 'd', type: { type: 'int', logicalType: 'date' } },
        { name: 't', type: { type: 'long', logicalType: 'timestamp-millis' } },
        { name: 'm', type: { type: 'map', values: 'double' } },
        { name: 'o', type: ['null', 'string'] },
      ],
    };
    const { types } = avroRows(JSON.stringify(schema));
    expect(Object.entries(types).map(([name, type]) => `${name} ${typeToString(type!)}`)).toEqual([
      'd DATE',
      't TIMESTAMP',
      'm MAP<STRING, DOUBLE>',
      'o STRING',
    ]);
  });
});

/** A schema whose rows double in size with each of its records, though it is short itself. */
function doubling(depth: number): unknown {
  const part = (i: number): unknown =>
    i === 0
      ? 'int'
      : {
          type: 'record',
          name: `r${i}`,
          fields: [
            { name: 'a', type: part(i - 1) },
            { name: 'b', type: i === 1 ? 'int' : `r${i - 1}` },
          ],
        };
  return part(depth);
}

test('an expression that matches nothing, however often, ends', () => {
  expect(values(annotated('string', { regex: '(){1000000000}(a|){3}b' }), 20)).toEqual(
    expect.arrayContaining(['b', 'ab']),
  );
});

test.each<[unknown, RegExp]>([
  [annotated('int', { range: { min: 5, max: 5 } }), /'min' of range has to be less than its 'max'/],
  [annotated('int', { range: { min: 0.5, max: 5 } }), /whole numbers/],
  [annotated('int', { range: 7 }), /range has to be an object, and is 7/],
  [annotated('int', { options: [] }), /options cannot be empty/],
  [annotated('int', { options: ['a'] }), /Invalid option for int: "a"/],
  [annotated('int', { options: [1], range: { min: 0 } }), /options and range cannot be given together/],
  [annotated('string', { options: { file: 'x.json', encoding: 'json' } }), /options of a file are not read/],
  [annotated('string', { regex: '[a-z' }), /./],
  [annotated('string', { regex: '(?=a)b' }), /looks ahead/],
  [annotated('string', { regex: '(a)\\1' }), /refers to a group/],
  [annotated('string', { length: { min: 4, max: 4 } }), /'max' of length has to be greater/],
  [annotated('string', { regex: '((a{999}){999}){999}' }), /longer than 100000/],
  [annotated('string', { length: 2_000_000_000 }), /more than 1000000 values and characters/],
  [
    annotated('array', { length: 9999 }, { items: annotated('array', { length: 9999 }, { items: 'int' }) }),
    /more than 1000000 values/,
  ],
  [annotated('map', { length: { min: 1, max: 1e9 } }, { values: 'int' }), /more than 1000000 values/],
  [doubling(40), /more than 1000000 values/],
  [annotated('string', { length: {} }), /length has 'min', 'max', or both/],
  [annotated('string', { kind: 'colour' }), /The kind colour is not known/],
  [annotated('int', { iteration: {} }), /iteration needs a 'start'/],
  [annotated('int', { iteration: { start: 1, step: 0 } }), /cannot be zero/],
  [annotated('int', { iteration: { start: 1, restart: 1 } }), /cannot be equal/],
  [annotated('int', { iteration: { start: 1, restart: 5, step: -1 } }), /has to lead from 1 to 5/],
  [annotated('boolean', { odds: 2 }), /odds are from 0 to 1/],
  [annotated('array', { iteration: { start: 1 } }, { items: 'int' }), /not for array/],
  [{ type: 'record', name: 'self', fields: [{ name: 'next', type: ['null', 'self'] }] }, /contains itself/],
])('%j is refused', (schema, message) => {
  expect(() => values(schema)).toThrow(message);
});
