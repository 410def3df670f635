import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteIndex } from '../../../engine/bytes/byte-index.ts';

test('runs of bytes have the number that a map of them gives, wherever they stand', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 3, max: 4 }), { maxLength: 600 }), (runs) => {
      const index = new ByteIndex();
      const numbers = new Map<string, number>();
      for (const run of runs) {
        const bytes = Buffer.concat([Buffer.from('<'), run, Buffer.from('>')]);
        const known = numbers.get(run.join());
        expect(index.find(bytes, 1, bytes.length - 1)).toBe(known ?? -1);
        if (known !== undefined) continue;
        numbers.set(run.join(), numbers.size);
        expect(index.add(bytes, 1, bytes.length - 1)).toBe(numbers.size - 1);
      }
      expect(index.count).toBe(numbers.size);
    }),
    { numRuns: 100 },
  );
});

test('when it is full it begins anew, and says so', () => {
  const index = new ByteIndex();
  const found: boolean[] = [];
  for (let i = 0; i < 100_000; i++) {
    const bytes = Buffer.from(`run ${i}`);
    const number = index.add(bytes, 0, bytes.length);
    found.push(index.find(bytes, 0, bytes.length) === number);
  }
  expect(found).not.toContain(false);
  expect(index.generation).toBeGreaterThan(1);
  expect(index.count).toBeLessThan(40_000);
  expect(index.find(Buffer.from('run 5'), 0, 5)).toBe(-1);
  const long = Buffer.alloc(3_000_000, 'x');
  expect(index.add(long, 0, long.length)).toBe(-1);
});
