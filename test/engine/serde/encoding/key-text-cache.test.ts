import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeUtf8 } from '../../../../engine/serde/encoding/bytes.ts';
import { KeyTextCache } from '../../../../engine/serde/encoding/key-text-cache.ts';

test('a text is what its bytes are, however often they come, also where they are no UTF-8', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 3 }), { maxLength: 200 }), (keys) => {
      const cache = new KeyTextCache();
      for (const bytes of [...keys, ...keys])
        expect(cache.text(bytes, 0, bytes.length)).toBe(decodeUtf8(bytes, 0, bytes.length));
    }),
    { numRuns: 100 },
  );
});

test('texts are right, too, when more keys come than it has room for, of which few come again', () => {
  const cache = new KeyTextCache();
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 80_000; i++) {
      const bytes = Buffer.from(`key ${i}`);
      if (cache.text(bytes, 0, bytes.length) !== `key ${i}`) throw new Error(`key ${i} is another text`);
    }
  }
  const long = Buffer.alloc(100, 'x');
  expect(cache.text(long, 0, long.length)).toBe('x'.repeat(100));
});
