import { inspect } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joinKeys, partRange, storeKey, windowKey, windowRange } from '../../../engine/state/key-codec.ts';
import { array, map, type SqlType, type SqlValue, STRING, struct } from '../../../language/types/sql-type.ts';
import { SCALARS } from '../serde/arbitrary-rows.ts';

/** Few characters, all of them with a meaning in the encoding: what can be taken for something else comes often. */
const text = fc.string({
  unit: fc.constantFrom(
    '\u0000',
    '\u0001',
    '\u0002',
    '\u0003',
    '\u0004',
    '0',
    '1',
    '2',
    '3',
    '[',
    ']',
    '{',
    '}',
    ',',
    '=',
    'n',
    'ä',
    '\ud800',
  ),
  maxLength: 4,
});

function scalar(type: SqlType): fc.Arbitrary<SqlValue> {
  switch (type.kind) {
    case 'BOOLEAN':
      return fc.boolean();
    case 'BIGINT':
      return fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n));
    case 'DOUBLE':
      return fc.constantFrom(
        0,
        -0,
        1,
        -1,
        0.1,
        Number.NaN,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
        1e21,
        5e-324,
      );
    case 'DECIMAL':
      return fc.bigInt({ min: -11n, max: 11n });
    case 'STRING':
      return text;
    case 'BYTES':
      return fc.uint8Array({ maxLength: 3 }).map((bytes) => bytes.map((byte) => byte % 5));
    default:
      return fc.integer({ min: -11, max: 11 });
  }
}

function anyValue(type: SqlType): fc.Arbitrary<SqlValue> {
  const present =
    type.kind === 'ARRAY'
      ? fc.array(anyValue(type.element), { maxLength: 3 })
      : type.kind === 'STRUCT'
        ? fc.tuple(...type.fields.map((field) => anyValue(field.type)))
        : type.kind === 'MAP'
          ? fc.array(fc.tuple(text, anyValue(type.value)), { maxLength: 2 }).map((entries) => new Map(entries))
          : scalar(type);
  return fc.option(present as fc.Arbitrary<SqlValue>, { freq: 6 });
}

function typeOf(depth: number): fc.Arbitrary<SqlType> {
  const leaf = fc.oneof(
    { weight: 2, arbitrary: fc.constant(STRING) },
    { weight: 1, arbitrary: fc.constantFrom(...SCALARS) },
  );
  if (depth === 0) return leaf;
  const inner = typeOf(depth - 1);
  return fc.oneof(
    leaf,
    inner.map(array),
    inner.map((type) => map(STRING, type)),
    fc
      .array(inner, { minLength: 1, maxLength: 2 })
      .map((types) => struct(types.map((type, i) => ({ name: `F${i}`, type })))),
  );
}

/** Whether two values are the same key: by themselves, not by what the encoding makes of them. */
function same(a: SqlValue, b: SqlValue): boolean {
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return Object.is(a, b);
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (a instanceof Map)
    return same([...a].flat() as SqlValue[], [...(b as Map<SqlValue, SqlValue>)].flat() as SqlValue[]);
  const [left, right] = [a as readonly SqlValue[], b as readonly SqlValue[]];
  return left.length === right.length && left.every((value, i) => same(value, right[i]!));
}

const types = fc.array(typeOf(2), { minLength: 1, maxLength: 3 });
const keysOf = (of: readonly SqlType[], count: number) =>
  fc.array(fc.tuple(...of.map(anyValue)), { minLength: count, maxLength: count });

test('keys of the same types give the same text exactly when they are the same', () => {
  fc.assert(
    fc.property(
      types.chain((of) => keysOf(of, 8)),
      (keys) => {
        for (const a of keys)
          for (const b of keys)
            if ((storeKey(a) === storeKey(b)) !== same(a, b)) expect.fail(`${inspect(a)} and ${inspect(b)}`);
      },
    ),
    { numRuns: 2000 },
  );
});

test('the keys that were one before are two', () => {
  const distinct: SqlValue[] = [
    [],
    [''],
    ['', ''],
    [null],
    ['\u0002n'],
    ['\u0002,'],
    ['\u0000'],
    ['\u00030'],
    ['\u0001'],
    new Map(),
    [[]],
  ];
  expect(new Set(distinct.map((value) => storeKey([value]))).size).toBe(distinct.length);
  expect(storeKey(['a', 'b'])).not.toBe(storeKey(['a\u0000b', '']));
});

const before = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

test('texts and bytes sort as themselves, and those that begin with another behind it', () => {
  fc.assert(
    fc.property(text, text, (a, b) => before(storeKey([a]), storeKey([b])) === before(a, b)),
    { numRuns: 2000 },
  );
  const bytes = fc.uint8Array({ maxLength: 4 });
  fc.assert(fc.property(bytes, bytes, (a, b) => before(storeKey([a]), storeKey([b])) === Buffer.compare(a, b)));
});

test('a range of windows holds the windows of its key within the bounds, and nothing else', () => {
  const time = fc.integer({ min: -5, max: 5 }).map((n) => n * 1000);
  fc.assert(
    fc.property(
      types.chain((of) => keysOf(of, 2)),
      time,
      time,
      time,
      ([key, other], startMs, fromMs, toMs) => {
        const within = (text: string, [from, to]: readonly [string, string]) => text >= from && text < to;
        const window = windowKey(storeKey(key!), startMs);
        expect(within(window, windowRange(storeKey(key!), fromMs, toMs))).toBe(startMs >= fromMs && startMs <= toMs);
        expect(within(window, windowRange(storeKey(other!)))).toBe(same(key!, other!));
        expect(within(joinKeys(storeKey(key!), storeKey(other!)), partRange(storeKey(other!)))).toBe(
          same(key!, other!),
        );
      },
    ),
    { numRuns: 1000 },
  );
  const starts = [-2e15, -1, 0, 1, 1e15, Number.MAX_SAFE_INTEGER];
  expect(starts.map((start) => windowKey('k', start)).toSorted()).toEqual(starts.map((start) => windowKey('k', start)));
});
