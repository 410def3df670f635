import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyIndex } from '../../../../engine/runtime/straight/key-index.ts';
import { storeKey } from '../../../../engine/state/key-codec.ts';
import { BIGINT, DOUBLE, STRING } from '../../../../language/types/sql-type.ts';

const text = (key: string) => Buffer.from(key);

test('keys have the number that a map of their texts gives, wherever their bytes stand', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-c\u0001]{0,5}$/), { maxLength: 600 }), (keys) => {
      const index = KeyIndex.of(STRING)!;
      const numbers = new Map<string, number>();
      for (const key of keys) {
        if (!numbers.has(key)) numbers.set(key, numbers.size);
        const bytes = text(`<${key}>`);
        expect(index.find(bytes, 1, bytes.length - 1)).toBe(numbers.get(key));
      }
      expect(index.values).toEqual([...numbers.keys()]);
      expect(index.texts).toEqual(index.values.map((value) => storeKey([value])));
    }),
    { numRuns: 100 },
  );
});

test('with very many keys it begins anew, and says so', { timeout: 120_000 }, () => {
  const index = KeyIndex.of(STRING)!;
  const numberOf = (i: number) => index.find(text(`key ${i}`), 0, text(`key ${i}`).length);
  for (let i = 0; i < 100_000; i++) {
    const number = numberOf(i);
    expect(index.values[number]).toBe(`key ${i}`);
    expect(numberOf(i)).toBe(number);
  }
  expect(index.generation).toBeGreaterThan(1);
  expect(index.texts.length).toBeLessThan(40_000);
  const long = Buffer.alloc(3_000_000, 'x');
  expect(index.find(long, 0, long.length)).toBe(-1);
  expect(index.values[numberOf(5)]).toBe('key 5');
});

test('what cannot be read so is left to others', () => {
  expect(KeyIndex.of(STRING)!.find(text('ä'), 0, 2)).toBe(-1);
  expect(KeyIndex.of(BIGINT)!.find(text('seven b'), 0, 7)).toBe(-1);
  expect(KeyIndex.of(DOUBLE)).toBeUndefined();
});
